"""Test rows worth reading: those that one model alone gets right, and those whose label most models contradict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.results.entries import Entry
from bench.stats.resampling import FloatArray

SHOWN_A_MODEL = 3
SHOWN_SUSPECTS = 10
MODELS_TO_SUSPECT = 3
"""With fewer models, agreeing says too little."""


@dataclass(frozen=True)
class Example:
    """One test row.

    Parameters
    ----------
    row : int
        Its number, from 0.
    label : int
    answers : dict of model name to class
        What most seeds of each model predict.
    """

    row: int
    label: int
    answers: dict[str, int]


@dataclass(frozen=True)
class OnlyRight:
    """The rows that one model alone gets right, in most of its seeds.

    Parameters
    ----------
    model : str
    n_rows : int
        How many there are.
    examples : tuple of Example
        Those that it is surest of.
    """

    model: str
    n_rows: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Suspects:
    """Rows whose label more than half of the models contradict, all of these with the same prediction.

    Parameters
    ----------
    n_rows : int
    n_unanimous : int
        Of these, the rows where all models predict that class.
    examples : tuple of Example
        Those that most models are surest of.
    """

    n_rows: int
    n_unanimous: int
    examples: tuple[Example, ...]


def find_only_right(entries: Sequence[Entry]) -> list[OnlyRight]:
    """For each of several models, rows that the others get wrong."""
    if len(entries) < 2:
        return []
    answers = _answers(entries)
    labels = entries[0].class_predictions[0].labels
    is_right = answers == labels
    alone = is_right & (is_right.sum(axis=0) == 1)
    found = []
    for i, entry in enumerate(entries):
        rows = np.flatnonzero(alone[i])
        sureness = _confidence(entry, labels)[rows]
        shown = rows[np.argsort(-sureness, kind="stable")[:SHOWN_A_MODEL]]
        found.append(OnlyRight(entry.name, len(rows), _examples(shown, labels, entries, answers)))
    return found


def find_suspects(entries: Sequence[Entry]) -> Suspects | None:
    """Labels that may be wrong; None where there are too few models to say.

    References
    ----------
    Northcutt, C. G., Athalye, A. & Mueller, J. (2021). Pervasive Label Errors in Test Sets Destabilize Machine Learning
    Benchmarks. NeurIPS Datasets and Benchmarks.
    """
    if len(entries) < MODELS_TO_SUSPECT:
        return None
    answers, labels = _answers(entries), entries[0].class_predictions[0].labels
    n_classes = entries[0].class_predictions[0].scores.shape[1]
    votes = np.stack([(answers == k).sum(axis=0) for k in range(n_classes)])
    votes[labels, np.arange(len(labels))] = 0
    other, n_votes = votes.argmax(axis=0), votes.max(axis=0)
    rows = np.flatnonzero(n_votes * 2 > len(entries))
    sureness = np.mean([_confidence(entry, other) for entry in entries], axis=0)
    order = np.lexsort([rows, -sureness[rows], -n_votes[rows]])
    shown = _examples(rows[order[:SHOWN_SUSPECTS]], labels, entries, answers)
    return Suspects(len(rows), int((n_votes[rows] == len(entries)).sum()), shown)


def _answers(entries: Sequence[Entry]) -> npt.NDArray[np.int64]:
    """Return what most seeds of each model predict, the first class of equals; shape (n_models, n_test)."""
    return np.stack([_majority(entry) for entry in entries])


def _majority(entry: Entry) -> npt.NDArray[np.int64]:
    n_classes = entry.class_predictions[0].scores.shape[1]
    votes = np.stack(
        [sum((p.predicted == k).astype(np.int64) for p in entry.class_predictions) for k in range(n_classes)]
    )
    winners: npt.NDArray[np.int64] = votes.argmax(axis=0)
    return winners


def _confidence(entry: Entry, classes: npt.NDArray[np.int64]) -> FloatArray:
    """Mean score that a model gives to these classes, shape (n_test,); 0 where scores are no probabilities."""
    rows = np.arange(len(classes))
    if not entry.class_predictions[0].are_probabilities:
        return np.zeros(len(classes))
    means: FloatArray = np.mean([p.scores[rows, classes] for p in entry.class_predictions], axis=0)
    return means


def _examples(
    rows: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    entries: Sequence[Entry],
    answers: npt.NDArray[np.int64],
) -> tuple[Example, ...]:
    names = [entry.name for entry in entries]
    return tuple(
        Example(int(row), int(labels[row]), dict(zip(names, answers[:, row].tolist(), strict=True))) for row in rows
    )
