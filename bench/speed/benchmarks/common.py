"""What the benchmarks share: fixed reviews, models by registered name, and classes that time them.

A model's benchmark is a subclass that names it. Models are reached by registered name and public parameters only, so
that old commits run under new benchmark code; what an old commit lacks is skipped.
"""

from __future__ import annotations

import itertools
import json
from abc import ABC, abstractmethod
from functools import cache, partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from . import clock

LENGTHS = (100, 250, 500)
BATCH_SIZES = (32, 128)
N_STEPS, N_EPOCHS = 8, 6
"""Of a training: steps of an epoch, and epochs, where the recipe leaves them open."""
N_REVIEWS = 1_000
"""What is predicted at a time."""
REVIEWS_FILE, WORDS_FILE = "reviews.npz", "words.json"


def save_reviews() -> None:
    """Write reviews of imdb-dev into the current folder; nothing where the commit has none.

    Reviews of 500 tokens or more, truncated to 500: of one length, so that a step costs the same however a model pads.
    """
    try:
        from bench.corpus import Corpus, Ragged, Vocabulary  # noqa: F401 - load_reviews needs them
        from bench.datasets import load_dataset

        try:
            from bench.encoding import encode_split
        except ImportError:  # old commits have it under another name
            encode_split = import_module("bench.divisions").encode_split
    except ImportError:
        return
    train = load_dataset("imdb-dev").train
    _, corpus, _ = encode_split(train.texts, [], "closed")
    rows = np.flatnonzero(corpus.token_ids.lengths == max(LENGTHS))
    rows = np.random.default_rng(0).permutation(rows)[: N_STEPS * (max(BATCH_SIZES) + 1)]
    np.savez(REVIEWS_FILE, ids=np.stack([corpus.token_ids[int(row)] for row in rows]), labels=train.labels[rows])
    words = [corpus.vocabulary[i] for i in range(4, len(corpus.vocabulary))]
    Path(WORDS_FILE).write_text(json.dumps(words), encoding="utf-8")


@cache
def load_reviews(length: int = max(LENGTHS)) -> tuple[Any, Any]:
    """Corpus and labels of the reviews, each truncated to its last ``length`` ids."""
    if not Path(REVIEWS_FILE).exists():
        raise NotImplementedError("this commit has no imdb-dev")
    from bench.corpus import Corpus, Ragged, Vocabulary

    vocabulary = Vocabulary(json.loads(Path(WORDS_FILE).read_text(encoding="utf-8")))
    with np.load(REVIEWS_FILE) as arrays:
        ids, labels = arrays["ids"][:, -length:], arrays["labels"]
    texts = [" ".join(vocabulary[i] for i in row) for row in ids.tolist()]
    return Corpus(texts, Ragged(ids.ravel(), np.arange(len(ids) + 1) * length), vocabulary), labels


def make_model(name: str, group: str = "bench.models", **parameters: object) -> Any:
    """Return a registered model, with those of the parameters that this commit knows."""
    found = [entry for entry in entry_points(group=group) if entry.name == name]
    if not found:
        raise NotImplementedError(f"this commit has no model {name}")
    model = found[0].load()()
    known = model.get_params()
    return model.set_params(**{key: value for key, value in parameters.items() if key in known})


def make_network(name: str, length: int, batch_size: int, max_epochs: int) -> Any:
    """Return a recurrent model that reads ``length`` tokens of a review."""
    return make_model(
        name,
        max_length=length,
        batch_size=batch_size,
        max_epochs=max_epochs,
        patience=max_epochs,
        validation_fraction=0.01,
        initial_embedding="random",
    )


@cache
def fitted_network(name: str, length: int) -> Any:
    """Return a network trained on few reviews: how fast it predicts does not depend on what it learnt."""
    X, y = load_reviews(length)
    return make_network(name, length, 32, max_epochs=1).fit(X[:64], y[:64])


class Epochs(list[dict[str, Any]]):
    """A model's history: at the end of each epoch it times the reference.

    Parameters
    ----------
    reference : clock.Reference

    Attributes
    ----------
    seconds : list of float
        Of each epoch.
    references : list of float
        Seconds of the reference, five a time, after each epoch.
    """

    def __init__(self, reference: clock.Reference) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self.references: list[float] = []
        self._reference = reference

    def append(self, epoch: dict[str, Any]) -> None:
        """Note an epoch whose ``seconds`` are those since the beginning of the fit."""
        before = sum(self.seconds) + sum(self.references)
        super().append(epoch)
        self.seconds.append(epoch["seconds"] - before)
        self.references += [self._reference.seconds() for _ in range(5)]


def fit_observed(network: Any, X: Any, y: Any, reference: clock.Reference) -> Epochs:
    """Fit a network and return its epochs; it must begin ``history_`` as a list and append each epoch to it."""
    epochs = Epochs(reference)
    history = property(lambda self: epochs, lambda self, empty: None)
    network.__class__ = type("Observed", (type(network),), {"history_": history})
    network.fit(X, y)
    return epochs


class ModelBenchmark(ABC):
    """Benchmarks of one registered model."""

    version = "1"
    timeout = 600

    @property
    @abstractmethod
    def model(self) -> str:
        """Its name."""

    def setup_cache(self) -> None:
        save_reviews()


class Fit(ModelBenchmark):
    """A fit of epochs of 8 steps. In the first one programs are traced and compiled."""

    param_names = ("length", "batch_size")
    number, repeat, rounds, warmup_time, min_run_count = 1, 2, 2, 0, 1

    def setup(self, length: int, batch_size: int) -> None:
        X, y = load_reviews(length)
        n_rows = N_STEPS * batch_size + batch_size // 4  # the last for validation
        self.X, self.y = X[:n_rows], y[:n_rows]
        self.network = make_network(self.model, length, batch_size, N_EPOCHS)
        self.timer = clock.recurrence()

    def fit(self) -> Epochs:
        return fit_observed(self.network, self.X, self.y, self.timer.reference)


class Training(Fit):
    """Seconds an epoch, the mean of all but the first."""

    params: Any = (LENGTHS, BATCH_SIZES)

    def time_8_steps(self, length: int, batch_size: int) -> None:
        epochs = self.fit()
        self.timer.advance(fmean(epochs.seconds[1:]), epochs.references)


class Tracing(Fit):
    """Seconds by which the first epoch is longer than the others."""

    params: Any = (LENGTHS[-1:], BATCH_SIZES[:1])

    def time_trace(self, length: int, batch_size: int) -> None:
        epochs = self.fit()
        self.timer.advance(epochs.seconds[0] - fmean(epochs.seconds[1:]), epochs.references[:5])


class Prediction(ModelBenchmark):
    """Seconds for 1,000 reviews, ``given_at_once`` at a time."""

    param_names = ("length", "given_at_once")
    params: Any = (LENGTHS, BATCH_SIZES)
    number, repeat, rounds, warmup_time = 1, (3, 10, 10.0), 2, 0.1

    def setup(self, length: int, given_at_once: int) -> None:
        X, _ = load_reviews(length)
        self.network = fitted_network(self.model, length)
        parts = [X[start : min(start + given_at_once, N_REVIEWS)] for start in range(0, N_REVIEWS, given_at_once)]
        self.parts = [partial(self.network.predict_proba, part) for part in parts]
        self.timer = clock.recurrence()

    def time_1000_reviews(self, length: int, given_at_once: int) -> None:
        self.timer.run(self.parts)


class OneReview(ModelBenchmark):
    """Seconds for one review, the median (p50) of 20."""

    param_names = ("length",)
    params: Any = (LENGTHS,)
    number, repeat, rounds, warmup_time = 1, (5, 20, 5.0), 2, 0.5

    def setup(self, length: int) -> None:
        X, _ = load_reviews(length)
        self.network = fitted_network(self.model, length)
        self.reviews = itertools.cycle([X[i : i + 1] for i in range(200)])
        self.timer = clock.recurrence()

    def time_1_review(self, length: int) -> None:
        answer = self.network.predict_proba
        before = self.timer.reference.seconds()
        seconds = [clock.seconds_of(partial(answer, next(self.reviews))) for _ in range(20)]
        self.timer.advance(median(seconds), [before, self.timer.reference.seconds()])


class Memory(ModelBenchmark):
    """Peak memory of a process that trains; that of the imports alone is ``MemoryImports``."""

    def setup(self) -> None:
        X, y = load_reviews()
        self.X, self.y = X[:256], y[:256]

    def peakmem_train(self) -> None:
        make_network(self.model, max(LENGTHS), 32, max_epochs=2).fit(self.X, self.y)


class Per1000Reviews(ModelBenchmark):
    """Seconds for 1,000 reviews of 500 tokens, so that learning from them and answering them can be compared."""

    unit = "seconds per 1,000 reviews"

    def setup(self) -> None:
        self.X, self.y = load_reviews()
        self.clock = clock.recurrence()

    def track_training(self) -> float:
        """In the second epoch and later ones, batches of 32."""
        n_rows = N_STEPS * 32
        network = make_network(self.model, max(LENGTHS), 32, N_EPOCHS)
        epochs = fit_observed(network, self.X[: n_rows + 8], self.y[: n_rows + 8], self.clock.reference)
        return self.clock.advance(fmean(epochs.seconds[1:]), epochs.references) * 1000 / n_rows

    def track_inference(self) -> float:
        """All in one call; the mean of three after a warm-up."""
        answer = partial(fitted_network(self.model, max(LENGTHS)).predict_proba, self.X[:N_REVIEWS])
        answer()
        return self.clock.run([answer] * 3) / 3


class Counting(ModelBenchmark):
    """Fit and prediction of a model that counts words."""

    number, repeat, rounds, warmup_time, min_run_count = 1, 3, 2, 0, 1

    def setup(self) -> None:
        X, y = load_reviews()
        self.X, self.y = X[:N_REVIEWS], y[:N_REVIEWS]
        self.timer = clock.counting()

    def time_fit(self) -> None:
        model = make_model(self.model)
        self.timer.run([lambda: model.fit(self.X, self.y)])

    def time_1000_reviews(self) -> None:
        model = fitted_counter(self.model)
        self.timer.run([lambda: model.predict_proba(self.X)])


@cache
def fitted_counter(name: str) -> Any:
    """Return a model that counted words of 1,000 reviews."""
    X, y = load_reviews()
    return make_model(name).fit(X[:N_REVIEWS], y[:N_REVIEWS])
