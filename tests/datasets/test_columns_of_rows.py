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
    assert "b.csv: not used: 'z'; --value-column names the columns to use" in dataset.notes


def test_columns_that_are_not_used_are_named(write: Write) -> None:
    rows = "".join(f"{month},{month * month % 7},3\n" for month in range(40))
    dataset = load(write("a.csv", f"time,value,other\n{rows}"), "forecast")
    assert "not used: 'other'; --value-column names the columns to use" in dataset.notes


def test_several_columns_of_events_can_be_named(write: Write) -> None:
    path = write(
        "a.csv",
        "id,high,low\n"
        + "".join(f"{key},{step},x\n" for place, key in enumerate(IDS) for step in range(place, place + 3)),
    )
    with pytest.raises(UsageError, match="name one with --value-column, or several such as --value-column high,low"):
        load(path, "next-event")
    assert load(path, "next-event", value_column="high,low").X_train.width == 2


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


def test_a_first_line_of_numbers_is_no_header(write: Write) -> None:
    path = write("a.csv", "".join(f"{(i * i + 5) % 7}\n" for i in range(30)))
    with pytest.raises(UsageError, match=r"the first line holds numbers alone \('5'\).*--no-header"):
        load(path, "forecast")
    assert len(load(path, "forecast", header=False, value_column="1").X_train[0]) + 9 == 30


def test_the_row_index_of_pandas_is_no_channel(write: Write) -> None:
    import pandas as pd

    frame = pd.DataFrame([(key, place * row, "pq"[place % 2]) for place, key in enumerate(IDS) for row in range(3)])
    frame.columns = pd.Index(["id", "v", "label"])
    path = write("a.parquet", b"")
    frame[frame.index != 1].to_parquet(path)
    dataset = load(path, "sequence")
    assert dataset.X_train.n_channels == 1
    assert any("not used: '__index_level_0__'" in note for note in dataset.notes)


@pytest.mark.parametrize("header", ["id,label,0,1", "id,label,x,x"])
def test_columns_named_by_numbers_or_twice_are_read_again_and_in_a_test_file(write: Write, header: str) -> None:
    rows = [
        f"{key},{'pq'[place % 2]},{step},{place + step * step}" for place, key in enumerate(IDS) for step in range(3)
    ]
    path = write("a.csv", "\n".join([header, *rows, ""]))
    dataset = load(path, "sequence")
    assert dataset.options is not None
    again = FileSource(path, dataset.options, "sequence").load(None)
    assert (again.digest, dataset.X_train.n_channels) == (dataset.digest, 2)
    test = write("b.csv", "\n".join([header, *(row.replace(",", "2,", 1) for row in rows[:6]), ""]))
    assert len(load(path, "sequence", test_file=str(test)).X_test) == 2
    test.write_text("\n".join([header.replace("1", "2").replace("x,x", "x,y"), *rows[:6], ""]))
    with pytest.raises(DataError, match="expected the same columns in the same order"):
        load(path, "sequence", test_file=str(test))


def test_numbers_that_single_precision_makes_equal_are_noticed(write: Write) -> None:
    rows = "".join(
        f"{key},{1_700_000_000 + place * 10 + step * 100},{step * place},{'pq'[place % 2]}\n"
        for place, key in enumerate(IDS)
        for step in range(3)
    )
    notes = load(write("a.csv", f"id,clock,y,label\n{rows}"), "sequence").notes
    assert "different numbers of 'clock' are equal in single precision, which models get" in notes


def test_0_and_minus_0_make_equal_series(write: Write) -> None:
    rows = [(key, sign, "pq"[place % 2]) for place, key in enumerate(IDS) for sign in ("", "-")]
    content = "".join(f"{key}{sign},{value},{label}\n" for key, sign, label in rows for value in (f"{sign}0", ord(key)))
    dataset = load(write("a.csv", f"id,v,label\n{content}"), "sequence")
    train = {(series + 0).tobytes() for series in dataset.X_train}
    assert not train & {(series + 0).tobytes() for series in dataset.X_test}


def test_a_line_is_drawn_over_time_where_there_are_times(write: Write) -> None:
    rows = "".join(
        f"{key},{time},{value},{'pq'[place % 2]}\n"
        for place, key in enumerate(IDS)
        for time, value in ((0, place), (1, ""), (100, place + 100))
    )
    dataset = load(write("a.csv", f"id,time,v,label\n{rows}"), "sequence", missing="interpolate")
    assert all(series[1, 0] == pytest.approx(series[0, 0] + 1) for series in dataset.X_train)


def test_whole_numbers_are_one_event_with_and_without_a_point(write: Write) -> None:
    rows = "".join(
        f"{key},{60 + step}{'.0' if step % 2 else ''}\n{key},61\n" for key in IDS for step in range(2 + ord(key) % 3)
    )
    dataset = load(write("a.csv", f"piece,event\n{rows}"), "next-event")
    assert set(dataset.symbol_names) <= {"60", "61", "62", "63"}
    assert any("such as 60.0 and 60, are one event" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (
            ["200111", "200112", "200201", "200202"],
            "the times are numbers such as 200111, which look like dates; expected ISO",
        ),
        (["20010227", "20010228", "20010301"], "expected ISO dates such as 2001-02-27"),
        (["0", "1", "9" * 400], "line 4: the time 'time' is '999.*expected a number below 5e.18"),
        (["0", "1", str(2**63 + 1)], "expected a number below 5e.18"),
        (["0", "1e-300", "1"], "times are at unequal steps"),
        (["9999-12-31T20:00-05:00"] * 2, "expected an ISO date"),
        (["9" * 30, "1"], "line 2: the time 'time' is '999.*expected a number below 5e.18"),
    ],
)
def test_times_that_cannot_be_what_they_say_are_refused(write: Write, times: list[str], words: str) -> None:
    rows = "".join(f"{time},{place * place % 5}\n" for place, time in enumerate(times))
    with pytest.raises(DataError, match=words):
        load(write("a.csv", f"time,value\n{rows}"), "forecast")


def test_steps_left_out_for_want_of_a_value_leave_no_season(write: Write) -> None:
    lines = [f"2001-01-{i + 1:02},{i * i % 7 + i % 3}\n" for i in range(31)]
    lines += [f"2001-02-{i + 1:02},{i * i % 5 + i % 4}\n" for i in range(28)]
    empty = [line if i % 10 else f"{line.partition(',')[0]},\n" for i, line in enumerate(lines)]
    absent = [line for i, line in enumerate(lines) if i % 10]
    by_value, by_row = (
        load(write(name, "day,value\n" + "".join(part)), "forecast", missing="drop", time_column="day")
        for name, part in (("a.csv", empty), ("b.csv", absent))
    )
    assert by_value.X_test.season_length == by_row.X_test.season_length == 1
    assert by_value.X_test.lengths.tolist() == by_row.X_test.lengths.tolist()


def test_keys_that_begin_late_in_json_lines_are_noticed(write: Write) -> None:
    import json

    rows = [{"id": f"s{i // 3}", "label": "pq"[i // 3 % 2], "x": i % 5 + i // 3} for i in range(1_200)]
    lines = [json.dumps(row if i < 1_100 else {**row, "y": 1, "z": 2}) for i, row in enumerate(rows)]
    dataset = load(write("a.jsonl", "\n".join(lines)), "sequence")
    for key in "yz":
        assert f"the key '{key}' first occurs after 1,000 rows: it is not used" in dataset.notes


def test_a_row_of_a_workbook_with_one_empty_cell_is_a_row(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    for row in [("remark", "value"), *((f"r{i}", None if i == 5 else i * i % 7) for i in range(40))]:
        workbook.active.append(row)
    workbook.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="row 7: 'value' has no value"):
        load(tmp_path / "a.xlsx", "forecast")


def test_what_would_not_fit_in_memory_is_refused_first(write: Write) -> None:
    values = "".join(f"{i * i % 11}\n" for i in range(60_000))
    with pytest.raises(DataError, match="make too many pasts to hold in memory; expected 3,333 at most"):
        load(write("a.csv", f"value\n{values}"), "forecast", origins=15_000)
    rows = "".join(f"s{i},L{i // 2},u{i},{i + step}\n" for i in range(12_000) for step in range(2))
    with pytest.raises(
        DataError, match=r"6,000 classes in 12,000 groups are too many .*is --label-column the right one"
    ):
        load(write("b.csv", f"id,label,user,v\n{rows}"), "sequence", group_column="user")


def test_the_header_of_a_ts_file_is_held_to(write: Write) -> None:
    header = "@problemName small\n@timeStamps false\n@univariate true\n@equalLength true\n@seriesLength 3\n"
    header += "@classLabel true no yes\n@data\n"
    cases = "".join(f"{row},{row + 1},{row + 2}:{('no', 'yes')[row % 2]}\n" for row in range(10))
    train = write("small_TRAIN.TS", header + cases)
    write("small_TEST.TS", header + "7,8,9:no\n")
    assert len(load(train, "sequence").X_test) == 1
    with pytest.raises(DataError, match="line 18: a channel has 2 values, expected 3 as @seriesLength says"):
        load(write("a.ts", f"{header}{cases}1,2:no\n"), "sequence")
    with pytest.raises(DataError, match="line 18: there are 2 channels, expected 1"):
        load(write("b.ts", f"{header}{cases}1,2,3:1,2,3:no\n"), "sequence")


@pytest.mark.parametrize(
    ("times", "n_read"),
    [
        ([str(1_700_000_000_000_000_000 + i * 3_600_000_000_000) for i in range(30)], 30),
        ([str(196_012 + 100 * i) for i in range(30)], 30),
        ([str(20_010_301 + i) for i in range(30)], 30),
    ],
    ids=["nanoseconds", "Decembers", "days of one month"],
)
def test_numbers_at_equal_steps_are_times_whatever_they_look_like(write: Write, times: list[str], n_read: int) -> None:
    rows = "".join(f"{time},{place * place % 5}\n" for place, time in enumerate(times))
    dataset = load(write("a.csv", f"time,value\n{rows}"), "forecast")
    assert dataset.X_test.lengths.max() == n_read - 1


def test_nothing_is_interpolated_over_dates_in_digits(write: Write) -> None:
    rows = "".join(
        f"{key},{time},{value},{'pq'[place % 2]}\n"
        for place, key in enumerate(IDS)
        for time, value in ((20010130, place), (20010131, ""), (20010201, place + 2))
    )
    with pytest.raises(
        DataError, match="such as 20010130, which look like dates; expected ISO dates such as 2001-01-30"
    ):
        load(write("a.csv", f"id,time,v,label\n{rows}"), "sequence", missing="interpolate")


def test_a_season_survives_a_value_that_is_missing_at_the_end(write: Write) -> None:
    rows = "".join(f"{2001 + i // 12}-{i % 12 + 1:02},{i % 12 + i * i % 5 if i < 119 else ''}\n" for i in range(120))
    assert load(write("a.csv", f"month,value\n{rows}"), "forecast", missing="drop").X_test.season_length == 12


def test_a_column_that_pandas_named_0_is_a_column(write: Write) -> None:
    path = write("a.csv", "0\n" + "".join(f"{i * i % 7}\n" for i in range(30)))
    assert load(path, "forecast").X_test.lengths.max() == 29


def test_the_length_in_the_header_of_a_ts_file_is_the_longest_where_lengths_differ(write: Write) -> None:
    header = (
        "@problemName small\n@timeStamps false\n@equalLength false\n@seriesLength 5\n@classLabel true no yes\n@data\n"
    )
    cases = "".join(
        f"{','.join(map(str, range(row, row + 2 + row % 4)))}:{('no', 'yes')[row % 2]}\n" for row in range(12)
    )
    assert load(write("a.ts", header + cases), "sequence").n_train == 10
