"""Pairs of the user's own: what is a symbol, which targets are right, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.datasets.base import RowsDataset
from bench.datasets.files.source import FileSource
from bench.errors import DataError, UsageError
from bench.records import FileOptions

Write = Callable[[str, "str | bytes"], Path]


def load(path: Path, **options: Any) -> RowsDataset:
    dataset = FileSource(path, FileOptions(**options), "transduction").load(None)
    assert isinstance(dataset, RowsDataset)
    return dataset


WORDS = [
    (word, " ".join(word.upper())) for word in ("cat", "dog", "tree", "sea", "sun", "ice", "oak", "elk", "ant", "bee")
]


def table(rows: Sequence[tuple[str, ...]], header: str = "source\ttarget") -> str:
    return "".join(f"{line}\n" for line in [header, *("\t".join(row) for row in rows)])


def test_each_side_has_its_own_symbols(write: Write) -> None:
    dataset = load(write("a.tsv", table(WORDS)))
    pairs = dict(zip(dataset.X_train, dataset.y_train, strict=True))
    assert pairs | {source: targets[0] for source, targets in zip(dataset.X_test, dataset.y_test, strict=True)} == {
        tuple(word): tuple(word.upper()) for word, _ in WORDS
    }
    assert (dataset.n_train, len(dataset.X_test)) == (8, 2)
    assert any("of sources characters, of targets what stands between white space" in note for note in dataset.notes)
    assert dataset.options is not None
    assert dataset.options.symbols == ("characters", "words")
    assert load(write("b.tsv", table(WORDS)), **dataset.options.model_dump()).digest == dataset.digest


def test_an_option_says_what_symbols_are(write: Write) -> None:
    rows = [(f"{word} {word}", f"{word}s") for word, _ in WORDS]
    path = write("a.tsv", table(rows))
    words = load(path)
    assert {len(source) for source in words.X_train} == {2}
    letters = load(path, symbols="characters")
    assert all("\u2423" in source for source in letters.X_train)
    assert load(path, symbols="words").y_train[0] == ("".join(words.y_train[0]),)
    few = write("b.tsv", table([("new york", "N Y"), *WORDS]))
    with pytest.raises(DataError, match=r"1 of 11 sources hold white space.*--symbols .*characters,words"):
        load(few)
    assert load(few, symbols="characters,words").n_train == 9


def test_all_targets_of_a_source_are_right_and_the_source_is_on_one_side(write: Write) -> None:
    rows = [*WORDS, *((word, target.lower()) for word, target in WORDS), WORDS[0]]
    dataset = load(write("a.tsv", table(rows)))
    assert dataset.n_train + len(dataset.X_test) == len(WORDS)
    for source, targets in zip(dataset.X_test, dataset.y_test, strict=True):
        assert targets == (tuple("".join(source).upper()), source)
    assert all(
        target == tuple("".join(source).upper())
        for source, target in zip(dataset.X_train, dataset.y_train, strict=True)
    )
    assert any("11 rows with the source of an earlier one" in note for note in dataset.notes)


def test_a_source_that_a_test_file_repeats_accepts_what_training_has_too(write: Write) -> None:
    test_file = write("t.tsv", table([("cat", "K A T"), ("owl", "O W L")]))
    dataset = load(write("a.tsv", table(WORDS)), test_file=str(test_file))
    assert dataset.n_train == 10
    assert dataset.y_test == ((("K", "A", "T"), ("C", "A", "T")), (("O", "W", "L"),))
    assert dataset.draw(None, 0).is_leaked.tolist() == [True, False]


def test_groups_and_a_column_of_parts_are_kept(write: Write) -> None:
    rows = [(*row, f"g{i // 2}", "test" if i < 3 else "train") for i, row in enumerate(WORDS)]
    path = write("a.tsv", table(rows, "word\tphonemes\tgroup\tsplit"))
    assert len(load(path, split_column="split").X_test) == 3
    grouped = load(path, group_column="group")
    sides = [{("".join(s)) for s in X} for X in (grouped.X_train, grouped.X_test)]
    group_of = {word: i // 2 for i, (word, _) in enumerate(WORDS)}
    assert not {group_of[w] for w in sides[0]} & {group_of[w] for w in sides[1]}


@pytest.mark.parametrize(
    ("content", "options", "kind", "words"),
    [
        (table([*WORDS, ("owl", " ")]), {}, DataError, r"line 12: a side of the pair is empty"),
        (table([*WORDS, ("", "x")]), {}, DataError, r"line 12: a side of the pair is empty"),
        (table([("a", "b"), ("a", "c")]), {}, DataError, r"all sources are equal; expected two at least"),
        (table([("a", "b")]), {}, DataError, r"there is one source only"),
        (table(WORDS, "from\tto"), {}, UsageError, r"usual name for sources .*--text-column"),
        (table(WORDS), {"text_column": "source,target"}, UsageError, r"--text-column names 2 columns"),
        (table(WORDS), {"text_column": "source", "label_column": "source"}, UsageError, r"named twice"),
        (table(WORDS), {"value_column": "source"}, UsageError, r"^--value-column: the task transduction"),
        (table(WORDS), {"max_text_length": 3}, DataError, r"a text of 5 characters, expected 3 at most"),
        ("source\ttarget\n", {}, DataError, r"holds no rows"),
    ],
)
def test_what_is_no_pair_is_refused(
    write: Write, content: str, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        load(write("a.tsv", content), **options)
