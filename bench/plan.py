"""From a RunSpec to the list of Trials, and to the training rows of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.errors import UsageError
from bench.records import DatasetInfo, ModelInfo, RunSpec, Trial


def plan(spec: RunSpec, models: Sequence[ModelInfo], dataset: DatasetInfo) -> list[Trial]:
    """The trials of a run: seeds, then training sizes, then models, in the order that the user named them.

    A deterministic model runs once a training subset: once in all where every row trains, once a seed where a subset
    is drawn.

    Raises
    ------
    UsageError
        More training rows are asked than there are, or fewer than there are classes.
    """
    for asked in spec.train_size:
        if not len(dataset.class_names) <= asked <= dataset.n_train:
            raise UsageError(
                f"--train-size {asked} cannot be drawn from {dataset.name}: expected {len(dataset.class_names)} "
                f"(one a class) to {dataset.n_train:,} rows"
            )
    trials: dict[str, Trial] = {}
    sizes: tuple[int | None, ...] = spec.train_size or (None,)
    for size in sizes:
        drawn = size is not None and size < dataset.n_train
        for seed in range(spec.seeds):
            for model in models:
                if seed > 0 and not model.seed_parameters and not drawn:
                    continue
                trial = Trial(
                    model=model,
                    dataset=dataset.name,
                    dataset_digest=dataset.digest,
                    division=spec.division,
                    seed=seed,
                    train_size=size if drawn else None,
                )
                trials.setdefault(trial.id, trial)
    return list(trials.values())


def draw_rows(labels: Int64Array, size: int | None, seed: int) -> Int64Array:
    """The training rows of one seed, in ascending order: each class in its proportion, at least one row of each.

    Each class has one order a seed, of which a draw takes the beginning: larger draws extend smaller ones.

    Parameters
    ----------
    labels : int64 array, shape (n_rows,)
    size : int or None
        Rows to draw, at least as many as there are classes; None: all.
    """
    if size is None or size >= len(labels):
        return np.arange(len(labels))
    classes, counts = np.unique(labels, return_counts=True)
    share = counts / len(labels) * size
    quota = np.maximum(np.floor(share).astype(int), 1)
    while quota.sum() < size:
        quota[np.argmax(np.where(quota < counts, share - quota, -np.inf))] += 1
    while quota.sum() > size:
        quota[np.argmax(np.where(quota > 1, quota - share, -np.inf))] -= 1
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(np.flatnonzero(labels == label)) for label in classes]
    return np.sort(np.concatenate([order[:n] for order, n in zip(orders, quota, strict=True)]))
