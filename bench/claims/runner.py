"""Claims from declaration to runs: each claim's plan is written down before its first trial runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.claims.base import Claim
from bench.claims.declaration import ClaimFile, Plan, Profile, Setting, Side
from bench.claims.evidence import Evidence, read_evidence
from bench.claims.growth import grow, growth_of_run, is_growth, is_same_question
from bench.claims.progress import ClaimDisplay, GuardedClaims, ProgressOfClaim, count_left
from bench.claims.store import (
    CLAIM_FILE,
    check_free,
    check_version,
    claim_folder,
    lock_claim,
    output_errors,
    read_claim,
    write_claim,
)
from bench.datasets import find_source
from bench.errors import BenchError, DataError, UsageError
from bench.records import ModelInfo, TaskName
from bench.results.store import check_name
from bench.running.describe import describe
from bench.running.resolve import task_of_spec
from bench.running.resources import utc_now
from bench.running.runner import resume as resume_run
from bench.running.runner import start as start_run

Models = Mapping[TaskName, Mapping[str, ModelInfo]]
"""The models of each task, by name."""

REVIEWS = {"quick": "imdb-dev", "full": "imdb"}


@dataclass(frozen=True)
class Task:
    """A claim that is going to run.

    Parameters
    ----------
    claim : Claim
    folder : Path
    declared : ClaimFile
        Its plan is that of now.
    is_new : bool
        Nothing of it has been written.
    """

    claim: Claim
    folder: Path
    declared: ClaimFile
    is_new: bool


def make_setting(profile: Profile, data_dir: Path | None) -> Setting:
    """Return what claims are planned for, with the data that are available here.

    Raises
    ------
    DataError
        The reviews are not available.
    """

    def is_available(dataset: str) -> bool:
        try:
            return find_source(dataset).is_at_hand(data_dir)
        except BenchError:
            return False

    reviews = REVIEWS[profile]
    if not is_available(reviews):
        raise DataError(
            f"the profile {profile} runs on {reviews}, which is not available: `bench data fetch {reviews}` gets it, "
            "--data-dir says where it is, and --profile quick does without it"
        )
    return Setting(profile, reviews, is_available)


def prepare(claims: Sequence[Claim], setting: Setting, output: Path, *, resume: bool) -> list[Task]:
    """Plan claims and check everything that can be checked before anything is written.

    Raises
    ------
    UsageError
        A claim has been run and ``resume`` was not asked for, or its version or plan changed since.
    OutputError
        A claim's file is damaged.
    """
    return [_prepare(claim, setting, output, resume=resume) for claim in claims]


def _prepare(claim: Claim, setting: Setting, output: Path, *, resume: bool) -> Task:
    folder = claim_folder(output, setting.profile, claim.name)
    before = read_claim(folder)
    plan = _plan(claim, setting)
    if before is None:
        check_free(folder)
        return Task(claim, folder, _declare(claim, plan, setting), is_new=True)
    check_version(claim, before, folder)
    if not resume:
        raise UsageError(
            f"claim {claim.name} was run into {folder}; --resume goes on with what is missing, --output names another "
            "folder"
        )
    if not is_same_question(before, claim.refuted_if, claim.margin, plan) or not is_growth(before.plan, plan):
        raise UsageError(
            f"claim {claim.name} is not what {folder / CLAIM_FILE} declared before its trials ran: its plan may have "
            'more seeds, models and experiments, and with new contrasts its condition may go on with "and", but other '
            "data are available now, or its code changed; name another folder with --output"
        )
    return Task(claim, folder, before.model_copy(update={"plan": plan, "refuted_if": claim.refuted_if}), is_new=False)


def _plan(claim: Claim, setting: Setting) -> Plan:
    """Return a claim's plan, with everything in it checked that can be checked before models are imported.

    Raises
    ------
    UsageError
        It cannot be made, compares nothing, or compares what it does not run; or a dataset has no such name.
    """
    try:
        plan = claim.plan(setting)
    except Exception as error:  # a claim of a third party may raise anything
        raise UsageError(
            f"claim {claim.name} has no plan: {type(error).__name__}: {' '.join(str(error).split())}"
        ) from error
    if not isinstance(plan, Plan):
        raise UsageError(
            f"claim {claim.name} has no plan: it is {plan!r}; expected a Plan from {type(claim).__name__}.plan"
        )
    names = [check_name(experiment.name) for experiment in plan.experiments]
    if len(set(names)) < len(names):
        raise UsageError(f"claim {claim.name} has two experiments of one name: {', '.join(sorted(names))}")
    if not plan.contrasts:
        raise UsageError(f"claim {claim.name} has no contrast that could be judged with the data that are available")
    for experiment in plan.experiments:
        find_source(experiment.spec.dataset).is_at_hand(None)  # which also finds the datasets that views are of
        if not setting.is_available(experiment.spec.dataset):
            raise DataError(
                f"claim {claim.name} runs on {experiment.spec.dataset}, which is not available: `bench data fetch` "
                "gets it, and --data-dir says where it is"
            )
    for contrast in plan.contrasts:
        for side in (contrast.model, *contrast.rivals):
            _check_side(claim, side, plan)
    return plan


def _check_side(claim: Claim, side: Side, plan: Plan) -> None:
    experiment = next((one for one in plan.experiments if one.name == side.experiment), None)
    if experiment is None:
        raise UsageError(
            f"claim {claim.name} has a contrast on the experiment {side.experiment!r}, which it does not run"
        )
    if side.model not in experiment.spec.models or side.train_size not in (experiment.spec.train_size or (None,)):
        size = "" if side.train_size is None else f" with {side.train_size:,} training rows"
        raise UsageError(
            f"claim {claim.name} has a contrast on {side.model}{size}, which its experiment {side.experiment!r} does "
            "not run"
        )


def _declare(claim: Claim, plan: Plan, setting: Setting) -> ClaimFile:
    return ClaimFile(
        claim=claim.name,
        version=claim.version,
        profile=setting.profile,
        sentence=claim.sentence,
        refuted_if=claim.refuted_if,
        margin=claim.margin,
        plan=plan,
        created_at=utc_now(),
        bench_version=version("gru-bench"),
    )


def run_claims(tasks: Sequence[Task], display: ClaimDisplay, data_dir: Path | None) -> None:
    """Run claims one after the other; what is there is not run again.

    Raises
    ------
    bench.errors.BenchError
        A model or dataset of a claim is wrong, or a folder cannot be written.
    """
    models = _describe_all(tasks)
    guarded = GuardedClaims(display)
    for task in tasks:
        _run_claim(task, models, guarded, data_dir)


def _describe_all(tasks: Sequence[Task]) -> Models:
    """Check all models of all claims, a child process per task, and that contrasts name them as their runs will."""
    specs = [experiment.spec for task in tasks for experiment in task.declared.plan.experiments]
    names: dict[TaskName, dict[str, None]] = {}
    for spec in specs:
        names.setdefault(task_of_spec(spec), {}).update(dict.fromkeys(spec.models))
    models = {task: dict(zip(found, describe(list(found), task), strict=True)) for task, found in names.items()}
    for name, info in (item for found in models.values() for item in found.items()):
        if info.name != name:
            raise UsageError(f"a claim names the model {name}; expected {info.name}, as a run will call it")
    return models


def _run_claim(task: Task, models: Models, display: ClaimDisplay, data_dir: Path | None) -> None:
    with lock_claim(task.folder) as warning:
        if warning:
            display.note(warning)
        evidence = _declare_now(task)
        declared, started = evidence.declared, time.monotonic()
        try:
            _run_experiments(task, evidence, models, display, data_dir)
        finally:
            seconds = (declared.seconds or 0.0) + time.monotonic() - started
            _write_down(task.folder, declared.model_copy(update={"seconds": round(seconds, 1)}))


def _declare_now(task: Task) -> Evidence:
    """Write down what is declared, if that is new or has grown; return it with what has run."""
    before = read_claim(task.folder)
    if before is None:
        write_claim(task.folder, task.declared)
        return Evidence(task.declared, {})
    if task.is_new:
        raise UsageError(f"claim {task.claim.name} has begun in {task.folder} meanwhile; --resume goes on with it")
    evidence = read_evidence(before, task.folder)
    if _asked(before) == _asked(task.declared):
        return evidence
    n_trials = sum(len(run.records) for run in evidence.runs.values())
    declared = grow(before, task.declared, utc_now(), n_trials) if n_trials else task.declared
    write_claim(task.folder, declared)
    return read_evidence(declared, task.folder)


def _asked(declared: ClaimFile) -> tuple[object, ...]:
    """Return what a change of is written down."""
    return declared.plan.experiments, declared.plan.contrasts, declared.refuted_if


def _write_down(folder: Path, declared: ClaimFile) -> None:
    """Write how long a claim took; of one that could not begin leave nothing, so that it can be corrected."""
    if any((folder / experiment.name).exists() for experiment in declared.plan.experiments):
        write_claim(folder, declared)
    else:
        with output_errors(folder):
            (folder / CLAIM_FILE).unlink(missing_ok=True)


def _run_experiments(
    task: Task, evidence: Evidence, models: Models, display: ClaimDisplay, data_dir: Path | None
) -> None:
    plan, runs = evidence.declared.plan, evidence.runs
    described = {e.name: models[task_of_spec(e.spec)] for e in plan.experiments}
    left = {e.name: count_left(e, described[e.name], runs.get(e.name)) for e in plan.experiments}
    progress = ProgressOfClaim(display, f"claim {task.claim.number}, {task.claim.title}", left)
    for note in plan.notes:
        display.note(note)
    for experiment in plan.experiments:
        name, run = experiment.name, runs.get(experiment.name)
        progress.begin_experiment(name)
        if run is None:
            spec = experiment.spec.model_copy(update={"data_dir": str(data_dir) if data_dir else None})
            start_run(spec, name=name, output=task.folder, display=progress, described=described[name])
        elif left[name]:
            overrides = growth_of_run(run.store.run.spec, experiment.spec) | (
                {"data_dir": data_dir} if data_dir else {}
            )
            resume_run(task.folder / name, overrides=overrides, display=progress, described=described[name])
        progress.end_experiment()
