"""A run for other programs: text formats, and Python's objects."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable

import pandas as pd
import pytest

import bench
from bench.errors import OutputError, UsageError
from bench.results.run import Run

MakeRun = Callable[..., Run]
Cli = Callable[..., subprocess.CompletedProcess[str]]

MODELS = {
    "gru": {"accuracy": 0.9},
    "logreg": {"varies": False},
    "svm": {"varies": False, "fails": "crashed: signal 9 (SIGKILL)"},
}


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    return make_run(MODELS, seeds=2)


def test_csv_and_json_hold_the_summary_with_full_numbers(run: Run, cli: Cli) -> None:
    read = pd.read_csv(io.StringIO(cli("show", str(run.path), "--format", "csv").stdout))
    assert read["model"].tolist() == list(MODELS)
    assert read["accuracy"].tolist()[:2] == run.summary["accuracy"].tolist()[:2]
    parsed = json.loads(cli("show", str(run.path), "--format", "json").stdout)
    assert [model["accuracy"] for model in parsed["models"]] == [pytest.approx(0.9), pytest.approx(0.8), None]
    assert parsed == json.loads(cli("show", str(run.path), "--json").stdout)


def test_markdown_and_latex_are_tables_with_the_best_in_bold(run: Run, cli: Cli) -> None:
    lines = cli("show", str(run.path), "--format", "md").stdout.splitlines()
    assert lines[0].startswith("| model | accuracy | F1 |")
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| gru | **0.900 ± 0.0")
    assert lines[4].startswith("| svm | crashed |  |")
    written = cli("show", str(run.path), "--format", "latex").stdout
    assert r"gru & \textbf{0.900 $\pm$ 0.0" in written
    assert len({line.count("&") for line in written.splitlines() if "&" in line}) == 1


def test_a_table_without_terminal_is_the_default(run: Run, cli: Cli) -> None:
    assert cli("show", str(run.path)).stdout == cli("show", str(run.path), "--format", "table").stdout
    assert cli("show", str(run.path), "--format", "xml").returncode == 2


@pytest.mark.parametrize(
    ("heading", "models"),
    [("fit s", ["fast", "slow", "svm"]), ("Accuracy", ["slow", "fast", "svm"]), ("model", ["fast", "slow", "svm"])],
)
def test_rows_are_sorted_by_the_heading_that_is_asked(
    make_run: MakeRun, cli: Cli, heading: str, models: list[str]
) -> None:
    failing = {"svm": MODELS["svm"]}
    run = make_run({**failing, "slow": {"accuracy": 0.9, "fit_seconds": 30.0}, "fast": {"fit_seconds": 2.0}})
    done = cli("show", str(run.path), "--format", "csv", "--sort", heading)
    assert pd.read_csv(io.StringIO(done.stdout))["model"].tolist() == models


def test_a_heading_that_no_table_has_is_refused_with_those_that_there_are(run: Run, cli: Cli) -> None:
    done = cli("show", str(run.path), "--sort", "speed")
    assert done.returncode == 2
    assert "no column 'speed' to sort by; expected one of: model, accuracy, F1" in done.stderr


def test_load_run_gives_frames(run: Run) -> None:
    loaded = bench.load_run(run.path)
    assert loaded.summary.equals(run.summary)
    assert loaded.trials["model"].tolist() == ["gru", "gru", "logreg", "logreg", "svm"]
    (pair,) = loaded.comparisons.to_dict("records")
    assert (pair["first"], pair["second"], pair["n_train"]) == ("gru", "logreg", 1000)
    assert pair["low"] < pair["difference"] < pair["high"]
    assert loaded.history[["model", "seed", "validation_accuracy"]].to_dict("records") == [
        {"model": "gru", "seed": seed, "validation_accuracy": 0.8} for seed in (0, 1)
    ]
    assert repr(loaded) == f"<Run made: 4 of 5 done, 1 failed, in {run.path}>"
    with pytest.raises(OutputError, match="no run at"):
        bench.load_run("nothing")
    with pytest.raises(OutputError, match=r"no run at \S+: it has no run.json"):
        bench.load_run(run.path.parent)


def test_predictions_are_found_by_the_beginning_of_a_trials_name(run: Run) -> None:
    assert len(run.predictions("gru-s1")) == 2000
    with pytest.raises(UsageError, match="run 'made' has 2 trials 'gru'; expected one of gru-s0-"):
        run.predictions("gru")
    with pytest.raises(UsageError, match="run 'made' has no trial 'nope': known: gru-s0-"):
        run.predictions("nope")


def test_a_notebook_shows_the_table(run: Run) -> None:
    html = run._repr_html_()
    assert "<caption>made: 4 of 5 done, 1 failed</caption>" in html
    assert "<td><b>0.900 ± 0.0" in html
    assert html.count("<tr>") == 4
