"""Columns that say which rows belong together, and which are for testing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.datasets.files.read import read_file
from bench.errors import DataError, UsageError
from bench.records import FileOptions


def write(path: Path, rows: list[tuple[object, ...]], names: str = "text,label,user,split") -> Path:
    path.write_text("\n".join([names, *(",".join(map(str, row)) for row in rows)]))
    return path


@pytest.fixture
def rows() -> list[tuple[object, ...]]:
    """300 rows of 60 users of unequal size, three quarters marked for training."""
    random = np.random.default_rng(0)
    users = random.choice(60, 300, p=(weights := np.arange(1, 61)) / weights.sum())
    return [(f"text {i}", "ab"[i % 2], f"u{user}", "Test" if i % 4 == 0 else "train") for i, user in enumerate(users)]


def sides(path: Path, options: FileOptions) -> tuple[set[str], set[str]]:
    dataset = read_file(path, options).dataset
    return set(dataset.train.texts), set(dataset.test.texts)


def test_a_group_is_on_one_side_and_the_sides_keep_size_and_classes(
    rows: list[tuple[object, ...]], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", rows)
    train, test = sides(path, FileOptions(group_column="user"))
    user_of = {text: user for text, _, user, _ in rows}
    assert {user_of[text] for text in train}.isdisjoint(user_of[text] for text in test)
    assert len(train) + len(test) == 300
    assert len(test) == pytest.approx(60, abs=15)
    shares = [np.mean([label == "a" for text, label, *_ in rows if text in side]) for side in (train, test)]
    assert shares[1] == pytest.approx(shares[0], abs=0.1)
    assert sides(path, FileOptions(group_column="user")) == (train, test)
    assert sides(path, FileOptions(group_column="user", split_seed=1)) != (train, test)
    assert len(sides(path, FileOptions(group_column="user", test_fraction=0.8))[1]) == pytest.approx(240, abs=20)


def test_groups_that_share_a_text_stay_together(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(f"text {i // 2}", "ab"[i // 2 % 2], f"u{i}") for i in range(40)]
    train, test = sides(write(tmp_path / "a.csv", rows, "text,label,user"), FileOptions(group_column="user"))
    assert not train & test


@pytest.mark.parametrize("seed", range(5))
def test_a_group_that_is_larger_than_the_test_rows_wanted_is_trained_on(seed: int, tmp_path: Path) -> None:
    users = ["giant"] * 120 + [f"u{i // 4}" for i in range(80)]
    rows: list[tuple[object, ...]] = [(f"text {i}", "ab"[i % 2], user) for i, user in enumerate(users)]
    options = FileOptions(group_column="user", split_seed=seed)
    train, test = sides(write(tmp_path / "a.csv", rows, "text,label,user"), options)
    assert "text 0" in train
    assert len(test) == pytest.approx(40, abs=4)


@pytest.mark.parametrize("fraction", [0.05, 0.4, 0.7])
def test_groups_are_split_at_any_fraction_however_few_rows_a_class_has(fraction: float, tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(f"text {i}", f"class {i % 40}", f"u{i % 57}") for i in range(400)]
    options = FileOptions(group_column="user", test_fraction=fraction)
    train, test = sides(write(tmp_path / "a.csv", rows, "text,label,user"), options)
    assert len(test) == pytest.approx(400 * fraction, abs=12)
    assert not train & test


def test_a_text_that_thousands_of_users_wrote_joins_them_without_filling_the_memory(tmp_path: Path) -> None:
    joined: list[tuple[object, ...]] = [("thanks", "a", f"u{i}") for i in range(20_000)]
    others: list[tuple[object, ...]] = [(f"text {i}", "ab"[i % 2], f"v{i % 500}") for i in range(8_000)]
    path = write(tmp_path / "a.csv", [*joined, *others], "text,label,user")
    train, test = sides(path, FileOptions(group_column="user"))
    assert "thanks" in train
    assert not train & test


@pytest.mark.parametrize(
    ("group", "words"),
    [(lambda i: "u1", "all rows have the group 'u1'"), (lambda i: "u1" if i else "", "line 2: the row has no group")],
)
def test_groups_that_cannot_be_kept_apart_are_refused(group: object, words: str, tmp_path: Path) -> None:
    assert callable(group)
    path = write(tmp_path / "a.csv", [(f"text {i}", "ab"[i % 2], group(i)) for i in range(20)], "text,label,user")
    with pytest.raises(DataError, match=words):
        read_file(path, FileOptions(group_column="user"))


def test_a_class_of_one_group_alone_is_refused(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(f"text {i}", "ab"[i % 2], "ab"[i % 2]) for i in range(20)]
    with pytest.raises(DataError, match="a class has none to learn from; expected two groups with other texts of each"):
        read_file(write(tmp_path / "a.csv", rows, "text,label,user"), FileOptions(group_column="user"))


def test_a_class_of_one_group_is_trained_on_where_others_can_be_tested_on(tmp_path: Path) -> None:
    users = ["only"] * 30 + [f"u{i // 5}" for i in range(170)]
    rows: list[tuple[object, ...]] = [
        (f"text {i}", "c" if user == "only" else "ab"[i % 2], user) for i, user in enumerate(users)
    ]
    train, test = sides(write(tmp_path / "a.csv", rows, "text,label,user"), FileOptions(group_column="user"))
    assert "text 0" in train
    assert len(test) == pytest.approx(40, abs=10)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((250, 250, 250, 250, 2), 250), ((1000, 1), 1), ((50, 50), 50), ((170, 6, 6, 6, 6, 6), 30)],
)
def test_groups_of_any_size_give_the_test_rows_that_are_closest(
    sizes: tuple[int, ...], expected: int, seed: int, tmp_path: Path
) -> None:
    users = [f"u{i}" for i, size in enumerate(sizes) for _ in range(size)]
    rows: list[tuple[object, ...]] = [(f"text {i}", "ab"[i % 2], user) for i, user in enumerate(users)]
    options = FileOptions(group_column="user", split_seed=seed)
    _, test = sides(write(tmp_path / "a.csv", rows, "text,label,user"), options)
    assert abs(len(test) - expected) <= 2


def test_many_classes_of_two_groups_each_keep_rows_to_learn_from(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(f"text {i}", f"class {i // 10 % 200}", f"u{i // 5}") for i in range(4_000)]
    train, test = sides(write(tmp_path / "a.csv", rows, "text,label,user"), FileOptions(group_column="user"))
    label_of = {text: label for text, label, _ in rows}
    assert {label_of[text] for text in train} == set(label_of.values())
    assert len(test) == pytest.approx(800, abs=100)


def test_a_split_column_is_used_when_asked_and_mentioned_when_seen(
    rows: list[tuple[object, ...]], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", rows)
    train, test = sides(path, FileOptions(split_column="split"))
    assert test == {text for text, *_, part in rows if part == "Test"}
    assert len(train) == 225
    notes = read_file(path, FileOptions()).dataset.notes
    assert "the column 'split' may say which rows are for testing: --split-column uses it" in notes
    assert read_file(path, FileOptions(split_column="split")).dataset.notes == notes[:1]


@pytest.mark.parametrize(
    ("part", "words"),
    [("validation", "holds 'validation'; expected train and test"), ("test", "holds 'test' only; expected train and")],
)
def test_a_split_column_that_says_something_else_is_refused(part: str, words: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [(f"text {i}", "ab"[i % 2], part) for i in range(20)], "text,label,split")
    with pytest.raises(DataError, match=words):
        read_file(path, FileOptions(split_column="split"))


@pytest.mark.parametrize(
    "options",
    [
        {"split_column": "split", "group_column": "user"},
        {"split_column": "split", "test_fraction": 0.3},
        {"split_column": "split", "test_file": "b.csv"},
        {"group_column": "user", "test_file": "b.csv"},
    ],
)
def test_options_that_exclude_each_other_are_refused(
    options: dict[str, object], rows: list[tuple[object, ...]], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", rows)
    with pytest.raises(UsageError, match="exclude each other"):
        read_file(path, FileOptions.model_validate(options))
