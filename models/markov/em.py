"""Expectation-maximisation of HMMs by hmmlearn's steps, the texts spread over the processors."""

from __future__ import annotations

import copy
import itertools
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import joblib
import numpy as np
from hmmlearn.base import ConvergenceMonitor
from hmmlearn.hmm import CategoricalHMM
from joblib.externals.loky import get_reusable_executor

from bench.corpus import Int32Array, Ragged

TOKENS_OF_A_SHARD = 250_000
"""Texts are divided into shards of about this many tokens, however many processors there are: sums stay equal."""


def learn(
    models: list[CategoricalHMM],
    texts: list[Ragged],
    n_iter: int,
    tol: float,
    note: Callable[[int, Monitor], None],
) -> None:
    """Learn each model from its texts, in place; afterwards its ``monitor_`` tells how that went.

    Parameters
    ----------
    models : list of CategoricalHMM
        With parameters to begin with.
    texts : list of Ragged, as long
    n_iter : int
        Limit of iterations.
    tol : float
        A model has converged when an iteration gains no more than this, in nats a token.
    note : callable
        Told after each iteration: the model's number, and its monitor.

    Raises
    ------
    FloatingPointError
        A likelihood is not a finite number.
    """
    for model, words in zip(models, texts, strict=True):
        model.monitor_ = Monitor(model, n_iter, tol * len(words.values))
    shards = [_shards(words) for words in texts]
    n_tokens = sum(len(words.values) for words in texts)
    n_jobs = max(1, min(joblib.cpu_count(), n_tokens // TOKENS_OF_A_SHARD))
    going = [i for i, of_model in enumerate(shards) if of_model]
    try:
        with joblib.Parallel(n_jobs, max_nbytes=None) as parallel:  # no files that a killed process would leave
            while going:
                jobs = (
                    joblib.delayed(_expect)(shard.narrow(models[i]), shard.words) for i in going for shard in shards[i]
                )
                expected = iter(parallel(jobs))
                for i in going:
                    log_likelihood = _maximize(models[i], shards[i], itertools.islice(expected, len(shards[i])))
                    models[i].monitor_.report(log_likelihood)
                    note(i, models[i].monitor_)
                going = [i for i in going if not models[i].monitor_.ended]
    finally:
        if n_jobs > 1:
            get_reusable_executor(reuse=True).shutdown()


class _Shard(NamedTuple):
    """Some texts, in the numbers that their own words have among themselves: little to send to another process."""

    words: Ragged
    ids: Int32Array
    """The ids of the words that occur, rising."""

    @classmethod
    def of(cls, words: Ragged) -> _Shard:
        ids, values = np.unique(words.values, return_inverse=True)
        return cls(Ragged(values.astype(np.int32), words.offsets), ids)

    def narrow(self, model: CategoricalHMM) -> CategoricalHMM:
        """Return a copy for these words alone."""
        narrow = copy.copy(model)
        del narrow.monitor_
        narrow.emissionprob_ = model.emissionprob_[:, self.ids]
        narrow.n_features = len(self.ids)
        narrow.emissionprob_prior = 1.0  # of use to the maximisation alone
        return narrow


def _shards(words: Ragged) -> list[_Shard]:
    n_shards = -(-len(words.values) // TOKENS_OF_A_SHARD)
    ends = np.linspace(0, len(words.values), n_shards + 1)
    bounds = np.unique(np.searchsorted(words.offsets, ends)).tolist()
    return [_Shard.of(words.slice(start, stop)) for start, stop in itertools.pairwise(bounds)]


def _expect(model: CategoricalHMM, words: Ragged) -> tuple[dict[str, Any], float]:
    """Return the expectation step on some texts: what is expected of them, and their log-likelihood."""
    with _quiet("hmmlearn"):
        statistics, log_likelihood = model._do_estep(words.values[:, None], words.lengths[words.lengths > 0])
    return statistics, float(log_likelihood)


def _maximize(model: CategoricalHMM, shards: list[_Shard], expected: Iterable[tuple[dict[str, Any], float]]) -> float:
    """Take the maximisation step, in place, and return the log-likelihood before it."""
    total = model._initialize_sufficient_statistics()
    total_log_likelihood = 0.0
    for shard, (statistics, log_likelihood) in zip(shards, expected, strict=True):
        total["obs"][:, shard.ids] += statistics.pop("obs")
        for name, value in statistics.items():
            total[name] = total[name] + value
        total_log_likelihood += log_likelihood
    model._do_mstep(total)
    return total_log_likelihood


class Monitor(ConvergenceMonitor):  # type: ignore[misc] # hmmlearn has no types
    """Judges convergence by the last gain alone (hmmlearn's own calls the limit converged too).

    With priors EM raises the likelihood times the priors' density, so that is what is judged.
    """

    def __init__(self, model: CategoricalHMM, n_iter: int, tol: float) -> None:
        super().__init__(tol, n_iter, verbose=False)
        self._model = model
        self._log_prior = _log_prior(model)
        self.log_likelihood = 0.0

    def report(self, log_prob: float) -> None:
        """Record the log-likelihood of an iteration."""
        if not np.isfinite(log_prob):
            raise FloatingPointError(f"diverged in iteration {self.iter + 1}: the log-likelihood is {log_prob}")
        self.log_likelihood = float(log_prob)
        self.history.append(self.log_likelihood + self._log_prior)
        self._log_prior = _log_prior(self._model)  # of the updated parameters, which the next report is about
        self.iter += 1
        if self._gain() < -1e-8 * abs(self.history[-1]):
            warnings.warn(f"the likelihood fell by {-self._gain():.3g} in iteration {self.iter}", stacklevel=2)

    @property
    def converged(self) -> bool:
        """Whether EM has converged, or used up its iterations."""
        return self._gain() <= float(self.tol)

    @property
    def ended(self) -> str | None:
        """How learning ended: "converged" or "stopped at the limit"; None while it goes on."""
        if self.converged:
            return "converged"
        return "stopped at the limit" if self.iter >= self.n_iter else None

    def _gain(self) -> float:
        if not self.history:  # a class without words has nothing to gain
            return 0.0
        return float(self.history[-1] - self.history[-2]) if len(self.history) > 1 else np.inf


def _log_prior(model: CategoricalHMM) -> float:
    """Log density of the Dirichlet priors at the model's parameters, up to a constant."""
    parts = (
        (model.startprob_prior, model.startprob_),
        (model.transmat_prior, model.transmat_),
        (model.emissionprob_prior, model.emissionprob_),
    )
    return float(sum(((prior - 1) * np.log(probabilities)).sum() for prior, probabilities in parts))


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Without a logger's warnings: what they say here is judged by ``Monitor`` or holds for every short text."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
