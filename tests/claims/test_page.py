"""The page "Why use a GRU?" in a real browser, with the network off."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.claims.base import Claim
from bench.claims.declaration import Plan, Setting
from bench.claims.page import answer as answer_of
from bench.claims.page import write_page
from bench.claims.registry import all_claims
from bench.claims.summary import Answered
from bench.errors import OutputError

DIFFERENCES = (
    lambda i: 0.05,
    lambda i: -0.05,
    lambda i: -0.05 if i else 0.05,
    lambda i: 0.009 if i == 0 else 0.05,
)


@pytest.fixture(scope="module")
def page_file(answer: Callable[..., Answered], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of all claims, with each verdict among them."""
    found = [answer(claim, DIFFERENCES[i % 4]) for i, claim in enumerate(all_claims())]
    return write_page(found, tmp_path_factory.mktemp("page"))


@pytest.fixture
def open_page(open_offline: Callable[..., Page], page_file: Path) -> Callable[..., Page]:
    return partial(open_offline, page_file)


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_and_axe_finds_no_serious_violation(
    open_page: Callable[..., Page], check_page: Callable[[Page], None], width: int, scheme: str
) -> None:
    check_page(open_page(width, scheme))


def test_the_verdicts_are_on_top_and_each_claim_has_its_section(open_page: Callable[..., Page]) -> None:
    page = open_page()
    rows = page.locator("table").first.locator("tbody tr").all_inner_texts()
    assert len(rows) == len(all_claims())
    for claim in all_claims():
        assert page.locator(f"h2#{claim.name}").count() == 1
        assert page.locator(f"nav a[href='#{claim.name}']").count() == 1
        assert page.locator(f"svg[aria-labelledby^='{claim.name}-title']").count() == 1


def test_the_answer_names_the_places_of_each_verdict(answer: Callable[..., Answered]) -> None:
    lags, sizes = (claim for claim in all_claims() if claim.number in (1, 7))
    found = answer_of([answer(lags, DIFFERENCES[0]), answer(sizes, lambda i: -0.05 if i < 4 else 0.05)])
    assert found.count.startswith("Of 2 claims, 1 is supported, 1 depends on what is asked. ")
    assert list(found.places) == ["Better than each rival", "Worse than a rival, or not better by what matters"]
    ahead, behind = found.places.values()
    assert "Bits to remember: +5.0 points (claim 1)" in ahead
    assert "Film reviews, at 10,000 rows, 25,000 rows: +5.0 points (claim 7)" in ahead
    assert behind == ["Film reviews, at 100 rows to 3,000 rows: -5.0 points (claim 7)"]


def test_the_markdown_and_the_figures_say_the_same(page_file: Path) -> None:
    text = page_file.with_suffix(".md").read_text(encoding="utf-8")
    for claim in all_claims():
        assert claim.sentence.split(",")[0] in text
        ET.parse(page_file.parent / "figures" / f"{claim.name}.svg")
        assert f"](figures/{claim.name}.svg)" in text
    tables = [line for line in text.splitlines() if line.startswith("|---")]
    assert len(tables) > 2 * len(all_claims())


class Hostile(Claim):
    """A claim of a third party whose words are markup."""

    number = 10
    name = "hostile"
    title = "<script>window.evil = 1</script>"
    sentence = "<img src=x onerror=alert(1)> | a `b`."
    refuted_if = "</p><script>window.evil = 1</script>."
    method = "*m*"
    limits = "</body>"

    def plan(self, setting: Setting) -> Plan:
        return all_claims()[2].plan(setting)


def test_words_of_a_third_party_are_escaped(answer: Callable[..., Answered], tmp_path: Path) -> None:
    path = write_page([answer(Hostile(), DIFFERENCES[0])], tmp_path)
    html = path.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<img" not in html
    markdown = path.with_suffix(".md").read_text(encoding="utf-8")
    assert re.findall(r"(?<!\\)<(?:script|img)", markdown) == []


def test_a_page_of_another_maker_is_left_alone(answer: Callable[..., Answered], tmp_path: Path) -> None:
    (tmp_path / "claims.html").write_text("<h1>mine</h1>")
    with pytest.raises(OutputError, match="was not made by bench"):
        write_page([answer(all_claims()[2], DIFFERENCES[0])], tmp_path)
    assert (tmp_path / "claims.html").read_text() == "<h1>mine</h1>"
    assert not (tmp_path / "claims.md").exists()
