"""The nouns that travel between the stages, and what a run folder holds of them."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

SCHEMA_VERSION = 9
"""Version of ``run.json``, ``trials.jsonl`` and ``encoder.json``.

1: the first. 2: models can be saved. 3: files. 4: what the checks of a report need: lengths, repeated texts, load.
5: measurements are costs, the same for any task, and scores by name. 6: digests of predictions. 7: where a run went on.
8: the best accuracy. 9: tasks other than classification.
"""

T = TypeVar("T")

OPTIONS = {"time_limit_seconds": "time_limit", "memory_limit_mb": "memory_limit"}
"""Options that have a shorter name than their field, whose name carries the unit."""

Quoting = Literal["doubled", "backslash", "literal"]
"""What a double quote means in a file: see ``bench.datasets.files.readers.quoting``."""

Division = Literal["closed", "open"]
"""How much of the texts a model may see: see ``bench.encoding``."""

TaskName = Literal["classification", "sequence", "forecast", "next-event", "transduction"]
"""What is learnt: see ``bench.tasks``."""

Missing = Literal["refuse", "interpolate", "drop"]
"""What is done where a series has no value: see ``bench.datasets.files.numbers``."""

SymbolKind = Literal["words", "characters"]
"""What the symbols of a text are: what stands between white space, or each character."""

Status = Literal["ok", "error", "crashed", "timed out", "out of memory"]

_MEMORY_UNITS_MB = {"KB": 1e-3, "MB": 1.0, "GB": 1e3, "TB": 1e6, "KIB": 1.024e-3, "MIB": 1.048576, "GIB": 1073.741824}


def parse_memory_mb(value: Any) -> Any:
    """Return a size such as ``"2GB"``, ``"512 MiB"`` or a number of megabytes (10**6 bytes), in megabytes.

    >>> parse_memory_mb("2GB"), parse_memory_mb("1 GiB"), parse_memory_mb(300)
    (2000.0, 1073.741824, 300)
    """
    if not isinstance(value, str):
        return value
    digits = value.strip().upper()
    unit = next((unit for unit in sorted(_MEMORY_UNITS_MB, key=len, reverse=True) if digits.endswith(unit)), "")
    try:
        return float(digits.removesuffix(unit)) * _MEMORY_UNITS_MB[unit]
    except (ValueError, KeyError):
        raise ValueError("a number with a unit, such as 2GB or 512MiB") from None


class Record(BaseModel):
    """Base of all records: nothing unknown comes in, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _once(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _parts(value: Any) -> Any:
    parts = value.split(",") if isinstance(value, str) else [value] if isinstance(value, int) else value
    return tuple(part.strip() if isinstance(part, str) else str(part) for part in parts)


def _two_at_most(parts: tuple[SymbolKind, ...]) -> tuple[SymbolKind, ...]:
    if len(parts) > 2:
        raise ValueError("one kind for both sides, or one for each, such as characters,words")
    return parts


def _text(value: Any) -> Any:
    """Python's callers give paths and numbers of columns too."""
    return str(value) if isinstance(value, os.PathLike) or type(value) is int else value


Text = Annotated[str, BeforeValidator(_text), Field(min_length=1)]

Columns = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_parts)]
"""Names of columns, or their numbers from 1."""


class FileOptions(Record):
    """How a file of the user's own is read and split; None: detected, with a note."""

    text_column: Columns = ()
    """One, or several that are joined by line breaks; of pairs, the one column of sources."""
    label_column: Text | None = None
    """Of pairs, the column of targets."""
    id_column: Text | None = None
    """Says which series or piece a row is a step of."""
    time_column: Text | None = None
    value_column: Columns = ()
    """Of a series, the columns of numbers; of a piece, those of tokens."""
    group_column: Text | None = None
    """Rows of one group stay on one side of the split."""
    split_column: Text | None = None
    """Says of each row whether it is to train or to test on."""
    test_file: Text | None = None
    test_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Of the distinct texts, the part to test on where there is no test file; None: 0.2."""
    split_seed: NonNegativeInt = 0
    missing: Missing = "refuse"
    horizon: PositiveInt | None = None
    """Steps to forecast; None: a season."""
    season_length: PositiveInt | None = None
    """Steps; None: as the times say, else 1, which is none."""
    origins: PositiveInt | None = None
    """Moments of each series from which forecasts are tested; None: 20, or as many as there is room for."""
    symbols: Annotated[tuple[SymbolKind, ...], BeforeValidator(_parts), AfterValidator(_two_at_most)] = ()
    """Of sources and of targets; one value is for both."""
    header: bool = True
    separator: Annotated[str, Field(min_length=1)] | None = None
    encoding: Annotated[str, Field(min_length=1)] | None = None
    quoting: Quoting | None = None
    max_text_length: Annotated[int, Field(gt=0, le=10**9)] = 1_000_000
    """Characters."""


def option_name(field: str) -> str:
    """How the command line calls a field of FileOptions or RunSpec.

    >>> option_name("split_seed"), option_name("header"), option_name("time_limit_seconds")
    ('--split-seed', '--no-header', '--time-limit')
    """
    named = {"header": "no_header", "show_texts": "no_texts", **OPTIONS}.get(field, field)
    return f"--{named.replace('_', '-')}"


class RunSpec(Record):
    """What a run is asked to do: the options of ``bench run``, a ``--spec`` file, the ``spec`` of a ``run.json``."""

    models: Annotated[tuple[str, ...], AfterValidator(_once)] = ("gru", "hmm", "logreg")
    task: TaskName | None = None
    """What is learnt; None: what the dataset is for, and the classification of texts where it is a file."""
    dataset: Text = "auto"
    """A name, or the path of a file."""
    file: FileOptions = FileOptions()
    data_dir: Text | None = None
    division: Division = "closed"
    seeds: PositiveInt = 1
    train_size: Annotated[
        tuple[PositiveInt, ...],
        BeforeValidator(lambda value: (value,) if isinstance(value, int) else value),
        AfterValidator(_once),
    ] = ()
    """Training rows, one or several numbers; none: all rows."""
    time_limit_seconds: PositiveFloat | None = None
    memory_limit_mb: Annotated[PositiveFloat, BeforeValidator(parse_memory_mb)] | None = None
    threads: PositiveInt | None = None
    save_models: bool = False
    show_texts: bool = True
    """Reports quote test texts; else they name row numbers."""


INSTANCE = "instance"
"""The target of a model that was given as an object."""


class ModelInfo(Record):
    """A model as it will be built: what ``bench.running.describe`` found, or an instance that was given from Python."""

    name: str
    """The name that tables show, with the parameters that were given: ``hmm[n_states=32]``."""
    target: str
    """A registered name, ``module:Class``, or ``instance``."""
    given: dict[str, Any] = {}
    """Parameters that were given, typed."""
    parameters: dict[str, Any] = {}
    """All parameters, in alphabetical order."""
    seed_parameters: tuple[str, ...] = ()
    """Parameters that a seed is set on."""
    task: TaskName = "classification"
    """Before schema 9 there was no other."""
    package: str | None = None
    package_version: str | None = None
    source_sha256: str | None = None
    """Digest of the Python files that the model comes from, or of an instance's bytes."""

    @property
    def is_instance(self) -> bool:
        """Whether it was given as an object from Python, which is saved nowhere."""
        return self.target == INSTANCE


class Trial(Record):
    """One model, one dataset, one division, one seed, one training size."""

    model: ModelInfo
    dataset: str
    dataset_digest: str
    division: Division
    seed: int
    train_size: int | None
    """Training rows drawn; None: all of them."""

    @property
    def id(self) -> str:
        """A readable name that is unique to the trial's identity: also the name of its files."""
        instance = self.model.source_sha256 if self.model.is_instance else None
        identity = [
            self.model.name if instance else self.model.target,
            instance or self.model.parameters,
            self.dataset_digest,
            self.division,
            self.seed,
            self.train_size,
        ]
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        label = "".join(c if c.isalnum() or c in "-_" else "-" for c in self.model.name.partition("[")[0])[:40]
        size = f"-n{self.train_size}" if self.train_size else ""
        return f"{label}{size}-s{self.seed}-{digest[:8]}"

    @property
    def label(self) -> str:
        """What the display calls it."""
        size = f" n={self.train_size:,}" if self.train_size else ""
        return f"{self.model.name}{size} seed {self.seed}"


class TextLengths(Record):
    """The token ids of one side of the split, as the division gives them to models; the start id is not counted."""

    p10: float
    p50: float
    p90: float
    mean: float
    n_short: int
    """Rows with one token or none."""
    unknown_share: float
    """The share of tokens whose word is outside the vocabulary."""


BUSY_SHARE = 0.1
"""From this share of the processors' time on, other work disturbs what is timed."""


class MachineLoad(Record):
    """What else went on while a model fitted and predicted, on the processors that it was bound to."""

    load_average: float | None
    """Of the last minute, when the fit began; None: the system has none."""
    others_share: float
    """Of the processors' time, what other processes took."""
    steal_share: float
    """Of the processors' time, what the machine's host gave to others."""

    @property
    def is_busy(self) -> bool:
        """Whether other work took enough to disturb what is timed."""
        return max(self.others_share, self.steal_share) > BUSY_SHARE


class Costs(Record):
    """What a good trial took, whatever its task. Seconds are wall-clock unless named otherwise; 1 MB is 10**6 bytes."""

    startup_seconds: float
    """From the start of the process until the model's module is imported."""
    load_seconds: float
    encode_seconds: float
    """Turning texts into the division's ids; measured when that was done, which may be for an earlier trial."""
    fit_seconds: float
    fit_cpu_seconds: float
    fit_rows_per_second: float
    n_rows_seen: int
    """Rows presented to learning: epochs, iterations and restarts counted."""
    predict_first_seconds: float
    predict_seconds: float
    """The second of two passes over the test rows."""
    predict_cpu_seconds: float
    predict_rows_per_second: float
    predict_tokens_per_second: float
    latency_count: int
    latency_p50_ms: float
    latency_p90_ms: float
    latency_p99_ms: float
    latency_seconds: float
    """The whole latency probe, warm-up included."""
    cpu_seconds: float
    """Fit and the second offline pass."""
    peak_memory_mb: float
    baseline_memory_mb: float
    """Resident before the data were loaded."""
    n_parameters: int | None


SCORES = ("accuracy", "f1_macro", "roc_auc", "log_loss", "accuracy_unseen")
"""What schemas before 5 called by name beside the costs."""


class Measurements(Record):
    """What a worker measured in a good trial."""

    n_train: int
    n_test: int
    n_empty_texts: int
    """Rows of both sides that hold no token."""
    scores: dict[str, float | None]
    """By the task's names. None: not defined, such as the log loss of a model that gives no probabilities."""
    costs: Costs
    n_test_seen: int | None = None
    """Test rows whose text is among the training texts, white space folded; None: not counted, before schema 3."""
    train_lengths: TextLengths | None = None
    test_lengths: TextLengths | None = None
    load: MachineLoad | None = None
    """None here and in the lengths: not measured, before schema 4."""
    is_saved: bool = False
    """The fitted model is saved in the run's folder."""

    @model_validator(mode="before")
    @classmethod
    def _from_schema_4(cls, value: Any) -> Any:
        """Before schema 5, scores and costs were fields of one flat record."""
        if not isinstance(value, dict) or "costs" in value:
            return value
        flat = dict(value)
        costs = {name: flat.pop(name) for name in Costs.model_fields if name in flat}
        scores = {name: flat.pop(name) for name in SCORES if name in flat}
        return {**flat, "scores": scores, "costs": costs}

    def flat(self) -> dict[str, Any]:
        """Everything by name, as one row of a table."""
        return {
            **self.model_dump(exclude={"scores", "costs"}),
            **self.scores,
            **self.costs.model_dump(),
        }


class TrialRecord(Record):
    """What a trial left: its measurements, or why there are none."""

    schema_version: int = SCHEMA_VERSION
    trial: Trial
    status: Status
    reason: str | None = None
    """Why it failed, in a sentence."""
    stderr_tail: tuple[str, ...] = ()
    started_at: str
    """UTC, ISO 8601."""
    total_seconds: float
    """From the start of the process until its result was there."""
    threads: int
    cpu_model: str | None = None
    """Per trial, since a run may be resumed on another machine. None: not recorded, before schema 4."""
    time_limit_seconds: float | None
    memory_limit_mb: float | None
    measurements: Measurements | None = None
    predictions_sha256: str | None = None
    """Of the scores, so that two fits can be compared; None: it failed, or before schema 6."""
    history: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()


class DatasetInfo(Record):
    """The data that a run used."""

    name: str
    task: TaskName = "classification"
    """Before schema 9 there was no other."""
    digest: str
    origin: str
    n_train: int
    n_test: int
    class_names: tuple[str, ...]
    """Here and in the counts: none where the task has no classes."""
    train_counts: tuple[int, ...]
    """Training rows of each class."""
    test_counts: tuple[int, ...]
    notes: tuple[str, ...] = ()
    """What was said about a file when it was read."""
    n_repeated_train: int | None = None
    """Training rows whose text, white space folded, occurs in an earlier one; None: not counted, before schema 4."""
    n_repeated_test: int | None = None
    n_two_label_texts: int | None = None
    """Distinct texts that carry more than one label."""
    n_test_in_train: int | None = None
    """Test rows whose text is among all the training rows."""
    best_accuracy: float | None = None
    """What the best prediction from the test texts can be expected to reach; None: nobody knows, or before schema 8."""
    baseline: float | None = None
    """The task's score without a model, where it is measured and no count of classes tells it."""
    has_sizes: bool = True
    """Whether a part of the training rows can be drawn."""
    n_channels: int | None = None
    """Numbers per frame of a series; None: there are no frames."""


class Manifest(Record):
    """Where and with what a run was made: with the spec, enough to repeat it. It names no host and no user."""

    created_at: str
    command_line: tuple[str, ...]
    bench_version: str
    git_commit: str | None
    python_version: str
    platform: str
    cpu_model: str
    n_processors: int
    memory_mb: float
    environment: dict[str, str]
    """Switches that change numbers or threads, such as TF_ENABLE_ONEDNN_OPTS."""
    packages: dict[str, str]
    dataset: DatasetInfo


class RunFile(Record):
    """``run.json``."""

    schema_version: int = SCHEMA_VERSION
    name: str
    spec: RunSpec
    manifest: Manifest
    resumed: tuple[Manifest, ...] = ()
    """Where and with what it went on, each time that trials ran; () before schema 7."""
    models: tuple[ModelInfo, ...]
