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
from typing import TYPE_CHECKING

import pytest
from coverage import CoverageData
from coverage.exceptions import CoverageException
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

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

TOY_MODELS = '''
import json, os, signal, subprocess, sys, time, warnings

import numpy as np


class Words:
    """Counts words a class, is quick, and inherits nothing."""

    def __init__(self, smoothing: float = 1.0, random_state: int = 0):
        self.smoothing = smoothing
        self.random_state = random_state

    def get_params(self, deep=True):
        names = type(self).__init__.__code__.co_varnames[1 : type(self).__init__.__code__.co_argcount]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **parameters):
        vars(self).update(parameters)
        return self

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.history_ = []
        ids, rows = X.token_ids.values, np.repeat(np.arange(len(X)), X.token_ids.lengths)
        size = len(X.vocabulary)
        counts = [np.bincount(ids[y[rows] == label], minlength=size) + self.smoothing for label in self.classes_]
        noise = np.random.default_rng(self.random_state).normal(scale=0.05, size=(len(counts), size))
        self.log_ = np.log(np.array(counts) / np.sum(counts, axis=1, keepdims=True)) + noise
        self.history_.append({"step": 1, "steps": 1, "seconds": 0.01})
        self.n_parameters_ = self.log_.size
        return self

    def predict_proba(self, X):
        if not len(X):
            return np.empty((0, len(self.classes_)))
        per_token = self.log_[:, X.token_ids.values]
        scores = np.add.reduceat(per_token, X.token_ids.offsets[:-1], axis=1).T
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)


class Steady(Words):
    """Takes a seed and makes no use of it."""

    def fit(self, X, y):
        given, self.random_state = self.random_state, 0
        super().fit(X, y)
        self.random_state = given
        return self


class Kept(Words):
    """Can be saved."""

    def save(self, path):
        path.write_text(json.dumps({"classes": self.classes_.tolist(), "log": self.log_.tolist()}))

    @classmethod
    def load(cls, path):
        model, saved = cls(), json.loads(path.read_text())
        model.classes_, model.log_ = np.array(saved["classes"]), np.array(saved["log"])
        return model


class Plain(Words):
    """Knows no seed."""

    def __init__(self, smoothing: float = 1.0):
        super().__init__(smoothing)


class Wrong(Words):
    """Does wrong in ``fit`` what its parameter names."""

    def __init__(self, how: str = "fail", random_state: int = 0):
        super().__init__(1.0, random_state)
        self.how = how

    def fit(self, X, y):
        self.parent = os.getpid()
        getattr(self, self.how.replace("-", "_"))()
        history = getattr(self, "history_", [])
        super().fit(X, y)
        self.history_ = history + self.history_
        return self

    def fail(self):
        raise RuntimeError("this model cannot learn")

    def warn(self):
        warnings.warn("a strange step")

    def chatter(self):
        print('{"status": "ok"}')
        subprocess.run(["echo", "not a message"])

    def segfault(self):
        print("last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)

    def kill(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self):
        os._exit(3)

    def sleep(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        time.sleep(600)

    def stubborn(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)

    def allocate(self):
        self.hoard = []
        while True:
            self.hoard.append(np.ones(2_000_000))
            time.sleep(0.02)

    def hold(self):
        self.hoard = np.ones(25_000_000)

    def child_allocates(self):
        subprocess.run([sys.executable, "-c", "x = b'1' * 900_000_000; import time; time.sleep(600)"])

    def memory_error(self):
        raise MemoryError

    def fork_and_die(self):
        if os.fork() == 0:
            time.sleep(600)
        os.kill(os.getpid(), signal.SIGKILL)

    def read(self):
        assert subprocess.run(["cat"], capture_output=True).stdout == b""

    def odd_words(self):
        raise RuntimeError("caf\\udce9 \\x1b]0;title\\x07")

    def odd_history(self):
        self.history_ = [{"step": "1", "steps": 3, "seconds": 1.0, "loss": np.ones(2)}, "no entry"]
        time.sleep(0.6)
        self.predict_proba = lambda X: np.full((len(X), 3), 1 / 3)

    def share(self):
        block = np.ones(40_000_000)
        children = [os.fork() for _ in range(4) if os.getpid() == self.parent]
        if os.getpid() != self.parent:
            time.sleep(600)
        time.sleep(1)
        for child in children:
            os.kill(child, signal.SIGKILL)

    def half(self):
        self.predict_proba = lambda X: np.full((len(X), 3), 0.2)

    def nan(self):
        self.predict_proba = lambda X: np.full((len(X), 3), np.nan)

    def spin(self):
        end = time.time() + 1.0
        from concurrent.futures import ThreadPoolExecutor
        a = np.ones((700, 700))
        def work(_):
            while time.time() < end:
                a @ a
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))


class Slow(Words):
    """Waits before it learns, and says so."""

    def __init__(self, seconds: float = 1.0, random_state: int = 0):
        super().__init__(1.0, random_state)
        self.seconds = seconds

    def fit(self, X, y):
        time.sleep(self.seconds)
        return super().fit(X, y)


class Toy:
    """240 training and 90 test texts of three topics, made up."""

    name = "toy"
    summary = "made-up texts"

    def is_at_hand(self, data_dir):
        return True

    def load(self, data_dir):
        from bench.datasets.base import Part, TextDataset

        topics = ["sun warm beach swim", "snow cold ski ice", "rain wet cloud storm"]
        generator = np.random.default_rng(int(os.environ.get("TOY_VERSION", "1")))

        def part(n):
            labels = np.arange(n) % 3
            words = "the a of and so it then".split() * 3
            texts = [" ".join(generator.choice(words + topics[k].split(), generator.integers(2, 30))) for k in labels]
            return Part(texts[:-1] + [""], labels)

        return TextDataset("toy", part(240), part(90), ("sun", "snow", "rain"), "made up")


def pipeline(C: float = 1.0):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(TfidfVectorizer(), LinearSVC(C=C))
'''


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
    (folder / "toys.py").write_text(TOY_MODELS, encoding="utf-8")
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
        from bench.records import ModelInfo
        from bench.running.describe import describe_one

        def describe(names: Sequence[str]) -> list[ModelInfo]:
            return [describe_one(name) for name in names]

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
