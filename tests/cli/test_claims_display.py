"""What is seen while claims run: on a terminal a bar per claim, in a log a line per trial."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from rich.console import Console

from bench.claims.progress import Kind, ProgressOfClaim
from bench.cli.claims_display import LiveClaimsDisplay, PlainClaimsDisplay, make_claims_display
from bench.records import ModelInfo, Trial, TrialRecord


def _trial(model: str, seed: int) -> Trial:
    info = ModelInfo(name=model, target=model)
    return Trial(model=info, dataset="toy", dataset_digest="0", division="closed", seed=seed, train_size=None)


def _record(trial: Trial, seconds: float) -> TrialRecord:
    return TrialRecord(
        trial=trial,
        status="error",
        reason="it \x1b[2J failed",
        started_at="2026-01-02T03:04:05+00:00",
        total_seconds=seconds,
        threads=1,
        time_limit_seconds=None,
        memory_limit_mb=None,
    )


def _run(display: PlainClaimsDisplay | LiveClaimsDisplay) -> ProgressOfClaim:
    left: dict[str, Counter[Kind]] = {
        "first": Counter({("gru", None): 2, ("hmm", None): 1}),
        "second": Counter({("gru", None): 3}),
    }
    with display:
        progress = ProgressOfClaim(display, "claim 1, memory", left)
        progress.note("banking77 is left out")
        progress.begin_experiment("first")
        trials = [_trial("gru", 0), _trial("gru", 1), _trial("hmm", 0)]
        progress.begin(trials)
        for trial, seconds in zip(trials, (100.0, 140.0, 10.0), strict=True):
            progress.update(trial, {"phase": "fitting"})
            progress.update(trial, {"history": {"step": 1, "steps": 2, "seconds": 1.0}})
            progress.finish(_record(trial, seconds))
        progress.end_experiment()
    return progress


def test_a_log_has_a_line_per_trial_with_the_time_to_go() -> None:
    file = io.StringIO()
    progress = _run(PlainClaimsDisplay(Console(file=file, width=200)))
    lines = file.getvalue().splitlines()
    assert lines[:2] == ["claim 1, memory: 6 trials", "banking77 is left out"]
    assert lines[2].startswith("[1/6] toy, gru seed 0: error: it ")
    assert lines[2].endswith("failed (about 8 min to go)"), "those of its kind take as long, and others too"
    assert "\x1b" not in file.getvalue()
    assert lines[3].startswith("[2/6] toy, gru seed 1")
    assert lines[4].endswith("(about 6 min to go)")
    assert progress.seconds_left() == pytest.approx(3 * 120)


def test_a_claim_of_which_everything_is_done_says_so() -> None:
    for make in (PlainClaimsDisplay, LiveClaimsDisplay):
        file = io.StringIO()
        with make(Console(file=file, width=120, force_terminal=make is LiveClaimsDisplay)) as display:
            progress = ProgressOfClaim(display, "claim 2, features", {"first": Counter()})
            assert progress.seconds_left() is None
        assert "every trial is done" in file.getvalue()


def test_a_terminal_has_a_bar_with_what_runs_and_the_time_to_go() -> None:
    file = io.StringIO()
    _run(LiveClaimsDisplay(Console(file=file, width=200, force_terminal=True)))
    shown = file.getvalue()
    assert "claim 1, memory" in shown
    assert "3/6" in shown
    assert "about 6 min to go" in shown
    assert "banking77 is left out" in shown
    assert "\x1b[2J failed" not in shown, "what a model says steers no terminal"


def test_lines_stay_lines_where_there_is_no_terminal() -> None:
    assert isinstance(make_claims_display(Console(file=io.StringIO())), PlainClaimsDisplay)
