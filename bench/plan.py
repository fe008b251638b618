"""From a RunSpec to the list of Trials."""

from __future__ import annotations

from collections.abc import Sequence

from bench.errors import UsageError
from bench.records import DatasetInfo, ModelInfo, RunSpec, Trial


def plan(spec: RunSpec, models: Sequence[ModelInfo], dataset: DatasetInfo) -> list[Trial]:
    """Return the trials of a run: seeds, then training sizes, then models, in the order that the user named them.

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
