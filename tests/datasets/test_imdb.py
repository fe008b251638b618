"""The source ``imdb``: where it looks, what it gives, and what it says when it cannot."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.datasets.base import Source
from bench.datasets.imdb.archive import Archive, content_digest
from bench.datasets.imdb.cache import Stamp
from bench.datasets.imdb.source import IMDB
from bench.errors import DataError

if TYPE_CHECKING:
    from tests.datasets.conftest import Invented


def damaged(content: bytes) -> bytes:
    """Of the same length, zeros from the middle on."""
    return content[: len(content) // 2].ljust(len(content), b"\0")


def test_it_is_a_source() -> None:
    assert isinstance(IMDB(), Source)


def test_rows_are_in_path_order_neg_before_pos(invented: Invented, tmp_path: Path) -> None:
    invented.tree(tmp_path)
    dataset = invented.imdb.load(tmp_path)
    assert list(dataset.train.texts) == [f"train {label} café {n}" for label in ("neg", "pos") for n in (10, 8, 9)]
    assert list(dataset.test.texts) == [f"test {label} café {n}" for label in ("neg", "pos") for n in (10, 8, 9)]
    assert dataset.train.labels.tolist() == dataset.test.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert dataset.class_names == ("neg", "pos")


def test_archive_tree_and_cache_give_the_same_digest(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "packed" / "aclImdb.tar.gz")
    tree = invented.tree(tmp_path / "unpacked")
    datasets = [invented.imdb.load(place) for place in (archive, archive, tree, tree, None)]
    assert [dataset.origin for dataset in datasets] == [
        "the archive aclImdb.tar.gz",
        "the archive aclImdb.tar.gz",
        "the folder aclImdb",
        "the folder aclImdb",
        "the cache of verified reviews",
    ]
    assert len({dataset.digest for dataset in datasets}) == 1


def test_the_argument_comes_before_the_variable_and_the_variable_before_the_cache(
    invented: Invented, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("argument", "variable"):
        invented.archive(tmp_path / name / "aclImdb.tar.gz")
    invented.archive(cache / "aclImdb_v1.tar.gz")
    source = invented.imdb
    assert source.path(None).parent == cache
    monkeypatch.setenv("BENCH_DATA_DIR", str(tmp_path / "variable"))
    assert source.path(None).parent.name == "variable"
    assert source.path(tmp_path / "argument").parent.name == "argument"
    monkeypatch.setenv("BENCH_DATA_DIR", "")
    assert source.path(None).parent == cache


def test_the_home_folder_may_be_written_as_a_tilde(invented: Invented, tmp_path: Path) -> None:
    invented.archive(tmp_path / "user" / "aclImdb.tar.gz")
    assert len(invented.imdb.load(Path("~")).train) == 6


def test_what_was_named_counts_as_at_hand_and_is_never_replaced_by_the_cache(
    invented: Invented, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = invented.imdb
    assert not source.is_at_hand(None)
    source.load(invented.archive(tmp_path / "aclImdb.tar.gz"))
    assert source.is_at_hand(None)

    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("BENCH_DATA_DIR", str(empty))
    for named in (empty, None):
        assert source.is_at_hand(named)
        with pytest.raises(DataError, match="empty holds no IMDB reviews: found nothing"):
            source.load(named)


def test_without_any_data_the_error_names_the_three_ways_out() -> None:
    with pytest.raises(DataError) as error:
        IMDB().load(None)
    assert error.value.exit_code == 3
    for way in ("bench data fetch imdb", "--data-dir", "BENCH_DATA_DIR", "--dataset imdb-dev"):
        assert way in str(error.value)


def test_a_folder_without_imdb_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    place = tmp_path / "reports"
    place.mkdir()
    for number in range(7):
        (place / f"{number}.csv").touch()
    with pytest.raises(DataError, match=r"found 0\.csv, 1\.csv, .* and 2 more, expected an aclImdb\*\.tar\.gz"):
        IMDB().load(place)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing does not exist"):
        IMDB().load(tmp_path / "missing")


def test_a_folder_that_cannot_be_looked_into_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        IMDB().load(tmp_path / ("too-long-a-name" * 50))


@pytest.mark.parametrize("place", ["user/.keras/datasets", "data", "data/imdb.npz"])
def test_keras_own_file_is_recognised_as_no_help(tmp_path: Path, place: str) -> None:
    file = tmp_path / place if place.endswith(".npz") else tmp_path / place / "imdb.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"PK")
    with pytest.raises(DataError, match=r"token ids only, in pickled lists, and no texts.*bench data fetch imdb"):
        IMDB().load(None if place.startswith("user") else tmp_path / place)


def test_content_that_is_not_as_published_is_refused_with_both_digests(invented: Invented, tmp_path: Path) -> None:
    tree = invented.tree(tmp_path)
    (tree / "train/pos/8_8.txt").write_bytes(b"changed")
    changed = content_digest({**invented.files, "train/pos/8_8.txt": b"changed"})
    with pytest.raises(
        DataError, match=f"found 12 labelled.*{changed[:16]}.*expected 12 .*{invented.imdb.digest[:16]}"
    ):
        invented.imdb.load(tmp_path)


def test_an_incomplete_tree_is_refused_with_both_counts(invented: Invented, tmp_path: Path) -> None:
    tree = invented.tree(tmp_path)
    shutil.rmtree(tree / "test/neg")
    with pytest.raises(DataError, match=r"found 9 labelled reviews.*expected 12"):
        invented.imdb.load(tmp_path)


def test_an_archive_with_one_flipped_byte_is_refused(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    content = bytearray(gzip.decompress(archive.read_bytes()))
    content[content.index(b"train pos")] ^= 1
    archive.write_bytes(gzip.compress(content))
    with pytest.raises(DataError, match=r"aclImdb\.tar\.gz does not hold the IMDB setup as published"):
        invented.imdb.load(archive)


def test_bytes_that_are_not_utf8_are_a_data_error_that_names_the_review(invented: Invented, tmp_path: Path) -> None:
    invented.files["train/neg/8_8.txt"] = b"caf\xe9"
    with pytest.raises(DataError, match=r"train/neg/8_8\.txt is not UTF-8"):
        invented.imdb.load(invented.tree(tmp_path))


def test_a_named_archive_is_read_once_until_it_changes(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    source = invented.imdb
    source.load(archive)
    assert Stamp.of(Archive(archive)).recall() == source.digest

    good, times = archive.read_bytes(), archive.stat()
    archive.write_bytes(damaged(good))
    os.utime(archive, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(DataError, match="may be damaged"):
        source.load(archive)

    archive.write_bytes(good)
    assert len(source.load(archive).train) == 6


def test_verify_reads_everything_again_and_says_what_it_checked(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    source = invented.imdb
    assert f"12 labelled reviews were read, content digest {source.digest[:16]}" in source.verify(archive)
    assert str(source.path(None)) in source.verify(None)


def test_what_verify_finds_damaged_is_not_taken_for_verified_any_more(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "aclImdb.tar.gz")
    source = invented.imdb
    archive.write_bytes(damaged(archive.read_bytes()))
    Stamp.of(Archive(archive)).remember(source.digest)
    with pytest.raises(DataError, match="may be damaged"):
        source.verify(archive)
    assert Stamp.of(Archive(archive)).recall() is None


def test_verify_and_path_without_data_are_data_errors() -> None:
    for ask in (IMDB().verify, IMDB().path):
        with pytest.raises(DataError, match="not available"):
            ask(None)
