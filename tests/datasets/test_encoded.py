"""Encoded data are made once and mapped by every worker; a cache that fails costs time, never a run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bench
from bench.corpus import Corpus
from bench.datasets import load_dataset
from bench.datasets.base import Part, TextDataset
from bench.datasets.cache import ENCODED, EncodedCache, cache_dir, clear_encoded, encoded_entries
from bench.datasets.encoded import (
    META_FILE,
    EncodedData,
    EncodedDataError,
    encode_dataset,
    open_encoded,
    write_encoded,
)
from bench.records import Division, ModelInfo, Trial

CLI = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def dataset() -> TextDataset:
    texts = ["a good film", "bad", "", "good é film film", "\tbad\nfilm"]
    labels = np.array([1, 0, 0, 1, 0])
    return TextDataset(
        "odd", Part(texts, labels), Part([*texts[:2], "new word"], labels[:3]), ("neg", "pos"), "made up"
    )


def trial_of(dataset: TextDataset, division: Division = "closed", size: int | None = None, seed: int = 0) -> Trial:
    return Trial(
        model=ModelInfo(name="m", target="m"),
        dataset=dataset.name,
        dataset_digest=dataset.digest,
        division=division,
        seed=seed,
        train_size=size,
    )


def written(folder: Path, dataset: TextDataset, division: Division = "closed") -> EncodedData:
    folder.mkdir()
    data = encode_dataset(dataset, division, None, 0)
    write_encoded(folder, data)
    return data


def same(first: Corpus, second: Corpus) -> bool:
    return (
        list(first) == list(second)
        and np.array_equal(first.token_ids.values, second.token_ids.values)
        and np.array_equal(first.token_ids.offsets, second.token_ids.offsets)
        and list(first.vocabulary) == list(second.vocabulary)
    )


@pytest.mark.parametrize("division", ["closed", "open"])
def test_what_is_mapped_is_what_was_encoded(division: Division, dataset: TextDataset, tmp_path: Path) -> None:
    data = written(tmp_path / "d", dataset, division)
    mapped = open_encoded(tmp_path / "d")
    assert same(mapped.X_train, data.X_train)
    assert same(mapped.X_test, data.X_test)
    assert mapped.y_train.tolist() == data.y_train.tolist()
    assert mapped.y_test.tolist() == data.y_test.tolist()
    assert mapped.is_leaked.tolist() == [True, True, False]
    assert (mapped.n_classes, mapped.encode_seconds) == (2, data.encode_seconds)
    assert same(mapped.encoder.encode(["new good"]), data.encoder.encode(["new good"]))
    assert list(mapped.X_train[1:4]) == list(data.X_train)[1:4]
    assert list(mapped.X_train.take([3, 0])) == [data.X_train[3], data.X_train[0]]


def test_texts_without_a_word_can_be_mapped_too(tmp_path: Path) -> None:
    empty = TextDataset("e", Part(["", ""], np.array([0, 1])), Part([""], np.array([0])), ("a", "b"), "made up")
    data = written(tmp_path / "d", empty)
    assert same(open_encoded(tmp_path / "d").X_train, data.X_train)


def truncate(folder: Path) -> None:
    path = folder / "train_ids.npy"
    path.write_bytes(path.read_bytes()[:-4])


def flip_a_bit(folder: Path) -> None:
    path = folder / "test_texts.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def lose_the_end(folder: Path) -> None:
    (folder / META_FILE).unlink()


def be_of_another_version(folder: Path) -> None:
    meta = json.loads((folder / META_FILE).read_text())
    (folder / META_FILE).write_text(json.dumps({**meta, "format_version": 99}))


def hold_a_pickle(folder: Path) -> None:
    np.save(folder / "train_labels.npy", np.array([object()], dtype=object), allow_pickle=True)


DAMAGES = [truncate, flip_a_bit, lose_the_end, be_of_another_version, hold_a_pickle]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_data_are_not_opened(damage: Callable[[Path], None], dataset: TextDataset, tmp_path: Path) -> None:
    written(tmp_path / "d", dataset)
    damage(tmp_path / "d")
    with pytest.raises(EncodedDataError):
        open_encoded(tmp_path / "d")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_data_are_made_again_with_one_line(damage: Callable[[Path], None], dataset: TextDataset) -> None:
    trial = trial_of(dataset)
    path = EncodedCache("m").ensure(trial, dataset, pytest.fail)
    assert path is not None
    damage(path)
    said: list[str] = []
    assert EncodedCache("m").ensure(trial, dataset, said.append) == path
    assert len(said) == 1
    assert "are damaged or of another version, and are made again" in said[0]
    assert same(open_encoded(path).X_train, encode_dataset(dataset, "closed", None, 0).X_train)


def test_each_division_and_training_rows_have_data_of_their_own(dataset: TextDataset) -> None:
    cache = EncodedCache("m")
    trials = [
        trial_of(dataset),
        trial_of(dataset, seed=1),
        trial_of(dataset, "open"),
        trial_of(dataset, size=2),
        trial_of(dataset, size=2, seed=1),
    ]
    paths = [cache.ensure(trial, dataset, pytest.fail) for trial in trials]
    assert paths[0] == paths[1], "a seed draws nothing where all rows train"
    assert len(set(paths)) == 4
    assert EncodedCache("another machine").path(trials[0], dataset) != paths[0], "it encodes at another speed"


def test_what_was_not_used_for_longest_goes_first_when_the_cache_is_full(dataset: TextDataset) -> None:
    sizes = [2, 3, 4]
    large = EncodedCache("m")
    first, second, third = (large.ensure(trial_of(dataset, size=size), dataset, pytest.fail) for size in sizes)
    assert first is not None
    assert second is not None
    assert third is not None
    for path, used_at in ((first, 300.0), (second, 100.0), (third, 200.0)):
        for file in path.iterdir():
            os.utime(file, (used_at, used_at))
    n_bytes = sum(entry.n_bytes for entry in encoded_entries())
    EncodedCache("m", n_bytes_max=n_bytes).ensure(trial_of(dataset), dataset, pytest.fail)
    assert not second.exists()
    assert first.exists()
    EncodedCache("m").ensure(trial_of(dataset, size=2), dataset, pytest.fail)
    assert max(file.stat().st_mtime for file in first.iterdir()) > 300, "used again"


def test_a_cache_that_cannot_be_written_is_said_once(dataset: TextDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = Path("no-folder")
    blocked.touch()
    monkeypatch.setenv("BENCH_CACHE_DIR", str(blocked))
    said: list[str] = []
    cache = EncodedCache("m")
    assert cache.ensure(trial_of(dataset), dataset, said.append) is None
    assert cache.ensure(trial_of(dataset, "open"), dataset, said.append) is None
    assert len(said) == 1
    assert "BENCH_CACHE_DIR names another folder" in said[0]


def test_leftovers_of_a_write_that_was_killed_are_cleared_too(dataset: TextDataset) -> None:
    EncodedCache("m").ensure(trial_of(dataset), dataset, pytest.fail)
    leftover = cache_dir() / ENCODED / ".odd-closed-1.abcd"
    leftover.mkdir()
    (leftover / "train_ids.npy").write_bytes(b"half")
    assert len(encoded_entries()) == 2
    assert clear_encoded() > 0
    assert encoded_entries() == []


@pytest.mark.usefixtures("toys")
def test_a_run_encodes_once_and_gives_what_it_gives_without_a_cache(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    models = ["toy-words", "toys:Plain"]
    cached = bench.run(models, dataset="toy", name="cached", report=False)
    costs = [record.measurements.costs for record in cached.records if record.measurements]
    assert len({cost.encode_seconds for cost in costs}) == 1, "measured once, and told of each trial"
    assert costs[0].encode_seconds > 0
    assert len(encoded_entries()) == 1

    (home / "blocked").touch()
    monkeypatch.setenv("BENCH_CACHE_DIR", str(home / "blocked"))
    without = bench.run(models, dataset="toy", name="without", report=False)
    costs = [record.measurements.costs for record in without.records if record.measurements]
    assert len({cost.encode_seconds for cost in costs}) == 2, "each worker encodes for itself"
    for record in cached.records:
        assert cached.predictions(record.trial.id).equals(without.predictions(record.trial.id))
        assert record.measurements is not None
        (other,) = [r.measurements for r in without.records if r.trial.id == record.trial.id]
        assert other is not None
        assert other.scores == record.measurements.scores
        assert (other.n_test_seen, other.test_lengths) == (
            record.measurements.n_test_seen,
            record.measurements.test_lengths,
        )


def test_data_that_vanish_from_the_cache_are_read_by_the_worker(toys: Path) -> None:
    (Path.cwd() / "vandal.py").write_text(
        "import shutil\n"
        "from pathlib import Path\n"
        "from toys import Words\n"
        "class Vandal(Words):\n"
        "    def fit(self, X, y):\n"
        "        for folder in Path(__import__('os').environ['BENCH_CACHE_DIR'], 'encoded').iterdir():\n"
        "            shutil.rmtree(folder)\n"
        "        return super().fit(X, y)\n"
    )
    run = bench.run("vandal:Vandal,toy-words", dataset="toy", report=False)
    assert [record.status for record in run.records] == ["ok", "ok"]


@pytest.mark.usefixtures("toys")
def test_the_cache_is_shown_and_cleared(cli: CLI) -> None:
    assert "nothing in" in cli("data", "cache").stdout
    cli("run", "--models", "toy-words", "--dataset", "toy", "--name", "t")
    shown = cli("data", "cache").stdout
    assert "toy-closed-" in shown
    assert "encoded data" in shown
    (row,) = json.loads(cli("data", "cache", "--json").stdout)
    assert row["what"] == "encoded data"
    cleared = cli("data", "cache", "--clear")
    assert cleared.returncode == 0
    assert "MB of encoded data removed" in cleared.stdout
    assert json.loads(cli("data", "cache", "--json").stdout) == []


def test_a_cache_that_is_a_file_is_an_error_of_the_command_that_shows_it(
    cli: CLI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / ENCODED).mkdir(mode=0o700)
    monkeypatch.setattr("bench.datasets.cache.encoded_entries", lambda: (tmp_path / "gone").stat())
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "file"))
    done = cli("data", "cache")
    assert done.returncode == 3
    assert "cannot be used: No such file or directory; BENCH_CACHE_DIR names another" in done.stderr


def is_mapped(array: Any) -> bool:
    """Whether an array or what it is a view of lies in a mapped file."""
    while array is not None:
        if isinstance(array, np.memmap):
            return True
        array = getattr(array, "base", None)
    return False


def test_large_arrays_stay_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.datasets.encoded.MAPPED_BYTES", 100_000)
    data = written(tmp_path / "d", load_dataset("rotten-tomatoes"), "open")
    mapped = open_encoded(tmp_path / "d")
    assert is_mapped(mapped.X_train.token_ids.values)
    assert not is_mapped(data.X_train.token_ids.values)
    assert same(mapped.X_train, data.X_train)
    assert same(mapped.X_test, data.X_test)
