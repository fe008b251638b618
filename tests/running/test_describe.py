"""What a description says of a model's code: it changes with what the model may come from, and with nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.running.describe import describe_one

MODEL = "class Model:\n    def __init__(self, size: int = 1):\n        self.size = size\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two families of models with a file that both share."""
    folder = tmp_path / "zoo"
    for family in ("cats", "dogs"):
        (folder / family).mkdir(parents=True)
        (folder / family / "__init__.py").touch()
        (folder / family / "model.py").write_text(MODEL)
    (folder / "__init__.py").touch()
    (folder / "base.py").write_text("SHARED = 1\n")
    (tmp_path / "alone.py").write_text(MODEL)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] in ("zoo", "alone")]:
        monkeypatch.delitem(sys.modules, name)  # another test's
    return folder


def digests() -> list[str | None]:
    return [describe_one(f"zoo.{family}.model:Model").source_sha256 for family in ("cats", "dogs")]


def test_a_change_of_one_family_leaves_the_others_digest(package: Path) -> None:
    cats, dogs = digests()
    (package / "cats" / "network.py").write_text("LAYERS = 2\n")
    assert digests()[0] != cats
    assert digests()[1] == dogs


def test_a_change_of_what_families_share_is_seen_in_each(package: Path) -> None:
    before = digests()
    (package / "base.py").write_text("SHARED = 2\n")
    assert all(now != then for now, then in zip(digests(), before, strict=True))


def test_a_lone_module_is_its_file_alone(package: Path) -> None:
    before = describe_one("alone:Model").source_sha256
    (package.parent / "other.py").touch()
    assert describe_one("alone:Model").source_sha256 == before
    (package.parent / "alone.py").write_text(f"{MODEL}# changed\n")
    assert describe_one("alone:Model").source_sha256 != before


def test_the_harness_is_no_part_of_a_built_in_models_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = describe_one("naive-bayes").source_sha256
    monkeypatch.setattr("bench.__file__", "/nowhere/bench/__init__.py")
    assert describe_one("naive-bayes").source_sha256 == before
