"""What the tests share: a folder to run in, a command to run, and small models of a third party."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from coverage import CoverageData
from coverage.exceptions import CoverageException
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page, sync_playwright

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

# A shell that runs the tests in the background has interrupts ignored, and what they start would ignore them too.
signal.signal(signal.SIGINT, signal.default_int_handler)

EVERYWHERE = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
settings.register_profile("ci", EVERYWHERE, max_examples=200, derandomize=True)
settings.register_profile("deep", EVERYWHERE, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))  # --hypothesis-profile is read later, and wins

SHARED_FOLDERS = ("models", "tests/models", "tests/report", "tests/speed")
"""Folders whose tests share what takes long to make, such as an imported TensorFlow."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Let one process of pytest-xdist run all tests of a file, or of a folder that shares more: fixtures are made once.

    The tests of models and the examples in their docstrings are one group. pytest-xdist's own groups (``--dist
    loadgroup``) do not hold with pytest 9.2, which no longer lets it write them into the names of tests.

    Groups run in the order in which they are found, so that the examples of ``bench/``, which take no time, come last.
    By default those with most tests come first, and one of two processes waits for a last group of a single long test.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFolderOrFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = Path(nodeid.partition("::")[0])
            folders = [folder for folder in SHARED_FOLDERS if file.is_relative_to(folder)]
            return Path(folders[0]).name if folders else file.as_posix()

    config.option.loadscopereorder = False
    return ByFolderOrFile(config, log) if config.getvalue("dist") == "load" else None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """Before coverage is put together, remove what a process that was killed while it wrote has left of its file."""
    result = yield
    if not hasattr(session.config, "workerinput"):
        remove_damaged_coverage(Path(os.environ.get("COVERAGE_FILE", session.config.rootpath / ".coverage")))
    return result


def remove_damaged_coverage(data_file: Path) -> None:
    """Remove the files of single processes beside a data file of coverage that cannot be added to it."""
    for path in data_file.parent.glob(f"{data_file.name}.*"):
        try:
            part = CoverageData(str(path))
            part.read()
            CoverageData(no_disk=True).update(part)
        except (CoverageException, OSError, sqlite3.Error):
            path.unlink(missing_ok=True)


BENCH = (sys.executable, "-P", "-m", "bench")

THIRD_PARTY = Path(__file__).parent / "third_party"

OVERFLOWING = """() => [...document.body.querySelectorAll("*")].filter((e) => {
    if (e.closest(".wide") && !e.matches(".wide")) return false;
    const box = e.getBoundingClientRect();
    return box.width > 0 && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
}).map((e) => e.outerHTML.slice(0, 80))"""

TOY_ENTRY_POINTS = """
[bench.datasets]
toy = toys:Toy

[bench.models]
kept-words = toys:Kept
toy-words = toys:Words
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An empty folder to run in, with none of the user's data and a cache of its own."""
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "cache"))
    if not request.node.get_closest_marker("imdb"):
        monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def toys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installed third-party package: models and a small dataset."""
    folder = tmp_path_factory.mktemp("third-party")
    shutil.copy(THIRD_PARTY / "toys.py", folder)
    info = folder / "toys-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.5\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(TOY_ENTRY_POINTS, encoding="utf-8")
    (info / "top_level.txt").write_text("toys\n", encoding="utf-8")
    return folder


@pytest.fixture
def toys(toys_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Models and a dataset of a third party, installed for this process and the ones it starts."""
    monkeypatch.syspath_prepend(toys_folder)
    monkeypatch.setenv("PYTHONPATH", str(toys_folder), prepend=os.pathsep)
    return toys_folder


@pytest.fixture(scope="session")
def describe_here() -> Callable[[], AbstractContextManager[None]]:
    """Describe models in this process while a block runs, where the child for that is not what is tested."""

    @contextmanager
    def describe_here() -> Iterator[None]:
        from bench.records import ModelInfo, TaskName
        from bench.running.describe import describe_one

        def describe(names: Sequence[str], task: TaskName = "classification") -> list[ModelInfo]:
            return [describe_one(name, task) for name in names]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("bench.running.instances.describe", describe)
            patch.setattr("bench.running.runner.describe", describe)
            yield

    return describe_here


@pytest.fixture
def described_here(describe_here: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Models are described in this process: for tests that are about the trials, not about names and parameters."""
    with describe_here():
        yield


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The ``bench`` command, called in this process: what it starts are real processes.

    A report takes seconds, so runs write none here unless a test asks for it with ``--report``.
    """
    from bench.cli.app import main

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        if arguments[:1] == ("run",):
            arguments = tuple(a for a in arguments if a != "--report") + ("--no-report",) * (
                "--report" not in arguments
            )
        monkeypatch.setattr(sys, "argv", ["bench", *arguments])
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def finished(toys: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A finished run of two seeds of toy-words and one of toys:Plain under a name: its folder."""
    import bench

    made = tmp_path_factory.getbasetemp() / "finished"

    def copy(name: str) -> Path:
        if not made.exists():
            bench.run("toy-words,toys:Plain", dataset="toy", seeds=2, output=made, name="run", report=False)
        folder = home / "results" / name
        shutil.copytree(made / "run", folder)
        file = folder / "run.json"
        file.write_text(file.read_text().replace('"name": "run"', f'"name": "{name}"'))
        return folder

    return copy


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; tests that need one are skipped where there is none."""
    names = ("chromium", "google-chrome", "chromium-browser")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium here")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_offline(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a file in the browser with the network off; the test fails if it logged anything or asked for anything."""
    said: list[str] = []
    contexts = []

    def opened(file: Path, width: int = 1280, scheme: Literal["light", "dark"] = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def check_page() -> Callable[[Page], None]:
    """Check that nothing of a page overflows it, and that axe finds no serious violation."""

    def check(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.evaluate(OVERFLOWING) == []
        found = Axe().run(page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"][:120], v["nodes"][0]["failureSummary"]) for v in serious] == []

    return check


@pytest.fixture
def start_cli() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """The ``bench`` command, started and left running; ended with the test.

    Without coverage: a process that is killed leaves half of its file.
    """
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        arguments += ("--no-report",) * (arguments[:1] == ("run",))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        started.append(subprocess.Popen([*BENCH, *arguments], env=environment, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def wait_for() -> Callable[[Callable[[], object]], None]:
    """Wait until a condition holds, or fail after two minutes, of which a busy machine may need one."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < deadline, "waited two minutes in vain"
            time.sleep(0.05)

    return wait
