"""Classes of labels: their names, their order, and names that look alike."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.utils.text import listed

_JOINTS = re.compile(r"\s*[,;|/+&]\s*")
_WHOLE = re.compile(r"([+-]?[0-9]+)(?:\.0+)?")


@dataclass(frozen=True)
class Classes:
    """The classes of a file.

    Parameters
    ----------
    names : tuple of str
        In the order of every table: the file's own, else numbers by size and words by the alphabet.
    name_of : dict
        The class of each label as it was read.
    notes : tuple of str
        What the user should know.
    """

    names: tuple[str, ...]
    name_of: dict[str, str]
    notes: tuple[str, ...]


def find_classes(labels: Iterable[str], known: Sequence[str] = ()) -> Classes:
    """Return the classes of some labels.

    Where all are whole numbers, they are written without ``.0``.

    Parameters
    ----------
    labels : iterable of str
        Each distinct label, trimmed.
    known : sequence of str
        The names and order that the file gives, those without rows among them.

    Examples
    --------
    >>> find_classes(["10.0", "9.0"]).names
    ('9', '10')
    >>> find_classes(["True", "TRUE"]).notes
    ("the labels 'TRUE', 'True' differ in case only: each is a class of its own",)
    """
    distinct = list(dict.fromkeys(labels))
    notes = []
    name_of = {label: label for label in distinct}
    if known:
        unused = [name for name in known if name not in name_of]
        if unused:
            notes.append(f"the file names classes that have no rows: {listed(unused)}")
        names = (*(name for name in known if name in name_of), *(name for name in distinct if name not in known))
        return Classes(names, name_of, tuple(notes))
    whole = [_WHOLE.fullmatch(label) for label in distinct]
    if all(whole) and any("." in label for label in distinct):
        name_of = {label: match[1] for label, match in zip(distinct, whole, strict=True) if match}
        notes.append(_whole_number_note(name_of))
    names = tuple(in_order(name_of.values()))
    return Classes(names, name_of, (*notes, *_look_alikes(names), *_joined(names)))


def in_order(names: Iterable[str]) -> list[str]:
    """Distinct names, numbers by size if all are numbers, else by the alphabet."""
    values = {name: _number(name) for name in names}
    if None in values.values():
        return sorted(values)
    return sorted(values, key=lambda name: (values[name] or 0.0, name))


def _look_alikes(names: Sequence[str]) -> list[str]:
    """Return notes on names that a reader would take for the same."""
    by_look = defaultdict(list)
    for name in names:
        by_look[_look(name)].append(name)
    notes = []
    for alike in by_look.values():
        if len(alike) > 1:
            in_case = len({name.casefold() for name in alike}) == 1
            difference = "differ in case only" if in_case else "look alike"
            notes.append(f"the labels {listed(alike)} {difference}: each is a class of its own")
    return notes


def _joined(names: Sequence[str]) -> list[str]:
    """Return a note on names that look like several others in one cell."""
    known = set(names)
    joined = [name for name in names if len(parts := _JOINTS.split(name)) > 1 and known.issuperset(parts)]
    if not joined:
        return []
    look = "looks like others" if len(joined) == 1 else "look like others"
    label = "label" if len(joined) == 1 else "labels"
    return [f"the {label} {listed(joined)} {look} joined: each combination is a class of its own"]


def _look(name: str) -> str:
    if (value := _number(name)) is not None:
        return repr(value)
    visible = (c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return "".join(visible).strip().casefold()


def _whole_number_note(name_of: dict[str, str]) -> str:
    written = defaultdict(list)
    for label, name in name_of.items():
        written[name].append(label)
    both = [label for labels in written.values() if len(labels) > 1 for label in labels]
    note = "all labels are whole numbers, and are written without .0"
    return note + (f"; {listed(both)} are therefore not told apart" if both else "")


def _number(name: str) -> float | None:
    try:
        value = float(name)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
