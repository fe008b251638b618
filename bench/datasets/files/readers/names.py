"""Usual names of columns."""

from __future__ import annotations

from collections.abc import Sequence

from bench.records import FileOptions

TEXT_NAMES = ("text", "review", "sentence", "content", "comment", "message", "body")
LABEL_NAMES = ("label", "sentiment", "class", "target", "category", "stars", "score")
SPLIT_NAMES = ("split", "partition", "subset")
"""Of the part of the data that a row belongs to."""
TITLE_NAMES = ("title", "subject", "headline", "summary")
"""Columns that hold text too: beside them, the text is not to be guessed."""

ID_NAMES = ("id", "unique_id", "series", "series_id", "sequence", "sequence_id", "piece", "piece_id", "session")
"""Of the series or piece that a row is a step of."""
TIME_NAMES = ("time", "timestamp", "date", "datetime", "ds", "t", "step", "frame", "month", "quarter", "year")
VALUE_NAMES = ("value", "y", "target")
"""Of the numbers that are forecast."""
TOKEN_NAMES = ("event", "token", "symbol", "note", "action", "value")
"""Of the events of pieces."""
SOURCE_NAMES = ("source", "input", "src", "word", "grapheme", "graphemes")
TARGET_NAMES = ("target", "output", "tgt", "pronunciation", "phoneme", "phonemes")

_OF_SERIES = {*ID_NAMES, *TIME_NAMES, *VALUE_NAMES, *TOKEN_NAMES}


def has_usual_names(names: Sequence[str], options: FileOptions) -> bool:
    """Whether a header holds the named columns, or usual names where none are named."""
    stripped = {name.strip() for name in names}
    lowered = {name.lower() for name in stripped}
    text = set(options.text_column) <= stripped if options.text_column else bool(lowered & set(TEXT_NAMES))
    label = options.label_column in stripped if options.label_column else bool(lowered & set(LABEL_NAMES))
    of_series = {options.id_column, options.time_column, *options.value_column} - {None}
    series = of_series <= stripped if of_series else len(lowered & _OF_SERIES) > 1
    pair = not lowered.isdisjoint(SOURCE_NAMES) and not lowered.isdisjoint(TARGET_NAMES)
    return (text and label) or series or pair
