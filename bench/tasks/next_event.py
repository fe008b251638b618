"""Next-event prediction: how likely each event of a piece is, given all before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from bench.events import Events
from bench.ragged import Int64Array
from bench.tasks.base import AnyArray, BoolArray, Float64Array, Metric, Predictions, Task, TrialData, Words

CHECKED_PLACES = 24
"""At so many places of test pieces a fitted model is checked not to look ahead."""
TOLERANCE = 1e-3
"""Of probabilities that are computed in two ways."""


@dataclass(frozen=True)
class EventPredictions(Predictions):
    """Negative log likelihoods of test pieces.

    Parameters
    ----------
    nats : float64 array, shape (n_pieces,)
        Of the whole piece.
    n_steps, n_tokens : int64 array, shape (n_pieces,)
    """

    nats: Float64Array
    n_steps: Int64Array
    n_tokens: Int64Array

    @property
    def by_row(self) -> Float64Array:
        """Nats per step of each piece, shape (n_pieces,)."""
        per_step: Float64Array = self.nats / self.n_steps
        return per_step

    @property
    def answers(self) -> AnyArray:
        """Nats of each piece."""
        return self.nats

    def measure(self, is_leaked: BoolArray) -> dict[str, float | None]:
        """Nats per step: mean over pieces, and over all steps at once; and per token."""
        return {
            "nats_per_step": float(self.by_row.mean()),
            "nats_per_step_pooled": float(self.nats.sum() / self.n_steps.sum()),
            "nats_per_token": float(self.nats.sum() / self.n_tokens.sum()),
        }

    def arrays(self) -> dict[str, AnyArray]:
        """As Predictions'."""
        return {"n_steps": self.n_steps, "n_tokens": self.n_tokens, "nats": self.nats}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """As Predictions'."""
        return cls(arrays["nats"], *(arrays[name].astype(np.int64) for name in ("n_steps", "n_tokens")))

    def has_truth_of(self, other: Self) -> bool:
        """As Predictions'."""
        return np.array_equal(self.n_tokens, other.n_tokens)


class NextEvent(Task):
    """The next token of a piece: X is a :class:`bench.events.Events`; there is no y."""

    name = "next-event"
    summary = "the next event of a sequence, such as the next chord of a chorale"
    words = Words(
        "piece",
        "pieces",
        "token",
        "tokens",
        "better at prediction",
        "worse at prediction",
        "best at prediction",
        "giving every token its share in the training pieces",
        "pieces",
    )
    metric = Metric("nats_per_step", "nats per step", "min", (0.0, np.inf), unit="nats per step")
    others = (
        Metric("nats_per_step_pooled", "nats per step, all steps at once", "min", (0.0, np.inf)),
        Metric("nats_per_token", "nats per token", "min", (0.0, np.inf)),
    )
    methods = ("token_log_probabilities",)
    predictions = EventPredictions

    def check_fitted(self, model: Any, data: TrialData) -> None:
        """Refuse probabilities that do not add up to 1, or that depend on what comes later.

        At places drawn from the test pieces, the probability of the token that comes is asked for twice: from the
        whole piece, and from what is before it alone.
        """
        X: Events = data.X_test
        random = np.random.default_rng(0)
        rows = random.integers(len(X), size=CHECKED_PLACES)
        places = np.array([random.integers(length) for length in X.lengths[rows]])
        pasts = X.take(rows).beginnings(places)
        given = np.asarray(model.next_probabilities(pasts), np.float64)
        if given.shape != (len(rows), X.n_symbols):
            raise ValueError(f"next_probabilities returns shape {given.shape}, expected {(len(rows), X.n_symbols)}")
        if (given < 0).any() or np.abs(given.sum(axis=1) - 1).max() > TOLERANCE:
            raise ValueError("next_probabilities returns rows that are no probabilities, expected sums of 1")
        logs = log_probabilities(model, X)
        actual = X.tokens.values[X.tokens.offsets[rows] + places]
        whole, alone = np.exp(logs[X.tokens.offsets[rows] + places]), given[np.arange(len(rows)), actual]
        if np.abs(whole - alone).max() > TOLERANCE:
            worst = int(np.abs(whole - alone).argmax())
            raise ValueError(
                f"token {places[worst]} of test piece {rows[worst]} has the probability {whole[worst]:.4f} in the "
                f"whole piece and {alone[worst]:.4f} after what is before it alone: the model looks ahead"
            )

    def predict(self, model: Any, data: TrialData) -> EventPredictions:
        """As Task's."""
        X: Events = data.X_test
        totals = np.concatenate([[0.0], np.cumsum(-log_probabilities(model, X))])
        return EventPredictions(np.diff(totals[X.tokens.offsets]), X.n_steps, X.lengths)

    def write_score(self, score: float, rows: str) -> str:
        """As Task's."""
        return f"{self.metric.write(score)} nats per step on {rows}"

    def predict_row(self, model: Any, data: TrialData, row: int) -> None:
        """As Task's."""
        log_probabilities(model, data.X_test[row : row + 1])


def log_probabilities(model: Any, X: Events) -> Float64Array:
    """Return the natural logarithm of the probability of each token, shape (n_tokens,).

    Raises
    ------
    ValueError
        The shape is another one, or a number is above 0 or not finite.
    """
    found: Float64Array = np.asarray(model.token_log_probabilities(X), np.float64)
    expected = X.tokens.values.shape
    if found.shape != expected:
        raise ValueError(f"token_log_probabilities returns shape {found.shape}, expected {expected}")
    if not np.isfinite(found).all() or (found > TOLERANCE).any():
        raise ValueError(
            "token_log_probabilities returns a number that is above 0 or not finite, expected logarithms of "
            "probabilities above 0"
        )
    return found
