"""Whatever a text holds, every kind of file that pandas and pyarrow write gives the same corpus, or is refused."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.datasets.files.read import read_file
from bench.errors import BenchError
from bench.records import FileOptions

SPECIAL = "\n\r\t\",;|\\' \0\x0b\x0c\x1c\x1f\x85\u2028\u2029\u200f\u202e\ufeffé🎬a"
PIECES = ['"', '"', '""', "\n", "\n", "\t", "\t", "a", "b", ",", "\r\n", "\r", '\\"', " ", '\n"', "a\t", "\tb"]
WORDS = ["None", "NA", "null", "nan", "", " x", "text", "label"]

characters = st.one_of(st.sampled_from(SPECIAL), st.characters(codec="utf-8"))
texts = st.one_of(
    st.sampled_from(WORDS),
    st.text(characters, max_size=12),
    st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
)
labels = st.one_of(
    st.sampled_from(["a", "b", "NA", "None", "1", "0", "1.0", "True", "TRUE"]),
    st.text(characters, min_size=1, max_size=4),
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Two to five rows of two or three labels, the label in front of the text or behind it."""
    names = draw(st.lists(labels, min_size=2, max_size=3, unique=True))
    column = draw(st.lists(texts, min_size=2, max_size=5))
    of_row = [names[i % len(names)] for i in range(len(column))]
    frame = pd.DataFrame({"text": column, "label": of_row}, dtype=object)
    return frame[["label", "text"]] if draw(st.booleans()) else frame


def outcome(path: Path, **options: Any) -> tuple[str, list[tuple[str, str]]] | BenchError:
    """Digest and rows of a file that is training and test file at once; or why it is refused."""
    try:
        dataset = read_file(path, FileOptions(test_file=str(path), **options)).dataset
    except BenchError as refusal:
        return refusal
    part = dataset.train
    return dataset.digest, [(t, dataset.class_names[k]) for t, k in zip(part.texts, part.labels.tolist(), strict=True)]


def write_all(frame: pd.DataFrame, folder: Path) -> list[Path]:
    """The frame in every kind of file, by pandas and by pyarrow."""
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    by_pandas, by_arrow = folder / "pandas", folder / "arrow"
    frame.to_csv(f"{by_pandas}.csv", index=False)
    frame.to_csv(f"{by_pandas}.tsv", index=False, sep="\t")
    frame.to_json(f"{by_pandas}.jsonl", orient="records", lines=True)
    frame.to_parquet(f"{by_pandas}.parquet")
    pyarrow.csv.write_csv(arrow, f"{by_arrow}.csv")
    pyarrow.csv.write_csv(arrow, f"{by_arrow}.tsv", pyarrow.csv.WriteOptions(delimiter="\t"))
    pyarrow.parquet.write_table(arrow, f"{by_arrow}.parquet")
    kinds = [f"{writer}.{kind}" for writer in ("pandas", "arrow") for kind in ("csv", "tsv", "parquet")]
    return [folder / name for name in (*kinds, "pandas.jsonl")]


def expected_rows(frame: pd.DataFrame) -> list[tuple[str, str]] | None:
    """What must be read; None where a label is missing or there is one class alone."""
    written = [label.strip() for label in frame["label"]]
    if all(re.fullmatch(r"[+-]?[0-9]+(\.0+)?", label, re.ASCII) for label in written):
        written = [label.partition(".")[0] for label in written]
    return list(zip(frame["text"], written, strict=True)) if all(written) and len(set(written)) > 1 else None


def check_examples(tmp_path: Path, profile: settings) -> None:
    """Write and read as many frames as the profile has examples, and check that few were refused."""
    counts: Counter[str] = Counter()

    @settings(profile)
    @given(frames())
    def check(frame: pd.DataFrame) -> None:
        counts["examples"] += 1
        expected = expected_rows(frame)
        digests = set()
        for path in write_all(frame, tmp_path):
            found = outcome(path)
            if isinstance(found, BenchError) and "--quoting doubled" in str(found):
                assert path.suffix == ".tsv", "only tab-separated lines can mean two things"
                assert re.search(r"\.tsv, line \d+: a quote opens here", str(found))
                counts["ambiguous"] += 1
                found = outcome(path, quoting="doubled")
            if expected is None:
                assert isinstance(found, BenchError)
                assert re.search(r"(line|row) \d+: the row has no label|expected two classes", str(found))
                continue
            assert not isinstance(found, BenchError), found
            digests.add(found[0])
            assert found[1] == expected
        assert len(digests) <= 1
        counts["read"] += expected is not None

    check()
    assert counts["examples"] >= profile.max_examples
    assert counts["read"] > 0.9 * counts["examples"]
    assert counts["ambiguous"] < 0.2 * counts["read"]


def test_every_kind_of_file_gives_the_rows_that_were_written_or_names_the_line(tmp_path: Path) -> None:
    check_examples(tmp_path, settings())


@pytest.mark.slow
def test_so_do_thousands_of_files(tmp_path: Path) -> None:
    check_examples(tmp_path, settings.get_profile("deep"))
