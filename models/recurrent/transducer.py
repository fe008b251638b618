"""GRU and LSTM encoders and decoders, trained on pairs of a source and its target."""

from __future__ import annotations

import time
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from bench.ragged import Ragged
from bench.symbols import Symbols

from ..arrays import IntArray
from ..symbol_ids import SymbolIds, check_pairs
from .aligned_network import AlignedNetwork
from .attention_network import AttentionNetwork
from .backend import keras
from .beam_search import BeamSearch
from .decoder_targets import is_in_order, write_chunks, write_symbols
from .loop import GRUCell, LSTMCell
from .pair_batches import PairBatch, make_batches, pad_columns, width_of
from .pair_network import NOTHING, Cell, Kept
from .pair_steps import compile_training, compile_validation
from .training import check_at_least_one

Attention = Literal["auto", "monotonic", "soft"]

MAX_EPOCHS, MIN_STEPS = 6, 1_500
SMALLEST_BATCH, MIN_BATCHES = 16, 20
MOST_VALIDATED = 2_000
PREDICTED_ROWS = 128
"""Batches of predictions are filled up to it, so that a row's numbers do not depend on how many others there are."""


class GRUTransducer(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A gated recurrent unit that reads the source in both directions, and one that writes the target with attention.

    Attention is soft (``attention_network.py``): at each step of the target the decoder chooses where in the source to
    look. Or it is hard and monotonic (``aligned_network.py``): EM aligns the training pairs (``chunk_alignment.py``),
    and the decoder writes for one source symbol after the other what belongs to it, which needs less training where
    source and target are in the same order, as letters and sounds are.

    The network is trained with Adam on the target, given what is before each step; the learning rate rises, then falls
    as a cosine to 0 at the end of the last epoch that is allowed. A validation part of the training rows ranks the
    epochs, and the weights of the best one are used. Predictions are the most likely targets that a beam search finds.
    Source symbols that training lacks are passed over.

    Parameters
    ----------
    attention : {"auto", "monotonic", "soft"}
        "auto" is monotonic where source and target are in the same order, which aligned training rows tell.
    encoder_units : int
        Numbers of the encoder's state in each direction.
    units : int
        Numbers of the decoder's state.
    embedding_size : int
        Numbers per symbol.
    dropout : float
        Part of the units of the encoder's states and the decoder's features that a training step leaves out, the same
        ones at all symbols of a row.
    batch_size : int
        Rows of a training step, at most; with fewer than 20 times as many training rows there are less, 16 at least.
    learning_rate : float
        Of Adam, the highest. Each weight's gradient is clipped to a norm of 1.
    max_epochs : int, optional
        None: 6, or as many as make 1,500 steps of training.
    patience : int, optional
        Epochs without a lower validation loss after which training stops. None: a quarter of the epochs.
    validation_fraction : float
        Part of the training rows that is not trained on, at most 2,000 rows; a single row is trained on.
    max_length : int
        Training rows with more symbols on a side are left out; so are, with monotonic attention, rows with far longer
        targets than sources.
    beam : int
        Targets that are followed, at most, when predicting.
    random_state : int
        Seed of the weights, the order, the dropout, the validation part, and the rows that an alignment is learnt from
        if there are more than it needs.

    Attributes
    ----------
    attention_ : {"monotonic", "soft"}
        What was given or chosen.
    history_ : list of dict
        One entry per epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``, ``validation_loss`` (nats
        per step of the decoder) and ``validation_accuracy`` (rows with every step right, given those before it).
    longest_ratio_ : float
        Steps of the decoder per symbol of a source: no prediction has more than the training rows had.
    n_rows_left_out_ : int
    n_rows_seen_ : int
        Rows trained on so far, epochs counted.
    n_parameters_ : int

    Raises
    ------
    FloatingPointError
        The loss is not a finite number.
    ValueError
        Sources and targets do not pair up, no row can be learnt from, or a parameter is out of range.

    References
    ----------
    D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align and translate", ICLR
    2015. K. Yao and G. Zweig, "Sequence-to-sequence neural net models for grapheme-to-phoneme conversion", Interspeech
    2015: of aligned letters. S. Toshniwal and K. Livescu, "Jointly learning to align and convert graphemes to phonemes
    with neural attention models", SLT 2016.

    Examples
    --------
    >>> from bench.symbols import Symbols
    >>> rows = Symbols([("a", "b"), ("b", "a"), ("a",), ("b",)])
    >>> model = GRUTransducer(encoder_units=16, units=16, max_epochs=2).fit(rows, rows)
    >>> len(model.predict(rows)), len(model.history_)
    (4, 2)
    """

    CELL: ClassVar[Cell] = GRUCell

    def __init__(
        self,
        attention: Attention = "auto",
        encoder_units: int = 192,
        units: int = 128,
        embedding_size: int = 64,
        dropout: float = 0.1,
        batch_size: int = 64,
        learning_rate: float = 2e-3,
        max_epochs: int | None = None,
        patience: int | None = None,
        validation_fraction: float = 0.02,
        max_length: int = 100,
        beam: int = 4,
        random_state: int = 0,
    ) -> None:
        self.attention = attention
        self.encoder_units = encoder_units
        self.units = units
        self.embedding_size = embedding_size
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.max_length = max_length
        self.beam = beam
        self.random_state = random_state

    def fit(self, X: Symbols, y: Symbols) -> GRUTransducer:
        """Learn from sources and their targets."""
        self._check(X, y)
        sources, targets = self._begin(X, y)
        random = np.random.default_rng(self.random_state)
        shuffled = random.permutation(len(sources))
        n_validation = min(round(self.validation_fraction * len(sources)) or 1, MOST_VALIDATED, len(sources) - 1)
        validation, training = np.sort(shuffled[:n_validation]), np.sort(shuffled[n_validation:])
        size = int(np.clip(len(training) // MIN_BATCHES, min(SMALLEST_BATCH, self.batch_size), self.batch_size))
        n_batches = sum(1 for _ in make_batches(sources, targets, training, size, np.random.default_rng(0)))
        max_epochs = self.max_epochs or max(MAX_EPOCHS, -(-MIN_STEPS // n_batches))
        patience = self.patience or max(1, -(-max_epochs // 4))
        self._train_step = compile_training(self.network_, n_batches * max_epochs, self.learning_rate)
        self._validation_step = compile_validation(self.network_)

        best_loss, best_epoch, best_weights = np.inf, 0, self._get_weights()
        for epoch in range(1, max_epochs + 1):
            total, n_symbols = 0.0, 0
            for batch in make_batches(sources, targets, training, size, random):
                n_of_batch = int((batch.target != NOTHING).sum())
                total += n_of_batch * float(self._train_step(batch.source, batch.target, self._drop(size, random)))
                n_symbols += n_of_batch
                self.n_rows_seen_ += len(batch.rows)
            figures = {"loss": total / n_symbols, **self._validate(sources, targets, validation, size)}
            seconds = time.perf_counter() - self._started
            self.history_.append({"step": epoch, "steps": max_epochs, "seconds": seconds, **figures})
            loss = figures.get("validation_loss", figures["loss"])
            if not np.isfinite(loss):
                raise FloatingPointError(
                    f"diverged in epoch {epoch}: the loss is {loss}; try a learning_rate below {self.learning_rate}"
                )
            if loss < best_loss:
                best_loss, best_epoch, best_weights = loss, epoch, self._get_weights()
            elif epoch - best_epoch >= patience:
                break
        self._set_weights(best_weights)
        return self

    def predict(self, X: Symbols) -> list[tuple[str, ...]]:
        """Return the target of each source."""
        check_is_fitted(self, "network_")
        known = self.source_ids_.encode(X)
        predicted: list[tuple[str, ...]] = [()] * len(X)
        widths = width_of(known.lengths)
        for width in np.unique(widths).tolist():
            rows = np.flatnonzero((widths == width) & (known.lengths > 0))
            rows = rows[np.argsort(known.lengths[rows], kind="stable")]
            for start in range(0, len(rows), PREDICTED_ROWS):
                batch = rows[start : start + PREDICTED_ROWS]
                source = pad_columns(known, batch, width, PREDICTED_ROWS, 0)
                limits = np.ceil(self.longest_ratio_ * known.lengths[batch]).astype(np.int64)
                for row, ids in zip(batch.tolist(), self._search.best(source, limits), strict=True):
                    predicted[row] = tuple(symbol for i in ids for symbol in self.pieces_[i - 1])
        return predicted

    def _check(self, X: Symbols, y: Symbols) -> None:
        check_pairs(X, y)
        check_at_least_one(self, "encoder_units", "units", "embedding_size", "batch_size")
        check_at_least_one(self, "max_epochs", "patience", "max_length", "beam")
        for name in ("dropout", "validation_fraction"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a number from 0 to below 1")
        if self.attention not in (known := get_args(Attention)):
            raise ValueError(f"attention is {self.attention!r}, expected one of: {', '.join(known)}")

    def _begin(self, X: Symbols, y: Symbols) -> tuple[Ragged, Ragged]:
        """Everything before the first step of training. Returns the ids of the rows that are learnt from."""
        self._started = time.perf_counter()
        self.history_: list[dict[str, Any]] = []
        self.n_rows_seen_ = 0
        rows = np.flatnonzero((X.lengths > 0) & (X.lengths <= self.max_length) & (y.lengths <= self.max_length))
        if not len(rows):
            raise ValueError(f"nothing to learn from: every row has no source, or more than {self.max_length} symbols")
        self.source_ids_ = SymbolIds(X.take(rows), first=1)
        sources, targets = self._write(self.source_ids_.encode(X.take(rows)), y.take(rows))
        self.n_rows_left_out_ = len(X) - len(sources)
        self.longest_ratio_ = float((targets.lengths / sources.lengths).max())
        keras.backend.clear_session()
        keras.utils.set_random_seed(self.random_state)
        self._build(len(self.source_ids_) + 1, len(self.pieces_) + 1)
        return sources, targets

    def _write(self, sources: Ragged, targets: Symbols) -> tuple[Ragged, Ragged]:
        """Choose the attention. Returns the sources, and their targets as the decoder writes them."""
        # Of its own, so that rows to validate on are not those that an alignment is learnt from.
        random = np.random.default_rng([self.random_state, 1])
        self.attention_ = self.attention
        if self.attention == "auto":
            self.attention_ = "monotonic" if is_in_order(sources, targets, random) else "soft"
        written = write_symbols(targets) if self.attention_ == "soft" else write_chunks(sources, targets, random)
        self.pieces_ = written.pieces
        return sources.take(written.rows), written.ids

    def _build(self, n_source: int, n_target: int) -> None:
        network = AlignedNetwork if self.attention_ == "monotonic" else AttentionNetwork
        self.network_ = network(self.CELL, n_source, n_target, self.embedding_size, self.encoder_units, self.units)
        self.n_parameters_ = self.network_.n_parameters
        self._search = BeamSearch(self.network_, self.beam)

    def _drop(self, n_rows: int, random: np.random.Generator) -> Kept:
        width = 2 * self.encoder_units
        kept = random.random((n_rows, width + self.units + width), np.float32) >= self.dropout
        scaled = kept / np.float32(1 - self.dropout)
        return Kept(scaled[:, :width], scaled[:, width:])

    def _validate(self, sources: Ragged, targets: Ragged, rows: IntArray, size: int) -> dict[str, float]:
        if not len(rows):
            return {}
        total, n_right = 0.0, 0
        batch: PairBatch
        for batch in make_batches(sources, targets, rows, size, np.random.default_rng(0)):
            loss, is_right = self._validation_step(batch.source, batch.target)
            total += float(loss)
            n_right += int(is_right.numpy()[: len(batch.rows)].sum())
        n_symbols = int((targets.lengths[rows] + 1).sum())
        return {"validation_loss": total / n_symbols, "validation_accuracy": n_right / len(rows)}

    def _get_weights(self) -> list[Any]:
        return [weight.numpy() for weight in self.network_.weights.values()]

    def _set_weights(self, values: list[Any]) -> None:
        for weight, value in zip(self.network_.weights.values(), values, strict=True):
            weight.assign(value)


class LSTMTransducer(GRUTransducer):
    """A long short-term memory in the place of the gated recurrent unit of :class:`GRUTransducer`.

    Parameters, attributes and errors are those of GRUTransducer.

    Examples
    --------
    >>> from bench.symbols import Symbols
    >>> rows = Symbols([("a", "b"), ("b", "a"), ("a",), ("b",)])
    >>> len(LSTMTransducer(encoder_units=16, units=16, max_epochs=1).fit(rows, rows).predict(rows))
    4
    """

    CELL: ClassVar[Cell] = LSTMCell
