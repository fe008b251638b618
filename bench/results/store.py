"""A run on disk: created atomically, appended to per trial, read back, locked while it is written."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from bench.errors import OutputError, UsageError
from bench.records import SCHEMA_VERSION, Record, RunFile, Trial, TrialRecord
from bench.tasks import find_task
from bench.tasks.base import Predictions
from bench.utils.files import write_text
from bench.utils.text import first_of, suggestion

RUN_FILE = "run.json"
TRIALS_FILE = "trials.jsonl"
SUMMARY_FILE = "summary.csv"
LOCK_FILE = ".lock"
NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What a file system says that knows no locks, as those of some clusters."""

R = TypeVar("R", bound=Record)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


RESUME_HINT = "what was measured before is kept: make room, then go on with bench run --resume"


@contextmanager
def _output_errors(path: Path, hint: str = RESUME_HINT) -> Iterator[None]:
    """Turn what the system says of a disk into the user's words."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {error.filename or path}: {error.strerror}; {hint}") from error


@contextmanager
def lock_folder(folder: Path, taken: str) -> Iterator[str | None]:
    """Keep a folder for this process while the block runs.

    Parameters
    ----------
    folder : Path
    taken : str
        What to say if another process keeps it.

    Yields
    ------
    str or None
        A warning, where the file system has no locks.

    Raises
    ------
    OutputError
        Another process keeps it.
    OSError
        It cannot be locked.
    """
    lock, warning = FileLock(folder / LOCK_FILE, timeout=0, fallback_to_soft=False), None
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(taken) from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        warning = (
            f"the file system of {folder} has no locks ({error.strerror}): nothing keeps two commands from writing "
            "there at once; --output names a folder elsewhere"
        )
    try:
        yield warning
    finally:
        lock.release()


class RunStore:
    """One run folder.

    Parameters
    ----------
    path : Path
        The folder; ``create`` makes it, ``open`` finds it.
    run : RunFile
        What its ``run.json`` says.
    """

    def __init__(self, path: Path, run: RunFile) -> None:
        self.path = path
        self.run = run
        self.warnings: list[str] = []

    @classmethod
    def create(cls, output: Path, run: RunFile) -> RunStore:
        """Make the folder of a new run: it appears whole, with its ``run.json``, or not at all.

        Raises
        ------
        OutputError
            The name is taken, or the folder cannot be written.
        """
        path = output / check_name(run.name)
        if path.exists():
            raise OutputError(
                f"a run named {run.name!r} exists in {output}; go on with it by --resume {run.name}, "
                "or choose another --name"
            )
        with _output_errors(output, "choose a folder that can be written with --output"):
            output.mkdir(parents=True, exist_ok=True)
            hidden = Path(tempfile.mkdtemp(prefix=f".{run.name}.", dir=output))
            try:
                hidden.chmod(0o755)
                (hidden / "predictions").mkdir()
                write_text(hidden / RUN_FILE, run.model_dump_json(indent=1) + "\n")
                hidden.rename(path)
            finally:
                shutil.rmtree(hidden, ignore_errors=True)
        return cls(path, run)

    @classmethod
    def open(cls, path: Path) -> RunStore:
        """Return a run that exists.

        Raises
        ------
        OutputError
            There is no such run, or its files are damaged or of a newer schema.
        """
        file = path / RUN_FILE
        try:
            content = file.read_bytes()
        except OSError as error:
            why = f"it has no {RUN_FILE}" if path.is_dir() else error.strerror
            raise OutputError(f"no run at {path}: {why}; bench list runs shows the runs there are") from error
        run = parse(RunFile, content, str(file))
        if not _NAME.fullmatch(run.name):  # reports and advice make paths of it
            raise OutputError(f"{file} is damaged (a run cannot be named {run.name!r})")
        return cls(path, run)

    def rewrite(self, run: RunFile) -> None:
        """Replace ``run.json``, whole or not at all; from now on it is of this schema version.

        Raises
        ------
        OutputError
            It cannot be written.
        """
        run = run.model_copy(update={"schema_version": SCHEMA_VERSION})
        with _output_errors(self.path / RUN_FILE):
            write_text(self.path / RUN_FILE, run.model_dump_json(indent=1) + "\n")
        self.run = run

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep the folder for this process while the block runs.

        Raises
        ------
        OutputError
            Another process writes to this run.
        """
        taken = f"another process is writing to run {self.run.name!r}; wait for it, or choose another --name"
        with ExitStack() as stack:
            with _output_errors(self.path):
                warning = stack.enter_context(lock_folder(self.path, taken))
            self.warnings += [warning] if warning else []
            yield

    def append(self, record: TrialRecord) -> None:
        """Append a record and wait until it is on the disk. A torn last line is removed first.

        Raises
        ------
        OutputError
            The disk is full or not to be written; the records before stay whole.
        """
        path = self.path / TRIALS_FILE
        line = record.model_dump_json().encode() + b"\n"
        with _output_errors(path), path.open("ab+", buffering=0) as file:
            file.seek(0)
            whole = _whole_length(file.read())
            file.truncate(whole)
            try:
                while line:  # a disk that runs full takes a part
                    line = line[file.write(line) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(whole)
                raise

    def records(self) -> list[TrialRecord]:
        """Return the newest record of each trial, in the order in which trials first ended.

        A torn last line is left out, with a warning in ``warnings``.

        Raises
        ------
        OutputError
            A line is damaged, or of a newer schema.
        """
        path = self.path / TRIALS_FILE
        content = path.read_bytes() if path.exists() else b""
        whole = _whole_length(content)
        if whole < len(content):
            self.warnings.append(f"{path}: the last line is torn (the run was interrupted there) and is left out")
        newest: dict[str, TrialRecord] = {}
        for number, line in enumerate(content[:whole].split(b"\n")[:-1], start=1):
            record = parse(TrialRecord, line, f"{path}, line {number}")
            newest[record.trial.id] = record
        return list(newest.values())

    def find_trial(self, name: str) -> TrialRecord:
        """Return the record of the trial with this id, or whose id is the only one that begins so.

        Raises
        ------
        UsageError
            There is no such trial, or there are several.
        """
        records = {record.trial.id: record for record in self.records()}
        found = [record for trial_id, record in records.items() if trial_id == name or trial_id.startswith(f"{name}-")]
        if not found:
            raise UsageError(f"run {self.run.name!r} has no trial {name!r}: {suggestion(name, list(records))}")
        if len(found) > 1:
            ids = first_of([record.trial.id for record in found], 8)
            raise UsageError(f"run {self.run.name!r} has {len(found)} trials {name!r}; expected one of {ids}")
        return found[0]

    def predictions_path(self, trial: Trial) -> Path:
        """Return the file of a trial's predictions."""
        return self.path / "predictions" / f"{trial.id}.parquet"

    def model_path(self, trial: Trial) -> Path:
        """Return the folder of a trial's fitted model, where the run saves models."""
        return self.path / "models" / trial.id

    def predictions(self, trial: Trial) -> Predictions:
        """Return a trial's predictions.

        Raises
        ------
        OutputError
            The file is missing or damaged, or of other rows than the run's.
        """
        import numpy as np

        from bench.results.predictions import PredictionsError, read_predictions

        path = self.predictions_path(trial)
        again = f"bench run --resume {shlex.quote(str(self.path))} makes them again"
        dataset = self.run.manifest.dataset
        try:
            predictions, rows = read_predictions(path, find_task(dataset.task))
        except PredictionsError as error:
            raise OutputError(f"{error}; {again}") from error
        if not np.array_equal(rows, np.arange(dataset.n_test)) or not predictions.are_of(dataset):
            raise OutputError(
                f"the predictions {path} are of other rows than the run's {dataset.n_test:,} test rows; {again}"
            )
        return predictions

    def write_predictions(self, trial: Trial, predictions: Predictions) -> None:
        """Write a trial's predictions.

        Raises
        ------
        OutputError
            The disk is full or not to be written.
        """
        from bench.results.predictions import write_predictions

        path = self.predictions_path(trial)
        with _output_errors(path):
            write_predictions(path, predictions)

    def is_whole(self, record: TrialRecord) -> bool:
        """Whether a good trial's predictions can be read, and its model is there if it was saved."""
        if record.measurements and record.measurements.is_saved and not self.model_path(record.trial).is_dir():
            return False
        try:
            self.predictions(record.trial)
        except OutputError:
            return False
        return True

    def write_summary(self, summary: str) -> None:
        """Write ``summary.csv``, its text given."""
        with _output_errors(self.path):
            write_text(self.path / SUMMARY_FILE, summary)


def check_name(name: str) -> str:
    """Return a run's name, if it can be a folder's name inside the output folder.

    Raises
    ------
    UsageError
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a run; expected letters, digits, dots, dashes and underscores, "
            "beginning with a letter or digit; the folder that runs stand in is --output"
        )
    return name


def name_start(dataset: str) -> str:
    """Return the beginning of the name of a run on a dataset.

    >>> name_start("IMDB Dataset.csv")
    'IMDB-Dataset'
    """
    stem = dataset.partition(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_") or "file"


def find_run(name: str, output: Path) -> Path:
    """Return the folder of a run: a name inside the output folder, or a path to a run folder or to its ``run.json``."""
    path = Path(name)
    if path.name == RUN_FILE:
        return path.parent
    return path if os.sep in name or (path / RUN_FILE).exists() else output / check_name(name)


def list_runs(output: Path) -> list[Path]:
    """Run folders inside the output folder, the newest last."""
    files = output.glob(f"*/{RUN_FILE}") if output.is_dir() else ()
    return [file.parent for file in sorted(files, key=lambda file: (file.stat().st_mtime, file))]


def _whole_length(content: bytes) -> int:
    """Length of the lines that end in a line break."""
    return content.rfind(b"\n") + 1


def parse(kind: type[R], content: bytes, where: str) -> R:
    """Return a record from its JSON, or an error that says why not.

    Raises
    ------
    OutputError
        It is damaged, or of a newer schema.
    """
    try:
        value = json.loads(content)
        if value["schema_version"] > SCHEMA_VERSION:
            raise OutputError(
                f"{where} has schema version {value['schema_version']}, this bench reads up to {SCHEMA_VERSION}; "
                "update gru-bench"
            )
        return kind.model_validate(value)
    except (ValueError, KeyError, TypeError) as error:
        first_line = str(error).partition("\n")[0]
        raise OutputError(f"{where} is damaged ({first_line})") from error
