"""The page "Why use a GRU?": one HTML file that needs no network, and the same as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.claims.summary import Answered
from bench.claims.tables import Table
from bench.claims.verdicts import Verdict
from bench.errors import OutputError, UsageError
from bench.records import TrialRecord
from bench.report.figures.svg import Figure
from bench.report.rendering import asset, check_own, load_template
from bench.utils.escapes import markdown
from bench.utils.files import write_text
from bench.utils.text import capital, counted, first_of

HTML_FILE, MARKDOWN_FILE, FIGURES_FOLDER = "claims.html", "claims.md", "figures"
PACKAGE = "bench.claims"

COUNTED: dict[Verdict, tuple[str, str]] = {
    "supported": ("is supported", "are supported"),
    "refuted": ("is refuted", "are refuted"),
    "depends": ("depends on what is asked", "depend on what is asked"),
    "undecided": ("is undecided", "are undecided"),
}
MEANINGS: dict[Verdict, str] = {
    "supported": "Better than each rival",
    "refuted": "Worse than a rival, or not better by what matters",
    "undecided": "Undecided, since seeds or test rows are too few to be sure",
}


RULE = (
    "At a place a claim is supported if the model is significantly better than every rival, and by the smallest "
    "difference that matters in what was measured. It is refuted if the model is significantly not better by that "
    "much. Else it is undecided. A claim is supported or refuted if it is so at every place, and depends on what "
    "differs if it is supported at some and refuted at others."
)


@dataclass(frozen=True)
class Answer:
    """The answer to the title's question: how many claims hold, and where.

    Parameters
    ----------
    count : str
        How many claims have which verdict, as a sentence.
    places : mapping of str to sequence of str
        What a verdict means, and the places of all claims that have it, each with its differences.
    """

    count: str
    places: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Section:
    """A claim on the page.

    Parameters
    ----------
    answered : Answered
    figures : sequence of Figure
    contrasts : Table
        What the verdict follows from.
    tables : sequence of Table
        What is shown beside it.
    facts : sequence of (name, value)
        How it was made.
    """

    answered: Answered
    figures: Sequence[Figure]
    contrasts: Table
    tables: Sequence[Table]
    facts: Sequence[tuple[str, str]]


def write_page(answered: Sequence[Answered], folder: Path) -> Path:
    """Write ``claims.html``, ``claims.md`` and ``figures/`` into a folder, each file whole or not at all.

    Raises
    ------
    OutputError
        There is a page of another maker, or the folder cannot be written.
    UsageError
        A claim cannot make its figures or tables.
    """
    sections = [_section(one) for one in answered]
    parts = {
        "sections": sections,
        "answer": answer(answered),
        "verdicts": verdict_table(answered),
        "rule": RULE,
        "profile": answered[0].evidence.declared.profile,
        "md": markdown,
    }
    try:
        check_own(folder / HTML_FILE)
        figures = folder / FIGURES_FOLDER
        figures.mkdir(parents=True, exist_ok=True)
        for section in sections:
            for figure in section.figures:
                write_text(figures / f"{figure.slug}.svg", figure.file)
        write_text(folder / MARKDOWN_FILE, _render("claims.md", parts))
        write_text(folder / HTML_FILE, _render("claims.html", {**parts, "style": asset("style.css")}))
    except OSError as error:
        raise OutputError(
            f"cannot write the page {error.filename or folder}: {error.strerror}; name another folder with --to"
        ) from error
    return folder / HTML_FILE


def check_shown(answered: Sequence[Answered]) -> None:
    """Check that every claim can make its figures and tables.

    Raises
    ------
    UsageError
        One cannot.
    """
    for one in answered:
        _section(one)


def verdict_table(answered: Sequence[Answered]) -> Table:
    """Return the verdicts, a row per claim."""
    caption = (
        "A difference is how much better the model's score is than that of the best rival, with its 95 % interval: "
        "points of accuracy, or the unit that it names. Verdicts are corrected for the number of contrasts of all "
        "claims, which is severe where seeds are few: what is undecided may have an interval that excludes zero."
    )
    return Table("Verdicts", caption, [one.verdict_row() for one in answered])


def answer(answered: Sequence[Answered]) -> Answer:
    """Answer the title's question by all claims together."""
    verdicts = Counter(one.judgement.verdict for one in answered)
    said = [f"{n} {COUNTED[verdict][n > 1]}" for verdict in COUNTED if (n := verdicts[verdict])]
    parts = [(one.claim.number, part) for one in answered for part in one.judgement.parts]
    places = {
        meaning: [
            f"{capital(part.name)}{part.at(verdict, ', ')}: {part.range(verdict)} (claim {number})"
            for number, part in parts
            if verdict in part.verdicts
        ]
        for verdict, meaning in MEANINGS.items()
    }
    count = f"Of {counted(len(answered), 'claim')}, {', '.join(said)}. Each model against the best of its rivals:"
    return Answer(count, {meaning: found for meaning, found in places.items() if found})


def _section(one: Answered) -> Section:
    contrasts = Table("Contrasts", f"What the verdict follows from. {one.how_sure()}", one.contrast_rows())
    try:
        figures = list(one.claim.figures(one.evidence))
        tables = [table for table in one.claim.tables(one.evidence) if table.rows]
    except Exception as error:  # a claim of a third party may raise anything
        raise UsageError(
            f"the figures or tables of claim {one.claim.name} cannot be made: {type(error).__name__}: "
            f"{' '.join(str(error).split())}; correct, reinstall or remove its package"
        ) from error
    return Section(one, figures, contrasts, tables, _facts(one))


def _facts(one: Answered) -> list[tuple[str, str]]:
    declared, runs = one.evidence.declared, list(one.evidence.runs.values())
    records = [record for run in runs for record in run.records]
    # A run that was killed has not written down its own time.
    seconds = max(declared.seconds or 0.0, sum(record.total_seconds for record in records))
    processors = dict.fromkeys(record.cpu_model or "unknown" for record in records)
    failed = [f"{record.trial.label}: {record.status}" for record in records if record.status != "ok"]
    facts = [
        ("claim", f"{declared.claim}, version {declared.version}, {declared.profile} profile"),
        ("declared", f"{declared.created_at}, before the first trial"),
        *[("grown", change) for change in declared.changes],
        ("trials", f"{counted(len(records), 'trial')} in {counted(len(runs), 'run')}"),
        (
            "time",
            f"{seconds / 60:,.0f} minutes, {_share_of_models(records, seconds):.0%} of it in fits and predictions",
        ),
        ("processor", ", ".join(processors)),
        ("versions", _versions(runs)),
    ]
    facts += [("models", "; ".join(one.evidence.full_names))] if one.evidence.full_names else []
    facts += [("failed", first_of(failed, 5))] if failed else []
    facts += [("left out", note) for note in declared.plan.notes]
    return facts


def _share_of_models(records: Sequence[TrialRecord], seconds: float) -> float:
    """Return how much of the time models had: the rest is starting processes, encoding, statistics."""
    costs = [record.measurements.costs for record in records if record.measurements]
    own = sum(c.fit_seconds + c.predict_first_seconds + c.predict_seconds + c.latency_seconds for c in costs)
    return own / seconds if seconds else 0.0


def _versions(runs: Sequence[Any]) -> str:
    manifests = [manifest for run in runs for manifest in (run.store.run.manifest, *run.store.run.resumed)]
    commits = dict.fromkeys((manifest.git_commit or "unknown")[:12] for manifest in manifests)
    versions = dict.fromkeys(f"gru-bench {manifest.bench_version}" for manifest in manifests)
    return f"{', '.join(versions)}, commit {', '.join(commits)}"


def _render(name: str, parts: dict[str, Any]) -> str:
    page: str = load_template(PACKAGE, name).render(**parts)
    return page
