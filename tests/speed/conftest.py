"""A small project with a history, measured by asv as this one is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen

import pytest

ROOT = Path(__file__).parent.parent.parent
INSTALL = "import shutil, sysconfig; shutil.copy('work.py', sysconfig.get_paths()['purelib'])"

BENCHMARKS = """
import time

import work


class Timed:
    version = "1"
    number, repeat, rounds, warmup_time, min_run_count = 1, 3, 2, 0, 1


class TrainGRU(Timed):
    param_names = ("length",)
    params = ((100, 500),)

    def time_8_steps(self, length):
        time.sleep(work.TRAIN)


class PredictGRU(Timed):
    def time_1000_reviews(self):
        time.sleep(work.PREDICT)


class Odd(Timed):
    param_names = ("length",)
    params = ((100, 500),)

    def setup(self, length):
        if not hasattr(work, "ODD"):
            raise NotImplementedError("this commit has nothing odd")

    def time_odd(self, length):
        if length == 500:
            raise ValueError(f"odd is {work.ODD}")


class Endless(Timed):
    def setup(self):
        if not hasattr(work, "ENDLESS"):
            raise NotImplementedError("this commit ends")

    def time_endless(self):
        time.sleep(work.ENDLESS)
"""


@dataclass(frozen=True)
class Project:
    """A git repository.

    Parameters
    ----------
    root : Path
    home : Path
        Of the user who measures it.
    """

    root: Path
    home: Path

    def git(self, *arguments: str) -> str:
        by = ["-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", *by, *arguments]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, work: str, message: str) -> str:
        (self.root / "work.py").write_text(f"# {message}\n{work}\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def speed(self, *arguments: str) -> CompletedProcess[str]:
        """The command ``bench speed``, run in it."""
        return self.bench("speed", *arguments)

    def bench(self, *arguments: str) -> CompletedProcess[str]:
        """The command ``bench``, run in it."""
        with self.start(*arguments) as process:
            out, errors = process.communicate(timeout=250)
        return CompletedProcess(arguments, process.returncode, out, errors)

    def start(self, *arguments: str) -> Popen[str]:
        """The command ``bench``, started in it."""
        command = [sys.executable, "-P", "-m", "bench", *arguments]
        environment = {**os.environ, "HOME": str(self.home)}
        return Popen(command, cwd=self.root, env=environment, stdout=PIPE, stderr=PIPE, text=True)


@pytest.fixture(scope="session")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Project]:
    """Make a project of one commit, without results; with the environment that asv made for an earlier one."""
    environments: list[Path] = []

    def make(name: str) -> Project:
        root = tmp_path_factory.mktemp(name)
        project = Project(root, tmp_path_factory.mktemp("user"))
        folder = root / "bench" / "speed" / "benchmarks"
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "recurrent.py").write_text(BENCHMARKS)
        (folder / "quick.txt").write_text("TrainGRU\nPredictGRU\n")
        (root / ".gitignore").write_text(".asv/\nresults/\n__pycache__/\n")
        config = {
            "version": 1,
            "project": "small",
            "repo": ".",
            "branches": ["main"],
            "environment_type": "virtualenv",
            "pythons": ["{}.{}".format(*sys.version_info)],
            "build_command": [],
            "install_command": [f'in-dir={{build_dir}} python -c "{INSTALL}"'],
            "uninstall_command": ["return-code=any python -c pass"],
            "launch_method": "spawn",
            "regressions_thresholds": {".*Train.*": 0.25, ".*": 0.15},
        }
        (root / "asv.conf.json").write_text("// with a comment\n" + json.dumps(config))
        project.git("init", "--quiet", "--initial-branch", "main")
        project.git("remote", "add", "origin", "git@example.org:someone/small.git")
        project.commit("TRAIN, PREDICT = 0.06, 0.03", "The first")
        for environment in environments:
            if list(environment.glob("*/asv-env-info.json")):
                # Its clone of the project is of another one.
                without_clone = shutil.ignore_patterns("project")
                shutil.copytree(environment, root / ".asv" / "env", symlinks=True, ignore=without_clone)
                break
        environments.append(root / ".asv" / "env")
        return project

    return make


@pytest.fixture(scope="session")
def measured(make_project: Callable[[str], Project]) -> Project:
    """Seven commits on main, all measured; since the fifth both benchmarks take 1.6 times as long."""
    project = make_project("measured")
    for number in range(3):
        project.commit("TRAIN, PREDICT = 0.06, 0.03", f"Words, part {number}")
    slow = project.commit("TRAIN, PREDICT = 0.096, 0.048", "A careless change")
    project.git("tag", "slow", slow)
    for number in range(2):
        project.commit("TRAIN, PREDICT = 0.096, 0.048", f"More words, part {number}")
    first = project.git("rev-list", "--max-parents=0", "HEAD")
    done = project.speed("run", first, f"{first}..main")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture
def empty(make_project: Callable[[str], Project]) -> Project:
    """A project that nothing was measured of."""
    return make_project("empty")


@pytest.fixture(scope="session")
def script_libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What asv's pages load from the network, from the npm registry: a folder of unpacked packages."""
    if shutil.which("npm") is None:
        pytest.skip("no npm here, which brings what asv's pages load")
    folder = tmp_path_factory.mktemp("libraries")
    names = ["jquery@3.3.1", "flot@0.8.3", "flot-orderbars@1.0.0", "stupid-table-plugin@1.1.3"]
    names += ["blueimp-md5@2.19.0", "bootstrap@3.1.1"]
    command = ["npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=200)
    if done.returncode:
        pytest.skip(f"npm cannot be reached: {done.stderr[-200:]}")
    return folder / "node_modules"
