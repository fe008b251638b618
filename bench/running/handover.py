"""How a worker hands predictions to its parent: arrays in a folder, nothing that has to be unpickled."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.tasks.base import BoolArray, Predictions, Task

IS_LEAKED = "is_leaked"


def save_arrays(predictions: Predictions, is_leaked: BoolArray, folder: Path) -> None:
    """Write what is needed to score predictions into a folder."""
    for name, array in {**predictions.arrays(), IS_LEAKED: is_leaked}.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def load_arrays(task: Task, folder: Path) -> tuple[Predictions, BoolArray]:
    """Return what :func:`save_arrays` wrote."""
    arrays = {path.stem: np.load(path, allow_pickle=False) for path in folder.glob("*.npy")}
    return task.predictions.from_arrays(arrays), arrays[IS_LEAKED]
