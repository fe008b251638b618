"""How long texts are, and how much of them a division's vocabulary knows."""

from __future__ import annotations

import numpy as np

from bench.corpus import START_ID, UNKNOWN_ID, Int64Array, Ragged
from bench.records import TextLengths


def count_tokens(token_ids: Ragged) -> Int64Array:
    """Tokens of each row without the start id, shape (n_rows,)."""
    lengths = token_ids.lengths
    starts = token_ids.offsets[:-1][lengths > 0]
    counts: Int64Array = lengths.copy()
    counts[lengths > 0] -= token_ids.values[starts] == START_ID
    return counts


def measure_lengths(token_ids: Ragged) -> TextLengths:
    """Of one side of the cut, at least one row.

    >>> measure_lengths(Ragged.from_rows([[1], [1, 2, 5], [7, 8, 9, 2]]))
    TextLengths(p10=0.4, p50=2.0, p90=3.6, mean=2.0, n_short=1, unknown_share=0.3333)
    """
    n_tokens = count_tokens(token_ids)
    p10, p50, p90 = np.percentile(n_tokens, [10, 50, 90]).tolist()
    n_unknown = int(np.count_nonzero(token_ids.values == UNKNOWN_ID))
    return TextLengths(
        p10=round(p10, 1),
        p50=p50,
        p90=round(p90, 1),
        mean=round(float(n_tokens.mean()), 2),
        n_short=int(np.count_nonzero(n_tokens <= 1)),
        unknown_share=round(n_unknown / max(1, int(n_tokens.sum())), 4),
    )
