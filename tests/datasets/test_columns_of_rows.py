"""Files of one row per step: which columns and rows are used, and what is said of those that are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.datasets.base import RowsDataset
from bench.datasets.files.source import FileSource
from bench.errors import DataError, UsageError
from bench.records import FileOptions, TaskName

Write = Callable[[str, "str | bytes"], Path]


def load(path: Path, task: TaskName, **options: Any) -> RowsDataset:
    dataset = FileSource(path, FileOptions(**options), task).load(None)
    assert isinstance(dataset, RowsDataset)
    return dataset


def steps(header: str, *ids: str) -> str:
    """Return rows of three steps per id with two values, of two classes."""
    rows = [
        f"{key},{step},{place + step},{place * step},{'pq'[place % 2]}"
        for place, key in enumerate(ids)
        for step in range(3)
    ]
    return "\n".join([header, *rows, ""])


IDS = tuple("abcdefghij")
HEADER = "id,time,x,y,label"


@pytest.mark.parametrize(
    ("task", "content", "words"),
    [
        ("sequence", steps(HEADER, *IDS) + "k,0,1,1,p\n", "line 32: the series 'k' has one row only; expected two"),
        (
            "sequence",
            steps(HEADER, *IDS) + "k,0,1,1,p\nl,0,1,1,p\nm,0,1,1,p\n",
            "the series 'k' has one row only, as have 2 other ids",
        ),
        ("next-event", "id,event\na,x\na,y\nb,x\nc,y\nc,y\n", "line 4: the piece 'b' has one row only"),
    ],
)
def test_a_series_or_piece_of_one_row_is_refused(write: Write, task: TaskName, content: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load(write("a.csv", content), task)


def test_a_channel_that_only_the_test_file_has_is_refused_unless_columns_are_named(write: Write) -> None:
    train = write("a.csv", steps(HEADER, *IDS))
    test = write(
        "b.csv",
        steps("id,time,x,y,label", *"klmn").replace("label", "label,z").replace("p\n", "p,1\n").replace("q\n", "q,1\n"),
    )
    with pytest.raises(DataError, match=r"b\.csv has columns that .*a\.csv has not: 'z'; .*--value-column x,y"):
        load(train, "sequence", test_file=str(test))
    dataset = load(train, "sequence", test_file=str(test), value_column="x,y")
    assert len(dataset.X_test) == 4
    assert "b.csv: not used: 'z'; --value-column says which columns are" in dataset.notes


def test_columns_that_are_not_used_are_named(write: Write) -> None:
    rows = "".join(f"{month},{month * month % 7},3\n" for month in range(40))
    dataset = load(write("a.csv", f"time,value,other\n{rows}"), "forecast")
    assert "not used: 'other'; --value-column says which columns are" in dataset.notes


def test_several_columns_of_events_can_be_named(write: Write) -> None:
    path = write("a.csv", "id,high,low\n" + "".join(f"{key},{step},x\n" for key in IDS for step in range(2 + len(key))))
    with pytest.raises(UsageError, match="name one with --value-column, or several such as --value-column high,low"):
        load(path, "next-event")


def test_sources_of_one_symbol_each_are_noticed(write: Write) -> None:
    path = write("a.csv", "source,target\n" + "".join(f"{key}{key},{key.upper()}\n" for key in IDS))
    assert not any("single symbol" in note for note in load(path, "transduction").notes)
    assert any("single symbol" in note for note in load(path, "transduction", symbols="words").notes)


def test_white_space_is_blamed_on_both_files_where_two_are_read(write: Write) -> None:
    train = write("a.csv", "source,target\n" + "".join(f"{key}{key},{key}\n" for key in IDS))
    test = write("b.csv", "source,target\na b,a\nc d,c\n")
    with pytest.raises(DataError, match=r"a\.csv and .*b\.csv: 2 of 12 sources hold white space"):
        load(train, "transduction", test_file=str(test))


@pytest.mark.parametrize(("n_months", "is_few"), [(60, True), (400, False)])
def test_too_few_forecasts_to_tell_models_apart_are_noticed(write: Write, n_months: int, is_few: bool) -> None:
    rows = "".join(f"{1950 + i // 12}-{i % 12 + 1:02},{i % 12 + i * i % 5}\n" for i in range(n_months))
    notes = load(write("a.csv", f"month,value\n{rows}"), "forecast").notes
    assert any("no difference can be significant" in note for note in notes) == is_few
