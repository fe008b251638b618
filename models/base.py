"""What all the built-in models share: classes, labels and the most likely class."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from bench.corpus import INDEX_FROM, Corpus

from . import array_files
from .arrays import Array, FloatArray, IntArray

__all__ = ["Array", "FloatArray", "IntArray", "ProbabilisticClassifier", "TextClassifier"]


class TextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A classifier of the texts of a Corpus.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
        The labels in sorted order: column k of the probabilities belongs to ``classes_[k]``.
    """

    classes_: Array

    def predict(self, X: Corpus) -> Array:
        """Return the most likely class of each text, shape (n_texts,)."""
        labels: Array = self.classes_[self._choose(X)]
        return labels

    def _choose(self, X: Corpus) -> IntArray:
        """Position in ``classes_`` of each text's class, shape (n_texts,)."""
        raise NotImplementedError

    def save(self, path: str | Path) -> None:
        """Write the fitted model into a new folder.

        Raises
        ------
        FileExistsError
            There is something at ``path``.
        ValueError
            The labels are Python objects that are neither numbers nor text.
        """
        check_is_fitted(self, "classes_")
        array_files.write(
            Path(path), type(self).__name__, self.get_params(), {"classes_": self.classes_, **self._arrays()}
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return a model that ``save`` wrote. It predicts as before; what only described its training is not saved.

        Raises
        ------
        ValueError
            It is another model's, of a newer format, or damaged.
        OSError
            It cannot be read.
        """
        parameters, arrays = array_files.read(Path(path), cls.__name__)
        model = cls(**parameters)
        try:
            model.classes_ = arrays.pop("classes_")
            model._set_arrays(arrays)
        except KeyError as error:
            raise ValueError(f"{path} is damaged: it lacks {error}") from error
        return model

    def _arrays(self) -> dict[str, Array]:
        """Return what a fitted model needs to predict."""
        raise NotImplementedError

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        raise NotImplementedError

    def _learn_classes(self, X: Corpus, y: npt.ArrayLike) -> IntArray:
        """Set ``classes_`` and return each label's position in it.

        Raises
        ------
        ValueError
            Texts and labels do not pair up, there is nothing to tell apart, or no text has a word.
        """
        labels = np.asarray(y)
        if labels.shape != (len(X),):
            raise ValueError(f"there are {len(X)} texts, but the labels have shape {labels.shape}")
        classes, codes = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"a classifier needs texts of at least 2 classes, found {len(classes)}")
        if not (X.token_ids.values > INDEX_FROM).any():
            raise ValueError("no words left to learn from: none of the training texts has a word of the vocabulary")
        self.classes_ = classes
        return codes.astype(np.int64)

    def _check_at_least_one(self, *names: str) -> None:
        """Raise ValueError for a parameter below 1."""
        for name in names:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 1 or more")


class ProbabilisticClassifier(TextClassifier):
    """A classifier that gives a probability of each class."""

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        raise NotImplementedError

    def _choose(self, X: Corpus) -> IntArray:
        chosen: IntArray = self.predict_proba(X).argmax(axis=1)
        return chosen
