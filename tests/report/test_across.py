"""Two runs side by side."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

from bench.records import MachineLoad
from bench.results.comparison import compare_runs
from bench.results.run import Run

MakeRun = Callable[..., Run]
Cli = Callable[..., subprocess.CompletedProcess[str]]


def test_accuracies_are_compared_by_paired_tests_and_costs_as_ratios(
    make_run: MakeRun, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_run({"a": {"accuracy": 0.8, "fit_seconds": 2.0}, "b": {"varies": False}}, name="before", seeds=3)
    after = make_run({"a": {"accuracy": 0.9, "fit_seconds": 3.0}, "b": {"varies": False}}, name="after", seeds=3)
    first, second = compare_runs(before, after).changes
    assert (first.before, first.after) == pytest.approx((0.8, 0.9))
    assert first.comparison is not None
    assert first.comparison.difference == pytest.approx(0.1)
    assert first.verdict.startswith("better, p ")
    assert first.ratios["fit"].value == pytest.approx(1.5)
    assert first.ratios["fit"].interval == pytest.approx((1.5, 1.5))
    assert second.verdict == "not significant, p = 1.00"
    assert second.ratios["fit"].n_pairs == 2

    monkeypatch.setenv("COLUMNS", "100")
    done = cli("compare", str(before.path), str(after.path))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "accuracy, B = after against A = before"
    assert "better" in lines[2]
    assert lines[4] == "costs, B / A"
    assert lines[6].split()[:2] == ["a", "1.50"], "each model has one line, also where lines are short"
    machine = json.loads(cli("compare", str(before.path), str(after.path), "--json").stdout)
    assert machine["models"][0]["ratios"]["fit"]["ratio"] == pytest.approx(1.5)
    assert machine["models"][1]["verdict"] == "not significant, p = 1.00"
    assert machine["models"][1]["ratios"]["fit"]["interval"] == [1.0, 1.0]


def test_other_machines_versions_code_and_load_are_said(make_run: MakeRun) -> None:
    elsewhere = {"cpu_model": "another processor"}
    busy = {**elsewhere, "changes": {"load": MachineLoad(load_average=3.0, others_share=0.4, steal_share=0.0)}}
    before = make_run({"a": {}, "x": {}}, name="before")
    after = make_run(
        {"a": busy, "y": elsewhere},
        name="after",
        manifest={
            **elsewhere,
            "packages": {"numpy": "2.1"},
            "environment": {"TF_ENABLE_ONEDNN_OPTS": "0"},
        },
        spec={"threads": 1},
    )
    notes = " | ".join(compare_runs(before, after).notes)
    for said in (
        "before and after were made on other processors (a processor and another processor): their seconds cannot be",
        "before has 2 processors per trial, after 1: their seconds cannot be compared",
        "other switches: TF_ENABLE_ONEDNN_OPTS",
        "other versions: numpy 2.0 → 2.1",
        "the machine was busy with other work while after ran",
        "only in before: x",
        "only in after: y",
    ):
        assert said in notes


def test_a_model_that_failed_in_one_run_is_named(make_run: MakeRun) -> None:
    before, after = (
        make_run({"a": {}, "b": {}}, name="before"),
        make_run({"a": {}, "b": {"fails": "error"}}, name="after"),
    )
    across = compare_runs(before, after)
    assert [change.model for change in across.changes] == ["a"]
    assert "not compared, since it failed in one of the runs: b" in across.notes


def test_runs_without_a_common_model_or_size_are_refused(make_run: MakeRun, cli: Cli) -> None:
    one, two = make_run({"a": {}}, name="one"), make_run({"b": {}}, name="two")
    few = make_run({"a": {"train_sizes": [100]}}, name="few")
    done = cli("compare", str(one.path), str(two.path))
    assert done.returncode == 2
    assert "runs 'one' and 'two' share no model (a; b); bench report one two sets them side by side" in done.stderr
    done = cli("compare", str(one.path), str(few.path))
    assert done.returncode == 2
    assert "share a, but not with the same training rows: [1000] and [100]; run both with the same --train-size" in (
        done.stderr
    )
