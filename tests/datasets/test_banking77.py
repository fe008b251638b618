"""banking77: found where the user says or in the cache, checked, and fetched from a server on this machine."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bench.datasets.banking77 import FILES, Banking77
from bench.datasets.base import Part, TextDataset
from bench.datasets.cache import cache_dir
from bench.errors import DataError

TRAIN = 'text,category\nwhere is my card?,card_arrival\n"it says\n""declined""",declined\nstill no card,card_arrival\n'
TEST = "text,category\nno card yet,card_arrival\n"
HELD = TextDataset(
    "banking77",
    Part(["where is my card?", 'it says\n"declined"', "still no card"], np.array([0, 1, 0])),
    Part(["no card yet"], np.array([0])),
    ("card_arrival", "declined"),
    "",
)

SOURCE = Banking77(digest=HELD.digest)


def _write(folder: Path, train: str = TRAIN, test: str = TEST) -> Path:
    folder.mkdir(parents=True)
    for file, content in zip(FILES, (train, test), strict=True):
        (folder / file).write_text(content, encoding="utf-8")
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a folder with the files."""
    monkeypatch.setenv("NO_PROXY", "*")
    handler = partial(Quiet, directory=str(_write(tmp_path / "served")))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_questions_are_read_as_they_are_classes_in_alphabetical_order(tmp_path: Path) -> None:
    _write(tmp_path / "data" / "banking77")
    assert SOURCE.is_at_hand(tmp_path / "data")
    dataset = SOURCE.load(tmp_path / "data")
    assert dataset.train.texts == HELD.train.texts
    assert dataset.class_names == HELD.class_names
    assert "4 questions were read" in SOURCE.verify(tmp_path / "data")


def test_the_folder_of_the_environment_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _write(tmp_path / "data" / "banking77")
    assert not SOURCE.is_at_hand(None)
    monkeypatch.setenv("BENCH_DATA_DIR", str(tmp_path / "data"))
    assert SOURCE.path(None) == folder


def test_without_the_files_the_next_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"banking77 is not available\. `bench data fetch banking77` gets it"):
        SOURCE.load(tmp_path)


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (TRAIN.replace("still", "yet"), TEST, "found 3 and 1 questions in 2 intents"),
        (TRAIN, TEST + "a,b\n", "has the intent 'b', which training lacks"),
        ("a,b\n1,2\n", TEST, "expected CSV with columns text and category"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, train: str, test: str, said: str) -> None:
    _write(tmp_path / "data" / "banking77", train, test)
    with pytest.raises(DataError) as error:
        SOURCE.load(tmp_path / "data")
    assert said in str(error.value)


def test_fetching_fills_the_cache_and_is_checked(server: str) -> None:
    folder = SOURCE.fetch(server)
    assert folder == cache_dir() / "banking77"
    assert SOURCE.load(None).digest == HELD.digest
    assert SOURCE.fetch(server) == folder, "once more, over what is there"
    with pytest.raises(DataError, match="does not hold banking77 as published"):
        Banking77(digest="0" * 64).fetch(server)
    assert SOURCE.load(None).digest == HELD.digest, "what is not what it claims to be replaces nothing"
    assert [path.name for path in cache_dir().iterdir()] == ["banking77"]


def test_a_server_without_the_files_leaves_the_cache_as_it_was(server: str) -> None:
    SOURCE.fetch(server)
    with pytest.raises(DataError, match="could not be downloaded"):
        SOURCE.fetch(f"{server}/elsewhere")
    assert SOURCE.load(None).digest == HELD.digest


@pytest.mark.imdb
def test_the_published_files_have_the_published_digest() -> None:
    source = Banking77()
    if not source.is_at_hand(None):
        pytest.skip("banking77 is not available")
    dataset = source.load(None)
    assert (len(dataset.train), len(dataset.test), len(dataset.class_names)) == (10_003, 3_080, 77)
