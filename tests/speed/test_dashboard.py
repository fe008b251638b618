"""The dashboard in a real browser, with the report beside it."""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Route, expect

if TYPE_CHECKING:
    from tests.speed.conftest import Project


@pytest.fixture(scope="module")
def site(measured: Project, toys_folder: Path) -> Path:
    """The pages of the small project, with the report of a small run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(toys_folder))
        made = measured.bench(
            "run", "--models", "toy-words,toys:Plain", "--dataset", "toy", "--name", "toy", "--no-report"
        )
        assert made.returncode == 0, made.stderr
        done = measured.speed("publish", "--report", "toy")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 commits" in done.stdout
    assert "slower than it was: recurrent.PredictGRU.time_1000_reviews" in done.stdout
    return measured.root / ".asv" / "site"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser, script_libraries: Path) -> Iterator[Page]:
    """A page whose libraries come from disk; errors in it fail the test."""
    errors: list[str] = []

    def from_disk(route: Route) -> None:
        name = re.sub(r"-[\d.]+\d", "", route.request.url.rsplit("/", 1)[1]).replace(".min.", ".")
        (file, *_) = sorted(script_libraries.rglob(name), key=lambda path: ("dist" not in path.parts, len(path.parts)))
        route.fulfill(path=file, headers={"Access-Control-Allow-Origin": "*"})

    def without_digests(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r' integrity="[^"]*"', "", answer.text()))

    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route(re.compile("^https://"), from_disk)
    page.route("**/speed/", without_digests)
    yield page
    page.close()
    assert errors == []


@pytest.mark.parametrize(
    ("name", "n_lines"), [("recurrent.TrainGRU.time_8_steps", 2), ("recurrent.PredictGRU.time_1000_reviews", 1)]
)
def test_a_graph_has_a_point_for_each_commit(page: Page, address: str, name: str, n_lines: int) -> None:
    page.goto(f"{address}/speed/#{name}")
    page.wait_for_function("() => $('#main-graph').data('plot') && $('#main-graph').data('plot').getData().length")
    lines = page.evaluate("() => $('#main-graph').data('plot').getData().map((line) => line.data)")
    values = [[point[1] for point in line if point and point[1] is not None] for line in lines]
    assert [len(line) for line in values if line] == [7] * n_lines


def test_the_regressions_page_has_the_slow_commit(page: Page, address: str, measured: Project) -> None:
    page.goto(f"{address}/speed/#/regressions")
    body = page.locator("#regressions-body")
    expect(body).to_contain_text("recurrent.PredictGRU.time_1000_reviews")
    expect(body).to_contain_text("recurrent.TrainGRU.time_8_steps")
    slow = measured.git("rev-parse", "slow")
    expect(body.locator(f"a[href^='https://example.org/someone/small/commit/{slow[:8]}']")).to_have_count(3)


def test_report_and_dashboard_link_to_each_other(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.wait_for_url("**/report.html")
    page.get_by_role("link", name="Speed over time").click()
    page.wait_for_url("**/speed/**")
    link = page.locator("#project-name")
    expect(link).to_have_text("small")
    assert link.get_attribute("href") == "../report.html"
