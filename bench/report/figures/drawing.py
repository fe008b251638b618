"""What the figures share: canvases, lines in a model's look, logarithmic axes, legends, names that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bench.report.figures.palette import ModelStyle
from bench.stats.resampling import FloatArray
from bench.utils.escapes import visible

if TYPE_CHECKING:
    import pandas as pd

WIDTH_INCHES = 8.4
GREY = "#808890"
NAME_CHARACTERS = 34


def new_canvas(
    n_rows: int, n_columns: int, height: float, *, width: float = WIDTH_INCHES, sharey: bool = False
) -> tuple[Any, Any]:
    """Return a canvas that no window or backend of the caller's knows of, and its axes, shape (n_rows, n_columns)."""
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(width, height), layout="constrained")
    return canvas, canvas.subplots(n_rows, n_columns, squeeze=False, sharey=sharey)


def fit_name(text: str, n_characters: int = NAME_CHARACTERS) -> str:
    """Return a name as a figure shows it: in one line, its middle left out where it is long."""
    text = " ".join(visible(text).split())
    if len(text) <= n_characters:
        return text
    end = n_characters // 3
    return f"{text[: n_characters - end - 1]}…{text[-end:]}"


def fit_names(texts: Sequence[str], n_characters: int) -> list[str]:
    """Names as a figure shows them, numbered where shortening made them equal."""
    names = [fit_name(text, n_characters) for text in texts]
    return [name if names.count(name) == 1 else f"{i + 1}: {name}" for i, name in enumerate(names)]


def draw_lines(
    ax: Any,
    styles: Mapping[str, ModelStyle],
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    markers: bool = True,
    units: str | None = None,
) -> None:
    """Draw one line per model (per unit, if named), in its look."""
    import seaborn as sns

    if frame.empty:
        return
    used = {name: styles[name] for name in dict.fromkeys(frame["model"])}
    sns.lineplot(
        data=frame,
        x=x,
        y=y,
        hue="model",
        style="model",
        units=units,
        estimator=None,
        sort=False,
        palette={name: look.color for name, look in used.items()},
        markers={name: look.marker for name, look in used.items()} if markers else False,
        dashes={name: look.dashes for name, look in used.items()},
        linewidth=1.3,
        legend=False,
        ax=ax,
    )


def long_frame(curves: Mapping[str, tuple[FloatArray, FloatArray]]) -> pd.DataFrame:
    """Points of curves, a row a point."""
    import pandas as pd

    frames = [pd.DataFrame({"model": name, "x": x, "y": y}) for name, (x, y) in curves.items()]
    return pd.concat(frames) if frames else pd.DataFrame({"model": [], "x": [], "y": []})


def log_axis(ax: Any) -> None:
    """Make an axis logarithmic, its tick labels plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ax.set_xscale("log")
    low, high = ax.get_xlim()
    wide = high > 150 * low
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=8))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short_number(value)))
    ax.xaxis.set_minor_formatter(NullFormatter())


def add_legend(canvas: Any, styles: Mapping[str, ModelStyle], names: Sequence[str]) -> None:
    """Names under the axes."""
    from matplotlib.lines import Line2D

    handles = []
    for name in names:
        look = styles[name]
        handles.append(Line2D([], [], color=look.color, marker=look.marker, lw=1.2, label=fit_name(name)))
    canvas.legend(handles=handles, loc="outside lower center", ncols=min(4, len(handles)), fontsize=9)


def _short_number(value: float) -> str:
    """Return a mark of an axis.

    >>> [_short_number(value) for value in (0.5, 32.5, 3000, 5e4, 2e6)]
    ['0.5', '32.5', '3,000', '50k', '2M']
    """
    if value >= 1e4:
        return f"{value / 1e6:g}M" if value >= 1e6 else f"{value / 1e3:g}k"
    return f"{value:,g}"
