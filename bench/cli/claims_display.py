"""What a user sees while claims run: how far each claim is, and how long it will still take."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bench.cli.display import PHASES, is_live, outcome_text, progress_text
from bench.cli.terminal import plain
from bench.records import Trial, TrialRecord
from bench.utils.escapes import visible
from bench.utils.text import counted


def time_to_go(seconds: float | None) -> str:
    """Return the time that is still to go, in words.

    >>> time_to_go(42), time_to_go(400), time_to_go(8000), time_to_go(None)
    ('under a minute to go', 'about 7 min to go', 'about 2 h 13 min to go', '')
    """
    if seconds is None:
        return ""
    if seconds < 60:
        return "under a minute to go"
    minutes = round(seconds / 60)
    return f"about {minutes} min to go" if minutes < 60 else f"about {minutes // 60} h {minutes % 60} min to go"


class PlainClaimsDisplay:
    """One line per trial that has ended, for logs and pipes.

    Parameters
    ----------
    console : Console
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = ""

    def __enter__(self) -> PlainClaimsDisplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def begin_claim(self, title: str, n_trials: int) -> None:
        self._print(f"{title}: {counted(n_trials, 'trial')}" if n_trials else f"{title}: every trial is done")

    def note(self, text: str) -> None:
        self._print(text)

    def begin(self, trials: Sequence[Trial]) -> None: ...

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None: ...

    def finish(self, record: TrialRecord) -> None:
        self._last = f"{record.trial.dataset}, {record.trial.label}: {outcome_text(record)}"

    def advance(self, n_done: int, n_trials: int, seconds_left: float | None) -> None:
        left = time_to_go(seconds_left) if n_done < n_trials else ""
        self._print(f"[{n_done}/{n_trials}] {self._last}" + (f" ({left})" if left else ""))

    def _print(self, text: str) -> None:
        self._console.print(visible(text), markup=False, highlight=False, soft_wrap=True)


class LiveClaimsDisplay:
    """A bar per claim, and under it what runs, for terminals.

    Parameters
    ----------
    console : Console
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            TextColumn("{task.fields[now]}", style="dim", markup=False),
            console=console,
            refresh_per_second=1,
        )
        self._bar: TaskID | None = None

    def __enter__(self) -> LiveClaimsDisplay:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone
            self._progress.stop()

    def begin_claim(self, title: str, n_trials: int) -> None:
        self._end_bar()
        self._bar = self._progress.add_task(visible(title), total=max(1, n_trials), left="", now="")
        if n_trials == 0:
            self._show(completed=1, now="every trial is done")

    def note(self, text: str) -> None:
        self._console.print(plain(text, style="yellow"))

    def begin(self, trials: Sequence[Trial]) -> None: ...

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None:
        text = progress_text(message["history"]) if "history" in message else PHASES[message["phase"]]
        self._show(now=visible(f"{trial.dataset}, {trial.label}: {text}"))

    def finish(self, record: TrialRecord) -> None:
        if record.status != "ok":
            self.note(f"{record.trial.dataset}, {record.trial.label}: {outcome_text(record)}")

    def advance(self, n_done: int, n_trials: int, seconds_left: float | None) -> None:
        self._show(completed=n_done, total=n_trials, left=time_to_go(seconds_left) if n_done < n_trials else "")
        if n_done == n_trials:
            self._end_bar()

    def _show(self, **fields: Any) -> None:
        if self._bar is not None:
            self._progress.update(self._bar, **fields)

    def _end_bar(self) -> None:
        self._show(left="", now="")


def make_claims_display(console: Console) -> PlainClaimsDisplay | LiveClaimsDisplay:
    """Return the display that fits where the lines go."""
    return LiveClaimsDisplay(console) if is_live(console) else PlainClaimsDisplay(console)
