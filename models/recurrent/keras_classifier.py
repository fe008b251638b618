"""A Keras network over token ids as a classifier of texts: building, predicting, saving."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus

from ..base import Array, FloatArray, ProbabilisticClassifier
from .backend import keras
from .network import EMBEDDING
from .runners import Predictor
from .training import EpochTraining

NETWORK_FILE = "network.keras"


class KerasClassifier(EpochTraining, ProbabilisticClassifier):
    """A Keras network over padded token ids; what it needs before and after training.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : keras.Model
        Token ids, padded with 0, to one probability (two classes: of the second one) or one per class.
    history_ : list of dict
        One entry per epoch, written as it ends.
    n_rows_seen_ : int
        Texts presented to learning so far.
    n_parameters_ : int
    """

    def _build(self, n_ids: int, n_outputs: int, activation: str) -> keras.Model:
        raise NotImplementedError

    def _make_predictor(self) -> Predictor:
        raise NotImplementedError

    def _begin(self, X: Corpus, y: npt.ArrayLike) -> FloatArray:
        """Everything before the first step of training. Returns the targets, shape (n_texts, 1)."""
        codes = self._learn_classes(X, y)
        self._begin_training()
        self._build_for(len(X.vocabulary))
        return codes[:, None].astype(np.float32)

    def _build_for(self, n_ids: int) -> None:
        n_classes = len(self.classes_)
        self.network_ = self._build(n_ids, *((1, "sigmoid") if n_classes == 2 else (n_classes, "softmax")))
        self.n_parameters_ = int(self.network_.count_params())
        self._predictor: Predictor | None = None

    def _loss(self) -> str:
        return "binary_crossentropy" if len(self.classes_) == 2 else "sparse_categorical_crossentropy"

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
        """Return a model that ``save`` wrote: the network is built anew, and only weights are read from its file."""
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
