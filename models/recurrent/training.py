"""Training by epochs, as all the recurrent networks do it: batches, Adam, early stopping on a validation part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arrays import Array, IntArray
from .backend import keras, tf

MIN_EPOCHS = 2

Step = Callable[..., Any]
Figures = dict[str, float]


class EpochTraining:
    """What a model needs to be trained by epochs; a mixin of estimators.

    Attributes
    ----------
    network_ : keras.Model
    history_ : list of dict
        One entry per epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``, ``validation_loss``, ….
    n_rows_seen_ : int
        Rows trained on so far, epochs counted.
    n_parameters_ : int
    """

    random_state: int
    learning_rate: float
    patience: int | None
    network_: keras.Model
    history_: list[dict[str, Any]]
    n_rows_seen_: int
    n_parameters_: int

    def _begin_training(self) -> None:
        """Everything before the network is built."""
        self._started = time.perf_counter()
        self.history_ = []
        self.n_rows_seen_ = 0
        keras.backend.clear_session()  # drops what Keras keeps of earlier fits
        keras.utils.set_random_seed(self.random_state)

    def _train(
        self,
        max_epochs: int,
        batches: Callable[[], Iterable[IntArray]],
        step: Callable[[IntArray], Any],
        validate: Callable[[], Figures],
        keep: Callable[[], None] | None = None,
    ) -> int:
        """Train ``network_`` until ``patience`` epochs brought no lower validation loss, and leave it at its best.

        Where ``patience`` is None, all epochs are trained.

        Parameters
        ----------
        max_epochs : int
        batches
            Returns the row numbers of each batch of an epoch.
        step
            Trains on the rows of a batch and returns their mean loss.
        validate
            Returns the figures of an epoch. Without a ``validation_loss`` among them the training loss takes its place.
        keep
            Called after ``validate`` where an epoch is the best so far.

        Returns
        -------
        int
            The best epoch, from 1.

        Raises
        ------
        FloatingPointError
            A loss is not a finite number.
        """
        best_loss, best_epoch, best_weights = np.inf, 0, None
        for epoch in range(1, max_epochs + 1):
            total, n_rows = 0.0, 0
            for rows in batches():
                loss = float(step(rows))
                self._check_finite(loss, epoch)
                total += len(rows) * loss
                n_rows += len(rows)
                self.n_rows_seen_ += len(rows)
            figures = {"loss": total / n_rows, **validate()}
            self._note_epoch(epoch, max_epochs, **figures)
            loss = figures.get("validation_loss", figures["loss"])
            self._check_finite(loss, epoch)
            if loss < best_loss:
                best_loss, best_epoch, best_weights = loss, epoch, self.network_.get_weights()
                if keep is not None:
                    keep()
            elif self.patience is not None and epoch - best_epoch >= self.patience:
                break
        self.network_.set_weights(best_weights)
        return best_epoch

    def _note_epoch(self, epoch: int, epochs: int, **figures: float) -> None:
        seconds = time.perf_counter() - self._started
        self.history_.append({"step": epoch, "steps": epochs, "seconds": seconds, **figures})

    def _check_finite(self, loss: float, epoch: int) -> None:
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"diverged in epoch {epoch}: the loss is {loss}; try a learning_rate below {self.learning_rate}"
            )


def check_at_least_one(model: Any, *names: str) -> None:
    """Raise ValueError for a parameter below 1; None is no number."""
    for name in names:
        value = getattr(model, name)
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}, expected 1 or more")


def enough_epochs(max_epochs: int | None, n_batches: int, min_steps: int) -> int:
    """Return ``max_epochs``, or without it as many epochs as make ``min_steps`` batches, at least ``MIN_EPOCHS``."""
    return max_epochs or max(MIN_EPOCHS, -(-min_steps // n_batches))


def compile_step(
    network: keras.Model,
    loss_of: Callable[..., tf.Tensor],
    signature: Sequence[Any],
    *,
    n_steps: int,
    learning_rate: float,
    epsilon: float = 1e-7,
) -> Step:
    """Return the compiled function of a training step with Adam; it returns the loss.

    Parameters
    ----------
    network : keras.Model
    loss_of
        From tensors of ``signature`` to the loss.
    signature : sequence of tf.TensorSpec
    n_steps : int
    learning_rate, epsilon : float
        Of Adam; the rate falls in a straight line to 0 within ``n_steps``. Each weight's gradient is clipped to a norm
        of 1.
    """
    falling_rate = keras.optimizers.schedules.PolynomialDecay(learning_rate, n_steps, end_learning_rate=0.0)
    optimizer = keras.optimizers.Adam(falling_rate, epsilon=epsilon, clipnorm=1.0)
    optimizer.build(network.trainable_variables)

    @tf.function(input_signature=signature, autograph=False)  # type: ignore[untyped-decorator]
    def train_step(*inputs: Any) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(*inputs)
        weights = network.trainable_variables
        gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, weights)]
        optimizer.apply(gradients, weights)
        return loss

    return train_step  # type: ignore[no-any-return]


def batches_of_similar_length(
    lengths: npt.ArrayLike, rows: IntArray, batch_size: int, random: np.random.Generator, jitter: float
) -> Iterator[IntArray]:
    """All rows, those of similar length together, since a batch is as wide as its longest row.

    Parameters
    ----------
    lengths : int array, shape (n_rows,)
        Of each of ``rows``.
    rows : int64 array, shape (n_rows,)
    batch_size : int
        Rows of a batch, at most.
    jitter : float
        Lengths are scaled by up to this much before rows are sorted by them, so that batches differ between epochs.
    """
    jittered = np.asarray(lengths) * random.uniform(1 - jitter, 1 + jitter, len(rows))
    batches = np.array_split(rows[np.argsort(jittered)], -(-len(rows) // batch_size))
    return (batches[i] for i in random.permutation(len(batches)))


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
