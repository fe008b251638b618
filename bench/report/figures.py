"""The pictures of a report, drawn by seaborn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.report.curves import accuracy_by_length, mean_reliability, mean_roc, pareto_front
from bench.report.entries import Entry
from bench.report.palette import Look
from bench.report.svg import Figure, make_figure
from bench.stats.resampling import FloatArray
from bench.terminal import printable, short

if TYPE_CHECKING:
    import pandas as pd

GREY = "#808890"
MOST_CLASSES = 12
"""With more, a confusion matrix is unreadable."""

COSTS = (
    ("fit_seconds", "fit, seconds"),
    ("latency_p50_ms", "one text, milliseconds (median)"),
    ("peak_memory_mb", "peak memory, MB"),
    ("n_parameters", "parameters"),
)


@dataclass(frozen=True)
class Subject:
    """What figures are drawn of: models with the same number of training rows, the good ones.

    Parameters
    ----------
    entries : sequence of Entry
    summary : DataFrame
        Of these, a row a model.
    all_sizes : DataFrame
        Of all numbers of training rows.
    class_names : sequence of str
    looks : mapping of model name to Look
    """

    entries: Sequence[Entry]
    summary: pd.DataFrame
    all_sizes: pd.DataFrame
    class_names: Sequence[str]
    looks: dict[str, Look]


def draw_all(subject: Subject) -> list[Figure]:
    """The figures that the runs have data for, in the order of the report."""
    draws: tuple[Callable[[Subject], Figure | None], ...] = (
        draw_costs,
        draw_learning,
        draw_curves,
        draw_lengths,
        draw_confusion,
        draw_sizes,
    )
    return [figure for draw in draws if subject.entries and (figure := draw(subject)) is not None]


def draw_costs(subject: Subject) -> Figure:
    """Accuracy against what it costs, with the models that no other beats in both joined by a line."""
    from matplotlib import pyplot as plt

    canvas, axes = plt.subplots(2, 2, figsize=(8.4, 6.6), sharey=True, layout="constrained")
    fronts = []
    for ax, (field, label) in zip(axes.flat, COSTS, strict=True):
        rows = subject.summary.dropna(subset=[field, "accuracy"])
        for row in rows.to_dict("records"):
            look = subject.looks[row["model"]]
            bars = [[row["accuracy"] - row["accuracy_low"]], [row["accuracy_high"] - row["accuracy"]]]
            ax.errorbar(
                float(row[field]),
                row["accuracy"],
                yerr=bars,
                color=look.color,
                marker=look.marker,
                ms=7,
                elinewidth=1.2,
            )
        front = pareto_front(rows[field].to_numpy(float), rows["accuracy"].to_numpy(float))
        chosen = rows.iloc[front]
        ax.plot(chosen[field].astype(float), chosen["accuracy"], color=GREY, lw=1, zorder=0)
        fronts.append(f"{label.partition(',')[0]}: {', '.join(chosen['model'])}")
        ax.set(xlabel=label)
        _log_axis(ax)
    for ax in axes[:, 0]:
        ax.set_ylabel("accuracy")
    _legend(canvas, subject)
    return make_figure(
        canvas,
        "costs",
        "Accuracy against cost",
        "Up and to the left is better; costs are on logarithmic axes, bars are 95 % intervals. The grey line joins the "
        "models that no other beats in both accuracy and this cost.",
        f"Accuracy against four costs. Not beaten in both, {'; '.join(fronts)}.",
    )


def draw_learning(subject: Subject) -> Figure | None:
    """Validation accuracy against seconds, of models whose history has it."""
    import pandas as pd
    from matplotlib import pyplot as plt

    steps = [
        {"model": entry.name, "trial": record.trial.id, **step}
        for entry in subject.entries
        for record in entry.good
        for step in record.history
        if _has_validation(step)
    ]
    if not steps:
        return None
    frame = pd.DataFrame(steps)
    canvas, ax = plt.subplots(figsize=(8.4, 3.6), layout="constrained")
    _lines(ax, subject, frame, "seconds", "validation_accuracy", units="trial")
    ax.set(xlabel="seconds of the fit", ylabel="validation accuracy")
    _log_axis(ax)
    names = list(dict.fromkeys(frame["model"]))
    _legend(canvas, subject, names)
    ends = [frame[frame["model"] == name].sort_values("seconds").iloc[-1] for name in names]
    said = ", ".join(f"{e['model']} {e['validation_accuracy']:.3f} after {e['seconds']:,.0f} s" for e in ends)
    return make_figure(
        canvas,
        "learning",
        "Learning over time",
        "Accuracy on the rows that a model holds back from its own training, a line a seed. These rows are like the "
        "training rows, so it is higher than on the test rows. Models without such a history are not drawn.",
        f"Validation accuracy over seconds, at the end: {said}.",
    )


def draw_curves(subject: Subject) -> Figure | None:
    """ROC and reliability."""
    from matplotlib import pyplot as plt

    rocs = {e.name: roc for e in subject.entries if (roc := mean_roc(e.predictions)) is not None}
    reliabilities = {e.name: curve for e in subject.entries if (curve := mean_reliability(e.predictions)) is not None}
    if not rocs and not reliabilities:
        return None
    canvas, (left, right) = plt.subplots(1, 2, figsize=(8.4, 4.3), layout="constrained")
    for ax in (left, right):
        ax.plot([0, 1], [0, 1], color=GREY, lw=0.8, zorder=0)
        ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    _lines(left, subject, _long(rocs), "x", "y", markers=False)
    _lines(right, subject, _long({name: (c.confidence, c.accuracy) for name, c in reliabilities.items()}), "x", "y")
    several = len(subject.class_names) > 2
    left.set(
        xlabel="false positives", ylabel="true positives", title="ROC" + (", mean over classes" if several else "")
    )
    right.set(xlabel="probability of the answer", ylabel="answers that are right", title="reliability")
    _legend(canvas, subject)
    known = subject.summary.dropna(subset=["roc_auc"])
    areas = ", ".join(f"{name} {area:.3f}" for name, area in zip(known["model"], known["roc_auc"], strict=True))
    errors = ", ".join(
        f"{e.name} {e.calibration_error:.3f}" for e in subject.entries if e.calibration_error is not None
    )
    return make_figure(
        canvas,
        "curves",
        "ROC and reliability",
        "Left: nearer to the upper left corner is better. Right: a model whose probabilities mean what they say lies "
        "on the diagonal; under it, it is surer than it is right. Means over seeds.",
        f"Areas under the ROC curve: {areas}. Expected calibration errors: {errors or 'not defined'}.",
    )


def draw_lengths(subject: Subject) -> Figure | None:
    """Accuracy by the number of tokens."""
    from matplotlib import pyplot as plt

    n_tokens = subject.entries[0].predictions[0].n_tokens
    if n_tokens is None:
        return None
    found = {e.name: accuracy_by_length(e.correct, n_tokens) for e in subject.entries}
    bins = next(iter(found.values()))
    if len(bins.labels) < 2:
        return None
    canvas, ax = plt.subplots(figsize=(8.4, 3.6), layout="constrained")
    places = np.arange(len(bins.labels))
    for i, (name, by_length) in enumerate(found.items()):
        look = subject.looks[name]
        shift = (i - (len(found) - 1) / 2) * 0.6 / max(len(found), 1)
        bars = [by_length.accuracy - by_length.low, by_length.high - by_length.accuracy]
        ax.errorbar(
            places + shift,
            by_length.accuracy,
            yerr=bars,
            color=look.color,
            marker=look.marker,
            ms=5,
            lw=0,
            elinewidth=1,
        )
    ax.set_xticks(places, [f"{label}\n{n:,} texts" for label, n in zip(bins.labels, bins.counts, strict=True)])
    ax.set(xlabel="tokens of a test text", ylabel="accuracy")
    _legend(canvas, subject)
    said = "; ".join(
        f"{name} from {by.accuracy[0]:.3f} ({bins.labels[0]} tokens) to {by.accuracy[-1]:.3f} ({bins.labels[-1]})"
        for name, by in found.items()
    )
    return make_figure(
        canvas,
        "lengths",
        "Accuracy by length",
        "Test texts in groups of about equal size by their tokens, as the division gives them to models; bars are 95 % "
        "intervals (Wilson, the mean over seeds taken as one).",
        f"Accuracy by the length of texts: {said}.",
    )


def draw_confusion(subject: Subject) -> Figure | None:
    """Which classes are taken for which, a panel a model."""
    import seaborn as sns
    from matplotlib import pyplot as plt

    n_classes = len(subject.class_names)
    if n_classes > MOST_CLASSES:
        return None
    names = [short(printable(name))[:18] for name in subject.class_names]
    side = 1.1 + 0.45 * n_classes
    n_columns = max(1, min(len(subject.entries), int(8.4 // side)))
    n_rows = -(-len(subject.entries) // n_columns)
    canvas, axes = plt.subplots(
        n_rows, n_columns, figsize=(side * n_columns + 0.6, side * n_rows + 0.5), squeeze=False, layout="constrained"
    )
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
        ax.set_title(short(printable(entry.name))[:28])
        ax.tick_params(length=0)
        wrong = shares - np.diag(np.diag(shares))
        true, answered = np.unravel_index(np.argmax(wrong), wrong.shape)
        said.append(f"{entry.name} most often takes {names[true]} for {names[answered]} ({wrong.max():.0%})")
    canvas.supxlabel("answer")
    canvas.supylabel("label")
    return make_figure(
        canvas,
        "confusion",
        "Confusion",
        "A row is a label, a column an answer: the share of the label's test texts that got it, the mean over seeds.",
        f"Confusion of classes: {'; '.join(said)}.",
    )


def draw_sizes(subject: Subject) -> Figure | None:
    """Accuracy against training rows."""
    from matplotlib import pyplot as plt

    rows = subject.all_sizes.dropna(subset=["accuracy"])
    if rows["n_train"].nunique() < 2:
        return None
    canvas, ax = plt.subplots(figsize=(8.4, 3.8), layout="constrained")
    _lines(ax, subject, rows, "n_train", "accuracy")
    said = []
    for name, of_model in rows.sort_values("n_train").groupby("model", sort=False):
        bars = [of_model["accuracy"] - of_model["accuracy_low"], of_model["accuracy_high"] - of_model["accuracy"]]
        color = subject.looks[str(name)].color
        ax.errorbar(of_model["n_train"], of_model["accuracy"], yerr=bars, color=color, lw=0, elinewidth=1, capsize=2)
        points = zip(of_model["n_train"], of_model["accuracy"], strict=True)
        said.append(f"{name} {', '.join(f'{accuracy:.3f} ({size:,} rows)' for size, accuracy in points)}")
    ax.set(xlabel="training rows", ylabel="accuracy")
    _log_axis(ax)
    _legend(canvas, subject)
    return make_figure(
        canvas,
        "sizes",
        "Accuracy against training rows",
        "Each seed draws the same rows for every model; bars are 95 % intervals.",
        f"Accuracy by the number of training rows: {'; '.join(said)}.",
    )


def _lines(
    ax: Any, subject: Subject, frame: pd.DataFrame, x: str, y: str, *, markers: bool = True, units: str | None = None
) -> None:
    """A line a model (a line a unit, if named), in its look."""
    import seaborn as sns

    if frame.empty:
        return
    looks = {name: subject.looks[name] for name in dict.fromkeys(frame["model"])}
    sns.lineplot(
        data=frame,
        x=x,
        y=y,
        hue="model",
        style="model",
        units=units,
        estimator=None,
        sort=False,
        palette={name: look.color for name, look in looks.items()},
        markers={name: look.marker for name, look in looks.items()} if markers else False,
        dashes={name: look.dashes for name, look in looks.items()},
        linewidth=1.3,
        legend=False,
        ax=ax,
    )


def _long(curves: dict[str, tuple[FloatArray, FloatArray]]) -> pd.DataFrame:
    """Points of curves, a row a point."""
    import pandas as pd

    frames = [pd.DataFrame({"model": name, "x": x, "y": y}) for name, (x, y) in curves.items()]
    return pd.concat(frames) if frames else pd.DataFrame({"model": [], "x": [], "y": []})


def _log_axis(ax: Any) -> None:
    """A logarithmic axis whose marks are plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ax.set_xscale("log")
    low, high = ax.get_xlim()
    wide = high > 20 * low
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=8))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short_number(value)))
    ax.xaxis.set_minor_formatter(NullFormatter())


def _short_number(value: float) -> str:
    """Such as 0.5, 20, 3,000, 2M."""
    return f"{value / 1e6:g}M" if value >= 1e6 else f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _legend(canvas: Any, subject: Subject, names: Sequence[str] | None = None) -> None:
    from matplotlib.lines import Line2D

    shown = [entry.name for entry in subject.entries if names is None or entry.name in names]
    handles = [
        Line2D(
            [],
            [],
            color=look.color,
            marker=look.marker,
            lw=1.2,
            dashes=look.dashes or (1, 0),
            label=short(printable(name)),
        )
        for name in shown
        for look in [subject.looks[name]]
    ]
    canvas.legend(handles=handles, loc="outside lower center", ncols=min(4, len(handles)), fontsize=9)


def _has_validation(entry: dict[str, Any]) -> bool:
    return all(isinstance(entry.get(key), int | float) for key in ("seconds", "validation_accuracy"))


def _confusion(entry: Entry, n_classes: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    counts = np.zeros((n_classes, n_classes))
    for p in entry.predictions:
        np.add.at(counts, (p.labels, p.predicted), 1.0)
    shares: np.ndarray[Any, np.dtype[np.float64]] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares
