"""The Python face of ``bench``: run models, and load runs that were made before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.registry import split_names
from bench.results.run import Run
from bench.results.store import RunStore, find_run
from bench.running.progress import Display, Guarded, Silent
from bench.running.runner import start
from bench.running.spec import make_spec

OUTPUT = Path("results")


def run(
    models: str | Iterable[str] | Mapping[str, Any] = ("gru", "hmm", "logreg"),
    *,
    dataset: str | Path = "auto",
    name: str | None = None,
    output: str | Path = OUTPUT,
    display: Display | None = None,
    report: bool = True,
    **options: Any,
) -> Run:
    """Run models on a dataset, each in its own process, and save what was measured in ``output/name``.

    Parameters
    ----------
    models : str, iterable of str, or mapping of name to estimator
        Names as ``bench run --models`` takes them, or scikit-learn classifiers that are given a name here (a value of
        None means the model of that name: ``{"mine": estimator, "gru": None}``).
    dataset : str or path
        ``auto``, a name that ``bench list datasets`` shows, or a file of the user's own.
    name : str, optional
        The run's name; by default dataset, date, time and a random tail.
    output : path
        The folder that holds runs.
    display : Display, optional
        Shows how it goes; by default nothing is shown.
    report : bool
        Write ``report.html`` and ``report.md`` into the run's folder at the end.
    **options
        The other fields of :class:`bench.records.RunSpec` and of its ``FileOptions``, such as ``seeds=3``.

    Raises
    ------
    bench.errors.BenchError
        A wrong name, parameter or option, missing data, or a folder that cannot be written.
    """
    instances = {n: e for n, e in models.items() if e is not None} if isinstance(models, Mapping) else {}
    names = split_names(models) if isinstance(models, str) else list(models)
    if unnamed := [model for model in names if not isinstance(model, str)]:
        raise UsageError(f'models holds {unnamed[0]!r}, expected names; give an estimator as {{"its name": estimator}}')
    spec = make_spec({"models": names, "dataset": dataset, **options})
    shown = Guarded(display or Silent())
    finished = start(spec, name=name, output=Path(output), display=shown, instances=instances)
    if report:
        from bench.report.make import report_after

        report_after(finished, shown.note, data_dir=spec.data_dir)
    return finished


def load_run(run: str | Path, output: str | Path = OUTPUT) -> Run:
    """Return a run that was made before.

    Parameters
    ----------
    run : str or path
        A name inside the output folder, or a run's folder.
    output : path
        The folder that holds runs.

    Raises
    ------
    bench.errors.OutputError
        There is no such run, or its files are damaged or of a newer schema.
    """
    return Run(RunStore.open(find_run(str(run), Path(output))))
