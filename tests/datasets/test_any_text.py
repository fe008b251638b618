"""Whatever a text holds, every kind of file that pandas and pyarrow write gives the same corpus, or is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.datasets.files import read_file
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


def outcome(path: Path) -> str | BenchError:
    """The digest of a file that is training and test file at once; or why it is refused."""
    try:
        return read_file(path, FileOptions(test_file=str(path))).dataset.digest
    except BenchError as refusal:
        return refusal


def write_all(frame: pd.DataFrame, folder: Path) -> list[Path]:
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


def test_every_kind_of_file_gives_the_same_corpus_or_names_the_row(tmp_path: Path) -> None:
    n_read = n_examples = 0

    @settings(
        max_examples=2000, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(frames())
    def check(frame: pd.DataFrame) -> None:
        nonlocal n_read, n_examples
        expected, *others = (outcome(path) for path in reversed(write_all(frame, tmp_path)))
        n_examples += 1
        n_read += isinstance(expected, str)
        for found in others:
            if isinstance(found, str):
                assert found == expected
            else:
                assert "line " in str(found) or "row " in str(found) or isinstance(expected, BenchError)

    check()
    assert n_examples >= 2000
    assert n_read > 0.9 * n_examples, "most examples are read, by the reader of JSON lines at least"
