"""``fetch``: from a server on this machine, and without a network."""

from __future__ import annotations

import hashlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.datasets.download import ANSWER_SECONDS, download
from bench.datasets.imdb.source import IMDB
from bench.errors import DataError

if TYPE_CHECKING:
    from tests.datasets.conftest import Invented


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder, and can be told to end an answer half way."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.n_downloads = 0
        self.breaks_off = False

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        self.server.n_downloads += 1
        content = self._head()
        self.wfile.write(content[: len(content) // 2] if self.server.breaks_off else content)

    def _head(self) -> bytes:
        file = self.server.folder / self.path.lstrip("/")
        content = file.read_bytes() if file.is_file() else b"not here"
        self.send_response(200 if file.is_file() else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return content

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "served").mkdir()
    with Server(tmp_path / "served") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def source(invented: Invented, server: Server) -> IMDB:
    """``imdb`` as if the server were the official one."""
    archive = invented.archive(server.folder / "aclImdb_v1.tar.gz")
    md5 = hashlib.md5(archive.read_bytes()).hexdigest()
    return replace(invented.imdb, url=server.url("aclImdb_v1.tar.gz"), md5=md5)


def test_the_archive_is_downloaded_verified_and_parsed(source: IMDB, cache: Path) -> None:
    assert source.fetch() == cache / "aclImdb_v1.tar.gz"
    assert source.is_at_hand(None)
    (cache / "aclImdb_v1.tar.gz").unlink()
    assert len(source.load(None).train) == 6


def test_an_archive_that_is_there_is_not_downloaded_again(source: IMDB, server: Server) -> None:
    source.fetch()
    source.fetch()
    assert server.n_downloads == 1


def test_a_damaged_archive_in_the_cache_is_replaced(source: IMDB, cache: Path) -> None:
    cache.mkdir()
    (cache / "aclImdb_v1.tar.gz").write_bytes(b"damaged")
    with pytest.raises(DataError, match="cannot be read"):
        source.load(None)
    source.fetch()
    assert len(source.load(None).train) == 6


def test_a_mirror_is_asked_instead(source: IMDB, server: Server) -> None:
    mirrored = replace(source, url="http://127.0.0.1:9/official")
    mirrored.fetch(server.url("aclImdb_v1.tar.gz"))
    assert len(mirrored.load(None).test) == 6


def test_a_wrong_hash_is_an_error_that_names_both_and_leaves_no_file(source: IMDB, server: Server, cache: Path) -> None:
    found = source.md5
    with pytest.raises(DataError, match=f"expected md5:{'0' * 32} but got {found}"):
        replace(source, md5="0" * 32).fetch()
    assert list(cache.iterdir()) == []


def test_a_download_that_breaks_off_leaves_no_file(source: IMDB, server: Server, cache: Path) -> None:
    server.breaks_off = True
    with pytest.raises(DataError, match="could not be downloaded"):
        source.fetch()
    assert list(cache.iterdir()) == []


def test_a_page_that_is_not_there_is_an_error(source: IMDB, server: Server) -> None:
    with pytest.raises(DataError, match="gone could not be downloaded: 404"):
        source.fetch(server.url("gone"))


def test_a_cache_that_cannot_be_written_is_an_error_that_names_the_variable(
    source: IMDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match=r"cannot be written.*BENCH_CACHE_DIR"):
        source.fetch()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"http://127.0.0.1:{free_port()}/x", "Connection refused"),
        ("http://name.invalid/x", "not known|resolution|nodename|answer"),
        ("ftp:x", "No connection adapters"),
    ],
    ids=["closed port", "unknown name", "no protocol"],  # the port differs from process to process
)
def test_without_a_network_the_error_gives_reason_and_ways_out(tmp_path: Path, url: str, reason: str) -> None:
    with pytest.raises(DataError, match=f"could not be downloaded: .*({reason}).*--dataset imdb-dev") as error:
        download(url, tmp_path / "x", "0" * 32, answer_seconds=1)
    assert error.value.exit_code == 3
    assert "Pool" not in str(error.value)
    assert list(tmp_path.glob("x*")) == []


def test_a_server_that_never_answers_is_given_up_within_ten_seconds(source: IMDB) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start_seconds = time.monotonic()
        with pytest.raises(DataError, match="could not be downloaded"):
            source.fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/x")
        assert time.monotonic() - start_seconds < ANSWER_SECONDS + 20, "it does not wait for an answer once more"
    assert ANSWER_SECONDS <= 8, "two seconds are left for the program's own start"


def test_a_name_resolution_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hangs.wait(5) and [])
    with pytest.raises(DataError, match=r"no answer within 0\.2 seconds"):
        download("http://example.invalid/x", tmp_path / "x", "0" * 32, answer_seconds=0.2)
    hangs.set()
