"""Fitted models that a run keeps: each with the vocabulary and the division that turn texts into its ids."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from bench.corpus import INDEX_FROM, Vocabulary
from bench.encoding import Encoder
from bench.errors import OutputError
from bench.records import SCHEMA_VERSION, Division, ModelInfo, Record
from bench.results.store import parse
from bench.tokenizer import WhiteSpace
from bench.utils.files import write_text

MODEL, ENCODER_FILE = "model", "encoder.json"


class EncoderFile(Record):
    """``encoder.json``."""

    schema_version: int = SCHEMA_VERSION
    division: Division
    white_space: WhiteSpace = "keras"
    """At which white space words end; before schema 6 always Keras's."""
    words: tuple[str, ...]
    """Known words, most frequent first."""


def save_model(path: Path, model: Any, encoder: Encoder | None) -> None:
    """Make the folder of a fitted model: it appears whole, or not at all. An older one is replaced.

    Leftovers of a save that was interrupted are removed.

    Raises
    ------
    Exception
        Whatever the model's ``save`` raises.
    """
    new, old = (path.with_name(f".{path.name}.{kind}") for kind in ("new", "old"))
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        model.save(new / MODEL)
        if encoder is not None:
            words = tuple(encoder.vocabulary[INDEX_FROM + 1 :])
            saved = EncoderFile(division=encoder.division, white_space=encoder.white_space, words=words)
            write_text(new / ENCODER_FILE, saved.model_dump_json())
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)
        new.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def load_model(path: Path, info: ModelInfo) -> tuple[Any, Encoder | None]:
    """Return what ``save_model`` wrote. This imports the model's module: for child processes.

    Returns
    -------
    model : estimator
    encoder : Encoder or None
        None: the model reads no texts.

    Raises
    ------
    OutputError
        It is damaged, or was written by a newer version.
    UsageError
        The model's class cannot be imported.
    """
    from bench.registry import load_factory

    factory: Any = load_factory(info.target, info.task)
    file = path / ENCODER_FILE
    try:
        encoder = parse(EncoderFile, file.read_bytes(), str(file)) if info.task == "classification" else None
        model = factory.load(path / MODEL)
    except OutputError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise OutputError(f"the saved model {path} cannot be read: {type(error).__name__}: {error}") from error
    if encoder is None:
        return model, None
    return model, Encoder(Vocabulary(encoder.words), encoder.division, encoder.white_space)
