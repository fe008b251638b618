"""Fitted models on disk: a folder with JSON and arrays, for Keras its own file beside. Nothing in it is unpickled."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Array

FORMAT = 1
"""Version of the folder. 1: the first."""

HEADER_FILE, ARRAYS_FILE = "model.json", "arrays.npz"


def write(path: Path, model: str, parameters: dict[str, Any], arrays: dict[str, Any]) -> None:
    """Make the folder of a model.

    Raises
    ------
    FileExistsError
        There is something at ``path``.
    ValueError
        An array holds Python objects.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} holds Python objects, expected numbers or text of one type")
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in parameters.items()}
    header = json.dumps({"format": FORMAT, "model": model, "parameters": plain}, indent=1)
    path.mkdir()
    (path / HEADER_FILE).write_text(header + "\n", encoding="utf-8")
    np.savez_compressed(path / ARRAYS_FILE, **arrays)


def read(path: Path, model: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Parameters and arrays of a model.

    Raises
    ------
    ValueError
        It is another model's, of a newer format, or damaged.
    OSError
        It cannot be read.
    """
    try:
        header = json.loads((path / HEADER_FILE).read_bytes())
        if header["format"] > FORMAT:
            raise ValueError(f"format {header['format']}, this version reads up to {FORMAT}; update gru-bench")
        if header["model"] != model:
            raise ValueError(f"a {header['model']}, expected a {model}")
        with (path / ARRAYS_FILE).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return header["parameters"], dict(arrays)
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
