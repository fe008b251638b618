"""A run from beginning to end: resolve, plan, run the trials one by one, store, summarise."""

from __future__ import annotations

import datetime
import re
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from bench.errors import DataError, UsageError
from bench.plan import plan
from bench.records import ModelInfo, RunFile, RunSpec, Trial, TrialRecord
from bench.registry import MODELS, registered
from bench.results.run import Run
from bench.results.store import RUN_FILE, RunStore, check_name, name_start
from bench.running.describe import describe, describe_instance
from bench.running.measure import processors
from bench.running.resolve import resolve_data, without_folders

_INSTANCE_NAME = re.compile(r"\w[\w .-]*")


class Display(Protocol):
    """Who is told how a run goes."""

    def note(self, text: str) -> None:
        """A line for the user, before or between trials."""

    def begin(self, trials: Sequence[Trial]) -> None:
        """These trials are going to run."""

    def update(self, trial: Trial, message: Mapping[str, Any]) -> None:
        """A trial entered a ``phase``, or its model made a ``history`` entry."""

    def finish(self, record: TrialRecord) -> None:
        """A trial has ended."""


class Silent:
    """A display that shows nothing."""

    def note(self, text: str) -> None: ...
    def begin(self, trials: Sequence[Trial]) -> None: ...
    def update(self, trial: Trial, message: Mapping[str, Any]) -> None: ...
    def finish(self, record: TrialRecord) -> None: ...


def start(
    spec: RunSpec,
    *,
    name: str | None,
    output: Path,
    display: Display,
    instances: Mapping[str, Any] | None = None,
) -> Run:
    """Make a new run and run all its trials."""
    _check_instances(instances or {})
    if name is not None:
        check_name(name)
    pickles = _pickle(instances or {})
    models = _describe(spec.models, instances or {}, pickles)
    spec, dataset = resolve_data(spec, display.note)
    run_name = name or f"{name_start(dataset.name)}-{datetime.datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    spec = spec.model_copy(update={"threads": _threads(spec.threads)})
    trials = plan(spec, models, dataset)
    from bench.running.manifest import make_manifest

    manifest = make_manifest(dataset, models, sys.argv, spec.data_dir)
    kept = without_folders(spec)
    store = RunStore.create(output, RunFile(name=run_name, spec=kept, manifest=manifest, models=tuple(models)))
    with store.lock():
        return _run_trials(store, spec, trials, pickles, display)


def resume(path: Path, *, overrides: Mapping[str, Any], display: Display) -> Run:
    """Run what is missing or failed in a run that exists, and nothing else.

    Parameters
    ----------
    path : Path
        The run's folder.
    overrides : mapping
        ``data_dir`` and limits for the trials that run now; nothing that is part of a trial's identity.
    display : Display

    Raises
    ------
    UsageError
        The run holds estimator instances, a model's defaults changed, or there are fewer processors than it had.
    DataError
        The data are other data than the run's.
    """
    from bench.running.spec import override

    store = RunStore.open(path)
    saved = store.run
    if any(model.target == "instance" for model in saved.models):
        raise UsageError(
            f"run {saved.name!r} holds estimators that were given as objects from Python, which are kept nowhere; "
            "repeat it from Python with bench.run"
        )
    with store.lock():
        if saved.spec.threads and saved.spec.threads > len(processors()):
            raise UsageError(
                f"run {saved.name!r} has {saved.spec.threads} processors a trial, here are {len(processors())}; repeat "
                f"it with bench run --spec {path / RUN_FILE} --threads {len(processors())}"
            )
        spec = override(saved.spec.model_copy(update={"data_dir": None}), overrides)
        models = describe(spec.models)
        spec, dataset = resolve_data(spec, display.note)
        if dataset.digest != saved.manifest.dataset.digest:
            raise DataError(
                f"{dataset.name} has digest {dataset.digest[:12]}…, run {saved.name!r} was made with "
                f"{saved.manifest.dataset.digest[:12]}…: their results do not belong together; start a new run"
            )
        _check_defaults(saved, models)
        _note_changed_code(saved.models, models, display)
        _note_other_machine(saved, display)
        trials = plan(spec, models, dataset)
        done = {record.trial.id for record in store.records() if record.status == "ok" and store.is_whole(record)}
        for warning in store.warnings:
            display.note(warning)
        missing = [trial for trial in trials if trial.id not in done]
        return _run_trials(store, spec, missing, {}, display)


def _run_trials(
    store: RunStore,
    spec: RunSpec,
    trials: Sequence[Trial],
    pickles: Mapping[str, bytes],
    display: Display,
) -> Run:
    threads = _threads(spec.threads)
    display.begin(trials)
    try:
        _run_each(store, spec, trials, pickles, threads, display)
    except KeyboardInterrupt:
        display.note(f"interrupted; finished trials are kept, and this goes on: bench run --resume {store.run.name}")
        raise
    from bench.results.formats import as_csv

    finished = Run(store)
    store.write_summary(as_csv(finished.summary))
    return finished


def _run_each(
    store: RunStore,
    spec: RunSpec,
    trials: Sequence[Trial],
    pickles: Mapping[str, bytes],
    threads: int,
    display: Display,
) -> None:
    from bench.running.engines.local import run_trial

    for trial in trials:
        record = run_trial(
            trial,
            spec,
            threads,
            store.predictions_path(trial),
            store.model_path(trial) if spec.save_models else None,
            pickles.get(trial.model.name, b""),
            lambda message, trial=trial: display.update(trial, message),  # type: ignore[misc]
        )
        store.append(record)
        display.finish(record)


def _threads(asked: int | None) -> int:
    available = len(processors())
    if asked is not None and asked > available:
        raise UsageError(f"--threads {asked} is more than there are; expected 1 to {available} processors")
    return asked or available


def _check_instances(instances: Mapping[str, Any]) -> None:
    registered_names = {entry.name for entry in registered(MODELS)}
    for name, estimator in instances.items():
        if name in registered_names or not _INSTANCE_NAME.fullmatch(name):
            raise UsageError(
                f"an estimator is named {name!r}, expected letters, digits, spaces, dots, dashes and underscores, and "
                "not the name of a registered model"
            )
        if isinstance(estimator, type):
            raise UsageError(f"{name!r} is the class {estimator.__name__}; give an instance, {estimator.__name__}()")
        if not callable(getattr(estimator, "fit", None)):
            raise UsageError(f"{name!r} is {estimator!r}, expected a classifier with fit and predict_proba")


def _pickle(instances: Mapping[str, Any]) -> dict[str, bytes]:
    if not instances:
        return {}
    import cloudpickle

    try:
        return {name: cloudpickle.dumps(estimator) for name, estimator in instances.items()}
    except Exception as error:
        raise UsageError(f"an estimator cannot be sent to its worker: {error}; register its class instead") from error


def _describe(names: Sequence[str], instances: Mapping[str, Any], pickles: Mapping[str, bytes]) -> list[ModelInfo]:
    """Models in the order in which they were named, instances among them."""
    if not names:
        raise UsageError("no model is named; expected at least one, such as --models logreg")
    by_name = [name for name in names if name not in instances]
    described = dict(zip(by_name, describe(by_name) if by_name else [], strict=True))
    models = [described.get(name) or describe_instance(name, instances[name], pickles[name]) for name in names]
    return list({model.name: model for model in models}.values())


def _check_defaults(saved: RunFile, now: Iterable[ModelInfo]) -> None:
    before = {model.name: model.parameters for model in saved.models}
    for model in now:
        if model.parameters != before.get(model.name):
            raise UsageError(
                f"the parameters of {model.name} were {before.get(model.name)} when run {saved.name!r} began and are "
                f"{model.parameters} now: their results do not belong together; start a new run"
            )


def _note_other_machine(saved: RunFile, display: Display) -> None:
    from bench.running.measure import cpu_model

    before, now = saved.manifest.cpu_model, cpu_model()
    if before != now:
        display.note(
            f"this run began on {before}, here is {now}: seconds of its trials will not belong together; start a new "
            "run if you compare them"
        )


def _note_changed_code(saved: Iterable[ModelInfo], now: Iterable[ModelInfo], display: Display) -> None:
    before = {model.name: model.source_sha256 for model in saved}
    changed = [model.name for model in now if before.get(model.name) != model.source_sha256]
    if changed:
        display.note(
            f"the code of {', '.join(changed)} changed since this run began: finished trials keep what the old "
            "code gave, and each record names its version"
        )
