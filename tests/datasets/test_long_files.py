"""A row per step: series, time series and pieces of the user's own, read exactly or refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.datasets.base import RowsDataset
from bench.datasets.files.source import FileSource
from bench.errors import DataError, UsageError
from bench.records import FileOptions, TaskName

Write = Callable[[str, "str | bytes"], Path]
Row = Sequence[object]


def load(path: Path, task: TaskName, **options: Any) -> RowsDataset:
    dataset = FileSource(path, FileOptions(**options), task).load(None)
    assert isinstance(dataset, RowsDataset)
    return dataset


def csv(header: str, rows: Sequence[Row]) -> str:
    return "".join(f"{line}\n" for line in [header, *(",".join(map(str, row)) for row in rows)])


@pytest.fixture
def labelled() -> list[Row]:
    """Twenty series of two channels and two to five steps, of two classes."""
    random = np.random.default_rng(0)
    return [
        (f"s{row}", step, *random.normal(size=2).round(3), "ab"[row % 2])
        for row in range(20)
        for step in range(2 + row % 4)
    ]


@pytest.fixture
def monthly() -> list[Row]:
    """Ten years of months."""
    return [(f"{2001 + i // 12}-{i % 12 + 1:02}-01", 10 + i % 12 + (i * 7 % 5) / 10) for i in range(120)]


@pytest.fixture
def pieces() -> list[Row]:
    return [(f"p{row}", step, "abc"[(row * step + row) % 3]) for row in range(20) for step in range(3 + row % 5)]


SERIES = "id,time,x,y,label"


def test_steps_are_put_together_by_id_in_the_order_of_time(write: Write, labelled: list[Row]) -> None:
    dataset = load(write("a.csv", csv(SERIES, labelled)), "sequence", split_seed=3)
    assert (dataset.n_train, len(dataset.X_test), dataset.class_names) == (16, 4, ("a", "b"))
    assert np.bincount(dataset.y_test).tolist() == [2, 2]
    expected = {f"s{row}": [r[2:4] for r in labelled if r[0] == f"s{row}"] for row in range(20)}
    found = [np.round(frames.astype(float), 3).tolist() for X in (dataset.X_train, dataset.X_test) for frames in X]
    assert sorted(map(str, found)) == sorted(
        str([[float(str(value)) for value in step] for step in s]) for s in expected.values()
    )
    assert "value 'x' and 'y', id 'id', time 'time', label 'label'" in dataset.origin
    panel = sorted(labelled, key=lambda row: int(str(row[1])))  # all first steps, then all second ones
    digests = [load(write("b.csv", csv(SERIES, rows)), "sequence").digest for rows in (labelled, panel)]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("task", ["sequence", "forecast", "next-event"])
def test_the_same_rows_give_the_same_digest_in_every_kind_of_file(
    tmp_path: Path, task: TaskName, labelled: list[Row], monthly: list[Row], pieces: list[Row]
) -> None:
    header, rows = {
        "sequence": (SERIES, labelled),
        "forecast": ("date,value", monthly),
        "next-event": ("id,time,event", pieces),
    }[task]
    frame = pd.DataFrame(rows, columns=header.split(","))
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.to_csv(tmp_path / "b.csv", index=False, header=False, sep=";")
    digests = {load(tmp_path / f"a.{end}", task).digest for end in ("csv", "tsv", "jsonl", "parquet", "xlsx")}
    named = {name: str(i + 1) for i, name in enumerate(header.split(","))}
    columns = {"time_column": named.get("time") or named["date"]}
    columns |= {"id_column": "1"} if "id" in named else {}
    columns |= {"label_column": named["label"]} if "label" in named else {}
    value = ",".join(named[name] for name in ("x", "y", "value", "event") if name in named)
    digests.add(load(tmp_path / "b.csv", task, header=False, value_column=value, **columns).digest)
    assert len(digests) == 1


def test_what_was_detected_reads_the_same_file_again(write: Write, monthly: list[Row], labelled: list[Row]) -> None:
    for path, task in (
        (write("a.csv", csv("date,value", monthly)), "forecast"),
        (write("b.csv", csv(SERIES, labelled)), "sequence"),
    ):
        dataset = load(path, task)  # type: ignore[arg-type]
        assert dataset.options is not None
        again = FileSource(path, dataset.options, dataset.task).load(None)
        assert again.digest == dataset.digest


def test_equal_series_and_groups_stay_on_one_side(write: Write, labelled: list[Row]) -> None:
    twins = [(f"{row[0]} again", *row[1:]) for row in labelled]
    dataset = load(write("a.csv", csv(SERIES, [*labelled, *twins])), "sequence")
    numbers = dataset.row_numbers
    assert not set(numbers[: len(dataset.X_train)]) & set(numbers[len(dataset.X_train) :])
    grouped = [(*row, f"g{int(str(row[0])[1:]) // 4}") for row in labelled]
    dataset = load(write("b.csv", csv(f"{SERIES},who", grouped)), "sequence", group_column="who")
    assert len(dataset.X_test) == 4
    assert dataset.X_train.n_channels == 2


def test_a_column_or_a_file_says_which_series_are_for_testing(write: Write, labelled: list[Row]) -> None:
    marked = [(*row, "test" if int(str(row[0])[1:]) > 13 else "train") for row in labelled]
    by_column = load(write("a.csv", csv(f"{SERIES},split", marked)), "sequence", split_column="split")
    train = [row for row in labelled if int(str(row[0])[1:]) <= 13]
    test = [(row[0], row[1], row[3], row[2], row[4]) for row in labelled if row not in train]  # y before x
    test_file = write("test.csv", csv("id,time,y,x,label", test))
    by_file = load(write("b.csv", csv(SERIES, train)), "sequence", test_file=str(test_file))
    assert by_column.digest == by_file.digest
    assert "test rows of test.csv" in by_file.origin


def test_missing_values_of_series_are_refused_interpolated_or_left_out(write: Write, labelled: list[Row]) -> None:
    gaps = [("g", 0, 1, "", "a"), ("g", 1, "", 2, "a"), ("g", 2, 3, "NA", "a"), ("g", 3, 4, 4, "a")]
    path = write("a.csv", csv(SERIES, [*gaps, *labelled]))
    with pytest.raises(DataError, match=r"a\.csv, line 2: 'y' has no value; .*--missing interpolate or --missing drop"):
        load(path, "sequence")
    filled = load(path, "sequence", missing="interpolate")
    rows = [frames.tolist() for X in (filled.X_train, filled.X_test) for frames in X]
    assert [[1, 2], [2, 2], [3, 3], [4, 4]] in rows
    assert "3 missing values interpolated" in filled.notes
    dropped = load(path, "sequence", missing="drop")
    assert [[4, 4]] in [frames.tolist() for X in (dropped.X_train, dropped.X_test) for frames in X]
    assert "3 steps without a value left out" in dropped.notes
    nothing = write("b.csv", csv(SERIES, [("g", 0, 1, "", "a"), ("g", 1, 2, "", "a"), *labelled]))
    for how in ("interpolate", "drop"):
        with pytest.raises(DataError, match=r"series 'g' has no value in .*leave the series out"):
            load(nothing, "sequence", missing=how)


def test_an_index_that_pandas_wrote_is_no_channel(write: Write, labelled: list[Row]) -> None:
    for name in ("", "Unnamed: 0"):
        rows = [(number, *row) for number, row in enumerate(labelled)]
        assert load(write("a.csv", csv(f"{name},{SERIES}", rows)), "sequence").X_train.n_channels == 2


def test_a_month_is_the_step_and_a_year_the_season(write: Write, monthly: list[Row]) -> None:
    dataset = load(write("a.csv", csv("date,value", monthly)), "forecast")
    assert (dataset.X_train.horizon, dataset.X_train.season_length) == (12, 12)
    assert dataset.X_test.lengths.tolist() == [84, 96, 108], "one horizon apart, in the last 30 %"
    values = np.array([row[1] for row in monthly])
    assert dataset.y_test.values.tolist() == [values[84:96].tolist(), values[96:108].tolist(), values[108:].tolist()]
    scale = np.abs(values[12:84] - values[:72]).mean()
    assert dataset.y_test.scale == pytest.approx(np.full(3, scale))
    naive = np.mean([np.abs(values[n : n + 12] - values[n - 12 : n]).mean() for n in (84, 96, 108)]) / scale
    assert dataset.baseline == pytest.approx(naive)
    assert any("a season is 12 steps, since a step is a month" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("times", "season"),
    [
        (pd.date_range("2001-01-01", periods=100, freq="h"), 24),
        (pd.date_range("2001-01-01", periods=100, freq="D"), 7),
        (pd.date_range("2001-01-31", periods=100, freq="ME"), 12),
        ([f"{2001 + i // 4}Q{i % 4 + 1}" for i in range(100)], 4),
        ([f"{2001 + i // 12}-{i % 12 + 1:02}" for i in range(100)], 12),
        (pd.date_range("1901-01-01", periods=100, freq="YS"), 1),
        (pd.date_range("2001-01-01", periods=100, freq="W"), 1),
        (range(1901, 2001), 1),
        ([f"{i / 10:.1f}" for i in range(100)], 1),
        (pd.date_range("2001-01-01", periods=100, freq="h", tz="Europe/Berlin"), 24),
    ],
)
def test_the_season_is_guessed_where_the_step_leaves_no_doubt(
    write: Write, times: Sequence[object], season: int
) -> None:
    rows = [(time, i % 17) for i, time in enumerate(times)]
    dataset = load(write("a.csv", csv("ds,y", rows)), "forecast")
    assert (dataset.X_train.season_length, dataset.X_train.horizon) == (season, season)


def test_a_season_is_not_guessed_of_a_short_series_and_options_win(write: Write, monthly: list[Row]) -> None:
    path = write("a.csv", csv("date,value", monthly[:30]))
    assert load(path, "forecast").X_train.season_length == 1
    dataset = load(path, "forecast", season_length=6, horizon=3, origins=5)
    assert (dataset.X_train.season_length, dataset.X_train.horizon, len(dataset.X_test)) == (6, 3, 5)
    assert any("some overlap" in note for note in dataset.notes)
    assert load(path, "forecast", origins=1).X_test.lengths.tolist() == [29]


def test_several_series_are_forecast_each_from_its_own_end(write: Write) -> None:
    rows = [(name, t, (t * step) % 7) for name, step, n in (("b", 3, 40), ("a", 2, 60)) for t in range(n)]
    dataset = load(write("a.csv", csv("unique_id,ds,y", rows)), "forecast", horizon=4)
    assert dataset.X_train.series.tolist() == [0, 1]
    assert dataset.X_test.series.tolist() == [0] * 3 + [1] * 4
    assert dataset.X_test.lengths.tolist() == [28, 32, 36, 44, 48, 52, 56]
    assert dataset.X_test[0].tolist() == [(t * 3) % 7 for t in range(28)]


def test_steps_that_are_absent_are_refused_filled_from_before_or_not_counted(write: Write) -> None:
    days = [d.date() for d in pd.bdate_range("2001-01-01", periods=100)]
    path = write("a.csv", csv("date,value", [(day, "" if i == 2 else i % 6 + i % 7) for i, day in enumerate(days)]))
    with pytest.raises(DataError, match=r"line 4: 'value' has no value"):
        load(path, "forecast")
    whole = write("b.csv", csv("date,value", [(day, i % 6 + i % 7) for i, day in enumerate(days)]))
    with pytest.raises(DataError, match=r"line 7: 2 steps of a day absent before the time 2001-01-08; .*--miss"):
        load(whole, "forecast")
    filled = load(path, "forecast", missing="interpolate")
    assert filled.X_train[0][:9].tolist() == [0, 2, 2, 6, 8, 8, 8, 10, 6]
    assert filled.X_train.season_length == 7
    assert any("39 missing values filled in with the value before" in note for note in filled.notes)
    dropped = load(path, "forecast", missing="drop")
    assert dropped.X_train[0][:4].tolist() == [0, 2, 6, 8]
    assert dropped.X_train.season_length == 1, "a week has no certain length then"
    first = load(
        write("c.csv", csv("value", [("",), *((i * i % 7,) for i in range(40))])), "forecast", missing="interpolate"
    )
    assert first.X_train[0][0] == 0, "nothing later stands for the values before the first"


def test_nothing_later_changes_what_a_forecast_is_made_from(write: Write, monthly: list[Row]) -> None:
    gap = [(day, "" if i in (50, 90) else value) for i, (day, value) in enumerate(monthly)]
    other = [*gap[:108], *((day, 99) for day, _ in gap[108:])]
    ours, theirs = (
        load(write("a.csv", csv("date,value", rows)), "forecast", missing="interpolate") for rows in (gap, other)
    )
    assert ours.X_train[0].tolist() == theirs.X_train[0].tolist()
    assert [past.tolist() for past in ours.X_test] == [past.tolist() for past in theirs.X_test]


def test_tokens_share_the_alphabet_of_the_training_pieces(write: Write) -> None:
    rows = [(f"p{p}", t, [10, 9, 2][(p + t) % 3], "r") for p in range(8) for t in range(4)]
    test = [("q", t, token, "r") for t, token in enumerate((2, 77, "x"))]
    path, test_file = write("a.csv", csv("id,time,high,low", rows)), write("t.csv", csv("id,time,high,low", test))
    options: dict[str, Any] = {"value_column": "high,low", "test_file": str(test_file)}
    dataset = load(path, "next-event", **options)
    assert (dataset.X_train.width, dataset.X_train.n_symbols) == (2, 5)
    assert dataset.X_train[0].tolist() == [0, 3, 2, 3, 1, 3, 0, 3], "words: '10', '2', '9', 'r'"
    assert dataset.X_test[0].tolist() == [1, 3, 4, 3, 4, 3], "one token stands for both that are new"
    assert any("2 of 6 test events are in no training piece ('77', 'x')" in note for note in dataset.notes)
    counts = np.bincount(dataset.X_train.tokens.values, minlength=5) + 1
    expected = -np.log(counts / counts.sum())[dataset.X_test[0]].sum() / 3
    assert dataset.baseline == pytest.approx(expected)


def test_numbers_as_tokens_are_in_order_of_their_size(write: Write) -> None:
    rows = [(f"p{p}", token) for p in range(6) for token in (10, 9, 1, *[9] * p)]
    dataset = load(write("a.csv", csv("piece,note", rows)), "next-event")
    assert {tuple(piece[:3].tolist()) for piece in dataset.X_train} == {(2, 1, 0)}


def test_json_leaves_tokens_as_they_are_written(write: Write) -> None:
    lines = [{"id": p, "event": e} for p in range(6) for e in ("go", 1, True, f"e{p % 2}")]
    dataset = load(write("a.jsonl", "".join(json.dumps(line) + "\n" for line in lines)), "next-event")
    assert dataset.X_train.n_symbols == 5


BAD: list[tuple[TaskName, str, dict[str, Any], type[Exception], str]] = [
    ("sequence", "id,x,label\na,1,p\na,oops,p\n", {}, DataError, r"line 3: 'x' is 'oops', no number.*--value-column"),
    ("sequence", 'id,x,label\na,1,p\na,"1,5",p\n', {}, DataError, r"line 3: 'x' is '1,5', no number"),
    ("sequence", "id,x,label\na,1,p\na,inf,p\n", {}, DataError, r"line 3: 'x' is 'inf', expected a number up to"),
    ("sequence", "id,x,label\na,1,p\na,1_0,p\n", {}, DataError, r"'1_0', no number"),
    ("sequence", "id,x,label\na,1,p\na,1e39,p\n", {}, DataError, r"'1e39', expected a number up to 3.4e\+38"),
    ("sequence", "id,x,label\na,1,p\na,2\n", {}, DataError, r"line 3: 2 fields"),
    ("sequence", "id,x,label\na,1,p\n,2,p\n", {}, DataError, r"line 3: 'id' is empty"),
    (
        "sequence",
        "id,x,label\na,1,p\na,2,q\n",
        {},
        DataError,
        r"'label' is 'q', but 'p' in an earlier row of the id 'a'",
    ),
    ("sequence", "id,x,label\na,1,p\na,2,\n", {}, DataError, r"line 3: 'label' is empty"),
    (
        "sequence",
        "id,x,label\na,1,p\na,2,p\nb,1,q\nb,1,q\na,3,p\n",
        {},
        DataError,
        r"line 6: the id 'a' comes back.*--time-column",
    ),
    (
        "sequence",
        "id,t,x,label\na,2,1,p\na,1,1,p\n",
        {},
        DataError,
        r"line 3: the time 1 comes after 2 in the series 'a'",
    ),
    (
        "sequence",
        "id,t,x,label\na,1,1,p\na,1,1,p\n",
        {},
        DataError,
        r"line 3: the time 1 occurs twice in the series 'a'",
    ),
    (
        "sequence",
        "id,t,x,label\na,1,1,p\na,2001-01-01,1,p\n",
        {},
        DataError,
        r"line 3: the time 't' is '2001-01-01'; expected a num",
    ),
    (
        "sequence",
        "id,t,x,label\na,2001-01-01,1,p\na,1/2/2001,1,p\n",
        {},
        DataError,
        r"'1/2/2001'; expected an ISO date",
    ),
    (
        "sequence",
        "id,x,label\na,1,p\nb,1,q\n",
        {},
        DataError,
        r"each of 2 ids has one row only \('a', 'b'\).*--id-column",
    ),
    (
        "sequence",
        "id,x,label\na,1,p\na,2,p\nb,1,q\nb,1,q\n",
        {},
        DataError,
        r"the class 'p' is too small.*needs two series",
    ),
    (
        "sequence",
        "id,x,label\na,1,p\na,2,p\nb,1,p\nb,1,p\n",
        {},
        DataError,
        r"all labels in column 'label' are 'p'; expected two classes",
    ),
    (
        "sequence",
        "who,x,label\na,1,p\na,2,p\n",
        {},
        UsageError,
        r"no column has a usual name for ids of series.*--id-column",
    ),
    ("sequence", "id,x\na,1\na,2\n", {}, UsageError, r"usual name for labels"),
    (
        "sequence",
        "id,x,label\na,1,p\na,2,p\n",
        {"horizon": 3},
        UsageError,
        r"^--horizon: the task sequence .*choose --task forecast",
    ),
    ("sequence", "id,x,label\na,1,p\na,2,p\n", {"text_column": "x"}, UsageError, r"^--text-column: the task sequence"),
    ("sequence", "id,x,label\na,1,p\na,2,p\n", {"value_column": "z"}, UsageError, r"no column 'z' \(--value-column\)"),
    ("sequence", "id,x,label\na,1,p\na,2,p\n", {"value_column": "id"}, UsageError, r"usual name for ids of series"),
    (
        "classification",
        "id,x,label\na,1,p\na,2,p\n",
        {"id_column": "id"},
        UsageError,
        r"--task sequence or --task forecast or",
    ),
    ("forecast", "y\n1\n2\n", {}, DataError, r"2 values, too few for a horizon of 1 and a season of 1; expected 3"),
    ("forecast", "y\n" + "1\n2\n" * 10, {"horizon": 19}, DataError, r"20 values, too few for --horizon 19"),
    ("forecast", "y\n" + "1\n2\n" * 10, {"origins": 19}, DataError, r"--origins 19 are too many.*expected 1 to 18"),
    ("forecast", "y\n" + "5\n" * 20, {}, DataError, r"series of the file is constant in its training part"),
    ("forecast", "y\n" + "1\n2\n" * 10, {"season_length": 2}, DataError, r"repeats itself every 2 steps"),
    ("forecast", "date,y\n2001-01-01,1\n2001-01-01,1\n", {}, DataError, r"occurs twice; .*--id-column says which"),
    ("forecast", "t,y\n0,1\n2,1\n5,1\n", {}, DataError, r"times are at unequal steps.*--missing drop"),
    (
        "forecast",
        "t,y\n0,1\n1,1\n9999,1\n",
        {"missing": "interpolate"},
        DataError,
        r"9,997 steps of 1 are absent.*too many",
    ),
    ("forecast", "t,y,z\n0,1,2\n", {"value_column": "y,z"}, UsageError, r"names 2 columns; expected one"),
    ("forecast", "t,u,z\n0,1,2\n", {}, UsageError, r"'u', 'z' could all hold the values; name one with --value-column"),
    (
        "forecast",
        "t,y\n0,1\n",
        {"test_file": "b.csv"},
        UsageError,
        r"^--test-file: the task forecast has no use for it",
    ),
    ("next-event", "id,event\na,x\na,\n", {}, DataError, r"line 3: 'event' is empty; expected an event"),
    ("next-event", "id,event\na,x\na,y\n", {}, DataError, r"there is one piece only; expected two at least"),
    ("next-event", "id,event\na,x\na,y\nb,x\nb,y\n", {}, DataError, r"all pieces are equal; expected two at least"),
    ("next-event", "id,event\na,x\na,y\n", {"missing": "drop"}, UsageError, r"^--missing: the task next-event"),
]


@pytest.mark.parametrize(("task", "content", "options", "kind", "words"), BAD)
def test_what_cannot_be_read_exactly_is_refused_by_name(
    write: Write, task: TaskName, content: str, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as refused:
        load(write("a.csv", content), task, **options)
    assert "\n" not in str(refused.value)


def test_a_file_of_texts_holds_no_series(write: Write, tmp_path: Path) -> None:
    path = write("a.txt", "__label__a good film\n__label__b bad film\n")
    with pytest.raises(UsageError, match=r"a\.txt holds texts .*expected a \.csv"):
        load(path, "sequence")
    with pytest.raises(UsageError, match=r"--task sequence"):
        load(write("a.ts", "@data\n"), "forecast")


TS = "@problemName small\n@timeStamps false\n@univariate true\n@classLabel true no yes\n@data\n"


def test_a_ts_file_and_its_companion_are_training_and_test_series(write: Write) -> None:
    pytest.importorskip("bench.datasets.series.ts_file")
    cases = "".join(f"{row},{row + 1},{row + 2}:{('no', 'yes')[row % 2]}\n" for row in range(10))
    train = write("small_TRAIN.ts", TS + cases)
    alone = load(train, "sequence")
    assert (alone.n_train, len(alone.X_test), alone.class_names) == (8, 2, ("no", "yes"))
    write("small_TEST.ts", TS.replace("no yes", "yes no") + "5,6:yes\n")
    both = load(train, "sequence")
    assert (both.n_train, both.X_test[0].tolist(), both.y_test.tolist()) == (10, [[5], [6]], [1])
    with pytest.raises(UsageError, match=r"small_TEST\.ts holds the test rows"):
        load(train, "sequence", test_fraction=0.5)
    with pytest.raises(UsageError, match=r"--id-column: a \.ts file"):
        load(train, "sequence", id_column="id")
