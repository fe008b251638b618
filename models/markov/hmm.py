"""Hidden Markov models of token sequences, one per class."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt
from hmmlearn.hmm import CategoricalHMM
from scipy.special import softmax
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus, Ragged

from ..base import Array, FloatArray, IntArray
from ..folds import MANY_TEXTS, Fold, make_folds
from .backoff import choose_backoff, mean_log_loss
from .common import STATES, MarkovClassifier
from .em import Monitor, learn
from .forward_backward import HMMs, log_likelihood


class HMMClassifier(MarkovClassifier):
    """One hidden Markov model a class over the token ids, and Bayes' rule with the classes' frequencies.

    A model of all texts is learnt first, from a random start, by expectation-maximisation (hmmlearn's). Each class's
    model goes on from it with the texts of that class alone, and backs off to it: so state k means the same in every
    class, and the likelihoods differ by what the classes are like, not by where learning happened to end. With one
    state it is naive Bayes on counts of words. Start ids are left out, and so is a word that no training text has: it
    moves no decision.

    Parameters
    ----------
    n_states : int, optional
        Hidden states of each class. None: 1 below 10,000 words a class on average, else 16 from 20,000 training texts
        on; else the one of the two with which a third of the training texts, held back, has the least log loss.
    n_iter : int
        Limit of EM iterations with all texts.
    n_class_iter : int
        Limit of EM iterations with the texts of a class, after those.
    tol : float
        EM has converged when an iteration gains no more than this, in nats a token.
    smoothing : float
        Pseudo-counts of each word in each state, of each transition and of each first state in the model of all texts
        (Dirichlet priors of 1 + smoothing). More than 0, so that every text has a likelihood.
    backoff : float, optional
        Pseudo-counts that each state of a class's model gets from the model of all texts, spread over words as that
        spreads them; likewise over transitions and first states. None: the power of 4 with which models of one state
        have the least log loss on a third of the training texts, held back.
    n_restarts : int
        Random starts; the one whose model of all texts has the best likelihood is used.
    random_state : int
        Seed of the starts.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_states_ : int
        What was given or chosen.
    backoff_ : float
        What was given or chosen.
    models_ : list of hmmlearn.hmm.CategoricalHMM, length n_classes
    stopped_ : dict
        For each class, and for None, the model of all texts: "converged" or "stopped at the limit".
    history_ : list of dict
        One per iteration, those of the choice of ``n_states`` first: ``step`` and ``steps`` over all of them,
        ``seconds``, ``n_states``, ``class`` (None: all texts), ``restart``, ``iteration``, ``log_likelihood`` (nats, of
        the texts, before the iteration's update), ``ended`` (None while it goes on, else "converged" or "stopped at
        the limit").
    n_rows_seen_ : int
        Texts times iterations, restarts and the choice of ``n_states`` counted.
    n_parameters_ : int
        Probabilities of all classes.

    Raises
    ------
    FloatingPointError
        The likelihood is not a finite number.
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings
    of the IEEE 77(2), 1989: EM (eqs. 37 to 40c).

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> HMMClassifier(n_states=2).fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    def __init__(
        self,
        n_states: int | None = None,
        n_iter: int = 10,
        n_class_iter: int = 2,
        tol: float = 1e-5,
        smoothing: float = 4.0,
        backoff: float | None = None,
        n_restarts: int = 1,
        random_state: int = 0,
    ) -> None:
        self.n_states = n_states
        self.n_iter = n_iter
        self.n_class_iter = n_class_iter
        self.tol = tol
        self.smoothing = smoothing
        self.backoff = backoff
        self.n_restarts = n_restarts
        self.random_state = random_state

    def fit(self, X: Corpus, y: npt.ArrayLike) -> HMMClassifier:
        """Learn from texts and their labels."""
        self._begin()
        self._check_n_states()
        self._check_at_least_one("n_class_iter")
        if self.backoff is not None:
            self._check_over_0("backoff")
        codes = self._learn_classes(X, y)
        words = self._learn_words(X)
        self.class_log_prior_ = _log_prior(codes)

        folds = make_folds(codes)[:1]
        self.backoff_ = self.backoff or self._choose_backoff(words, folds)
        self.n_states_ = self.n_states or self._choose_n_states(words, folds)
        labels = self.classes_.tolist()
        common, self.models_ = self._learn_models(words, codes, labels, self.n_states_)
        models = zip([None, *labels], [common, *self.models_], strict=True)
        self.stopped_ = {label: model.monitor_.ended for label, model in models}
        self.hmms_ = HMMs.of(self.models_)
        self.n_parameters_ = sum(a.size for a in (*self.hmms_, self.class_log_prior_))
        return self

    def _begin(self) -> None:
        super()._begin()
        self._n_choices, self._n_chosen = 0, 0

    def _choose_backoff(self, words: Ragged, folds: list[Fold]) -> float:
        return choose_backoff(words, len(self.is_seen_), self.smoothing, folds[0]) if folds else self.smoothing

    def _choose_n_states(self, words: Ragged, folds: list[Fold]) -> int:
        if not folds or self._has_few_words(words):
            return STATES[0]
        if len(words) >= MANY_TEXTS:
            return STATES[-1]
        fold = folds[0]
        self._n_choices = len(STATES)

        def log_loss(n_states: int) -> float:
            labels = self.classes_[fold.classes].tolist()
            _, models = self._learn_models(words.take(fold.rows), fold.codes, labels, n_states)
            self._n_chosen += 1
            joint = log_likelihood(HMMs.of(models), words.take(fold.held_back)) + _log_prior(fold.codes)
            return mean_log_loss(joint, fold.held_back_codes)

        return min(STATES, key=log_loss)

    def _learn_models(
        self, words: Ragged, codes: IntArray, labels: list[Any], n_states: int
    ) -> tuple[CategoricalHMM, list[CategoricalHMM]]:
        """Learn the model of all texts, and from it that of each class."""
        common = self._learn_common(words, n_states)
        models = [self._begin_class(common) for _ in labels]
        words_of = [words.take(np.flatnonzero(codes == code)) for code in range(len(models))]

        def note(code: int, monitor: Monitor) -> None:
            step = self.n_iter * self.n_restarts + (monitor.iter - 1) * len(models) + code + 1
            whose = {"n_states": n_states, "class": labels[code], "restart": None}
            self._note(step, len(words_of[code]), whose, monitor)

        learn(models, words_of, self.n_class_iter, self.tol, note)
        return common, models

    def _begin_class(self, common: CategoricalHMM) -> CategoricalHMM:
        """Return a copy of the model of all texts whose priors draw each state's probabilities towards it."""
        model = copy.deepcopy(common)
        model.startprob_prior = 1 + self.backoff_ * common.startprob_
        model.transmat_prior = 1 + self.backoff_ * common.transmat_
        model.emissionprob_prior = 1 + self.backoff_ * common.emissionprob_
        return model

    def _note(self, step: int, n_texts: int, whose: dict[str, Any], monitor: Monitor) -> None:
        super()._note(self._n_chosen * self._n_steps_of_one() + step, n_texts, whose, monitor)

    def _n_steps(self) -> int:
        return (self._n_choices + 1) * self._n_steps_of_one()

    def _n_steps_of_one(self) -> int:
        return self.n_iter * self.n_restarts + self.n_class_iter * len(self.classes_)

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes). A text without a seen word gets the class priors."""
        probabilities: FloatArray = softmax(self.log_likelihood(X) + self.class_log_prior_, axis=1)
        return probabilities

    def log_likelihood(self, X: Corpus) -> FloatArray:
        """Log-likelihood of each text under each class's model in nats, shape (n_texts, n_classes)."""
        check_is_fitted(self, "hmms_")
        return log_likelihood(self.hmms_, self._seen_words(X))

    def _arrays(self) -> dict[str, Array]:
        return {"is_seen": self.is_seen_, "class_log_prior": self.class_log_prior_, **self.hmms_._asdict()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.is_seen_, self.class_log_prior_ = arrays["is_seen"], arrays["class_log_prior"]
        self.hmms_ = HMMs(arrays["start"], arrays["transitions"], arrays["emissions"])


def _log_prior(codes: IntArray) -> FloatArray:
    prior: FloatArray = np.log(np.bincount(codes) / len(codes))
    return prior
