"""What asv stored of a commit, and what it said of benchmarks that failed."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError
from bench.utils.text import listed, shown


@dataclass(frozen=True)
class Measured:
    """One benchmark in one commit.

    Parameters
    ----------
    name : str
        With its parameters, such as ``recurrent.TrainGRU.time_8_steps(500, 32)``.
    unit : str
        ``seconds``, ``bytes``, or what the benchmark says.
    value : float, optional
        The median of the samples; None: it failed.
    samples : tuple of float
        Empty for what is measured once.
    """

    name: str
    unit: str
    value: float | None
    samples: tuple[float, ...]


def result_files(results: Path, machine: str, commit: str = "") -> list[Path]:
    """Where asv keeps what was measured on a machine: of one commit, or of all."""
    return sorted(path for path in (results / machine).glob(f"{commit[:8]}*.json") if path.name != "machine.json")


def machines(results: Path) -> list[str]:
    """Kinds of machine that have a history."""
    return sorted(path.name for path in results.glob("*") if path.is_dir() and result_files(results, path.name))


def check_history(results: Path, machine: str | None) -> None:
    """Raise a UsageError where nothing was measured, or nothing on this machine."""
    found = machines(results)
    if not found or not (results / "benchmarks.json").exists():
        raise UsageError(f"{results} has no results yet; bench speed run measures a commit")
    if machine is not None and machine not in found:
        raise UsageError(f"machine {shown(machine)} has no history; expected one of {listed(found)}")


def read_results(
    results: Path, machine: str, commit: str, *, patterns: Sequence[str] = ("",), since: float = 0.0
) -> dict[str, Measured]:
    """Return what was measured of a commit, by name; what was skipped is left out.

    Parameters
    ----------
    results : Path
    machine, commit : str
    patterns : sequence of str
        Regular expressions of the benchmarks that are asked for.
    since : float
        Leave out what was measured before, seconds since 1970.

    Raises
    ------
    UsageError
        A file is damaged.
    """
    from asv.benchmarks import Benchmarks
    from asv.results import Results
    from asv.util import UserError, load_json

    try:
        benchmarks = load_json(str(results / "benchmarks.json"), Benchmarks.api_version)
        stored = [Results.load(str(path)) for path in result_files(results, machine, commit)]
    except (UserError, OSError, ValueError, KeyError) as error:
        raise UsageError(f"the results of {commit[:8]} in {results / machine} cannot be read: {error}") from None
    found = {}
    for one in sorted(stored, key=lambda one: max(one.started_at.values(), default=0)):
        for key in sorted(one.get_result_keys(benchmarks)):
            if one.started_at[key] < since * 1000:
                continue
            benchmark = benchmarks[key]
            values = one.get_result_value(key, benchmark["params"])
            samples = one.get_result_samples(key, benchmark["params"]) or [None] * len(values)
            for parameters, value, sample in zip(_parameters(benchmark["params"]), values, samples, strict=True):
                name = f"{key}{parameters}"
                asked = any(re.search(pattern, name) for pattern in patterns)
                if asked and (value is None or not math.isnan(value)):
                    found[name] = Measured(name, benchmark["unit"], value, tuple(sample or ()))
    return found


def _parameters(params: list[list[str]]) -> Iterator[str]:
    """Yield the parameters of a benchmark as asv's ``--bench`` writes them."""
    for values in itertools.product(*params):
        yield f"({', '.join(values)})" if values else ""


_COMMIT = re.compile(r"\[ *[\d.]+%\] · For .* commit ([0-9a-f]{8})")
_BENCHMARK = re.compile(r"\[ *[\d.]+%\] ··· (?:\.\.\.)?([A-Za-z_][\w.]*) +(.*)")
_WORDS = re.compile(r"(?:\[ *[\d.]+%\] ·+)? *(?:([\w.]*(?:Error|Exception|Exit)\b.*)|asv: (.*))")


def errors_in(printed: str) -> dict[tuple[str, str], str]:
    """Return the last words of benchmarks that failed, from what asv printed, by the commit and the end of the name.

    >>> errors_in('''[ 0.00%] · For bench commit 0123abcd <main>:
    ... [50.00%] ··· recurrent.TrainGRU.time_8_steps     1/2 failed
    ... [50.00%] ··· ======== =====
    ... [50.00%] ···· Traceback (most recent call last):
    ...               ValueError: too long
    ...               asv: benchmark failed (exit status 1)
    ... [75.00%] ··· harness.Data.time_load     33.2ms
    ... ''')
    {('0123abcd', 'recurrent.TrainGRU.time_8_steps'): 'ValueError: too long'}
    """
    errors: dict[tuple[str, str], str] = {}
    commit = name = ""
    for line in printed.splitlines():
        if found := _COMMIT.match(line):
            commit = found[1]
        elif found := _BENCHMARK.match(line):
            name = found[1] if re.search("failed|skipped", found[2]) else ""
            if "skipped" in found[2]:
                errors[commit, name] = found[2]
        elif name and (found := _WORDS.match(line)) and (found[1] or (commit, name) not in errors):
            errors[commit, name] = (found[1] or found[2]).strip()
    return errors
