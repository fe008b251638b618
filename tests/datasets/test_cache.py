"""The cache: whole or not there, never trusted, and dispensable."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.datasets.cache import cache_dir
from bench.datasets.imdb.archive import Archive
from bench.datasets.imdb.cache import Stamp
from bench.errors import DataError
from bench.utils.files import replacing

if TYPE_CHECKING:
    from tests.datasets.conftest import Invented

REBUILD_FOR_EVER = """
import contextlib, sys
from pathlib import Path
from bench.datasets.imdb.source import IMDB
from bench.errors import DataError
source = IMDB(digest=sys.argv[2])
print("started", flush=True)
for _ in range(int(sys.argv[3])):
    with contextlib.suppress(DataError):  # another process was faster, or nothing is there yet
        source.path(None).unlink(missing_ok=True)
    assert len(source.load(Path(sys.argv[1])).train) == 1000
"""
LOAD_WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from bench.datasets.imdb.source import IMDB
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
print(len(IMDB(digest=sys.argv[2]).load(Path(sys.argv[1])).train))
"""


def test_the_variable_names_the_folder_and_an_empty_one_counts_as_unset(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_dir() == cache
    monkeypatch.setenv("BENCH_CACHE_DIR", "")
    assert cache_dir().name == "gru-bench"


def test_the_cache_alone_is_enough(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    digest = invented.imdb.load(archive).digest
    archive.unlink()
    assert invented.imdb.load(None).digest == digest


def test_the_cache_holds_no_temporary_files_afterwards(invented: Invented, tmp_path: Path, cache: Path) -> None:
    invented.imdb.load(invented.archive(tmp_path / "aclImdb.tar.gz"))
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".parquet"]


def cut(content: bytes) -> bytes:
    return content[:-10]


def emptied(content: bytes) -> bytes:
    return b""


def text_changed(content: bytes) -> bytes:
    assert b"test neg" in content
    return content.replace(b"test neg", b"test bad")


def of_other_columns(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": [1]}), sink)
    return bytes(sink.getvalue())


def of_other_types(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"path": [1], "content": [None]}), sink)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("damage", [cut, emptied, text_changed, of_other_columns, of_other_types])
def test_a_broken_or_foreign_cache_file_is_rebuilt(
    invented: Invented, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    source = invented.imdb
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    digest = source.load(archive).digest
    good = source.path(None).read_bytes()
    source.path(None).write_bytes(damage(good))
    assert source.load(archive).digest == digest
    assert source.path(None).read_bytes() == good


def test_a_broken_cache_file_without_its_archive_is_said(invented: Invented, tmp_path: Path) -> None:
    source = invented.imdb
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    source.load(archive)
    archive.unlink()
    source.path(None).write_bytes(b"PAR1")
    for ask in (source.load, source.verify):
        with pytest.raises(DataError, match=r"\.parquet are damaged.*bench data fetch imdb"):
            ask(None)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"fingerprint": 1, "digest": 2}'])
def test_a_broken_stamp_is_ignored(invented: Invented, tmp_path: Path, content: str) -> None:
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    invented.imdb.load(archive)
    stamp = Stamp.of(Archive(archive))
    stamp.path.write_text(content)
    assert stamp.recall() is None
    invented.imdb.load(archive)
    assert json.loads(stamp.path.read_text())["digest"] == invented.imdb.digest


def test_data_load_without_a_cache_folder(invented: Invented, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "file" / "cache"))
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    assert len(invented.imdb.load(archive).train) == 6
    assert "12 labelled" in invented.imdb.verify(archive)


def test_a_cache_or_home_that_cannot_be_looked_into_is_as_good_as_none(
    invented: Invented, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("BENCH_CACHE_DIR", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / ("too-long-a-name" * 50)))
    source = invented.imdb
    assert not source.is_at_hand(None)
    with pytest.raises(DataError, match="not available"):
        source.load(None)
    assert len(source.load(invented.archive(tmp_path / "aclImdb.tar.gz")).train) == 6


def test_data_load_when_the_disk_is_full_and_nothing_is_left_behind(
    larger: Invented, tmp_path: Path, cache: Path, python: Callable[..., Popen[str]]
) -> None:
    archive = larger.archive(tmp_path / "aclImdb.tar.gz")
    output, errors = python(LOAD_WITHOUT_ROOM, archive, larger.imdb.digest).communicate(timeout=200)
    assert output == "1000\n", errors
    assert list(cache.iterdir()) == []


def test_a_file_that_could_not_be_completed_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def interrupted() -> None:
        with replacing(path) as file:
            file.write(b"ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.glob("file*")) == [path]


def test_processes_that_rebuild_the_cache_at_once_do_not_disturb_each_other(
    larger: Invented, tmp_path: Path, python: Callable[..., Popen[str]]
) -> None:
    archive = larger.archive(tmp_path / "aclImdb.tar.gz")
    processes = [python(REBUILD_FOR_EVER, archive, larger.imdb.digest, 8) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
    assert len(larger.imdb.load(None).train) == 1000


def test_a_kill_at_any_moment_leaves_no_broken_cache(
    larger: Invented, tmp_path: Path, cache: Path, python: Callable[..., Popen[str]]
) -> None:
    archive = larger.archive(tmp_path / "aclImdb.tar.gz")
    source = larger.imdb
    for moment_seconds in (0.05, 0.17, 0.29):
        process = python(REBUILD_FOR_EVER, archive, source.digest, 10_000)
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            time.sleep(moment_seconds)
            process.kill()
        if source.is_at_hand(None):
            assert len(source.load(None).train) == 1000
        assert len(source.load(archive).train) == 1000
