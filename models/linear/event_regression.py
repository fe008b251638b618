"""Logistic regression of events on the tokens just before."""

from __future__ import annotations

import itertools
import time
import warnings
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from bench.events import Events

from ..arrays import FloatArray, IntArray
from ..events import Places, check_events, earlier, every_token, hold_out, next_tokens, of_voice, some_keys

PLACES_AT_ONCE = 1 << 14


class EventLogisticRegression(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Multinomial logistic regression for each voice of the step, on which tokens stand just before, and which pairs.

    A column says that a given token stands a given number of tokens back: in the step itself or in the steps just
    before. With ``pairs``, further columns say which two tokens stand at two of the last ``width`` places. The strength
    of the L2 penalty is chosen for each voice on training pieces that are held out.

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    n_steps_back : int
        Whole steps before the present one that are looked at, beside the earlier voices of the step.
    pairs : bool
        Whether pairs of tokens have columns, if they occur ``min_count`` times.
    min_count : int
        Occurrences below which a pair has no column.
    n_keys : int
        Keys of each piece that are learnt from, at most, where training has pieces in several keys.
    C : float, optional
        Inverse strength of the penalty. None: for each voice, the value of 0.1, 0.3, 1 or 3 with which training pieces
        that are held out have the greatest likelihood.
    max_iter : int
        Limit of the solver's iterations, L-BFGS.

    Attributes
    ----------
    C_ : list of float
        Of each voice, what was given or chosen.
    history_ : list of dict
        One per voice and value of C: ``step``, ``steps``, ``seconds``, ``voice``, ``C``, ``validation_loss`` (nats per
        token of the voice).
    n_rows_seen_ : int
        Pieces, those of the choice counted.
    n_parameters_ : int
        Weights and intercepts.

    Raises
    ------
    ValueError
        No piece has a token, or a parameter is out of range.

    Examples
    --------
    >>> from bench.ragged import Ragged
    >>> scales = Events(Ragged.from_rows([[1, 2, 3, 4] * 4, [4, 3, 2, 1] * 4, [2, 3, 4, 1] * 4]), width=1, n_symbols=5)
    >>> EventLogisticRegression().fit(scales).next_probabilities(scales).argmax(axis=1)
    array([1, 4, 2])
    """

    C_PATH = (0.1, 0.3, 1.0, 3.0)
    C_WITHOUT_CHOICE = 1.0
    """Where there is nothing to choose by."""
    KEYS_TO_CHOOSE_BY = 3
    """Of each piece: all would take long."""

    def __init__(
        self,
        n_steps_back: int = 2,
        pairs: bool = True,
        min_count: int = 3,
        n_keys: int = 12,
        C: float | None = None,
        max_iter: int = 100,
    ) -> None:
        self.n_steps_back = n_steps_back
        self.pairs = pairs
        self.min_count = min_count
        self.n_keys = n_keys
        self.C = C
        self.max_iter = max_iter

    def fit(self, X: Events, y: None = None) -> EventLogisticRegression:
        """Learn from pieces."""
        self._check_parameters()
        if not len(X.tokens.values):
            raise ValueError("there is nothing to learn from: no piece has a token")
        self.width_, self.n_symbols_ = X.width, X.n_symbols
        self.history_: list[dict[str, Any]] = []
        self.n_rows_seen_ = 0
        started = time.perf_counter()
        self.C_ = [self.C] * X.width if self.C is not None else self._choose(X, started)
        learnt = X.take(some_keys(X, np.arange(len(X)), self.n_keys))
        self.voices_ = [self._new_voice(voice).fit(learnt, C) for voice, C in enumerate(self.C_)]
        self.n_rows_seen_ += len(learnt)
        self.n_parameters_ = sum(voice.n_parameters for voice in self.voices_)
        return self

    def token_log_probabilities(self, X: Events) -> FloatArray:
        """Logarithm of the probability of each token given all earlier ones of its piece, nats, shape (n_tokens,)."""
        places, logs = every_token(X), np.empty(len(X.tokens.values))
        for start in range(0, len(logs), PLACES_AT_ONCE):
            some = places.take(slice(start, start + PLACES_AT_ONCE))
            probabilities = self._probabilities(X, some)
            logs[some.flat] = np.log(probabilities[np.arange(len(some.flat)), X.tokens.values[some.flat]])
        return logs

    def next_probabilities(self, X: Events) -> FloatArray:
        """Probability of each token to follow each piece, shape (n_pieces, n_symbols)."""
        return self._probabilities(X, next_tokens(X))

    def _probabilities(self, X: Events, places: Places) -> FloatArray:
        check_is_fitted(self, "voices_")
        check_events(X, self.width_, self.n_symbols_)
        found = np.empty((len(places.flat), X.n_symbols))
        for voice in self.voices_:
            of_it = np.flatnonzero(places.n_before % X.width == voice.voice)
            found[of_it] = voice.probabilities(X, places.take(of_it))
        return found

    def _choose(self, X: Events, started: float) -> list[float]:
        rows, held_out = hold_out(X)
        learnt, judged = X.take(some_keys(X, rows, self.KEYS_TO_CHOOSE_BY)), X.take(held_out)
        chosen = []
        for number in range(X.width):
            losses = []
            places = of_voice(every_token(judged), number, X.width)
            tokens = judged.tokens.values[places.flat]
            voice = self._new_voice(number)
            for C in self.C_PATH if len(tokens) else ():
                probabilities = voice.fit(learnt, C).probabilities(judged, places)
                losses.append(-float(np.log(probabilities[np.arange(len(tokens)), tokens]).mean()))
                self.n_rows_seen_ += len(learnt)
                self.history_.append(
                    {
                        "step": len(self.history_) + 1,
                        "steps": len(self.C_PATH) * X.width,
                        "seconds": time.perf_counter() - started,
                        "voice": number,
                        "C": C,
                        "validation_loss": losses[-1],
                    }
                )
            chosen.append(self.C_PATH[int(np.argmin(losses))] if losses else self.C_WITHOUT_CHOICE)
        return chosen

    def _new_voice(self, voice: int) -> _Voice:
        return _Voice(voice, self.width_, self.n_steps_back, self.pairs, self.min_count, self.max_iter)

    def _check_parameters(self) -> None:
        for name in ("n_steps_back", "min_count", "n_keys", "max_iter"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 1 or more")
        if self.C is not None and not 0 < self.C < np.inf:
            raise ValueError(f"C is {self.C}, expected a number over 0, or None to choose it")


class _Voice:
    """The regression of one voice."""

    def __init__(self, voice: int, width: int, n_steps_back: int, pairs: bool, min_count: int, max_iter: int) -> None:
        self.voice = voice
        self.lags = range(1, n_steps_back * width + voice + 1)
        self.pairs = list(itertools.combinations(range(1, width + 1), 2)) if pairs else []
        self.min_count = min_count
        self.regression = LogisticRegression(max_iter=max_iter, warm_start=True)

    def fit(self, X: Events, C: float) -> _Voice:
        """Learn from all pieces' tokens of the voice. A second fit to the same pieces begins from the first."""
        places = of_voice(every_token(X), self.voice, X.width)
        tokens = X.tokens.values[places.flat]
        self.unseen_share = 1 / (1 + len(tokens))
        self.tokens = np.unique(tokens)
        if len(self.tokens) < 2:
            return self
        columns = self._columns(X, places)
        counts = np.bincount(columns.ravel())
        is_pair = np.arange(len(counts)) >= len(self.lags) * (X.n_symbols + 1)
        self.kept = np.flatnonzero(counts >= np.where(is_pair, self.min_count, 1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # that iterations are limited is what was asked for
            self.regression.set_params(C=C).fit(self._matrix(columns), tokens)
        return self

    def probabilities(self, X: Events, places: Places) -> FloatArray:
        """Probability of each token, shape (n_places, n_symbols); a small share goes to all alike, seen or not."""
        found = np.full((len(places.flat), X.n_symbols), self.unseen_share / X.n_symbols)
        if len(self.tokens) > 1 and len(found):
            of_seen = self.regression.predict_proba(self._matrix(self._columns(X, places)))
        else:
            of_seen = np.ones((len(found), len(self.tokens)))
        if len(self.tokens):
            found[:, self.tokens] += (1 - self.unseen_share) * of_seen
        return found

    @property
    def n_parameters(self) -> int:
        """Weights and intercepts."""
        if len(self.tokens) < 2:
            return 0
        return int(self.regression.coef_.size + self.regression.intercept_.size)

    def _columns(self, X: Events, places: Places) -> IntArray:
        """Return the columns that are 1, before any is left out, shape (n_places, n_ones)."""
        n_tokens = X.n_symbols + 1  # one for what is before the beginning
        tokens = {lag: earlier(X, places, lag) for lag in self.lags}
        singles = [i * n_tokens + tokens[lag] for i, lag in enumerate(self.lags)]
        n_singles = len(self.lags) * n_tokens
        pairs = [
            n_singles + (i * n_tokens + tokens[first]) * n_tokens + tokens[second]
            for i, (first, second) in enumerate(self.pairs)
        ]
        return np.stack(singles + pairs, axis=1)

    def _matrix(self, columns: IntArray) -> csr_array:
        places_in_kept = np.minimum(np.searchsorted(self.kept, columns), len(self.kept) - 1)
        is_kept = self.kept[places_in_kept] == columns
        ends = np.concatenate([[0], np.cumsum(is_kept.sum(axis=1))])
        ones = np.ones(ends[-1], np.float32)
        return csr_array((ones, places_in_kept[is_kept], ends), shape=(len(columns), len(self.kept)))
