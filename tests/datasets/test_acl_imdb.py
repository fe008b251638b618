"""Archives and trees: what is read, what is passed over, what is refused."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.datasets.imdb.archive import REVIEW_BYTES_MAX, Archive, Tree, content_digest, find
from bench.errors import DataError

if TYPE_CHECKING:
    from tests.datasets.conftest import Invented


def member(name: str, kind: bytes = tarfile.REGTYPE, n_bytes: int = 0, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, n_bytes, target
    return info


def test_archive_and_tree_hold_the_same_files(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "aclImdb_v1.tar.gz")
    tree = invented.tree(tmp_path)
    assert Archive(archive).read() == Tree(tree).read() == invented.files


def test_the_digest_depends_on_paths_and_contents_but_not_on_their_order(invented: Invented) -> None:
    files = invented.files
    digest = content_digest(files)
    assert content_digest(dict(reversed(files.items()))) == digest
    first, second = list(files)[:2]
    assert content_digest({**files, first: files[second], second: files[first]}) != digest


@pytest.mark.parametrize(
    "name",
    [
        "aclImdb/README",
        "aclImdb/imdb.vocab",
        "aclImdb/train/unsup/0_0.txt",
        "aclImdb/train/labeledBow.feat",
        "aclImdb/train/urls_pos.txt",
        "aclImdb/train/pos/._0_9.txt",
        "aclImdb/train/pos/.DS_Store",
        "notes.txt",
    ],
)
def test_other_plain_files_are_passed_over(invented: Invented, tmp_path: Path, name: str) -> None:
    archive = invented.archive(tmp_path / "a.tar.gz", extra=[member(name, n_bytes=10)])
    assert Archive(archive).read() == invented.files

    tree = invented.tree(tmp_path)
    other = tmp_path / name
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_bytes(b" " * 10)
    assert Tree(tree).read() == invented.files


def test_a_large_file_that_is_no_review_is_passed_over(invented: Invented, tmp_path: Path) -> None:
    large = member("aclImdb/train/unsupBow.feat", n_bytes=REVIEW_BYTES_MAX + 1)
    assert Archive(invented.archive(tmp_path / "a.tar.gz", extra=[large])).read() == invented.files


def test_folders_and_any_name_of_the_top_folder_are_fine(invented: Invented, tmp_path: Path) -> None:
    folder = member("./imdb/train/pos", tarfile.DIRTYPE)
    assert Archive(invented.archive(tmp_path / "a.tar.gz", [folder], root="./imdb")).read() == invented.files


@pytest.mark.parametrize(
    "unsafe",
    [
        member("/etc/0_1.txt"),
        member("../0_1.txt"),
        member("aclImdb/../../0_1.txt"),
        member("aclImdb/train/pos/0_1.txt", tarfile.SYMTYPE, target="/etc/hostname"),
        member("aclImdb/notes", tarfile.LNKTYPE, target="aclImdb/train/pos/8_8.txt"),
        member("aclImdb/device", tarfile.CHRTYPE),
        member("aclImdb/disk", tarfile.BLKTYPE),
        member("aclImdb/pipe", tarfile.FIFOTYPE),
        member("aclImdb/train/pos/0_1.txt", n_bytes=REVIEW_BYTES_MAX + 1),
    ],
    ids=["absolute", "up", "up-inside", "symlink", "hard-link", "character", "block", "pipe", "over-the-limit"],
)
def test_a_member_that_could_do_harm_is_refused_by_name(
    invented: Invented, tmp_path: Path, unsafe: tarfile.TarInfo
) -> None:
    archive = invented.archive(tmp_path / "a.tar.gz", extra=[unsafe])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match="bench data fetch imdb") as error:
        Archive(archive).read()
    assert repr(unsafe.name) in str(error.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_review_that_occurs_twice_is_refused(invented: Invented, tmp_path: Path) -> None:
    archive = invented.archive(tmp_path / "a.tar.gz", extra=[member("other/train/pos/8_8.txt")])
    with pytest.raises(DataError, match=r"holds train/pos/8_8\.txt twice"):
        Archive(archive).read()


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def cut_short_inside(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content)[:2000])


def no_archive(content: bytes) -> bytes:
    return b"<html>404</html>"


@pytest.mark.parametrize("damage", [cut_short, cut_short_inside, no_archive])
def test_a_damaged_archive_is_a_data_error_with_the_next_step(
    invented: Invented, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    archive = invented.archive(tmp_path / "a.tar.gz")
    archive.write_bytes(damage(archive.read_bytes()))
    with pytest.raises(DataError, match=r"a\.tar\.gz cannot be read .* may be damaged .*bench data fetch imdb"):
        Archive(archive).read()


@pytest.mark.parametrize(
    ("layout", "named"),
    [
        ("data/aclImdb_v1.tar.gz", "data"),
        ("data/aclImdb_labelled.tar.gz", "data"),
        ("data/reviews.tar.gz", "data/reviews.tar.gz"),
        ("data/aclImdb", "data"),
        ("data/aclImdb", "data/aclImdb"),
        ("data/aclImdb_v1_extracted/aclImdb", "data"),
    ],
)
def test_reviews_are_found_packed_or_unpacked(invented: Invented, tmp_path: Path, layout: str, named: str) -> None:
    expected = tmp_path / layout
    if expected.name == "aclImdb":
        invented.tree(expected.parent)
    else:
        invented.archive(expected)
    source = find(tmp_path / named)
    assert source is not None
    assert source.path == expected
    assert source.read() == invented.files


@pytest.mark.parametrize("content", [None, "train/unsup", "aclImdb", "test"])
def test_nothing_is_found_where_there_are_no_labelled_reviews(tmp_path: Path, content: str) -> None:
    (tmp_path / "data" / (content or "")).mkdir(parents=True)
    (tmp_path / "data" / "aclImdb_v1.tar.gz.part").touch()
    assert find(tmp_path / "data") is None


def test_a_fingerprint_changes_with_the_files_and_only_then(invented: Invented, tmp_path: Path) -> None:
    for source in (Archive(invented.archive(tmp_path / "a.tar.gz")), Tree(invented.tree(tmp_path))):
        before = source.fingerprint()
        assert source.fingerprint() == before
        touched = source.path / "test/pos/8_8.txt" if isinstance(source, Tree) else source.path
        touched.write_bytes(touched.read_bytes()[:-1] + b"x")
        assert source.fingerprint() != before


def test_a_source_that_vanished_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone"):
        Archive(tmp_path / "gone").fingerprint()
