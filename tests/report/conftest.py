"""Invented runs: folders as a real run leaves them, with answers and costs made up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from bench.records import (
    DatasetInfo,
    MachineLoad,
    Manifest,
    Measurements,
    ModelInfo,
    RunFile,
    RunSpec,
    TextLengths,
    Trial,
    TrialRecord,
)
from bench.results.predictions import write_predictions
from bench.results.run import Run
from bench.results.store import RunStore
from bench.tasks.classification import Predictions, score


@dataclass
class Fake:
    """A model that answers so many test texts rightly, at this cost."""

    accuracy: float = 0.8
    fit_seconds: float = 1.0
    latency_ms: float = 1.0
    varies: bool = True
    fails: str | None = None
    failing_seeds: Sequence[int] = ()
    spread: float = 0.0
    """How much the accuracy moves from seed to seed."""
    is_copy: bool = False
    """Whether it is right about the same texts as every other copy of this accuracy."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Of its measurements."""
    train_sizes: Sequence[int | None] = (None,)
    cpu_model: str = "a processor"
    later_cpu_model: str | None = None
    """Where its seeds after the first ran, ten times as long."""


MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make a run folder of models that are named and described: ``make_run({"gru": {"accuracy": 0.9}})``, see Fake."""
    return partial(invent_run, tmp_path / "made")


@pytest.fixture(scope="session")
def invent(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], MakeRun]:
    """``make_run`` for fixtures that live longer than a test, in a folder of this name."""
    return lambda name: partial(invent_run, tmp_path_factory.mktemp(name))


@pytest.fixture
def blank_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are planned and stand on the page, but nothing is drawn in them: that takes most of a report's time."""
    from matplotlib.figure import Figure

    def save(self: Figure, file: IO[str], **options: object) -> None:
        assert options["format"] == "svg"
        file.write('<svg viewBox="0 0 1 1"></svg>')

    monkeypatch.setattr(Figure, "savefig", save)


def invent_run(
    folder: Path,
    described: Mapping[str, Mapping[str, Any]],
    *,
    name: str = "made",
    seeds: int = 1,
    n_train: int = 1000,
    n_test: int = 2000,
    class_names: Sequence[str] = ("neg", "pos"),
    spec: Mapping[str, Any] | None = None,
    dataset: Mapping[str, Any] | None = None,
    manifest: Mapping[str, Any] | None = None,
    are_probabilities: bool = True,
    skip: Sequence[int] = (),
) -> Run:
    """Make a run folder as ``make_run`` says."""
    models = {model: Fake(**values) for model, values in described.items()}
    labels = np.arange(n_test) % len(class_names)
    info = DatasetInfo(
        **{
            "name": "invented",
            "digest": "d" * 64,
            "origin": "made up",
            "n_train": n_train,
            "n_test": n_test,
            "class_names": tuple(class_names),
            "train_counts": tuple(np.bincount(np.arange(n_train) % len(class_names)).tolist()),
            "test_counts": tuple(np.bincount(labels, minlength=len(class_names)).tolist()),
            "n_repeated_train": 0,
            "n_repeated_test": 0,
            "n_two_label_texts": 0,
            "n_test_in_train": 0,
            **(dataset or {}),
        }
    )
    infos = {
        model: ModelInfo(
            name=model, target=model, parameters={"p": 1}, seed_parameters=("random_state",) if fake.varies else ()
        )
        for model, fake in models.items()
    }
    sizes = [size for fake in models.values() for size in fake.train_sizes]
    run = RunFile(
        name=name,
        spec=RunSpec(
            **{
                "models": tuple(models),
                "dataset": "invented",
                "seeds": seeds,
                "threads": 2,
                "train_size": tuple(dict.fromkeys(size for size in sizes if size)),
                **(spec or {}),
            }
        ),
        manifest=Manifest(
            **{
                "created_at": "2026-01-02T03:04:05+00:00",
                "command_line": ("bench", "run"),
                "bench_version": "0.1.0",
                "git_commit": None,
                "python_version": "3.11.7",
                "platform": "Linux",
                "cpu_model": "a processor",
                "n_processors": 2,
                "memory_mb": 1000.0,
                "environment": {},
                "packages": {"numpy": "2.0"},
                "dataset": info,
                **(manifest or {}),
            }
        ),
        models=tuple(infos.values()),
    )
    store = RunStore.create(folder, run)
    for index, (model, fake) in enumerate(models.items()):
        for size in fake.train_sizes:
            for seed in range(seeds if fake.varies or size else 1 if fake.fails else min(seeds, 2)):
                if seed not in skip:
                    trial = Trial(
                        model=infos[model],
                        dataset="invented",
                        dataset_digest=info.digest,
                        division=run.spec.division,
                        seed=seed,
                        train_size=size,
                    )
                    _add(store, trial, fake, labels, index, are_probabilities)
    return Run(store)


def _add(store: RunStore, trial: Trial, fake: Fake, labels: Any, index: int, are_probabilities: bool) -> None:
    is_elsewhere = fake.later_cpu_model is not None and trial.seed > 0
    fit_seconds = fake.fit_seconds * (10 if is_elsewhere else 1)
    common = {
        "trial": trial,
        "started_at": "2026-01-02T03:04:05+00:00",
        "total_seconds": 1.0,
        "threads": 2,
        "cpu_model": fake.later_cpu_model if is_elsewhere else fake.cpu_model,
        "time_limit_seconds": None,
        "memory_limit_mb": None,
    }
    if fake.fails or trial.seed in fake.failing_seeds:
        status, _, reason = (fake.fails or "crashed: signal 11 (SIGSEGV)").partition(": ")
        store.append(TrialRecord(**common, status=status, reason=reason, stderr_tail=("last words",)))
        return
    predictions = _answers(trial, fake, labels, index, len(store.run.manifest.dataset.class_names), are_probabilities)
    write_predictions(store.predictions_path(trial), predictions)
    digest = hashlib.sha256(predictions.scores.tobytes()).hexdigest()
    n_train = trial.train_size or store.run.manifest.dataset.n_train
    lengths = TextLengths(p10=10, p50=20, p90=40, mean=22, n_short=0, unknown_share=0.05)
    measurements = {
        "n_train": n_train,
        "n_test": len(labels),
        "n_empty_texts": 0,
        **score(predictions),
        "startup_seconds": 1.0,
        "load_seconds": 0.1,
        "encode_seconds": 0.2,
        "fit_seconds": fit_seconds,
        "fit_cpu_seconds": fit_seconds,
        "fit_rows_per_second": n_train / fit_seconds,
        "n_rows_seen": n_train,
        "predict_first_seconds": 0.5,
        "predict_seconds": 0.5,
        "predict_cpu_seconds": 0.5,
        "predict_rows_per_second": 4000.0,
        "predict_tokens_per_second": 80_000.0,
        "latency_count": 200,
        "latency_p50_ms": fake.latency_ms,
        "latency_p90_ms": fake.latency_ms,
        "latency_p99_ms": fake.latency_ms,
        "latency_seconds": 0.3,
        "cpu_seconds": fit_seconds,
        "peak_memory_mb": 500.0,
        "baseline_memory_mb": 100.0,
        "n_parameters": 1000,
        "n_test_seen": 0,
        "accuracy_unseen": None,
        "train_lengths": lengths,
        "test_lengths": lengths,
        "load": MachineLoad(load_average=0.1, others_share=0.0, steal_share=0.0),
        **fake.changes,
    }
    history = ({"step": 1, "steps": 1, "seconds": 1.0, "validation_accuracy": 0.8},) if fake.varies else ()
    store.append(
        TrialRecord(
            **common, status="ok", measurements=Measurements(**measurements), predictions_sha256=digest, history=history
        )
    )


def _answers(trial: Trial, fake: Fake, labels: Any, index: int, n_classes: int, are_probabilities: bool) -> Predictions:
    generator = np.random.default_rng([0 if fake.is_copy else index + 1, trial.seed if fake.varies else 0])
    share = fake.accuracy + fake.spread * (trial.seed - 1)
    is_right = np.zeros(len(labels), bool)
    is_right[generator.permutation(len(labels))[: round(share * len(labels))]] = True
    answers = np.where(is_right, labels, (labels + 1) % n_classes)
    scores = np.full((len(labels), n_classes), 0.3 / (n_classes - 1) if n_classes > 1 else 1.0)
    scores[np.arange(len(labels)), answers] = 0.7
    n_tokens = np.random.default_rng(0).integers(1, 50, len(labels))
    return Predictions(labels, scores.astype(np.float32), are_probabilities, n_tokens)
