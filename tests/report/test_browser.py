"""The page in a real browser, with the network off."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.report.content import gather
from bench.report.page import write_report
from bench.results.run import Run

MakeRun = Callable[..., Run]


@pytest.fixture(scope="module")
def report(invent: Callable[[str], MakeRun], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with every part, markup among its texts."""
    models = {
        "gru": {"accuracy": 0.9, "fit_seconds": 40.0, "spread": 0.01},
        "gru[precision=bfloat16,units=128]": {"accuracy": 0.895, "fit_seconds": 35.0},
        "logreg": {"accuracy": 0.88, "varies": False, "fit_seconds": 2.0},
        "<script>window.evil = 1</script>": {"accuracy": 0.7, "train_sizes": [500, None]},
        "svm": {"fails": "timed out: over the time limit of 3 s"},
    }
    texts = ["<img src=x onerror='window.evil = 1'></svg> " + "w" * 5000 for _ in range(2000)]
    run = invent("browser")(models, seeds=3)
    return write_report(gather([run], texts), tmp_path_factory.mktemp("page"))


@pytest.fixture
def open_page(open_offline: Callable[..., Page], report: Path) -> Callable[..., Page]:
    return partial(open_offline, report)


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_and_axe_finds_no_serious_violation(
    open_page: Callable[..., Page], check_page: Callable[[Page], None], width: int, scheme: str
) -> None:
    check_page(open_page(width, scheme))


def test_texts_run_nowhere(open_page: Callable[..., Page]) -> None:
    page = open_page()
    assert page.evaluate("window.evil") is None
    assert page.locator("img").count() == 0
    assert "<script>window.evil = 1</script>" in page.locator("table.sortable tbody").inner_text()


def test_a_click_on_a_heading_sorts_and_the_next_one_turns_it_round(open_page: Callable[..., Page]) -> None:
    page = open_page()

    def column() -> list[str]:
        return [row.split("\t")[0].strip() for row in page.locator("table.sortable tbody tr").all_inner_texts()]

    heading = page.locator("table.sortable th", has_text="accuracy")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    falling = column()
    assert falling[:3] == ["gru", "gru[precision=bfloat16,units=128]", "logreg"]
    assert falling[-1] == "svm", "what was not measured stands last"
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert column()[0].startswith("<script>")
    assert column()[-1] == "svm"
    cost = page.locator("table.sortable th", has_text="fit s")
    cost.get_by_role("button").press("Enter")
    assert cost.get_attribute("aria-sort") == "ascending", "less is better"
    assert heading.get_attribute("aria-sort") == "none"


def test_it_prints(open_page: Callable[..., Page]) -> None:
    page = open_page(scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
