"""Where corpora come from: one file a source, found by name through the entry points ``bench.datasets``."""

from __future__ import annotations

from pathlib import Path

from bench.datasets.base import Source, TextDataset
from bench.errors import DataError, UsageError
from bench.registry import DATASETS, find, registered

FILE_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet")


def source_names() -> list[str]:
    """The registered names, in alphabetical order. No source is imported."""
    return sorted({entry.name for entry in registered(DATASETS)})


def find_source(name: str) -> Source:
    """The source of this name.

    Raises
    ------
    bench.errors.UsageError
        No source has this name, or it cannot be imported.
    """
    if _looks_like_a_file(name):
        raise UsageError(
            f"dataset {name!r} looks like a file, and files are not read yet; "
            f"expected one of the names {', '.join(source_names())}, or auto"
        )
    entry = find(DATASETS, name)
    try:
        source = entry.load()()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"dataset {name!r} ({entry.value}) cannot be imported: {error}; reinstall or remove its package"
        ) from error
    if not isinstance(source, Source):
        raise UsageError(f"dataset {name!r} ({entry.value}) is no source: expected name, summary, is_at_hand and load")
    return source


def resolve_auto(data_dir: Path | None) -> tuple[str, str | None]:
    """What ``--dataset auto`` means here. It never downloads.

    Returns
    -------
    name : str
    note : str or None
        What the user should know about the choice.
    """
    if find_source("imdb").is_at_hand(data_dir):
        return "imdb", None
    return "imdb-dev", (
        "The full IMDB setup is not at hand, so imdb-dev is used: its training half, cut into 20,000 and 5,000 "
        "reviews. `bench data fetch imdb` gets all 50,000."
    )


def load_dataset(name: str, data_dir: Path | None = None, expected_digest: str | None = None) -> TextDataset:
    """The dataset of this name, verified.

    Parameters
    ----------
    name : str
        A registered name; ``auto`` is resolved before.
    data_dir : Path or None
        The folder or file that the user named.
    expected_digest : str or None
        What :attr:`TextDataset.digest` was when the run began.

    Raises
    ------
    bench.errors.DataError
        The data are not to be had, or are not those that the run began with.
    """
    dataset = find_source(name).load(data_dir)
    if expected_digest is not None and dataset.digest != expected_digest:
        raise DataError(
            f"dataset {name} has the digest {dataset.digest[:16]}…, expected {expected_digest[:16]}…, as when the run "
            "began: its data changed. Bring the old data back, or start a new run."
        )
    return dataset


def _looks_like_a_file(name: str) -> bool:
    return "/" in name or name.lower().endswith(FILE_SUFFIXES) or Path(name).is_file()
