"""The table: best values marked, failures as rows, sizes apart."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

import bench
from bench.cli.run_table import comparison_lines, print_run
from bench.results.entries import make_entries
from bench.results.run import Run
from bench.results.store import RunStore
from bench.results.summary import compare, summarize, summary_columns
from bench.stats.intervals import Interval
from bench.stats.verdicts import Comparison, Verdict
from bench.tasks import find_task

Finished = Callable[[str], Path]
MakeRun = Callable[..., Run]

CLASSIFICATION = find_task("classification")


@pytest.fixture
def run(finished: Finished) -> Run:
    return Run(RunStore.open(finished("t")))


def _printed(run: Run, summary: pd.DataFrame, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    print_run(run.store.run, summary, {}, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_the_best_of_each_column_is_marked(run: Run) -> None:
    summary = run.summary
    summary["accuracy"], summary["log_loss"], summary["fit_seconds"] = [0.9, 0.8], [0.3, 0.2], [50.0, 2000.0]
    summary["accuracy_low"], summary["accuracy_high"] = summary["accuracy"] - 0.01, summary["accuracy"] + 0.01
    head, _, words, plain, *_ = _printed(run, summary, 170)
    assert head.startswith("t: toy (made up), closed division, 240 training and 90 test rows, 2 seeds")
    assert "0.900 ± 0.010*" in words
    assert "0.800 ± 0.010 " in plain
    assert "0.200*" in plain
    assert "50.0*" in words
    assert "2,000 " in plain


def test_a_model_that_failed_is_a_row_with_its_reason_under_the_table(run: Run) -> None:
    failed = dict.fromkeys(summary_columns(CLASSIFICATION)) | {
        "model": "net[a=1]",
        "n_train": 240,
        "status": "timed out: over the time limit of 3 s",
    }
    lines = _printed(run, pd.DataFrame([*run.summary.to_dict("records"), failed]), 80)
    assert any(line.split() == ["net[a=1]", "timed", "out"] for line in lines)
    assert "net[a=1]: timed out: over the time limit of 3 s" in lines


def test_several_sizes_are_told_apart(run: Run) -> None:
    summary = pd.concat([run.summary, run.summary.assign(n_train=60)])
    lines = _printed(run, summary, 170)
    assert "60 / 240 training" in lines[0]
    assert lines[1].split()[:3] == ["model", "rows", "accuracy"]


def test_seconds_of_two_processors_are_not_passed_off_as_comparable(make_run: MakeRun) -> None:
    run = make_run({"a": {"accuracy": 0.9}, "b": {"accuracy": 0.8, "cpu_model": "another"}})
    assert "seconds cannot be compared between processors: a on a processor; b on another" in _printed(
        run, run.summary, 100
    )
    same = make_run({"a": {"accuracy": 0.9, "later_cpu_model": "another"}}, seeds=2, name="same")
    assert not any("processors" in line for line in _printed(same, same.summary, 100))


def test_what_is_and_what_is_not_significant_is_said() -> None:
    yes, no = Verdict(Interval(0.04, 0.06), 0.001, "rows"), Verdict(Interval(-0.01, 0.03), 0.21, "rows")
    again = Verdict(Interval(-0.01, 0.11), 0.08, "seeds")
    fixed = Comparison("a", "b", 0.05, yes, yes)
    assert comparison_lines([], 100, 1, CLASSIFICATION) == []
    assert comparison_lines([fixed], 100, 1, CLASSIFICATION) == [
        "these models: all differences in accuracy are significant at 5 % (rows, Holm over 1 pair)"
    ]
    shaky = Comparison("a", "b", 0.05, yes, again, seeds_needed=7)
    assert comparison_lines([shaky, Comparison("a", "c", 0.01, no, no)], 1000, 2, CLASSIFICATION) == [
        "these models: differences in accuracy that are not significant at 5 % with 1,000 training rows: a and c "
        "(+0.010, p = 0.21) (rows, Holm over 2 pairs)",
        "trained again: not significant either with 1,000 training rows: a and b (+0.050, p = 0.080, about 7 seeds "
        "needed) (rows and seeds, Holm over 2 pairs)",
    ]
    assert comparison_lines([Comparison("a", "b", 0.05, yes, None)], 100, 1, CLASSIFICATION)[1] == (
        "trained again: not known from one fit each; --seeds 5 tells"
    )
    assert comparison_lines(
        [fixed, Comparison("a", "c", 0.05, yes, replace(yes, test="seeds"))], 100, 1, CLASSIFICATION
    )[1] == ("trained again: what is significant stays so (rows and seeds, Holm over 2 pairs)")


def test_only_seeds_that_two_models_share_are_compared(make_run: Callable[..., Run]) -> None:
    run = make_run({"a": {}, "b": {"failing_seeds": [0]}, "c": {"varies": False}, "d": {"failing_seeds": [1]}}, seeds=2)
    tests = {(c.first, c.second): c.fitted.test for c in compare(run.entries)[1000]}
    several = "paired t-test over rows"
    assert tests == {
        ("a", "b"): "McNemar",
        ("a", "c"): several,
        ("a", "d"): "McNemar",
        ("b", "c"): "McNemar",
        ("c", "d"): "McNemar",
    }, "b and d share no seed"


@pytest.mark.usefixtures("toys")
def test_a_drawn_subset_is_not_called_deterministic() -> None:
    drawn = bench.run("toys:Plain", dataset="toy", seeds=2, train_size=60, report=False)
    assert drawn.summary["is_deterministic"].tolist() == [False]


def test_a_model_whose_seeds_partly_failed_keeps_the_good_ones(run: Run) -> None:
    records = run.records
    first = next(r for r in records if r.trial.model.name == "toy-words")
    broken = first.model_copy(update={"status": "crashed", "reason": "signal 11 (SIGSEGV)", "measurements": None})
    records[records.index(first)] = broken
    summary = summarize(make_entries(run.store, records), CLASSIFICATION).set_index("model")
    assert summary.loc["toy-words", "status"] == "1 of 2 seeds failed, crashed: signal 11 (SIGSEGV)"
    assert summary["accuracy"].astype(float)["toy-words"] > 0.8
    assert len(compare(make_entries(run.store, records))[240]) == 1
