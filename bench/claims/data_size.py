"""Claim 7: large data sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.claims.base import Claim
from bench.claims.candidates import FISHER, GENERATED_GRU, GRU, NAIVE_BAYES, PAIRS, PATIENT_GRU, WEIGHTED_PAIRS
from bench.claims.declaration import Contrast, Experiment, Plan, Setting, side, sides
from bench.claims.evidence import Evidence
from bench.claims.tables import Table, cost, write_seconds
from bench.parameters import write_name
from bench.records import RunSpec
from bench.stats.fits import FURTHEST, Crossing, LearningCurve, crossing, fit_learning_curve
from bench.utils.text import points

REVIEWS, SYNTHETIC = "film reviews", "synthetic reviews"
MEASURED = ("model", "misses what was measured by")
"""What the table of curves says of one that is no power law."""


class DataSize(Claim):
    """Learning curves on reviews, and on generated ones whose best accuracy is known."""

    name = "data-size"
    number = 7
    title = "large data sets"
    sentence = "GRUs make use of large data sets, where traditional approaches stop improving."
    refuted_if = (
        "a traditional model is as accurate as the GRU, within the smallest difference that matters, at every number "
        "of training rows up to the largest. If the GRU is ahead from some number of rows on, it depends on that."
    )
    method = (
        "On film reviews five families of models learn from 100 reviews up to all of them, five random subsets of "
        "each size, the same for all models (of all reviews five seeds). Generated reviews go on to 300,000; there "
        "the best possible accuracy is known. Up to 30,000 of them the GRU learns in smaller batches for more epochs: "
        "with its defaults it would take 120 steps at most, too few to learn the rules of a grammar, as the tables "
        "show. A power law with an offset is fitted to the errors, and says where curves cross, or would."
    )
    limits = (
        "Curves beyond what was measured are extrapolations. The generated reviews are of one grammar; their "
        "negations, contrasts and passages that are meant the other way round are more frequent than in real ones. A "
        "first plan had the GRU with its defaults at every number of rows and found it 11 points behind with 10,000; "
        "the small steps were added when that was known."
    )

    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts."""
        gru = GRU if setting.is_full else GENERATED_GRU
        rivals = (WEIGHTED_PAIRS, PAIRS, FISHER) if setting.is_full else (WEIGHTED_PAIRS, PAIRS)
        sizes = (100, 300, 1_000, 3_000, 10_000, 25_000) if setting.is_full else (300, 1_000)
        reviews = Experiment(
            name="reviews",
            spec=RunSpec(
                models=(gru, *rivals, *((NAIVE_BAYES,) if setting.is_full else ())),
                dataset=setting.reviews if setting.is_full else f"last-words[n=100,of={setting.reviews}]",
                seeds=5 if setting.is_full else 2,
                train_size=sizes,
            ),
        )
        contrasts = _contrasts(REVIEWS, reviews, sizes, rivals)
        if not setting.is_full:
            return Plan(experiments=(reviews,), contrasts=tuple(contrasts))
        experiments, more = _synthetic()
        return Plan(experiments=(reviews, *experiments), contrasts=(*contrasts, *more))

    def tables(self, evidence: Evidence) -> Sequence[Table]:
        """Return the fitted curves, where they cross, and what a point of accuracy costs."""
        tables = []
        for experiment in evidence.experiments:
            curves = {
                model: curve for model in experiment.spec.models if (curve := _curve(evidence, experiment, model))
            }
            tables.append(_curve_table(evidence, experiment, curves))
            tables.append(_cost_table(evidence, experiment))
        return tables


def _synthetic() -> tuple[list[Experiment], list[Contrast]]:
    """Return generated reviews: up to 30,000 the GRU learns in small steps, and beyond with its defaults."""
    rivals = (WEIGHTED_PAIRS, PAIRS)
    few, many = (1_000, 3_000, 10_000, 30_000), (100_000, 300_000)
    dataset = write_name("synthetic-reviews", {"median_words": 90, "n_train": many[-1], "n_test": 5_000})
    usual = Experiment(
        name="synthetic-reviews",
        spec=RunSpec(models=(GRU, *rivals), dataset=dataset, seeds=3, train_size=(*few, *many)),
    )
    patient = Experiment(
        name="synthetic-reviews-small-steps",
        spec=RunSpec(models=(PATIENT_GRU, *rivals), dataset=dataset, seeds=5, train_size=few),
    )
    return [usual, patient], [*_contrasts(SYNTHETIC, patient, few, rivals), *_contrasts(SYNTHETIC, usual, many, rivals)]


def _contrasts(part: str, experiment: Experiment, sizes: Sequence[int], rivals: Sequence[str]) -> list[Contrast]:
    return [
        Contrast(
            part=part,
            at=f"{size:,} rows",
            x=size,
            model=side(experiment, experiment.spec.models[0], size),
            rivals=sides(experiment, rivals, size),
        )
        for size in sizes
    ]


def _curve(evidence: Evidence, experiment: Experiment, model: str) -> LearningCurve | None:
    """Return a model's fitted curve; None: it was not measured at every number of rows, or at fewer than four."""
    sizes = experiment.spec.train_size
    entries = [evidence.entry(side(experiment, model, size)) for size in sizes]
    if len(sizes) < 4 or any(entry is None for entry in entries):
        return None
    n_subsets = experiment.spec.seeds
    errors = [np.resize(1 - entry.by_seed, n_subsets) for entry in entries if entry is not None]
    return fit_learning_curve(np.array(sizes, np.float64), np.stack(errors))


def _curve_table(evidence: Evidence, experiment: Experiment, curves: dict[str, LearningCurve]) -> Table:
    sizes, gru = experiment.spec.train_size, experiment.spec.models[0]
    furthest, margin = FURTHEST * sizes[-1], evidence.declared.margin
    rows = []
    for model, curve in curves.items():
        floor = curve.floor_interval()
        known = curve.largest_miss <= margin
        row = {
            "model": evidence.label(side(experiment, model)),
            "error": f"{curve.floor:.3f} + {curve.factor:.3g} · rows^-{curve.exponent:.2f}",
            "misses what was measured by": f"{100 * curve.largest_miss:.1f} points at most",
            "error with unlimited rows, fitted": f"{curve.floor:.3f}"
            + (f" ({floor.low:.3f} to {floor.high:.3f})" if floor else ""),
            f"error at {furthest:,.0f} rows, extrapolated": f"{curve.error(furthest):.3f}",
            "the GRU gets below it": "-",
        }
        if model != gru and known and gru in curves and curves[gru].largest_miss <= margin:
            row["the GRU gets below it"] = _write_crossing(crossing(curves[gru], curve, sizes[0], sizes[-1]))
        rows.append(row if known else {name: row[name] if name in MEASURED else "-" for name in row})
    best = evidence.dataset(experiment.name).best_accuracy if experiment.name in evidence.runs else None
    caption = (
        "A power law with an offset, fitted to the mean error of the subsets; 95 % intervals by drawing the subsets "
        f"again. Where it misses a mean by more than {points(margin)}, the error does not fall like a power law, "
        "and nothing is extrapolated."
    )
    caption += "" if best is None else f" No model can have an error below {1 - best:.3f}."
    return Table(f"Fitted learning curves, {experiment.name.replace('-', ' ')}", caption, rows)


def _write_crossing(found: Crossing) -> str:
    if found.rows == 0:
        return "from the fewest rows on"
    among = "" if found.share is None else f" (it is in {found.share:.0%} of the resampled curves)"
    if found.rows is None:
        return f"not within {FURTHEST:g} times the data{among}"
    if found.interval is None:
        return f"at about {_write_rows(found.rows)} rows{among}"
    high = "more" if np.isinf(found.interval.high) else _write_rows(found.interval.high)
    return f"at about {_write_rows(found.rows)} rows ({_write_rows(found.interval.low)} to {high})"


def _write_rows(rows: float) -> str:
    """Return a number of rows with two digits, as many as a fitted curve can tell.

    >>> _write_rows(99_468.3), _write_rows(815)
    ('99,000', '820')
    """
    return f"{float(f'{rows:.2g}'):,.0f}"


def _cost_table(evidence: Evidence, experiment: Experiment) -> Table:
    """Return the seconds of training by rows, and those of the last point of accuracy."""
    sizes = experiment.spec.train_size
    rows = []
    for model in experiment.spec.models:
        places = [side(experiment, model, size) for size in sizes]
        costs = [cost(evidence, place) for place in places]
        row = {"model": evidence.label(side(experiment, model))} | {
            f"{size:,} rows": write_seconds(value) for size, value in zip(sizes, costs, strict=True)
        }
        row["one more point costs"] = _price_of_a_point([evidence.score(place) for place in places], costs)
        rows.append(row)
    caption = (
        "Seconds of the fit, means over subsets; and what one more point of accuracy costs from the last number of "
        "rows but one to the last."
    )
    return Table(f"What it costs, {experiment.name.replace('-', ' ')}", caption, rows)


def _price_of_a_point(accuracies: Sequence[float | None], costs: Sequence[float | None]) -> str:
    known = [
        (a, cost) for a, cost in zip(accuracies[-2:], costs[-2:], strict=True) if a is not None and cost is not None
    ]
    if len(known) < 2:
        return "-"
    (before, cheaper), (after, dearer) = known
    gained = 100 * (after - before)
    return write_seconds((dearer - cheaper) / gained) if gained > 0.05 else "nothing gained"
