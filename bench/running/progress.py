"""What shows how a run goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bench.records import Trial, TrialRecord

INTERRUPTED = "interrupted; finished trials are kept"
"""What the note of an interrupted run begins with."""


class Display(Protocol):
    """Shows how a run goes: on a terminal, in a log, or nowhere."""

    def note(self, text: str) -> None:
        """Show a line to the user, before or between trials."""

    def begin(self, trials: Sequence[Trial]) -> None:
        """Show that these trials are going to run."""

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None:
        """Show that a trial entered a ``phase``, or that its model made a ``history`` entry."""

    def finish(self, record: TrialRecord) -> None:
        """Show that a trial has ended."""


class Silent:
    """A display that shows nothing."""

    def note(self, text: str) -> None: ...
    def begin(self, trials: Sequence[Trial]) -> None: ...
    def update(self, trial: Trial, message: Mapping[str, Any]) -> None: ...
    def finish(self, record: TrialRecord) -> None: ...


class Guarded:
    """Another display, until it fails: what a terminal, pipe or log does never ends a trial.

    Parameters
    ----------
    display : Display
    """

    def __init__(self, display: Display) -> None:
        self._display: Display | None = display

    def note(self, text: str) -> None:
        """As the display's."""
        self._try("note", text)

    def begin(self, trials: Sequence[Trial]) -> None:
        """As the display's."""
        self._try("begin", trials)

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None:
        """As the display's."""
        self._try("update", trial, message)

    def finish(self, record: TrialRecord) -> None:
        """As the display's."""
        self._try("finish", record)

    def _try(self, method: str, *arguments: Any) -> None:
        if self._display is None:
            return
        try:
            getattr(self._display, method)(*arguments)
        except (OSError, ValueError):  # ValueError: it is closed
            self._display = None
