"""Texts, labels, models and runs with names that would be markup, formulas or commands elsewhere are text here."""

from __future__ import annotations

import csv
import io
import locale
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.report.content import ReportContent, gather
from bench.report.page import render_html, render_markdown, write_report
from bench.results.formats import as_csv, as_latex, as_markdown
from bench.results.run import Run

MakeRun = Callable[..., Run]

EVIL = (
    "<script>window.evil = 1</script>",
    '</svg></style><img src=x onerror="window.evil = 1">',
    "\u202eleft to right\u202c \x1b[31m \x00",
    "=cmd|' /C calc'!A0",
    "$\\frac{1}{0}$ & % _ # ^ ~ { } \\input{x}",
    "| a | `b` ![x](http://127.0.0.1/x) [y](javascript:1)",
)


class _Elements(HTMLParser):
    """The elements of a page, and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.fixture(scope="module")
def evil_run(invent: Callable[[str], MakeRun]) -> Run:
    """A run whose models, classes, data and messages have such names."""
    return invent("evil")(
        {EVIL[0]: {}, EVIL[1]: {"accuracy": 0.7}, EVIL[3]: {}, EVIL[4]: {"fails": f"error: {EVIL[0]}"}, EVIL[5]: {}},
        class_names=EVIL,
        dataset={"name": EVIL[0], "origin": EVIL[1], "notes": (EVIL[2],)},
        spec={"dataset": EVIL[3]},
        manifest={"cpu_model": EVIL[1], "command_line": EVIL},
        seeds=2,
    )


@pytest.fixture(scope="module")
def evil_content(evil_run: Run) -> ReportContent:
    """What a report on it holds, texts of the same kind among it."""
    return gather([evil_run], [EVIL[i % len(EVIL)] for i in range(2000)])


def test_a_page_holds_no_element_that_it_does_not_make_itself(evil_content: ReportContent) -> None:
    page = render_html(evil_content)
    elements = _Elements(page)
    assert elements.tags.count("script") == 1
    assert "img" not in elements.tags
    assert elements.handlers == []
    assert "\x00" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;window.evil" in page


def test_figures_stay_well_formed(evil_content: ReportContent) -> None:
    assert evil_content.figures
    for figure in evil_content.figures:
        root = ElementTree.fromstring(figure.file)
        assert not [e for e in root.iter() if e.tag.rpartition("}")[2] in ("script", "img", "foreignObject")]


@pytest.mark.usefixtures("blank_figures")
def test_a_text_of_a_million_characters_is_cut(make_run: MakeRun) -> None:
    run = make_run({"a": {}, "b": {"accuracy": 0.7}})
    content = gather([run], ["x" * 1_000_000] * 2000)
    assert len(render_html(content)) < 500_000
    assert len(render_markdown(content)) < 100_000
    assert "more characters" in render_html(content)


def test_markdown_has_no_markup_but_ours(evil_content: ReportContent) -> None:
    text = render_markdown(evil_content)
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("    "))  # indented lines are code
    unescaped = re.sub(r"\\.", "", prose)
    assert "<" not in unescaped
    assert "](http" not in unescaped
    assert not re.search(r"^#+ .*`", unescaped, re.MULTILINE)
    heads = [line for line in unescaped.splitlines() if line.startswith("| model |")]
    assert len(heads) == 2


def test_a_spreadsheet_sees_no_formula(evil_run: Run) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(evil_run.summary))))
    assert len(rows) == 6
    assert f"'{EVIL[3]}" in [row[0] for row in rows]
    assert not [cell for row in rows for cell in row if re.match(r"[=@\t\r]", cell)]


def test_latex_and_notebooks_get_text(evil_run: Run) -> None:
    written = as_latex(evil_run.summary, evil_run.task)
    assert r"\input{x}" not in written
    assert r"\textbackslash{}input\{x\}" in written
    assert _Elements(evil_run._repr_html_()).tags.count("script") == 0
    assert as_markdown(evil_run.summary, evil_run.task).count("\n") == 7


def test_files_are_utf_8_whatever_the_locale(evil_content: ReportContent, tmp_path: Path) -> None:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C")
        assert locale.getencoding() != "UTF-8", "a file that is opened without an encoding would hold no ±"
        page = write_report(evil_content, tmp_path / "report")
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    assert "±" in page.with_suffix(".md").read_bytes().decode("utf-8")
    for path in (page, *(page.parent / "figures").iterdir()):
        assert path.read_bytes().decode("utf-8")
