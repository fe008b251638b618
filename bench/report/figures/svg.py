"""Figures as SVG for a page: ids that do not clash, ink in the page's colour, alternative text."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from bench.utils.escapes import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

INK = "#010203"
"""Stands for the colour of text until the figure is a part of a page."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bench",
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.formatter.use_mathtext": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "font.size": 10,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}

_ID = re.compile(r'(\bid="|url\(#|href="#)')


@dataclass(frozen=True)
class Figure:
    """A picture with its words.

    Parameters
    ----------
    slug : str
        Names its file and its place on the page.
    title, caption, alt : str
        Plain text; ``alt`` says what the picture shows to one who cannot see it.
    body : str
        What stands inside the ``svg`` element.
    view_box : str
    """

    slug: str
    title: str
    caption: str
    alt: str
    body: str
    view_box: str

    @property
    def inline(self) -> str:
        """The element for a page: ink is the colour of the text around it."""
        return self._element("")

    @property
    def file(self) -> str:
        """A stand-alone document on white."""
        return self._element(' xmlns="http://www.w3.org/2000/svg" style="color:#1c2024;background:#ffffff"')

    def _element(self, attributes: str) -> str:
        return (
            f'<svg viewBox="{self.view_box}" role="img" aria-labelledby="{self.slug}-title {self.slug}-alt"'
            f' xmlns:xlink="http://www.w3.org/1999/xlink"{attributes}>'
            f'<title id="{self.slug}-title">{escape(visible(self.title))}</title>'
            f'<desc id="{self.slug}-alt">{escape(visible(self.alt))}</desc>{self.body}</svg>\n'
        )


def make_figure(canvas: Canvas, slug: str, title: str, caption: str, alt: str) -> Figure:
    """Return a drawn figure."""
    file = io.StringIO()
    canvas.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    view_box = re.search(r'viewBox="([\d .]+)"', text)
    assert view_box is not None
    body = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = _ID.sub(rf"\g<1>{slug}-", body).replace(INK, "currentColor")
    return Figure(slug, title, caption, alt, re.sub(r"\n\s*", "\n", body), view_box[1])


@contextmanager
def drawing() -> Iterator[None]:
    """Apply our style while the block runs; the caller's settings are restored after it."""
    import warnings

    mpl, sns = _import_matplotlib()
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's fonts draw the text
        sns.set_theme(style="ticks", rc=STYLE)
        yield


def _import_matplotlib() -> tuple[Any, Any]:
    """Return matplotlib and seaborn, whatever backend a notebook or a profile names: none is needed for files."""
    named = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib as mpl
        import seaborn as sns
    finally:
        if named is not None:
            os.environ["MPLBACKEND"] = named
    return mpl, sns
