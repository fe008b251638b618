"""Processes that are killed leave damaged files of coverage: they are left out, and the others still count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData


def write_part(path: Path, lines: list[int]) -> Path:
    data = CoverageData(str(path))
    data.add_lines({"module.py": lines})
    data.write()
    return path


def without_tables(content: bytes) -> bytes:
    return content.replace(b"CREATE TABLE file", b"CREATE TABLE fill")


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def emptied(content: bytes) -> bytes:
    return b"no database"


@pytest.mark.parametrize("damage", [without_tables, cut, emptied])
def test_a_damaged_part_is_removed_and_a_whole_one_stays(
    damage: Callable[[bytes], bytes], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    conftest: Any = pytestconfig.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))
    whole, damaged = (write_part(tmp_path / f".coverage.{name}", [1, 2]) for name in ("whole", "damaged"))
    damaged.write_bytes(damage(damaged.read_bytes()))
    conftest.remove_damaged_coverage(tmp_path / ".coverage")
    assert whole.exists()
    assert not damaged.exists()
