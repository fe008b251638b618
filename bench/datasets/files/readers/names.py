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


def has_usual_names(names: Sequence[str], options: FileOptions) -> bool:
    """Whether a header holds the named columns, or usual names where none are named."""
    stripped = [name.strip() for name in names]
    lowered = {name.lower() for name in stripped}
    text = set(options.text_column) <= set(stripped) if options.text_column else bool(lowered & set(TEXT_NAMES))
    label = options.label_column in stripped if options.label_column else bool(lowered & set(LABEL_NAMES))
    return text and label
