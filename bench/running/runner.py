"""A run from beginning to end: resolve, plan, run the trials one by one, store, summarise."""

from __future__ import annotations

import datetime
import hashlib
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.datasets.base import Dataset, TextDataset
from bench.datasets.cache import EncodedCache
from bench.errors import DataError, OutputError, UsageError
from bench.plan import plan
from bench.records import DatasetInfo, Manifest, ModelInfo, RunFile, RunSpec, Trial, TrialRecord
from bench.results.run import Run
from bench.results.store import RUN_FILE, RunStore, check_name, name_start
from bench.running.describe import describe
from bench.running.engines.base import Job, Outcome
from bench.running.engines.local import LocalEngine
from bench.running.instances import check_instances, describe_models, pickle_instances
from bench.running.progress import INTERRUPTED, Display
from bench.running.resolve import Resolved, for_disk, resolve_data, resolve_task
from bench.running.resources import cpu_model, limited_processors, processors
from bench.running.spec import override


def start(
    spec: RunSpec,
    *,
    name: str | None,
    output: Path,
    display: Display,
    instances: Mapping[str, Any] | None = None,
    described: Mapping[str, ModelInfo] | None = None,
) -> Run:
    """Make a new run and run all its trials.

    ``described`` are the models by name, where the caller has checked them before.
    """
    from bench.running.manifest import make_manifest

    spec = resolve_task(spec, display.note)
    task = spec.task or "classification"
    check_instances(instances or {}, task)
    if name is not None:
        check_name(name)
    pickles = pickle_instances(instances or {})
    models = _known(spec, described) or describe_models(spec.models, instances or {}, pickles, task)
    resolved = resolve_data(spec.model_copy(update={"threads": _threads(spec.threads)}), display.note)
    plan(resolved.spec, models, resolved.info)  # refuses what cannot be, before there is a folder
    run = RunFile(
        name=name or _default_name(resolved.info.name),
        spec=for_disk(resolved.spec),
        manifest=make_manifest(resolved.info, models, sys.argv, spec.data_dir),
        models=tuple(models),
    )
    store = RunStore.create(output, run)
    with store.lock():
        return _run_trials(store, resolved, models, pickles, display)


def resume(
    path: Path,
    *,
    overrides: Mapping[str, Any],
    display: Display,
    described: Mapping[str, ModelInfo] | None = None,
) -> Run:
    """Run what is missing or failed in a run that exists, and what is added to it; nothing that is there runs again.

    Parameters
    ----------
    path : Path
        The run's folder.
    overrides : mapping
        ``data_dir`` and limits for the trials that run now; more ``seeds``; ``models`` to add, each with + in front.
        Nothing else that is part of a trial's identity.
    display : Display
    described : mapping of name to ModelInfo, optional
        The models, where the caller has checked them before.

    Raises
    ------
    UsageError
        The run holds estimator instances, a model's defaults changed, there are fewer processors than it had, or seeds
        or models are asked that do not add to it.
    DataError
        The data are other data than the run's.
    """
    from bench.running.manifest import make_manifest

    store = RunStore.open(path)
    with store.lock():
        spec = _spec_to_resume(store, overrides)
        models = _known(spec, described) or describe(spec.models, spec.task or "classification")
        resolved = resolve_data(spec, display.note)
        _check_same_data(store.run, resolved.info)
        _check_defaults(store.run, models)
        _note_changed_code(store.run.models, models, display)
        _note_other_machine(store.run, display)
        _extend(store, spec, models)
        manifest = make_manifest(resolved.info, models, sys.argv, spec.data_dir)
        return _run_trials(store, resolved, models, {}, display, manifest)


def _known(spec: RunSpec, described: Mapping[str, ModelInfo] | None) -> list[ModelInfo]:
    """Return the models that were described, and describe those that a user has added since."""
    task = spec.task or "classification"
    if not described or any(model.task != task for model in described.values()):
        return []
    added = [name for name in spec.models if name not in described]
    found = {**described, **(dict(zip(added, describe(added, task), strict=True)) if added else {})}
    return [found[name] for name in spec.models]


def _default_name(dataset: str) -> str:
    return f"{name_start(dataset)}-{datetime.datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _spec_to_resume(store: RunStore, overrides: Mapping[str, Any]) -> RunSpec:
    saved = store.run
    if any(model.is_instance for model in saved.models):
        raise UsageError(
            f"run {saved.name!r} holds estimators that were given as objects from Python, which are kept nowhere; "
            "repeat it from Python with bench.run"
        )
    if saved.spec.threads and saved.spec.threads > len(processors()):
        raise UsageError(
            f"run {saved.name!r} has {saved.spec.threads} processors per trial, here are {len(processors())}; repeat "
            f"it with bench run --spec {store.path / RUN_FILE} --threads {len(processors())}"
        )
    others = {key: value for key, value in overrides.items() if key not in ("seeds", "models")}
    added = {
        "seeds": _more_seeds(saved, overrides.get("seeds")),
        "models": _more_models(saved, overrides.get("models")),
    }
    return override(saved.spec.model_copy(update={"data_dir": None}), {**others, **added})


def _more_seeds(saved: RunFile, asked: int | None) -> int | None:
    if asked is not None and asked < saved.spec.seeds:
        raise UsageError(
            f"--seeds {asked} is fewer than the {saved.spec.seeds} of run {saved.name!r}; with --resume seeds are "
            f"added, such as --seeds {saved.spec.seeds + 2}"
        )
    return asked


def _more_models(saved: RunFile, asked: Sequence[str] | None) -> list[str] | None:
    if asked is None:
        return None
    for name in asked:
        if not name.startswith("+"):
            raise UsageError(f"--models {name} would replace those of run {saved.name!r}; write +{name} to add it")
        if name.removeprefix("+") in saved.spec.models:
            raise UsageError(f"{name.removeprefix('+')} is in run {saved.name!r} already; leave it out")
    return [*saved.spec.models, *(name.removeprefix("+") for name in asked)]


def _extend(store: RunStore, spec: RunSpec, models: Sequence[ModelInfo]) -> None:
    """Write the added seeds and models into ``run.json``, before their trials run."""
    saved = store.run
    if spec.seeds == saved.spec.seeds and spec.models == saved.spec.models:
        return
    known = {model.name for model in saved.models}
    added = tuple(model for model in models if model.name not in known)
    grown = saved.spec.model_copy(update={"seeds": spec.seeds, "models": spec.models})
    store.rewrite(saved.model_copy(update={"spec": grown, "models": (*saved.models, *added)}))


def _run_trials(
    store: RunStore,
    resolved: Resolved,
    models: Sequence[ModelInfo],
    pickles: Mapping[str, bytes],
    display: Display,
    resumed: Manifest | None = None,
) -> Run:
    """Run what is missing or failed, and then what is planned since it is known how models differ between fits.

    ``resumed`` says where and with what a run goes on; it is written into ``run.json`` if there is anything to run.
    """
    from bench.results.formats import as_csv

    kept = [record for record in store.records() if record.status == "ok" and store.is_whole(record)]
    for warning in store.warnings:
        display.note(warning)
    records = {record.trial.id: record for record in kept}
    try:
        trials = _missing(resolved, models, records)
        display.begin(trials)
        if trials and resumed:
            store.rewrite(store.run.model_copy(update={"resumed": (*store.run.resumed, resumed)}))
        while trials:
            needed = (trial for trial in trials if trial.id in _missing_ids(resolved, models, records))
            for outcome in LocalEngine().run(_jobs(store, resolved, needed, pickles, display), display.update):
                record = _store(store, outcome)
                records[record.trial.id] = record
                display.finish(record)
            if trials := _missing(resolved, models, records):
                display.begin(trials)
    except KeyboardInterrupt:
        display.note(f"{INTERRUPTED}, and this goes on: bench run --resume {store.run.name}")
        raise
    finished = Run(store)
    store.write_summary(as_csv(finished.summary))
    return finished


def _missing(resolved: Resolved, models: Sequence[ModelInfo], records: Mapping[str, TrialRecord]) -> list[Trial]:
    planned = plan(resolved.spec, models, resolved.info, records.values())
    return [trial for trial in planned if trial.id not in records]


def _missing_ids(resolved: Resolved, models: Sequence[ModelInfo], records: Mapping[str, TrialRecord]) -> set[str]:
    return {trial.id for trial in _missing(resolved, models, records)}


def _store(store: RunStore, outcome: Outcome) -> TrialRecord:
    """Write predictions, then the record; a trial whose predictions cannot be written has failed."""
    record = outcome.record
    if outcome.predictions is not None:
        try:
            store.write_predictions(record.trial, outcome.predictions)
        except OutputError as error:
            record = record.model_copy(update={"status": "error", "reason": str(error), "measurements": None})
        else:
            digest = hashlib.sha256(outcome.predictions.answers.tobytes()).hexdigest()
            record = record.model_copy(update={"predictions_sha256": digest})
    store.append(record)
    return record


def _jobs(
    store: RunStore, resolved: Resolved, trials: Iterable[Trial], pickles: Mapping[str, bytes], display: Display
) -> Iterator[Job]:
    """Yield a job per trial; its data are encoded just before, with the processors that a trial has."""
    spec, threads = resolved.spec, _threads(resolved.spec.threads)
    cache = EncodedCache(f"{cpu_model()}, {threads} processors")
    for trial in trials:
        display.update(trial, {"phase": "encoding"})
        encoded = None
        if resolved.is_unchanged:  # else the worker reads the data itself, and refuses them
            with limited_processors(threads):
                encoded = _ensure_encoded(cache, trial, resolved.dataset, display)
        yield Job(
            trial=trial,
            task=resolved.dataset.task,
            dataset=spec.dataset,
            file=spec.file,
            data_dir=spec.data_dir,
            encoded_path=str(encoded) if encoded else None,
            model_path=str(store.model_path(trial).resolve()) if spec.save_models else None,
            threads=threads,
            time_limit_seconds=spec.time_limit_seconds,
            memory_limit_mb=spec.memory_limit_mb,
            pickled=pickles.get(trial.model.name, b""),
        )


def _ensure_encoded(cache: EncodedCache, trial: Trial, dataset: Dataset, display: Display) -> Path | None:
    """Encode texts; the rows of other tasks are read by each worker itself."""
    return cache.ensure(trial, dataset, display.note) if isinstance(dataset, TextDataset) else None


def _threads(asked: int | None) -> int:
    available = len(processors())
    if asked is not None and asked > available:
        raise UsageError(f"--threads {asked} is more than there are; expected 1 to {available} processors")
    return asked or available


def _check_same_data(saved: RunFile, now: DatasetInfo) -> None:
    before = saved.manifest.dataset.digest
    if now.digest != before:
        raise DataError(
            f"{now.name} has digest {now.digest[:12]}…, run {saved.name!r} was made with {before[:12]}…: their results "
            "do not belong together; start a new run"
        )


def _check_defaults(saved: RunFile, now: Iterable[ModelInfo]) -> None:
    before = {model.name: model.parameters for model in saved.models}
    for model in now:
        if model.name in before and model.parameters != before[model.name]:
            raise UsageError(
                f"the parameters of {model.name} were {before.get(model.name)} when run {saved.name!r} began and are "
                f"{model.parameters} now: their results do not belong together; start a new run"
            )


def _note_other_machine(saved: RunFile, display: Display) -> None:
    before, now = saved.manifest.cpu_model, cpu_model()
    if before != now:
        display.note(
            f"this run began on {before}, here is {now}: of a model with trials on both, only the seconds of the first "
            "count; start a new run to compare the cost of models that are added"
        )


def _note_changed_code(saved: Iterable[ModelInfo], now: Iterable[ModelInfo], display: Display) -> None:
    before = {model.name: model.source_sha256 for model in saved}
    changed = [m.name for m in now if m.name in before and before[m.name] != m.source_sha256]
    if changed:
        display.note(
            f"the code of {', '.join(changed)} changed since this run began: finished trials keep what the old "
            "code gave, and each record names its version"
        )
