"""A dataset as the models of a trial get it: split, encoded, and saved as arrays that many workers can map."""

from __future__ import annotations

import json
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.corpus import INDEX_FROM, Corpus, Int64Array, Ragged, TextArray, Vocabulary
from bench.datasets.base import TextDataset
from bench.datasets.duplicates import find_leaked
from bench.datasets.sampling import draw_rows
from bench.encoding import Encoder, encode_split
from bench.records import Division
from bench.tokenizer import WhiteSpace
from bench.utils.files import write_text

FORMAT_VERSION = 3
META_FILE = "meta.json"
MAPPED_BYTES = 1_000_000
"""A smaller file is read, not mapped: no gain, and an empty array cannot be."""


class EncodedDataError(Exception):
    """A folder of encoded data is missing, damaged, or of another version."""


@dataclass(frozen=True)
class EncodedData:
    """Training and test rows of a trial in its division.

    Parameters
    ----------
    encoder : Encoder
    X_train, X_test : Corpus
    y_train, y_test : int64 array, shape (n_rows,)
    is_leaked : bool array, shape (n_test,)
        Which test texts also occur among the training texts.
    n_classes : int
    encode_seconds : float
        What turning texts into ids took, when it was done.
    """

    encoder: Encoder
    X_train: Corpus
    y_train: Int64Array
    X_test: Corpus
    y_test: Int64Array
    is_leaked: npt.NDArray[np.bool_]
    n_classes: int
    encode_seconds: float


def encode_dataset(dataset: TextDataset, division: Division, train_size: int | None, seed: int) -> EncodedData:
    """Draw the training rows of a trial and encode them with all test rows.

    Parameters
    ----------
    dataset : TextDataset
    division : "closed" or "open"
    train_size : int or None
        Training rows to draw; None: all.
    seed : int
        Draws the training rows.
    """
    import joblib  # noqa: F401 - encoding needs both; importing them is no cost of encoding
    import pyarrow as pa  # noqa: F401

    rows = draw_rows(dataset.train.labels, train_size, seed)
    train_texts = [dataset.train.texts[i] for i in rows.tolist()]
    start = time.perf_counter()
    encoder, X_train, X_test = encode_split(train_texts, dataset.test.texts, division, white_space(dataset, division))
    seconds = time.perf_counter() - start
    return EncodedData(
        encoder=encoder,
        X_train=X_train,
        y_train=dataset.train.labels[rows],
        X_test=X_test,
        y_test=dataset.test.labels,
        is_leaked=find_leaked(train_texts, dataset.test.texts),
        n_classes=len(dataset.class_names),
        encode_seconds=seconds,
    )


def white_space(dataset: TextDataset, division: Division) -> WhiteSpace:
    """Return the rule for a dataset: Keras's in the setup that its examples made, where texts are not a user's own."""
    return "keras" if division == "closed" and dataset.options is None else "unicode"


def write_encoded(folder: Path, data: EncodedData) -> None:
    """Write encoded data into an empty folder. ``meta.json`` comes last, with a checksum of each array.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    words = TextArray.from_texts(data.encoder.vocabulary[INDEX_FROM + 1 :])
    arrays = {
        **_corpus_arrays("train", data.X_train),
        **_corpus_arrays("test", data.X_test),
        "train_labels": data.y_train,
        "test_labels": data.y_test,
        "is_leaked": data.is_leaked,
        "words": words.content,
        "word_offsets": words.offsets,
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    meta = {
        "format_version": FORMAT_VERSION,
        "division": data.encoder.division,
        "white_space": data.encoder.white_space,
        "n_classes": data.n_classes,
        "encode_seconds": data.encode_seconds,
        "checksums": {name: _checksum(array) for name, array in arrays.items()},
    }
    write_text(folder / META_FILE, json.dumps(meta, indent=1))


def open_encoded(folder: Path) -> EncodedData:
    """Map the arrays in a folder, each read once and checked: no later access waits for a disk.

    Raises
    ------
    EncodedDataError
        There are none, or they are damaged, or of another version.
    """
    try:
        meta = json.loads((folder / META_FILE).read_bytes())
        if meta["format_version"] != FORMAT_VERSION:
            raise EncodedDataError(f"format {meta['format_version']}, expected {FORMAT_VERSION}")
        arrays = {name: _load_checked(folder / f"{name}.npy", checksum) for name, checksum in meta["checksums"].items()}
        vocabulary = Vocabulary(list(TextArray(arrays["words"], arrays["word_offsets"])))
        return EncodedData(
            encoder=Encoder(vocabulary, meta["division"], meta["white_space"]),
            X_train=_corpus("train", arrays, vocabulary),
            y_train=np.array(arrays["train_labels"]),
            X_test=_corpus("test", arrays, vocabulary),
            y_test=np.array(arrays["test_labels"]),
            is_leaked=arrays["is_leaked"],
            n_classes=meta["n_classes"],
            encode_seconds=meta["encode_seconds"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncodedDataError(f"{type(error).__name__}: {error}") from error


def _corpus_arrays(side: str, corpus: Corpus) -> dict[str, npt.NDArray[Any]]:
    texts = TextArray.from_texts(list(corpus))
    return {
        f"{side}_ids": corpus.token_ids.values,
        f"{side}_id_offsets": corpus.token_ids.offsets,
        f"{side}_texts": texts.content,
        f"{side}_text_offsets": texts.offsets,
    }


def _corpus(side: str, arrays: dict[str, npt.NDArray[Any]], vocabulary: Vocabulary) -> Corpus:
    texts = TextArray(arrays[f"{side}_texts"], arrays[f"{side}_text_offsets"])
    return Corpus(texts, Ragged(arrays[f"{side}_ids"], arrays[f"{side}_id_offsets"]), vocabulary)


def _load_checked(path: Path, checksum: int) -> npt.NDArray[Any]:
    is_large = path.stat().st_size > MAPPED_BYTES
    array: npt.NDArray[Any] = np.asarray(np.load(path, mmap_mode="r" if is_large else None, allow_pickle=False))
    if _checksum(array) != checksum:
        raise EncodedDataError(f"{path.name} has another checksum than it was written with")
    return array


def _checksum(array: npt.NDArray[Any]) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data)
