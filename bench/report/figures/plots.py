"""The pictures of a report, drawn by seaborn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.report.figures.curves import mean_reliability, mean_roc, pareto_front, share_by_length
from bench.report.figures.drawing import (
    GREY,
    add_legend,
    draw_lines,
    fit_name,
    fit_names,
    log_axis,
    long_frame,
    new_canvas,
)
from bench.report.figures.palette import ModelStyle
from bench.report.figures.svg import Figure, make_figure
from bench.results.entries import Entry
from bench.stats.resampling import FloatArray
from bench.tasks.base import Task
from bench.utils.text import capital

if TYPE_CHECKING:
    import pandas as pd

MOST_CLASSES = 12
"""With more, a confusion matrix is unreadable, and the commonest confusions are drawn."""
SHOWN_CONFUSIONS = 12
FEWEST_ANSWERS = 20
"""Of a point on a reliability curve; with fewer, chance draws it."""

COST_AXES = (
    ("fit_seconds", "fit, seconds"),
    ("latency_p50_ms", "one {row}, milliseconds (median)"),
    ("peak_memory_mb", "peak memory, MB"),
    ("n_parameters", "parameters"),
)


@dataclass(frozen=True)
class FigureData:
    """What figures are drawn of: models with the same number of training rows, the good ones.

    Parameters
    ----------
    task : Task
    entries : sequence of Entry
    summary : DataFrame
        Of these, a row per model.
    all_sizes : DataFrame
        Of all numbers of training rows.
    class_names : sequence of str
    styles : mapping of model name to ModelStyle
    """

    task: Task
    entries: Sequence[Entry]
    summary: pd.DataFrame
    all_sizes: pd.DataFrame
    class_names: Sequence[str]
    styles: dict[str, ModelStyle]


def draw_all(subject: FigureData) -> list[Figure]:
    """Return the figures that the runs have data for, in the order of the report."""
    return [figure for draw in FIGURES.values() if subject.entries and (figure := draw(subject)) is not None]


def draw_costs(subject: FigureData) -> Figure | None:
    """Return the main score against costs, with the models that no other beats in both joined by a line."""
    known = {
        field: rows
        for field, _ in COST_AXES
        if not (rows := subject.summary[subject.summary[field].astype(float) > 0]).empty
    }
    if not known:
        return None
    n_columns = min(2, len(known))
    n_rows = -(-len(known) // n_columns)
    canvas, axes = new_canvas(n_rows, n_columns, 3.0 * n_rows + 0.7, sharey=True)
    fronts = []
    labels = {field: label.format(row=subject.task.words.row) for field, label in COST_AXES}
    metric = subject.task.metric
    main, sign = metric.field, 1 if metric.larger_is_better else -1
    for ax, field in itertools.zip_longest(axes.flat, known):
        if field is None:
            ax.set_visible(False)
            continue
        rows = known[field]
        for row in rows.to_dict("records"):
            look = subject.styles[row["model"]]
            _point(ax, float(row[field]), row[main], row[f"{main}_low"], row[f"{main}_high"], look)
        front = rows.iloc[pareto_front(rows[field].to_numpy(float), sign * rows[main].to_numpy(float))]
        ax.plot(front[field].astype(float), front[main], color=GREY, lw=1, zorder=0)
        fronts.append(f"{labels[field].partition(',')[0]}: {', '.join(map(fit_name, front['model']))}")
        ax.set(xlabel=labels[field])
        log_axis(ax)
    for ax in axes[:, 0]:
        ax.set_ylabel(metric.heading)
    add_legend(canvas, subject.styles, [entry.name for entry in subject.entries])
    return make_figure(
        canvas,
        "costs",
        f"{capital(metric.heading)} against cost",
        f"{'Up' if sign > 0 else 'Down'} and to the left is better; costs are on logarithmic axes, bars are 95 % "
        "intervals. The grey line joins the "
        f"models that no other beats in both {metric.heading} and this cost.",
        f"{capital(metric.heading)} against costs. Not beaten in both, {'; '.join(fronts)}.",
    )


def draw_learning(subject: FigureData) -> Figure | None:
    """Return validation accuracy against seconds, of models whose history has it."""
    import pandas as pd

    fields = ("seconds", "validation_accuracy")
    steps = [
        {"model": entry.name, "trial": record.trial.id, **{field: step[field] for field in fields}}
        for entry in subject.entries
        for record in entry.good
        for step in record.history
        if all(isinstance(step.get(field), int | float) for field in fields) and step["seconds"] > 0
    ]
    if not steps:
        return None
    frame = pd.DataFrame(steps)
    canvas, ((ax,),) = new_canvas(1, 1, 3.6)
    draw_lines(ax, subject.styles, frame, "seconds", "validation_accuracy", units="trial")
    ax.set(xlabel="seconds of the fit", ylabel="validation accuracy")
    log_axis(ax)
    names = list(dict.fromkeys(frame["model"]))
    add_legend(canvas, subject.styles, names)
    ends = frame.groupby(["model", "trial"], sort=False)[list(fields)].last().groupby("model", sort=False).mean()
    said = ", ".join(
        f"{fit_name(str(name))} {end['validation_accuracy']:.3f} after {end['seconds']:,.0f} s"
        for name, end in ends.iterrows()
    )
    return make_figure(
        canvas,
        "learning",
        "Learning over time",
        "Accuracy on rows that a model holds out of its own training rows, one line per seed: not the accuracy on the "
        "test rows. Models without such a history are not drawn.",
        f"Validation accuracy over seconds. At the end, mean over seeds: {said}.",
    )


def draw_curves(subject: FigureData) -> Figure | None:
    """ROC and reliability."""
    if not subject.task.has_classes:
        return None
    rocs = {e.name: roc for e in subject.entries if (roc := mean_roc(e.class_predictions)) is not None}
    curves = {e.name: mean_reliability(e.class_predictions) for e in subject.entries}
    reliabilities = {
        name: (curve.confidence[is_shown], curve.accuracy[is_shown])
        for name, curve in curves.items()
        if curve is not None and (is_shown := curve.counts >= FEWEST_ANSWERS).any()
    }
    if not rocs and not reliabilities:
        return None
    canvas, ((left, right),) = new_canvas(1, 2, 4.3)
    for ax in (left, right):
        ax.plot([0, 1], [0, 1], color=GREY, lw=0.8, zorder=0)
        ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    draw_lines(left, subject.styles, long_frame(rocs), "x", "y", markers=False)
    draw_lines(right, subject.styles, long_frame(reliabilities), "x", "y")
    of_classes = ", mean over classes" if len(subject.class_names) > 2 else ""
    left.set(xlabel="false positives", ylabel="true positives", title=f"ROC{of_classes}")
    right.set(xlabel="probability of the prediction", ylabel="predictions that are right", title="reliability")
    add_legend(canvas, subject.styles, [entry.name for entry in subject.entries])
    known = subject.summary.dropna(subset=["roc_auc"])
    areas = [f"{fit_name(name)} {area:.3f}" for name, area in zip(known["model"], known["roc_auc"], strict=True)]
    errors = [
        f"{fit_name(e.name)} {e.calibration_error:.3f}" for e in subject.entries if e.calibration_error is not None
    ]
    return make_figure(
        canvas,
        "curves",
        "ROC and reliability",
        "Left: nearer to the upper left corner is better. Right: a model whose probabilities mean what they say lies "
        "on the diagonal; under it, it is surer than it is right. Means over seeds; points of fewer than "
        f"{FEWEST_ANSWERS} predictions are left out.",
        f"Areas under the ROC curve: {', '.join(areas) or 'not defined'}. Expected calibration errors: "
        f"{', '.join(errors) or 'not defined'}.",
    )


def draw_lengths(subject: FigureData) -> Figure | None:
    """Return the main score by the length of rows, where it is a share."""
    lengths = subject.entries[0].predictions[0].row_lengths
    if lengths is None:
        return None
    words, metric = subject.task.words, subject.task.metric
    found = {e.name: share_by_length(e.by_row, lengths) for e in subject.entries}
    bins = next(iter(found.values()))
    if len(bins.labels) < 2:
        return None
    canvas, ((ax,),) = new_canvas(1, 1, 3.6)
    places = np.arange(len(bins.labels))
    for i, (name, by_length) in enumerate(found.items()):
        shift = (i - (len(found) - 1) / 2) * 0.7 / len(found)
        for place, share, low, high in zip(places, by_length.share, by_length.low, by_length.high, strict=True):
            _point(ax, place + shift, share, low, high, subject.styles[name], size=5)
    ax.set_xticks(places, [f"{label}\n{n:,} {words.rows}" for label, n in zip(bins.labels, bins.counts, strict=True)])
    ax.set(xlabel=f"{words.parts} of a test {words.row}", ylabel=metric.heading)
    add_legend(canvas, subject.styles, list(found))
    said = "; ".join(
        f"{fit_name(name)} from {by.share[0]:.3f} ({bins.labels[0]} {words.parts}) to {by.share[-1]:.3f} "
        f"({bins.labels[-1]})"
        for name, by in found.items()
    )
    return make_figure(
        canvas,
        "lengths",
        f"{capital(metric.heading)} by length",
        f"Test {words.rows} in groups of about equal size by their {words.parts}, as models get them; bars are 95 % "
        "intervals (Wilson, the mean over seeds taken as one).",
        f"{capital(metric.heading)} by the length of {words.rows}: {said}.",
    )


def draw_confusion(subject: FigureData) -> Figure | None:
    """Which classes are taken for which, a panel per model."""
    if not subject.task.has_classes:
        return None
    if len(subject.class_names) > MOST_CLASSES:
        return _draw_commonest_confusions(subject)
    import seaborn as sns

    n_classes = len(subject.class_names)
    names = fit_names(subject.class_names, 14)
    side = 1.3 + 0.45 * n_classes
    n_columns = max(1, min(len(subject.entries), int(8.4 // side)))
    n_rows = -(-len(subject.entries) // n_columns)
    canvas, axes = new_canvas(n_rows, n_columns, side * n_rows + 0.5, width=side * n_columns + 0.6)
    said = []
    for ax, entry in itertools.zip_longest(axes.flat, subject.entries):
        if entry is None:
            ax.set_visible(False)
            continue
        shares = _confusion(entry, n_classes)
        sns.heatmap(
            shares, ax=ax, vmin=0, vmax=1, cmap="cividis", cbar=False, annot=n_classes <= 8, fmt=".2f", square=True,
            xticklabels=names, yticklabels=names, annot_kws={"size": 8},
        )  # fmt: skip
        ax.set_title(fit_name(entry.name, 20))
        ax.tick_params(length=0, labelsize=8)
        ax.tick_params(axis="x", rotation=0 if n_classes == 2 else 90)
        said.append(_worst_confusion(fit_name(entry.name), shares, names))
    canvas.supxlabel("prediction")
    canvas.supylabel("label")
    return make_figure(
        canvas,
        "confusion",
        "Confusion",
        "A row is a label, a column an answer: the share of the label's test rows that got it, the mean over seeds.",
        f"Confusion of classes: {'; '.join(said)}.",
    )


def _draw_commonest_confusions(subject: FigureData) -> Figure | None:
    """Of many classes, the pairs that the most accurate model takes for each other most often."""
    import pandas as pd
    import seaborn as sns

    best = max(subject.entries, key=lambda entry: entry.gain)
    names = fit_names(subject.class_names, 24)
    wrong = _without_diagonal(_confusion(best, len(names)))
    largest = np.argsort(-wrong, axis=None, kind="stable")[:SHOWN_CONFUSIONS]
    pairs = [(int(i), int(j)) for i, j in zip(*np.unravel_index(largest, wrong.shape), strict=True) if wrong[i, j] > 0]
    if not pairs:
        return None
    rows = [{"pair": f"{names[i]} taken for {names[j]}", "share": wrong[i, j]} for i, j in pairs]
    frame = pd.DataFrame(rows)
    canvas, ((ax,),) = new_canvas(1, 1, 0.6 + 0.32 * len(rows))
    sns.barplot(frame, x="share", y="pair", color=subject.styles[best.name].color, ax=ax)
    ax.set(xlabel="share of the label's test rows", ylabel="")
    said = "; ".join(f"{row['pair']} {row['share']:.0%}" for row in rows)
    return make_figure(
        canvas,
        "confusion",
        "Confusion",
        f"With {len(names):,} classes, the commonest confusions of {fit_name(best.name)}, the most accurate model; the "
        "mean over seeds.",
        f"Commonest confusions: {said}.",
    )


def draw_sizes(subject: FigureData) -> Figure | None:
    """Return the main score against training rows."""
    metric = subject.task.metric
    main, heading = metric.field, capital(metric.heading)
    rows = subject.all_sizes.dropna(subset=[main])
    if rows["n_train"].nunique() < 2:
        return None
    rows = rows.sort_values("n_train")
    canvas, ((ax,),) = new_canvas(1, 1, 3.8)
    draw_lines(ax, subject.styles, rows, "n_train", main)
    for row in rows.to_dict("records"):
        look = subject.styles[row["model"]]
        _point(ax, row["n_train"], row[main], row[f"{main}_low"], row[f"{main}_high"], look, size=5)
    said = [
        f"{fit_name(str(name))} "
        + ", ".join(
            f"{metric.write(score)} ({size:,} rows)"
            for size, score in zip(of_model["n_train"], of_model[main], strict=True)
        )
        for name, of_model in rows.groupby("model", sort=False)
    ]
    ax.set(xlabel="training rows", ylabel=metric.heading)
    log_axis(ax)
    add_legend(canvas, subject.styles, list(dict.fromkeys(rows["model"])))
    return make_figure(
        canvas,
        "sizes",
        f"{heading} against training rows",
        "Each seed draws the same rows for every model; bars are 95 % intervals.",
        f"{heading} by the number of training rows: {'; '.join(said)}.",
    )


FIGURES: dict[str, Callable[[FigureData], Figure | None]] = {
    "costs": draw_costs,
    "learning": draw_learning,
    "curves": draw_curves,
    "lengths": draw_lengths,
    "confusion": draw_confusion,
    "sizes": draw_sizes,
}
"""What draws each figure, by its slug, in the order of the report."""


def _point(ax: Any, x: float, y: float, low: float, high: float, look: ModelStyle, size: float = 7) -> None:
    """Draw a value with its 95 % interval."""
    bars = [[max(0.0, y - low)], [max(0.0, high - y)]]
    ax.errorbar([x], [y], yerr=bars, color=look.color, marker=look.marker, ms=size, elinewidth=1.2)


def _confusion(entry: Entry, n_classes: int) -> FloatArray:
    """Shares of each label's test texts by the predicted class, shape (n_classes, n_classes)."""
    counts = np.zeros((n_classes, n_classes))
    for p in entry.class_predictions:
        np.add.at(counts, (p.labels, p.predicted), 1.0)
    shares: FloatArray = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def _without_diagonal(shares: FloatArray) -> FloatArray:
    off_diagonal: FloatArray = np.where(np.eye(len(shares), dtype=bool), 0.0, shares)
    return off_diagonal


def _worst_confusion(model: str, shares: FloatArray, names: Sequence[str]) -> str:
    wrong = _without_diagonal(shares)
    if wrong.max() == 0:
        return f"{model} takes no class for another"
    label, answer = divmod(int(np.argmax(wrong)), len(names))
    return f"{model} most often takes {names[label]} for {names[answer]} ({wrong.max():.0%})"
