"""What the harness itself takes: its first word, its data, its report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from . import clock

BENCH = str(Path(sys.executable).with_name("bench"))


class Help:
    """``bench --help``, the start of every command."""

    version = "1"
    number, repeat, rounds = 1, (3, 10, 5.0), 2

    def setup(self) -> None:
        self.timer = clock.process()

    def time_help(self) -> None:
        self.timer.run([lambda: run("--help")])


class Data:
    """Reading imdb-dev once more, when it has been parsed before."""

    version = "1"
    number, repeat, rounds = 1, (3, 10, 10.0), 2

    def setup(self) -> None:
        try:
            from bench.datasets import load_dataset
        except ImportError:
            raise NotImplementedError("this commit has no datasets") from None
        self.load_dataset = load_dataset
        self.load_dataset("imdb-dev")
        self.timer = clock.counting()

    def time_load(self) -> None:
        self.timer.run([lambda: self.load_dataset("imdb-dev")])


class Report:
    """Making the report of a run of two models."""

    version = "1"
    timeout = 600
    number, repeat, rounds, warmup_time = 1, 2, 2, 0

    def setup_cache(self) -> None:
        options = ["--models", "naive-bayes,logreg", "--dataset", "imdb-dev", "--train-size", "2000", "--name", "run"]
        subprocess.run([BENCH, "run", *options], check=False, capture_output=True)

    def setup(self) -> None:
        if subprocess.run([BENCH, "report", "--help"], capture_output=True, check=False).returncode:
            raise NotImplementedError("this commit has no reports")
        self.timer = clock.process()

    def time_report(self) -> None:
        self.timer.run([lambda: run("report", "run")])


def run(*arguments: str) -> None:
    """Run ``bench`` as a process."""
    subprocess.run([BENCH, *arguments], check=True, capture_output=True)
