"""What a user sees while a run goes on: one live line a trial on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bench.cli.terminal import plain
from bench.records import Trial, TrialRecord
from bench.utils.escapes import visible

PHASES = {
    "starting": "starting",
    "encoding": "encoding texts",
    "loading": "loading data",
    "fitting": "training",
    "predicting": "predicting",
    "probing": "measuring latency",
}
PROGRESS_SECONDS = 5
"""Between two lines on the progress of a training, where lines stay."""


def progress_text(entry: Mapping[str, Any]) -> str:
    """Return a history entry in words, with the estimated end where the entry says how many steps there are at most.

    >>> progress_text({"step": 2, "steps": 8, "seconds": 10.0, "validation_accuracy": 0.875})
    'training, step 2 of at most 8, validation accuracy 0.875, at most 30 s to go'
    """
    parts = ["training", *(f"{key} {entry[key]}" for key in ("class", "restart") if entry.get(key) is not None)]
    numbers = {key: value for key, value in entry.items() if isinstance(value, int | float)}
    if "step" in numbers:
        parts.append(f"step {entry['step']}" + (f" of at most {entry['steps']}" if "steps" in numbers else ""))
    for key in ("validation_accuracy", "log_likelihood", "validation_loss", "loss"):
        if key in numbers:
            value = f"{entry[key]:.3f}" if abs(entry[key]) < 1e3 else f"{entry[key]:,.0f}"
            parts.append(f"{key.replace('_', ' ')} {value}")
            break
    if {"step", "steps", "seconds"} <= set(numbers) and 0 < entry["step"] < entry["steps"]:
        left_seconds = entry["seconds"] / entry["step"] * (entry["steps"] - entry["step"])
        parts.append(f"at most {left_seconds:.0f} s to go")
    return ", ".join(parts)


def outcome_text(record: TrialRecord) -> str:
    """How a trial ended, in words."""
    if (measured := record.measurements) is None:
        return f"{record.status}: {record.reason}"
    from bench.tasks import find_task

    metric = find_task(record.trial.model.task).metric
    value = measured.scores[metric.field]
    score = "not defined" if value is None else metric.write(value)
    return (
        f"{metric.heading} {score}, fit {measured.costs.fit_seconds:.1f} s, "
        f"{measured.costs.predict_rows_per_second:,.0f} rows/s predicted"
    )


class PlainDisplay:
    """One line an event, for logs and pipes; of steps of training, which may be many, one every few seconds.

    Parameters
    ----------
    console : Console
        Where the lines go: standard error, so that a table or JSON on standard output stays clean.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._position: dict[str, str] = {}
        self._said_at = -math.inf

    def __enter__(self) -> PlainDisplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def note(self, text: str) -> None:
        self._print(text)

    def begin(self, trials: Sequence[Trial]) -> None:
        self._position = {trial.id: f"[{i}/{len(trials)}]" for i, trial in enumerate(trials, start=1)}
        if not trials:
            self._print("nothing to run: every trial of this run is done")

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None:
        if "history" in message:
            if time.monotonic() - self._said_at >= PROGRESS_SECONDS:
                self._tell(trial, progress_text(message["history"]))
                self._said_at = time.monotonic()
        elif message["phase"] in ("fitting", "predicting"):
            self._tell(trial, PHASES[message["phase"]])
            self._said_at = -math.inf

    def finish(self, record: TrialRecord) -> None:
        self._tell(record.trial, outcome_text(record))

    def _tell(self, trial: Trial, text: str) -> None:
        self._print(f"{self._position.get(trial.id, '')} {trial.label}: {text}")

    def _print(self, text: str) -> None:
        self._console.print(visible(text), markup=False, highlight=False, soft_wrap=True)


class LiveDisplay:
    """A line per trial that changes in place, for terminals.

    Parameters
    ----------
    console : Console
    """

    def __init__(self, console: Console) -> None:
        self._lines: dict[str, tuple[Trial, str, str]] = {}
        self._running: str | None = None
        self._started = 0.0
        # Redrawing costs the processors that are being measured: once a second will do.
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=1)
        self._console = console

    def __enter__(self) -> LiveDisplay:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running:
            trial, _, _ = self._lines[self._running]
            self._lines[self._running] = (trial, "interrupted", "yellow")
        self._running = None
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone
            self._live.stop()

    def note(self, text: str) -> None:
        self._console.print(plain(text, style="yellow"))

    def begin(self, trials: Sequence[Trial]) -> None:
        self._lines |= {trial.id: (trial, "waiting", "dim") for trial in trials}
        if not trials:
            self.note("nothing to run: every trial of this run is done")

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None:
        if self._running != trial.id:
            self._running, self._started = trial.id, time.monotonic()
        text = progress_text(message["history"]) if "history" in message else PHASES[message["phase"]]
        self._lines[trial.id] = (trial, text, "cyan")

    def finish(self, record: TrialRecord) -> None:
        style = "green" if record.status == "ok" else "red"
        self._lines[record.trial.id] = (record.trial, outcome_text(record), style)
        self._running = None

    def _render(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for key, (trial, text, style) in self._lines.items():
            seconds = f"{time.monotonic() - self._started:.0f} s" if key == self._running else ""
            table.add_row(
                plain(trial.label, style="bold"),
                plain(text, style=style),
                Text(seconds, style="dim"),
            )
        return table


def make_display(console: Console) -> PlainDisplay | LiveDisplay:
    """Return the display that fits where the lines go: lines stay lines in a log, and where a cursor cannot move.

    That a CI service asks for colours (FORCE_COLOR) makes no terminal of its log.
    """
    return LiveDisplay(console) if is_live(console) else PlainDisplay(console)


def is_live(console: Console) -> bool:
    """Whether lines can change in place: on a terminal whose cursor moves, and in no log."""
    return console.file.isatty() and console.is_terminal and not console.is_dumb_terminal
