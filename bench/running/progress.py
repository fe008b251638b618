"""What shows how a run goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bench.records import Trial, TrialRecord


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
