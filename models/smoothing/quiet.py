"""Warnings of statsmodels, which say what the models allow for: a search that ended early is judged by its AICc."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def quiet() -> Iterator[None]:
    """Let no warning out, neither of statsmodels nor of the arithmetic within."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
