"""Expectation-maximisation of several HMMs side by side, by hmmlearn, an iteration at a time."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import joblib
import numpy as np
from hmmlearn.base import ConvergenceMonitor
from hmmlearn.hmm import CategoricalHMM
from joblib.externals.loky import get_reusable_executor

from bench.corpus import Ragged

PARAMETERS = ("startprob_", "transmat_", "emissionprob_")
MIN_TOKENS_OF_A_PROCESS = 200_000
"""With fewer a process takes longer to start than it saves."""


def learn(
    models: list[CategoricalHMM], texts: list[Ragged], tol: float, note: Callable[[int, int, float], None]
) -> None:
    """Learn each model from its texts, in place; afterwards its ``monitor_`` tells how that went.

    Parameters
    ----------
    models : list of CategoricalHMM
        With parameters to begin with and ``init_params=""``; ``n_iter`` is the limit of iterations.
    texts : list of Ragged, as long
    tol : float
        A model has converged when an iteration gains less than this, in nats a token.
    note : callable
        Told of each iteration: the model's number, the iteration, the log-likelihood before its update in nats.

    Raises
    ------
    FloatingPointError
        A likelihood is not a finite number.
    """
    for model, words in zip(models, texts, strict=True):
        model.monitor_ = Monitor(model, tol * len(words.values))
    n_tokens = [len(words.values) for words in texts]
    n_jobs = max(1, min(joblib.cpu_count(), len(models), sum(n_tokens) // MIN_TOKENS_OF_A_PROCESS))
    going = [i for i, n in enumerate(n_tokens) if n]
    iteration = 0
    with joblib.Parallel(n_jobs, return_as="generator") as parallel:
        while going:
            iteration += 1
            updates = parallel(joblib.delayed(_iterate)(_bare(models[i]), texts[i]) for i in going)
            for i, (parameters, log_likelihood) in zip(going, updates, strict=True):
                vars(models[i]).update(parameters)
                models[i].monitor_.report(log_likelihood)
                note(i, iteration, log_likelihood)
            going = [i for i in going if not models[i].monitor_.ended]
    if n_jobs > 1:
        get_reusable_executor().shutdown()


def _bare(model: CategoricalHMM) -> CategoricalHMM:
    """A copy that learns for one iteration and watches nothing."""
    bare = copy.copy(model)
    bare.n_iter = 1
    bare.monitor_ = ConvergenceMonitor(0.0, 1, verbose=False)
    return bare


def _iterate(model: CategoricalHMM, words: Ragged) -> tuple[dict[str, Any], float]:
    """One iteration: the new parameters, and the log-likelihood of the old ones."""
    with _quiet("hmmlearn"):
        model.fit(words.values[:, None], words.lengths[words.lengths > 0])
    return {name: getattr(model, name) for name in PARAMETERS}, float(model.monitor_.history[-1])


class Monitor(ConvergenceMonitor):  # type: ignore[misc] # hmmlearn has no types
    """Judges convergence by the last gain alone (hmmlearn's own calls the limit converged too).

    With priors EM raises the likelihood times the priors' density, so that is what is judged.
    """

    def __init__(self, model: CategoricalHMM, tol: float) -> None:
        super().__init__(tol, model.n_iter, verbose=False)
        self._model = model
        self._log_prior = _log_prior(model)
        self.log_likelihood = 0.0

    def report(self, log_prob: float) -> None:
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
        return self._gain() < float(self.tol)

    @property
    def ended(self) -> bool:
        """Converged, or at the limit."""
        return self.converged or self.iter >= self.n_iter

    def _gain(self) -> float:
        if not self.history:  # a class without words has nothing to gain
            return 0.0
        return float(self.history[-1] - self.history[-2]) if len(self.history) > 1 else np.inf


def _log_prior(model: CategoricalHMM) -> float:
    """Log density of the Dirichlet priors at the model's parameters, up to a constant."""
    return float(
        (model.startprob_prior - 1) * np.log(model.startprob_).sum()
        + (model.transmat_prior - 1) * np.log(model.transmat_).sum()
        + (model.emissionprob_prior - 1) * np.log(model.emissionprob_).sum()
    )


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
