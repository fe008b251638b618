"""A manifest names no host, no user and no folder of theirs, and leaves everything else as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.manifest import make_manifest, scrub
from bench.records import DatasetInfo


def test_folders_are_written_as_names_and_words_are_left_alone(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("HOME", "/root/ann")
    assert scrub("/root/ann/film.csv: /root/anna, x/root/ann") == "~/film.csv: /root/anna, x/root/ann"
    assert scrub(f"{home}/a {home / 'toy'}/b toy-words", data_dir="toy") == "./a $DATA/b toy-words"


def test_switches_are_kept_without_their_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/root/ann")
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/root/ann/dump")
    dataset = DatasetInfo(
        name="toy", digest="d", origin="", n_train=1, n_test=1, class_names=(), train_counts=(), test_counts=()
    )
    manifest = make_manifest(dataset, [], ["bench", "run"], None)
    assert manifest.environment["XLA_FLAGS"] == "--xla_dump_to=~/dump"
