"""What the recurrent networks share: ordinary Keras layers, batches of texts of similar length, early stopping."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus, Int32Array, Ragged

from ..base import Array, FloatArray, IntArray, TextClassifier
from .backend import keras, tf
from .network import EMBEDDING, Pooling, build_network
from .runners import Implementation, Precision, Predictor, Runner, make_runner
from .word_vectors import word_vectors

MIN_EPOCHS, MIN_STEPS = 2, 75
NETWORK_FILE = "network.keras"
LENGTH_JITTER = 0.03
"""Lengths are scaled by up to this much before texts are sorted by them, so that batches differ from epoch to epoch."""
VECTORS_SCALE = 0.4
"""Standard deviation of the word vectors that an embedding begins with."""

InitialEmbedding = Literal["cooccurrence", "random"]


class KerasClassifier(TextClassifier):
    """A Keras network over padded token ids; what it needs before and after training.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : keras.Model
        Token ids, padded with 0, to one probability (two classes: of the second one) or one a class.
    history_ : list of dict
        One an epoch, written as it ends.
    n_rows_seen_ : int
        Texts presented to learning so far.
    n_parameters_ : int
    """

    random_state: int
    history_: list[dict[str, Any]]
    n_rows_seen_: int

    def _build(self, n_ids: int, n_outputs: int, activation: str) -> keras.Model:
        raise NotImplementedError

    def _make_predictor(self) -> Predictor:
        raise NotImplementedError

    def _begin(self, X: Corpus, y: npt.ArrayLike) -> FloatArray:
        """Everything before the first step of training. Returns the targets, shape (n_texts, 1)."""
        self._started = time.perf_counter()
        self.history_ = []
        self.n_rows_seen_ = 0
        codes = self._learn_classes(X, y)
        keras.backend.clear_session()  # drops what Keras keeps of earlier fits
        keras.utils.set_random_seed(self.random_state)
        self._build_for(len(X.vocabulary))
        return codes[:, None].astype(np.float32)

    def _build_for(self, n_ids: int) -> None:
        n_classes = len(self.classes_)
        self.network_ = self._build(n_ids, *((1, "sigmoid") if n_classes == 2 else (n_classes, "softmax")))
        self.n_parameters_ = int(self.network_.count_params())
        self._predictor: Predictor | None = None

    def _loss(self) -> str:
        return "binary_crossentropy" if len(self.classes_) == 2 else "sparse_categorical_crossentropy"

    def _note_epoch(self, epoch: int, epochs: int, **figures: float) -> None:
        seconds = time.perf_counter() - self._started
        self.history_.append({"step": epoch, "steps": epochs, "seconds": seconds, **figures})

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        check_is_fitted(self, "network_")
        if len(X) == 0:
            return np.empty((0, len(self.classes_)))
        if self._predictor is None:
            self._predictor = self._make_predictor()
        return self._probabilities(self._predictor(X.token_ids))

    def _probabilities(self, output: FloatArray) -> FloatArray:
        return np.hstack([1 - output, output]) if output.shape[1] == 1 else output

    def save(self, path: str | Path) -> None:
        """Write the fitted model into a new folder; the network as Keras writes it."""
        super().save(path)
        with warnings.catch_warnings():  # of how Keras hands its variables to NumPy
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            self.network_.save(Path(path) / NETWORK_FILE)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A model that ``save`` wrote. The network is built anew; of its file only the weights are read, never code."""
        model = super().load(path)
        file = Path(path) / NETWORK_FILE
        try:
            model.network_.load_weights(file)
        except OSError:
            raise
        except Exception as error:  # of a damaged file Keras and h5py raise many kinds
            raise ValueError(f"{file} cannot be read: {type(error).__name__}: {error}") from error
        return model

    def _arrays(self) -> dict[str, Array]:
        return {"n_ids": np.array(self.network_.get_layer(EMBEDDING).input_dim)}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self._build_for(int(arrays.pop("n_ids")))

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_predictor": None}  # a compiled function cannot be pickled


class RecurrentClassifier(KerasClassifier):
    """Embedding, one recurrent layer, pooling over time, dropout, and a dense layer; trained with Adam.

    A validation part of the training texts ranks the epochs: training stops when ``patience`` epochs brought no lower
    validation loss, and the weights of the best epoch are kept. Where every class has one text only, no text can be
    spared, and the training loss takes its place.

    Parameters
    ----------
    embedding_size : int
        Numbers a word.
    initial_embedding : {"cooccurrence", "random"}
        "random" is Keras's small random numbers; "cooccurrence" adds vectors to them that are alike for words with like
        neighbours in the training texts, computed in a few seconds (``models/cooccurrence.py``).
    units : int
        Numbers of the recurrent state, of each direction.
    bidirectional : bool
        A second layer reads the text from its end.
    pooling : {"last", "mean", "max", "mean_max"}
        What of the states goes on: the last one; or of each unit the mean, the maximum, or both, over all of them.
    dropout : float
        Part of the pooled units that a training step leaves out.
    batch_size : int
        Texts of a training step, at most.
    learning_rate : float
        Of Adam in the first step; it falls in a straight line to 0 at the end of the last epoch that is allowed. Each
        weight's gradient is clipped to a norm of 1.
    epsilon : float
        Of Adam: a weight whose gradients stay below it moves little. Those of a word that only a few texts have are
        such weights, and would otherwise be learnt by heart.
    max_epochs : int, optional
        Without it 2, or as many as make 75 steps of training, where the texts are few.
    patience : int
        Epochs without a lower validation loss after which training stops.
    validation_fraction : float
        Part of each class's training texts that is not trained on. A class of two texts or more always has one in it, a
        class of one never.
    max_length : int
        How many tokens of a text are read, the last ones.
    implementation : {"auto", "loop", "keras"}
        What runs the recurrent layers: "loop" is the fast one of ``models/loop.py``, which computes what Keras's layers
        compute; "keras" are these, on a GPU with cuDNN; "auto" is Keras where there is a GPU, else the loop.
    precision : {"float32", "bfloat16"}
        "bfloat16" rounds what predictions multiply. On processors that have instructions for it many texts are answered
        a quarter faster, a single one slower; probabilities move by less than 0.005. Training stays in float32.
    random_state : int
        Seed of the weights, the order, the dropout and the validation part.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : keras.Model
        Token ids, padded with 0 on the right, to one probability (two classes: of the second one) or one a class.
    history_ : list of dict
        One an epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``, ``validation_loss``,
        ``validation_accuracy``.
    n_rows_seen_ : int
        Texts trained on so far, epochs counted.
    n_parameters_ : int

    Raises
    ------
    FloatingPointError
        The loss of a training step or of the validation part is not a finite number.
    ValueError
        No training text has a word, or a parameter is out of range.
    """

    def __init__(
        self,
        embedding_size: int = 128,
        initial_embedding: InitialEmbedding = "cooccurrence",
        units: int = 128,
        bidirectional: bool = False,
        pooling: Pooling = "max",
        dropout: float = 0.5,
        batch_size: int = 512,
        learning_rate: float = 2e-2,
        epsilon: float = 1e-6,
        max_epochs: int | None = None,
        patience: int = 3,
        validation_fraction: float = 0.05,
        max_length: int = 500,
        implementation: Implementation = "auto",
        precision: Precision = "float32",
        random_state: int = 0,
    ) -> None:
        self.embedding_size = embedding_size
        self.initial_embedding = initial_embedding
        self.units = units
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.epsilon = epsilon
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.max_length = max_length
        self.implementation = implementation
        self.precision = precision
        self.random_state = random_state

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        raise NotImplementedError

    def _build(self, n_ids: int, n_outputs: int, activation: str) -> keras.Model:
        return build_network(
            self._recurrent_layer,
            n_ids=n_ids,
            embedding_size=self.embedding_size,
            bidirectional=self.bidirectional,
            pooling=self.pooling,
            dropout=self.dropout,
            output=keras.layers.Dense(n_outputs, activation=activation, name="output"),
        )

    def _make_runner(self) -> Runner:
        return make_runner(self.network_, self.max_length, self.implementation, self.precision)

    def _make_predictor(self) -> Predictor:
        return self._make_runner().predictor()

    def fit(self, X: Corpus, y: npt.ArrayLike) -> RecurrentClassifier:
        """Learn from texts and their labels."""
        self._check_at_least_one("embedding_size", "units", "batch_size", "patience", "max_length")
        if self.max_epochs is not None:
            self._check_at_least_one("max_epochs")
        targets = self._begin(X, y)
        self._begin_embedding(X)
        random = np.random.default_rng(self.random_state)
        training, validation = split(targets[:, 0], self.validation_fraction, random)
        held_back, held_back_codes = X.token_ids.take(validation), targets[validation, 0].astype(np.int64)
        n_batches = -(-len(training) // self.batch_size)
        max_epochs = self.max_epochs or max(MIN_EPOCHS, -(-MIN_STEPS // n_batches))
        runner = self._make_runner()
        n_texts = runner.full_size(-(-len(training) // n_batches))
        train_step = self._compile(runner, n_texts, max_epochs * n_batches)

        best_loss, best_epoch, best_weights = np.inf, 0, None
        for epoch in range(1, max_epochs + 1):
            total = 0.0
            for rows in self._batches(X.token_ids, training, random):
                loss = float(train_step(runner.pad(X.token_ids, rows, n_texts), targets[rows]))
                self._check_finite(loss, epoch)
                total += len(rows) * loss
                self.n_rows_seen_ += len(rows)
            predictor = runner.predictor()
            figures = {"loss": total / len(training), **self._validate(predictor, held_back, held_back_codes)}
            self._note_epoch(epoch, max_epochs, **figures)
            loss = figures.get("validation_loss", figures["loss"])
            self._check_finite(loss, epoch)
            if loss < best_loss:
                best_loss, best_epoch, best_weights = loss, epoch, self.network_.get_weights()
                self._predictor = predictor
            elif epoch - best_epoch >= self.patience:
                break
        self.network_.set_weights(best_weights)
        return self

    def _begin_embedding(self, X: Corpus) -> None:
        if self.initial_embedding not in get_args(InitialEmbedding):
            known = ", ".join(map(repr, get_args(InitialEmbedding)))
            raise ValueError(f"initial_embedding is {self.initial_embedding!r}, expected {known}")
        if self.initial_embedding == "cooccurrence":
            layer = self.network_.get_layer(EMBEDDING)
            vectors = word_vectors(X.token_ids, len(X.vocabulary), self.embedding_size)
            layer.set_weights([layer.get_weights()[0] + VECTORS_SCALE * vectors])

    def _check_finite(self, loss: float, epoch: int) -> None:
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"diverged in epoch {epoch}: the loss is {loss}; try a learning_rate below {self.learning_rate}"
            )

    def _compile(self, runner: Runner, n_texts: int, n_steps: int) -> Callable[[Int32Array, Array], Any]:
        """The function of a training step, which returns the loss of the first texts of a batch of n_texts."""
        network = self.network_
        loss_function = keras.losses.get(self._loss())
        falling_rate = keras.optimizers.schedules.PolynomialDecay(self.learning_rate, n_steps, end_learning_rate=0.0)
        optimizer = keras.optimizers.Adam(falling_rate, epsilon=self.epsilon, clipnorm=1.0)
        optimizer.build(network.trainable_variables)
        signature = [runner.signature(n_texts), tf.TensorSpec([None, 1], tf.float32)]

        @tf.function(input_signature=signature, autograph=False)  # type: ignore[untyped-decorator]
        def train_step(ids: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                outputs = runner.train(ids)[: tf.shape(targets)[0]]
                loss = tf.reduce_mean(loss_function(targets, outputs))
            weights = network.trainable_variables
            gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, weights)]
            optimizer.apply(gradients, weights)
            return loss

        return train_step  # type: ignore[no-any-return]

    def _batches(self, token_ids: Ragged, rows: IntArray, random: np.random.Generator) -> Iterator[IntArray]:
        """All rows, those of similar length together, since a batch is as wide as its longest row."""
        lengths = np.minimum(token_ids.lengths[rows], self.max_length)
        jittered = lengths * random.uniform(1 - LENGTH_JITTER, 1 + LENGTH_JITTER, len(rows))
        batches = np.array_split(rows[np.argsort(jittered)], -(-len(rows) // self.batch_size))
        return (batches[i] for i in random.permutation(len(batches)))

    def _validate(self, predictor: Predictor, token_ids: Ragged, codes: IntArray) -> dict[str, float]:
        if len(codes) == 0:
            return {}
        probabilities = self._probabilities(predictor(token_ids))
        of_label = np.maximum(probabilities[np.arange(len(codes)), codes], 1e-7)  # as Keras; a NaN stays one
        accuracy = np.mean(probabilities.argmax(axis=1) == codes)
        return {"validation_loss": float(-np.log(of_label).mean()), "validation_accuracy": float(accuracy)}


def split(codes: Array, fraction: float, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Row numbers to train on and to validate on, each class in both in the same proportions.

    Whatever the fraction, a class of two rows or more has a row in both parts, a class of one row is only trained on.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"validation_fraction is {fraction}, expected a number between 0 and 1")
    validation = []
    for code in np.unique(codes):
        rows = random.permutation(np.flatnonzero(codes == code))
        n_held_back = min(max(1, round(fraction * len(rows))), len(rows) - 1)
        validation.append(rows[:n_held_back])
    held_back = np.sort(np.concatenate(validation))
    return np.setdiff1d(np.arange(len(codes)), held_back), held_back
