"""Symbols as numbers, for models of transduction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.ragged import Ragged
from bench.symbols import Symbols


class SymbolIds:
    """The symbols of training rows, numbered in sorted order.

    Parameters
    ----------
    rows : iterable of tuple of str
    first : int
        The number of the first symbol.

    Examples
    --------
    >>> ids = SymbolIds([("b", "a"), ("c",)])
    >>> ids.symbols, ids.encode([("c", "x", "a")])[0].tolist()
    (['a', 'b', 'c'], [2, 0])
    """

    def __init__(self, rows: Iterable[tuple[str, ...]], first: int = 0) -> None:
        self.symbols = sorted({symbol for row in rows for symbol in row})
        self._numbers = {symbol: number for number, symbol in enumerate(self.symbols, first)}

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, rows: Sequence[tuple[str, ...]], unknown: int | None = None) -> Ragged:
        """Return the numbers of each row's symbols; others become ``unknown``, or are left out if that is None."""
        if unknown is None:
            return Ragged.from_rows([[self._numbers[s] for s in row if s in self._numbers] for row in rows])
        return Ragged.from_rows([[self._numbers.get(s, unknown) for s in row] for row in rows])


def check_pairs(X: Symbols, y: Symbols) -> None:
    """Refuse sources without targets.

    Raises
    ------
    ValueError
        They do not pair up, or no source has a symbol.
    """
    if len(X) != len(y):
        raise ValueError(f"there are {len(X)} sources and {len(y)} targets, expected as many")
    if not any(len(row) for row in X):
        raise ValueError("nothing to learn from: expected a source with symbols")
