"""Templates of pages, what they share, and whose page a file is."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import OutputError
from bench.utils.escapes import visible

if TYPE_CHECKING:
    from jinja2 import Template

GENERATOR = '<meta name="generator" content="bench">'


@cache
def load_template(package: str, name: str) -> Template:
    """Return a template in the folder ``templates`` of a package: what is put into HTML is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package),
        autoescape=lambda file: file is not None and file.endswith(".html"),
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def asset(name: str) -> str:
    """Return a style sheet or script that pages share."""
    return (files("bench.report") / "templates" / name).read_text(encoding="utf-8")


def check_own(page: Path) -> None:
    """Refuse to write over a page of another maker.

    Raises
    ------
    OutputError
    """
    if page.exists() and GENERATOR not in page.read_text(encoding="utf-8", errors="replace")[:2000]:
        raise OutputError(f"{page} was not made by bench and is left as it is; name another folder with --to")
