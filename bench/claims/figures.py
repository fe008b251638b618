"""The picture of a claim: accuracy at the places of each part, a panel per part."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.claims.declaration import Contrast, Side
from bench.claims.evidence import Evidence
from bench.report.figures.drawing import GREY, add_legend, draw_lines, fit_name, long_frame, new_canvas
from bench.report.figures.palette import ModelStyle, model_styles
from bench.report.figures.svg import Figure, drawing, make_figure
from bench.utils.text import capital

PLACE_CHARACTERS = 20
SMALLEST_SPAN = 0.05
"""Of an axis of accuracies."""


@dataclass(frozen=True)
class Panel:
    """One part.

    Parameters
    ----------
    title : str
    places : sequence of str
        Along the axis, evenly spaced.
    heading : str
        Of the score.
    series : mapping of name to scores
        One per place; None: not measured.
    best : sequence of float or None
        The best accuracy that any model can reach, at each place; None: it is not known.
    is_ordered : bool
        Whether places are joined by lines.
    """

    title: str
    heading: str
    places: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    best: Sequence[float | None] = ()
    is_ordered: bool = True


def draw_parts(slug: str, title: str, evidence: Evidence) -> list[Figure]:
    """Return the figure of a claim: a panel per part of its contrasts."""
    parts: dict[str, list[Contrast]] = {}
    for contrast in evidence.declared.plan.contrasts:
        parts.setdefault(contrast.part, []).append(contrast)
    panels = [_panel(part, contrasts, evidence) for part, contrasts in parts.items()]
    return draw_panels(slug, title, [panel for panel in panels if panel.series])


def draw_panels(slug: str, title: str, panels: Sequence[Panel]) -> list[Figure]:
    """Return one figure with these panels; none if there are none."""
    if not panels:
        return []
    names = list(dict.fromkeys(name for panel in panels for name in panel.series))
    styles = model_styles(names)
    n_columns = min(2, len(panels))
    n_rows = -(-len(panels) // n_columns)
    with drawing():
        canvas, axes = new_canvas(n_rows, n_columns, 3.1 * n_rows + 0.3 * -(-len(names) // 4) + 0.3)
        for ax, panel in itertools.zip_longest(axes.flat, panels):
            if panel is None:
                ax.set_visible(False)
            else:
                _draw_panel(ax, panel, styles)
        for ax, panel in zip(axes.flat, panels, strict=False):
            if len({panel.heading for panel in panels}) > 1 or ax in axes[:, 0]:
                ax.set_ylabel(panel.heading)
        add_legend(canvas, styles, names)
        figure = make_figure(
            canvas,
            slug,
            f"{capital(_heading(panels))}: {title}",
            "Means over seeds on the test rows. The dotted line is the best accuracy that any model can reach (the "
            "Bayes rate), where it is known.",
            " ".join(map(_say, panels)),
        )
    return [figure]


def _heading(panels: Sequence[Panel]) -> str:
    """Return what the axes of all panels show."""
    headings = list(dict.fromkeys(panel.heading for panel in panels))
    return headings[0] if len(headings) == 1 else "scores"


def _panel(part: str, contrasts: Sequence[Contrast], evidence: Evidence) -> Panel:
    found: dict[str, list[float | None]] = {}
    best: list[float | None] = []
    for place, contrast in enumerate(contrasts):
        for side in _sides(contrast, evidence):
            values = found.setdefault(_series_name(contrast, side, evidence), [None] * len(contrasts))
            values[place] = evidence.score(side, contrast.tokens)
        best.append(evidence.best_accuracy(contrast))
    series = {name: values for name, values in found.items() if any(value is not None for value in values)}
    is_ordered = all(contrast.x is not None for contrast in contrasts)
    return Panel(
        part, evidence.metric(contrasts[0]).heading, [contrast.at for contrast in contrasts], series, best, is_ordered
    )


def _series_name(contrast: Contrast, side: Side, evidence: Evidence) -> str:
    return evidence.label(side) if side.experiment == contrast.model.experiment else side.model


def _sides(contrast: Contrast, evidence: Evidence) -> list[Side]:
    """Return the contrast's sides, and the models of its experiment that no contrast judges.

    The latter are left out beside rivals of another experiment, whose data they have not seen.
    """
    if any(rival.experiment != contrast.model.experiment for rival in contrast.rivals):
        return [contrast.model, *contrast.rivals]
    judged = {
        side.model
        for other in evidence.declared.plan.contrasts
        for side in (other.model, *other.rivals)
        if other.model.experiment == contrast.model.experiment
    }
    shown = [
        contrast.model.model_copy(update={"model": model})
        for experiment in evidence.experiments
        if experiment.name == contrast.model.experiment
        for model in experiment.spec.models
        if model not in judged
    ]
    return [contrast.model, *contrast.rivals, *shown]


def _draw_panel(ax: Any, panel: Panel, styles: Mapping[str, ModelStyle]) -> None:
    places = np.arange(len(panel.places), dtype=np.float64)
    curves = {name: (places, np.array(values, np.float64)) for name, values in panel.series.items()}
    frame = long_frame(curves).dropna()
    if any(value is not None for value in panel.best):
        ax.plot(places, np.array(panel.best, np.float64), color=GREY, ls=":", lw=1.2, marker="_", zorder=0)
    if panel.is_ordered:
        draw_lines(ax, styles, frame, "x", "y")
    else:
        _draw_points(ax, styles, panel)
    if panel.heading == "accuracy":
        _limit(ax)
    labels = [fit_name(place, PLACE_CHARACTERS) for place in panel.places]
    is_long = sum(map(len, labels)) > 34
    ax.set_xticks(places, labels, rotation=30 if is_long else 0, ha="right" if is_long else "center")
    if panel.is_ordered:
        ax.margins(x=0.08)
    ax.set(xlabel="", ylabel="", title=textwrap.fill(fit_name(panel.title, 92), 46))


def _limit(ax: Any) -> None:
    """Let no axis go beyond an accuracy of 1, nor make a difference of a thousandth look large."""
    low, high = ax.get_ylim()
    low = min(low, high - SMALLEST_SPAN)
    ax.set_ylim(low, min(high, 1 + 0.05 * (1 - low)))


def _draw_points(ax: Any, styles: Mapping[str, ModelStyle], panel: Panel) -> None:
    """Draw places that have no order: the models of each side by side."""
    for i, (name, values) in enumerate(panel.series.items()):
        shift = (i - (len(panel.series) - 1) / 2) * 0.5 / len(panel.series)
        known = [(place + shift, value) for place, value in enumerate(values) if value is not None]
        look = styles[name]
        ax.plot(*zip(*known, strict=True), color=look.color, marker=look.marker, ms=6, ls="")
    ax.set_xlim(-0.5, len(panel.places) - 0.5)


def _say(panel: Panel) -> str:
    """Say in words what a panel shows."""
    said = []
    for name, values in panel.series.items():
        known = [
            f"{value:.3f} ({place})" for place, value in zip(panel.places, values, strict=True) if value is not None
        ]
        said.append(f"{name} {', '.join(known)}")
    return f"{panel.title}: {'; '.join(said)}."
