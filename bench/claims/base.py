"""What a claim is: a sentence, what would refute it, the trials that try it, and the contrasts that judge it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from bench.claims.declaration import Contrast, Experiment, Plan, Setting, Side, side, sides
from bench.claims.evidence import Evidence
from bench.claims.figures import draw_parts
from bench.claims.tables import Table
from bench.report.figures.svg import Figure

__all__ = ["Claim", "Contrast", "Experiment", "Plan", "Setting", "Side", "Table", "side", "sides"]

MARGIN = 0.01
"""The smallest difference of accuracy that matters, if a claim declares no other."""


class Claim(ABC):
    """A statement about GRUs, and the experiment that tests it.

    A subclass in a file of its own, registered as an entry point of the group ``bench.claims``, is a claim.

    Attributes
    ----------
    name : str
        As the command line calls it.
    number : int
        Its place in the list.
    version : int
        To be raised when the plan or the rule changes: verdicts of different versions are not mixed.
    title, sentence : str
        The claim, in a few words and as it is made.
    refuted_if : str
        The prediction that would refute it.
    margin : float
        The smallest difference of accuracy that matters.
    method : str
        How it is tested, in a few sentences.
    limits : str
        What the experiment does not show.
    """

    name: ClassVar[str]
    number: ClassVar[int]
    version: ClassVar[int] = 1
    title: ClassVar[str]
    sentence: ClassVar[str]
    refuted_if: ClassVar[str]
    margin: ClassVar[float] = MARGIN
    method: ClassVar[str]
    limits: ClassVar[str]

    @abstractmethod
    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts, before anything runs."""

    def tables(self, evidence: Evidence) -> Sequence[Table]:
        """Return further tables for its section, which no verdict follows from."""
        return ()

    def figures(self, evidence: Evidence) -> Sequence[Figure]:
        """Return the pictures of its section; if not overridden, accuracy at the places of each part."""
        return draw_parts(self.name, self.title, evidence)
