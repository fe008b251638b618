"""Fitted models on disk: they answer as before, and nothing in their files is ever unpickled."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.corpus import Corpus
from bench.models import array_files
from bench.models.recurrent.keras_classifier import NETWORK_FILE

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]
FitOnce = Callable[[str, int], Any]
Scores = Callable[[Any, Corpus], Array]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_saved_model_answers_as_before(
    name: str, n_classes: int, fit_once: FitOnce, invent: Invent, tmp_path: Path, scores: Scores
) -> None:
    new_texts = invent(n_classes)[2]
    fitted = fit_once(name, n_classes)
    fitted.save(tmp_path / "model")
    loaded = type(fitted).load(tmp_path / "model")
    assert loaded.get_params() == fitted.get_params()
    np.testing.assert_allclose(scores(loaded, new_texts), scores(fitted, new_texts), atol=1e-6)
    assert loaded.predict(new_texts).tolist() == fitted.predict(new_texts).tolist()


def test_labels_come_back_as_they_were(fit_once: FitOnce, invent: Invent, tmp_path: Path) -> None:
    train, labels, new_texts, _ = invent(2)
    model = type(fit_once("naive-bayes", 2))().fit(train, np.array(["warm", "cold"])[labels])
    model.save(tmp_path / "model")
    assert type(model).load(tmp_path / "model").predict(new_texts).tolist() == model.predict(new_texts).tolist()


def test_a_model_is_not_written_over_another(name: str, fit_once: FitOnce, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(FileExistsError):
        fit_once(name, 2).save(tmp_path / "model")


@pytest.fixture
def saved(name: str, fit_once: FitOnce, tmp_path: Path) -> tuple[Any, Path]:
    """A saved model of each kind in turn: its class and its folder."""
    fitted = fit_once(name, 2)
    fitted.save(tmp_path / "model")
    return type(fitted), tmp_path / "model"


def test_a_model_of_a_newer_format_or_another_kind_is_refused(saved: tuple[Any, Path]) -> None:
    kind, path = saved
    file = path / array_files.HEADER_FILE
    header = json.loads(file.read_text())
    changes: list[tuple[dict[str, Any], str]] = [
        ({"format": 99}, "format 99, this version reads up to 1"),
        ({"model": "X"}, "a X, expected a "),
    ]
    for change, message in changes:
        file.write_text(json.dumps({**header, **change}))
        with pytest.raises(ValueError, match=message):
            kind.load(path)


def test_a_model_whose_files_are_cut_short_or_missing_is_refused(saved: tuple[Any, Path]) -> None:
    kind, path = saved
    for file in sorted(path.iterdir()):
        content = file.read_bytes()
        for damaged in (content[: len(content) // 2], b""):
            file.write_bytes(damaged)
            with pytest.raises((ValueError, OSError)):
                kind.load(path)
        file.unlink()
        with pytest.raises((ValueError, OSError)):
            kind.load(path)
        file.write_bytes(content)
    kind.load(path)


def test_pickles_in_the_files_are_not_opened(saved: tuple[Any, Path]) -> None:
    kind, path = saved
    opened = path.parent / "opened"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (opened,)

    np.savez(path / array_files.ARRAYS_FILE, classes_=np.array([Trap()], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        kind.load(path)
    (path / array_files.ARRAYS_FILE).write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="allow_pickle"):
        kind.load(path)
    assert not opened.exists()


def test_of_a_network_s_file_only_the_weights_are_read(
    fit_once: FitOnce, invent: Invent, tmp_path: Path, scores: Scores
) -> None:
    fitted = fit_once("gru", 2)
    fitted.save(tmp_path / "model")
    file = tmp_path / "model" / NETWORK_FILE
    with zipfile.ZipFile(file) as old:
        weights = old.read("model.weights.h5")
    with zipfile.ZipFile(file, "w") as new:
        new.writestr("model.weights.h5", weights)
        new.writestr("metadata.json", "{}")
        new.writestr("config.json", '{"module": "os", "class_name": "abort", "config": {}}')
    new_texts = invent(2)[2]
    loaded = type(fitted).load(tmp_path / "model")
    np.testing.assert_allclose(scores(loaded, new_texts), scores(fitted, new_texts), atol=1e-6)


def test_labels_that_are_objects_are_not_written(fit_once: FitOnce, invent: Invent, tmp_path: Path) -> None:
    train, labels, _, _ = invent(2)
    model = type(fit_once("naive-bayes", 2))().fit(train, np.array(["warm", "cold"], dtype=object)[labels])
    with pytest.raises(ValueError, match="classes_ holds Python objects"):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()
