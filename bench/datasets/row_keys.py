"""Rows of any task as bytes: for digests of datasets, and to find rows that are equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from bench.events import Events
from bench.histories import Histories
from bench.ragged import Int64Array
from bench.series import Series


def row_key(row: Any) -> bytes:
    """Return what equal rows have in common: numbers with their shape, or symbols."""
    if isinstance(row, tuple):
        return "\0".join(row).encode()
    return str(row.shape).encode() + np.ascontiguousarray(row).tobytes()


def number_rows(rows: Iterable[Any]) -> Int64Array:
    """Return a number per row, from 0 in order of first appearance, which equal rows have in common. Shape (n_rows,).

    >>> number_rows([("a", "b"), ("c",), ("a", "b")]).tolist()
    [0, 1, 0]
    """
    numbers: dict[bytes, int] = {}
    keys = (row_key(row if isinstance(row, tuple) else row + 0) for row in rows)  # -0 and 0 are equal
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def contents(part: Any) -> Iterator[bytes]:
    """Yield what a digest of rows or of their truth covers.

    Parameters
    ----------
    part : container of ``bench``, array, dataclass of arrays, text, sequence of these, or None
    """
    if isinstance(part, np.ndarray):
        yield row_key(part)
    elif isinstance(part, str):
        yield part.encode()
    elif isinstance(part, Series):
        yield from contents([part.frames.values, part.frames.offsets])
    elif isinstance(part, Events):
        yield from contents([f"{part.width} {part.n_symbols}", part.tokens.values, part.tokens.offsets])
    elif isinstance(part, Histories):
        settings = f"{part.horizon} {part.season_length}"
        yield from contents([settings, part.series, part.values.values, part.values.offsets])
    elif is_dataclass(part):
        yield from contents([getattr(part, field.name) for field in fields(part)])
    elif part is not None:
        yield str(len(part)).encode()
        for item in part:
            yield from contents(item)
