"""What a user sees while a run goes on."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys

import pytest
from rich.console import Console

from bench.cli.display import LiveDisplay, PlainDisplay, make_display, outcome_text, progress_text
from bench.records import ModelInfo, Trial, TrialRecord

TRIAL = Trial(
    model=ModelInfo(name="hmm[n_states=4]", target="hmm"),
    dataset="toy",
    dataset_digest="d",
    division="closed",
    seed=0,
    train_size=1000,
)
FAILED = TrialRecord(
    trial=TRIAL,
    status="timed out",
    reason="over the time limit of 3 s",
    started_at="2026-01-02T03:04:05+00:00",
    total_seconds=3.1,
    threads=2,
    time_limit_seconds=3,
    memory_limit_mb=None,
)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({}, "training"),
        ({"step": 3, "loss": 0.5}, "training, step 3, loss 0.500"),
        ({"step": 3, "steps": 3, "seconds": 9.0}, "training, step 3 of at most 3"),
        (
            {"step": 1, "steps": 4, "seconds": 2.0, "log_likelihood": -123456.7},
            "training, step 1 of at most 4, log likelihood -123,457, at most 6 s to go",
        ),
        ({"step": 1, "validation_accuracy": 0.9, "loss": 0.3}, "training, step 1, validation accuracy 0.900"),
    ],
)
def test_a_history_entry_is_put_in_words(entry: dict[str, object], text: str) -> None:
    assert progress_text(entry) == text


def test_plain_lines_name_the_trial_and_its_place() -> None:
    out = io.StringIO()
    with make_display(Console(file=out)) as display:
        assert isinstance(display, PlainDisplay)
        display.note("a note with [brackets]")
        display.begin([TRIAL])
        for message in ({"phase": "loading"}, {"phase": "fitting"}, {"history": {"step": 2}}):
            display.update(TRIAL, message)
        display.finish(FAILED)
        display.begin([])
    assert out.getvalue().splitlines() == [
        "a note with [brackets]",
        "[1/1] hmm[n_states=4] n=1,000 seed 0: training",
        "[1/1] hmm[n_states=4] n=1,000 seed 0: training, step 2",
        "[1/1] hmm[n_states=4] n=1,000 seed 0: timed out: over the time limit of 3 s",
        "nothing to run: every trial of this run is done",
    ]
    assert outcome_text(FAILED) == "timed out: over the time limit of 3 s"


def test_many_steps_of_training_are_few_lines_and_the_first_one_is_told() -> None:
    out = io.StringIO()
    with make_display(Console(file=out)) as display:
        display.begin([TRIAL])
        display.update(TRIAL, {"phase": "fitting"})
        for step in range(1, 1_001):
            display.update(TRIAL, {"history": {"step": step}})
    lines = out.getvalue().splitlines()
    assert lines[1].endswith("training, step 1")
    assert len(lines) < 20


def test_on_a_terminal_each_trial_is_one_line_that_changes() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with LiveDisplay(console) as display:
        display.begin([TRIAL])
        assert "waiting" in _shown(display)
        display.update(TRIAL, {"phase": "loading"})
        assert "loading data" in _shown(display)
        display.update(TRIAL, {"history": {"step": 2}})
        assert "training, step 2" in _shown(display)
        display.finish(FAILED)
        assert "timed out" in _shown(display)
        display.begin([])


def test_an_interrupted_trial_is_shown_as_such() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with LiveDisplay(console) as display:
        display.begin([TRIAL])
        display.update(TRIAL, {"phase": "fitting"})
    assert "interrupted" in _shown(display)


@pytest.mark.usefixtures("toys")
def test_a_real_terminal_gets_the_live_display_and_the_table() -> None:
    parent, child = pty.openpty()
    options = ["--models", "toy-words", "--dataset", "toy", "--no-report"]
    command = [sys.executable, "-P", "-m", "bench", "run", *options]
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm"}
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    shown = b""
    while True:
        try:
            shown += os.read(parent, 4096)
        except OSError:  # the other end is closed
            break
    os.close(parent)
    assert process.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert "toy-words seed 0" in text
    assert "accuracy" in text


def _shown(display: LiveDisplay) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(display._render())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
