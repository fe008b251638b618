"""A manifest names no host, no user and no folder of theirs, and leaves everything else as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.records import DatasetInfo
from bench.running.manifest import make_manifest
from bench.utils.paths import scrub


def test_folders_are_written_as_names_and_words_are_left_alone(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    ann = home / "ann"
    monkeypatch.setenv("HOME", str(ann))
    monkeypatch.chdir("/")
    assert scrub(f"{ann}/film.csv: {ann}a, x{ann}") == f"~/film.csv: {ann}a, x{ann}"
    monkeypatch.chdir(home)
    assert scrub(f"{home}/a {home / 'toy'}/b toy-words", data_dir="toy") == "./a $DATA/b toy-words"


def test_switches_are_kept_without_their_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    monkeypatch.setenv("XLA_FLAGS", f"--xla_dump_to={tmp_path / 'ann' / 'dump'}")
    dataset = DatasetInfo(
        name="toy", digest="d", origin="", n_train=1, n_test=1, class_names=(), train_counts=(), test_counts=()
    )
    manifest = make_manifest(dataset, [], ["bench", "run"], None)
    assert manifest.environment["XLA_FLAGS"] == "--xla_dump_to=~/dump"
