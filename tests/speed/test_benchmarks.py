"""The benchmarks of this project: asv accepts them, they run, and their clock is steady."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from bench.speed.asv_command import describe_machine, read_config, write_config
from bench.speed.checkout import Checkout
from bench.speed.verdicts import threshold_of

ROOT = Path(__file__).parent.parent.parent


ASV = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def asv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ASV:
    """asv with the suite of this project, in the environment of the tests, its files in folders of the test."""
    monkeypatch.setenv("HOME", str(tmp_path))
    describe_machine("tests")
    config = write_config(Checkout(ROOT), tmp_path / "asv.conf.json", results_dir=str(tmp_path / "results"))

    def run(command: str, *options: str) -> subprocess.CompletedProcess[str]:
        here = ["-E", f"existing:{sys.executable}", *options]
        asv = [sys.executable, "-m", "asv", "--config", str(config), command, *here]
        return subprocess.run(asv, capture_output=True, text=True, check=False, timeout=280)

    return run


def test_asv_accepts_the_suite(asv: ASV) -> None:
    done = asv("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No problems found" in done.stdout


def test_asvs_environment_has_all_that_the_harness_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {re.split(r"[^A-Za-z0-9._-]", line)[0] for line in project["dependencies"]}
    pinned = set(read_config(Checkout(ROOT))["matrix"]["req"])
    lines = (ROOT / "bench" / "speed" / "benchmarks" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert required - pinned - {line.partition("==")[0] for line in lines} == set()


@pytest.mark.slow
def test_training_and_inference_of_a_gru_are_measured(asv: ASV) -> None:
    chosen = [r"TrainGRU\.time_8_steps\(100, 32\)", r"PredictGRU\.time_1000_reviews\(100, 128\)"]
    options = [word for pattern in chosen for word in ("--bench", pattern)]
    done = asv("run", "--machine", "tests", "--dry-run", "--quick", "--show-stderr", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("±") == 2, "a time for each"


@pytest.fixture(scope="module")
def clock() -> ModuleType:
    spec = importlib.util.spec_from_file_location("speed_clock", ROOT / "bench" / "speed" / "benchmarks" / "clock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Machine:
    """A machine whose time is made up.

    Parameters
    ----------
    slowness : float
        How much longer than usual everything takes.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.slowness = 1.0

    def work(self, seconds: float) -> Callable[[], None]:
        def work() -> None:
            self.now += seconds * self.slowness

        return work


@pytest.fixture
def machine(clock: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(clock.time, "perf_counter", lambda: machine.now)
    return machine


def test_work_takes_as_long_on_a_machine_that_is_slower_for_a_while(clock: ModuleType, machine: Machine) -> None:
    steady = clock.SteadyClock(clock.Reference(machine.work(0.01), usual_seconds=0.01))
    parts = [machine.work(0.05)] * 2
    assert steady.run(parts) == pytest.approx(0.1)
    machine.slowness = 1.7
    assert steady.run(parts) == pytest.approx(0.1)
    assert steady() == pytest.approx(0.2)
    assert machine.now == pytest.approx(2.7 * 0.1 + 2.7 * 0.03)


def test_more_work_takes_longer(clock: ModuleType, machine: Machine) -> None:
    steady = clock.SteadyClock(clock.Reference(machine.work(0.01), usual_seconds=0.01))
    assert steady.run([machine.work(0.09)]) == pytest.approx(1.5 * steady.run([machine.work(0.06)]))


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("recurrent.TrainGRU.time_8_steps(500, 32)", 1.25),
        ("counting.LogReg.time_fit", 1.25),
        ("recurrent.GRUPer1000Reviews.track_training", 1.25),
        ("recurrent.GRUPer1000Reviews.track_inference", 1.15),
        ("recurrent.PredictGRU.time_1000_reviews(500, 128)", 1.15),
        ("recurrent.OneReviewGRU.time_1_review(500)", 1.15),
        ("harness.Help.time_help", 1.15),
    ],
)
def test_training_may_be_a_quarter_slower_and_all_else_15_percent(name: str, threshold: float) -> None:
    thresholds = read_config(Checkout(ROOT))["regressions_thresholds"]
    assert threshold_of(name, thresholds) == pytest.approx(threshold)
