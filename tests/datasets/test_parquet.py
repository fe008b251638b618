"""Parquet: class names of the Hugging Face hub, every way to store texts and labels, damage with its row."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.datasets.files.read import read_file
from bench.errors import DataError, UsageError
from bench.records import FileOptions

Reader = Callable[..., Any]


# Parquet from the Hugging Face hub.

HUB = b'{"info": {"features": {"label": {"names": ["neg", "pos", "odd"], "_type": "ClassLabel"}}}}'


def parquet(path: Path, metadata: bytes | None = None, **columns: Any) -> Path:
    made = pa.table(
        {name: values if isinstance(values, pa.Array) else pa.array(values) for name, values in columns.items()}
    )
    pq.write_table(made.replace_schema_metadata({b"huggingface": metadata} if metadata else None), path)
    return path


def test_class_names_come_from_the_metadata_in_their_order(tmp_path: Path, whole: Reader) -> None:
    path = parquet(tmp_path / "a.parquet", HUB, text=["fine", "dull", "fun"], label=[1, 0, 1])
    read = whole(path)
    assert read.dataset.class_names == ("neg", "pos")
    assert read.rows == [("fine", "pos"), ("dull", "neg"), ("fun", "pos")]
    assert "classes that have no rows: 'odd'" in read.notes


def test_minus_one_is_a_missing_label_where_names_exist_and_a_class_where_not(tmp_path: Path, whole: Reader) -> None:
    columns: dict[str, Any] = {"text": ["fine", "dull", "fun"], "label": [1, -1, -1]}
    with pytest.raises(DataError, match=r"a\.parquet, row 2: the row has no label .*1 more.* -1 stands for"):
        whole(parquet(tmp_path / "a.parquet", HUB, **columns))
    with pytest.raises(DataError, match=r"row 1: the label is '7', expected 0 to 2"):
        whole(parquet(tmp_path / "b.parquet", HUB, text=["a", "b"], label=[7, 1]))
    assert whole(parquet(tmp_path / "c.parquet", **columns)).dataset.class_names == ("-1", "1")


def test_every_way_that_parquet_stores_texts_and_labels_is_the_same_corpus(tmp_path: Path, whole: Reader) -> None:
    texts, labels = ["fine é", None, "fun"], [1.0, 2.0, 1.0]
    reference = whole(parquet(tmp_path / "a.parquet", text=texts, label=labels)).dataset
    assert reference.train.texts == ["fine é", "", "fun"]
    assert reference.class_names == ("1", "2")
    for text, label in [
        (pa.array(texts).dictionary_encode(), pa.array(labels, pa.float32())),
        (pa.array(texts, pa.large_string()), pa.array([1, 2, 1], pa.int8())),
        (pa.array([t and t.encode() for t in texts], pa.binary()), pa.array(["1", " 2 ", "1"]).dictionary_encode()),
        (pa.array(texts, pa.string_view()), pa.array(["1.0", "2.0", "1.0"])),
    ]:
        assert whole(parquet(tmp_path / "b.parquet", text=text, label=label)).dataset.digest == reference.digest
    assert whole(parquet(tmp_path / "c.parquet", text=texts, label=[True, False, True])).dataset.class_names == (
        "False",
        "True",
    )
    assert whole(
        parquet(tmp_path / "d.parquet", text=texts, label=pa.array([0.1, 2.5, 0.1], pa.float32()))
    ).dataset.class_names == ("0.1", "2.5")


def test_bytes_that_are_no_utf_8_and_columns_that_are_no_text_are_refused(tmp_path: Path, whole: Reader) -> None:
    with pytest.raises(DataError, match=r"row 2: 'text' holds byte 0xE9, which is not UTF-8"):
        whole(parquet(tmp_path / "a.parquet", text=[b"a", b"caf\xe9"], label=[0, 1]))
    with pytest.raises(DataError, match="the column 'text' holds list<"):
        whole(parquet(tmp_path / "b.parquet", text=[["a"], ["b"]], label=[0, 1]))
    damaged = tmp_path / "c.parquet"
    damaged.write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    with pytest.raises(DataError, match=r"c\.parquet is not a whole Parquet file"):
        whole(damaged)


def test_columns_of_one_name_are_chosen_by_number(tmp_path: Path, whole: Reader) -> None:
    columns = [pa.array(["fine", "dull"]), pa.array(["x", "y"]), pa.array(["pos", "neg"])]
    for suffix in ("", ".gz"):
        path = tmp_path / f"a.parquet{suffix}"
        with gzip.open(path, "wb") if suffix else path.open("wb") as file:
            pq.write_table(pa.Table.from_arrays(columns, names=["text", "text", "label"]), file)
        with pytest.raises(UsageError, match=r"'text' occurs 2 times, as columns 1 and 2; .*--text-column 1"):
            whole(path)
        assert whole(path, text_column="1").rows == [("fine", "pos"), ("dull", "neg")]
        assert whole(path, text_column="2").rows == [("x", "pos"), ("y", "neg")]


def test_the_order_of_named_classes_does_not_change_the_cut(tmp_path: Path) -> None:
    metadata = HUB.replace(b'"neg", "pos", "odd"', b'"pos", "neg"')
    texts = [f"text {i}" for i in range(40)]
    named = parquet(tmp_path / "a.parquet", metadata, text=texts, label=[i % 2 for i in range(40)])
    plain = parquet(tmp_path / "b.parquet", text=texts, label=[["pos", "neg"][i % 2] for i in range(40)])
    reads = [read_file(path, FileOptions()).dataset for path in (named, plain)]
    assert [read.class_names for read in reads] == [("pos", "neg"), ("neg", "pos")]
    assert reads[0].digest == reads[1].digest


def test_labels_beside_class_names_may_be_names_or_other_numbers(tmp_path: Path, whole: Reader) -> None:
    texts = ["fine", "dull"]
    assert whole(parquet(tmp_path / "a.parquet", HUB, text=texts, label=["pos", "0"])).rows[1] == ("dull", "neg")
    assert whole(parquet(tmp_path / "b.parquet", HUB, text=texts, label=[1.0, 0.0])).rows[0] == ("fine", "pos")
    repeated = HUB.replace(b'"odd"', b'"pos"')
    read = whole(parquet(tmp_path / "c.parquet", repeated, text=texts, label=[1, 0]))
    assert read.dataset.class_names == ("0", "1")
    assert "names of classes of 'label' is not used" in read.notes


def test_a_test_file_may_write_the_names_of_classes_but_no_other(tmp_path: Path) -> None:
    train = parquet(tmp_path / "a.parquet", HUB, text=["fine", "dull"], label=[1, 0])
    (tmp_path / "test.csv").write_text("text,label\nfun,pos\n")
    options = FileOptions(test_file=str(tmp_path / "test.csv"))
    assert read_file(train, options).dataset.test.labels.tolist() == [1]
    (tmp_path / "test.csv").write_text("text,label\nfun,1\n")
    with pytest.raises(DataError, match=r"no training row has the class '1'.*expected 'neg', 'pos'"):
        read_file(train, options)


def test_values_that_cannot_be_read_are_refused_with_the_row(tmp_path: Path, whole: Reader) -> None:
    damaged = pa.array([b"fine", b"\xff"], pa.binary()).view(pa.string())
    for text in (damaged, damaged.dictionary_encode()):
        with pytest.raises(DataError, match="row 2: 'text' holds byte 0xFF, which is not UTF-8"):
            whole(parquet(tmp_path / "a.parquet", text=text, label=[0, 1]))
    with pytest.raises(DataError, match="after row 0 a value cannot be read"):
        whole(parquet(tmp_path / "b.parquet", text=["a", "b"], label=pa.array([2**30, 1], pa.date32())))


@pytest.mark.parametrize("names", [["1", "2", "3", "4", "5"], ["1", "0", "3", "2", "4"]])
def test_names_that_are_numbers_are_names(tmp_path: Path, whole: Reader, names: list[str]) -> None:
    metadata = HUB.replace(b'["neg", "pos", "odd"]', str(names).replace("'", '"').encode())
    columns = {"text": [f"text {i}" for i in range(5)], "label": [0, 1, 2, 3, 4]}
    read = whole(parquet(tmp_path / "a.parquet", metadata, **columns))
    assert [label for _, label in read.rows] == names
    assert read.dataset.class_names == tuple(names)
    with pytest.raises(DataError, match="row 1: the label is '7'"):
        whole(parquet(tmp_path / "b.parquet", metadata, text=["a", "b"], label=["7", "1"]))


@pytest.mark.parametrize("names", ["7", '"ab"', '{"0": "neg"}', '["a", ""]', '["a", "a "]'])
def test_names_of_classes_of_another_form_are_left_out_and_said(tmp_path: Path, whole: Reader, names: str) -> None:
    metadata = HUB.replace(b'["neg", "pos", "odd"]', names.encode())
    read = whole(parquet(tmp_path / "a.parquet", metadata, text=["fine", "dull"], label=[1, 0]))
    assert read.dataset.class_names == ("0", "1")
    assert "is not used: it is no list of distinct names" in read.notes
