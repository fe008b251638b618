"""Parts of a report in the form in which templates show them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from bench.records import Manifest, RunFile
from bench.report.examples import Example
from bench.results.columns import write_p
from bench.stats.ranking import Outperformance
from bench.stats.verdicts import Comparison, Verdict
from bench.tasks.base import Task
from bench.utils.escapes import visible
from bench.utils.text import counted, rounded_up

if TYPE_CHECKING:
    from bench.report.content import ReportContent

QUOTED_CHARACTERS = 600


@dataclass(frozen=True)
class Difference:
    """A cell of the matrix of differences: the row's model minus the column's.

    Parameters
    ----------
    text, interval, p_value : str
        Of these models.
    verdict : str
        "better", "worse" or "not significant"; of these models.
    again : str
        The p-value of such models trained again; "not known" from one seed.
    needed : str
        About how many seeds or test texts would make the difference significant; "" where it is, or nothing would.
    outperforms : str or None
        The probability that the row's model is the better one, from 10 seeds on.
    """

    text: str
    interval: str
    p_value: str
    verdict: str
    again: str
    needed: str
    outperforms: str | None


@dataclass(frozen=True)
class Matrix:
    """Differences of the main score between all pairs.

    Parameters
    ----------
    names : sequence of str
    cells : mapping of pair of names to Difference
    method : str
        How the verdicts were made.
    """

    names: Sequence[str]
    cells: Mapping[tuple[str, str], Difference]
    method: str


@dataclass(frozen=True)
class Quote:
    """An example with its words.

    Parameters
    ----------
    heading : str
        What it is an example of.
    example : Example
    label : str
    answers : sequence of pair of str
        Models and what they predict.
    text : str or None
        None: the report quotes none.
    n_left_out : int
        Characters that are not shown.
    """

    heading: str
    example: Example
    label: str
    answers: Sequence[tuple[str, str]]
    text: str | None
    n_left_out: int


def difference_matrix(
    comparisons: Sequence[Comparison], outperformance: Mapping[tuple[str, str], Outperformance], task: Task
) -> Matrix | None:
    """Return the differences of all pairs, in both directions; None if there are no pairs."""
    if not comparisons:
        return None
    cells: dict[tuple[str, str], Difference] = {}
    for c in comparisons:
        for pair, sign in (((c.first, c.second), 1), ((c.second, c.first), -1)):
            low, high = sorted((sign * c.fitted.interval.low, sign * c.fitted.interval.high))
            verdict = "not significant"
            if c.fitted.is_significant:
                verdict = "better" if sign * c.gain > 0 else "worse"
            probability = outperformance.get(pair)
            cells[pair] = Difference(
                text=_signed(sign * c.difference),
                interval=f"{_signed(low)} to {_signed(high)}",
                p_value=write_p(c.fitted.p_value),
                verdict=verdict,
                again="not known" if c.again is None else write_p(c.again.p_value),
                needed=_needed(c, task),
                outperforms=_probability(probability, c) if probability else None,
            )
    names = list(dict.fromkeys(name for c in comparisons for name in (c.first, c.second)))
    of_these = _tests([c.fitted for c in comparisons])
    of_such = _tests([c.again for c in comparisons if c.again is not None])
    holm = f"Holm's correction over {counted(len(comparisons), 'pair')}"
    return Matrix(names, cells, f"these models: {of_these}; trained again: {of_such or 'not known'}; {holm}")


def _tests(verdicts: Sequence[Verdict]) -> str:
    return " and ".join(sorted({verdict.test for verdict in verdicts}))


def _needed(comparison: Comparison, task: Task) -> str:
    if comparison.rows_needed is not None:
        return f"{rounded_up(comparison.rows_needed):,} {task.words.rows}"
    if comparison.again is None or comparison.again.is_significant:
        return ""
    if comparison.seeds_needed:
        return f"{comparison.seeds_needed} seeds"
    return f"over 100 seeds, or more {task.words.rows}"


def quotes(content: ReportContent) -> list[Quote]:
    """Examples that one model alone gets right, then labels that most models contradict."""
    found = []
    for only in content.only_right:
        heading = f"only {only.model} is right ({_counted(only.n_rows, content)})"
        found += [_quote(heading, example, content) for example in only.examples]
    if content.suspects:
        shown = len(content.suspects.examples)
        some = f", {shown} shown" if shown < content.suspects.n_rows else ""
        heading = f"most models contradict the label ({_counted(content.suspects.n_rows, content)}{some})"
        found += [_quote(heading, example, content) for example in content.suspects.examples]
    return found


def _counted(n_rows: int, content: ReportContent) -> str:
    words = content.analysis.task.words
    return counted(n_rows, words.row, words.rows)


def _quote(heading: str, example: Example, content: ReportContent) -> Quote:
    text = None if content.texts is None else visible(content.texts[example.row])
    names = content.analysis.dataset.class_names
    return Quote(
        heading,
        example,
        names[example.label],
        [(model, names[answer]) for model, answer in example.answers.items()],
        None if text is None else text[:QUOTED_CHARACTERS],
        0 if text is None else max(0, len(text) - QUOTED_CHARACTERS),
    )


def manifest_rows(run: RunFile) -> list[tuple[str, str]]:
    """Where and with what a run was made."""
    m, spec = run.manifest, run.spec
    names = ("tensorflow", "keras", "scikit-learn", "hmmlearn", "numpy", "scipy", "pandas")
    versions = [f"{name} {m.packages[name]}" for name in names if name in m.packages]
    others = {f"{i.package} {i.package_version}" for i in run.models if i.package and i.package != "gru-bench"}
    return [
        ("run", run.name),
        ("made", m.created_at),
        ("command", _command(m)),
        ("dataset", f"{m.dataset.name}, {m.dataset.origin}"),
        ("dataset digest", m.dataset.digest),
        ("rows", f"{m.dataset.n_train:,} to train on, {m.dataset.n_test:,} to test on"),
        *([("task", m.dataset.task)] if m.dataset.task != "classification" else []),
        *_classes(m.dataset.class_names),
        *([("division", spec.division)] if m.dataset.task == "classification" else []),
        ("seeds", f"0 to {spec.seeds - 1}" if spec.seeds > 1 else "0"),
        ("limits", _limits(run)),
        ("processor", f"{m.cpu_model}, {m.n_processors} processors, {spec.threads} per trial"),
        ("memory", f"{m.memory_mb:,.0f} MB"),
        ("system", f"{m.platform}, Python {m.python_version}"),
        ("versions", ", ".join([f"bench {m.bench_version}", *versions, *sorted(others)])),
        ("commit", m.git_commit or "not a checkout"),
        *([("switches", ", ".join(f"{k}={v}" for k, v in m.environment.items()))] if m.environment else []),
        *(("resumed", _how(later)) for later in run.resumed),
        *(("note", note) for note in m.dataset.notes),
    ]


def _classes(names: Sequence[str]) -> list[tuple[str, str]]:
    return [("classes", ", ".join(names[:20]) + (" …" if len(names) > 20 else ""))] if names else []


def _command(manifest: Manifest) -> str:
    program, arguments = manifest.command_line[:1], manifest.command_line[1:]
    return shlex.join([*(PurePath(path).name for path in program), *arguments])


def _how(later: Manifest) -> str:
    """Return how a run went on."""
    return f"{later.created_at}, {_command(later)}, {later.cpu_model}, commit {later.git_commit or 'none'}"


def _limits(run: RunFile) -> str:
    limits = []
    if run.spec.time_limit_seconds:
        limits.append(f"{run.spec.time_limit_seconds:g} s per trial")
    if run.spec.memory_limit_mb:
        limits.append(f"{run.spec.memory_limit_mb:,.0f} MB per trial")
    return ", ".join(limits) or "none"


def _signed(value: float) -> str:
    return f"{value + 0.0 if abs(value) >= 0.0005 else 0.0:+.3f}".replace("-", "\N{MINUS SIGN}")


def _probability(found: Outperformance, comparison: Comparison) -> str:
    meaning = ", meaningful" if found.is_meaningful and comparison.broadest.is_significant else ""
    return f"{found.probability:.2f} ({found.interval.low:.2f} to {found.interval.high:.2f}{meaning})"
