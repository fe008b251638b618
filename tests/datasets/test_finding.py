"""Sources by name: real entry points in a folder on the path."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from bench.datasets import find_source, is_file, load_dataset, resolve_auto, source_names
from bench.errors import DataError, UsageError

DISTRIBUTION = """[bench.datasets]
imdb = bench.datasets.imdb.source:IMDB
imdb-dev = bench.datasets.movie_reviews:IMDBDev
missing-module = no_such_module:Source
missing-class = bench.datasets.imdb.source:NoSuchClass
no-source = pathlib:Path
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another distribution that registers sources, broken ones too."""
    folder = tmp_path / "site" / "plugin-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(DISTRIBUTION)
    monkeypatch.syspath_prepend(tmp_path / "site")


@pytest.mark.skipif(not entry_points(group="bench.datasets"), reason="needs the project to be installed")
def test_the_installed_sources_are_found_by_name() -> None:
    assert {"imdb", "imdb-dev", "rotten-tomatoes"} <= set(source_names())
    assert all(find_source(name).name == name for name in ("imdb", "imdb-dev", "rotten-tomatoes"))


def test_a_registered_source_is_found(plugin: None) -> None:
    assert find_source("imdb").name == "imdb"
    assert source_names() == sorted(source_names())


def test_an_unknown_name_gets_a_suggestion(plugin: None) -> None:
    with pytest.raises(UsageError, match=r"unknown dataset 'imbd'.*did you mean imdb"):
        find_source("imbd")


@pytest.mark.parametrize("name", ["reviews.csv", "data/reviews", "reviews.PARQUET", "a.json.gz"])
def test_what_looks_like_a_path_is_a_file(plugin: None, name: str) -> None:
    assert is_file(name)
    with pytest.raises(DataError, match="there is no file"):
        load_dataset(name)


def test_a_registered_name_is_no_file_whatever_files_there_are(
    plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("imdb", "auto", "SMSSpamCollection"):
        Path(name).touch()
    assert [is_file(name) for name in ("imdb", "auto", "SMSSpamCollection", "a" * 300)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing-module", "cannot be imported: ModuleNotFoundError: No module named"),
        ("missing-class", "cannot be imported: .*NoSuchClass"),
        ("no-source", "is no source"),
    ],
)
def test_a_broken_plugin_is_an_error_that_names_it(plugin: None, name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=f"dataset '{name}' .*{reason}"):
        find_source(name)


def test_auto_is_imdb_dev_with_a_note_where_imdb_is_not_at_hand(plugin: None) -> None:
    name, note = resolve_auto(None)
    assert name == "imdb-dev"
    assert note is not None
    assert "bench data fetch imdb" in note


def test_auto_is_imdb_where_the_user_named_a_place_whatever_it_holds(plugin: None, tmp_path: Path) -> None:
    assert resolve_auto(tmp_path) == ("imdb", None)
    with pytest.raises(DataError, match="holds no IMDB"):
        load_dataset("imdb", tmp_path)


def test_data_that_changed_since_the_run_began_are_refused(plugin: None) -> None:
    digest = load_dataset("imdb-dev", Path("unused")).digest
    assert load_dataset("imdb-dev", None, digest).name == "imdb-dev"
    with pytest.raises(DataError, match=f"{digest[:16]}.*expected 0000"):
        load_dataset("imdb-dev", None, "0" * 64)
