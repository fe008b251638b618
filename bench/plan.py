"""From a RunSpec to the list of Trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.errors import UsageError
from bench.records import DatasetInfo, ModelInfo, RunSpec, Trial, TrialRecord


def plan(
    spec: RunSpec, models: Sequence[ModelInfo], dataset: DatasetInfo, records: Iterable[TrialRecord] = ()
) -> list[Trial]:
    """Return the trials of a run: training sizes, then seeds, then models, in the order that the user named them.

    A model that takes no seed runs twice where all rows train, and no more if both times it predicts the same; until
    that is known, no more are planned. Where a subset is drawn it runs once a seed, as any other.

    Parameters
    ----------
    spec : RunSpec
    models : sequence of ModelInfo
    dataset : DatasetInfo
    records : iterable of TrialRecord
        Of the trials that have run.

    Raises
    ------
    UsageError
        More training rows are asked than there are, or fewer than there are classes.
    """
    for asked in spec.train_size:
        _check_size(asked, dataset)
    known = {record.trial.id: record for record in records}
    trials: dict[str, Trial] = {}
    sizes: tuple[int | None, ...] = spec.train_size or (None,)
    for size in sizes:
        drawn = size is not None and size < dataset.n_train
        for seed in range(spec.seeds):
            for model in models:
                trial = Trial(
                    model=model,
                    dataset=dataset.name,
                    dataset_digest=dataset.digest,
                    division=spec.division,
                    seed=seed,
                    train_size=size if drawn else None,
                )
                if drawn or model.seed_parameters or _tells_more(trial, known):
                    trials.setdefault(trial.id, trial)
    return list(trials.values())


def _check_size(asked: int, dataset: DatasetInfo) -> None:
    if not dataset.has_sizes:
        raise UsageError(f"--train-size {asked}: {dataset.name} has no training rows to draw from; leave it out")
    least = max(1, len(dataset.class_names))
    if not least <= asked <= dataset.n_train:
        one_per_class = " (one a class)" if dataset.class_names else ""
        raise UsageError(
            f"--train-size {asked} cannot be drawn from {dataset.name}: expected {least}{one_per_class} to "
            f"{dataset.n_train:,} rows"
        )


def _tells_more(trial: Trial, records: Mapping[str, TrialRecord]) -> bool:
    """Whether another fit of a model that takes no seed can tell something that is not known."""
    if trial.seed == 0:
        return True
    first, second = (records.get(trial.model_copy(update={"seed": seed}).id) for seed in (0, 1))
    if first and first.status != "ok":
        return False
    if trial.seed == 1:
        return True
    if not first or not second:
        return False
    digests = {first.predictions_sha256, second.predictions_sha256}  # None: it failed, or ran before schema 6
    return None not in digests and len(digests) > 1
