"""Machines, shells and file systems that differ from ours: numbers stay, and what can go on goes on."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import bench
from bench.cli.display import LiveDisplay, PlainDisplay, make_display
from bench.cli.run_table import print_run
from bench.running import resources
from bench.running.messages import child_environment
from bench.running.progress import Silent

CLI = Callable[..., Any]

SMALL_GRU = "gru[units=4,embedding_size=4,max_epochs=1]"


@pytest.mark.usefixtures("toys")
def test_the_recurrent_models_take_tensorflow_whatever_a_profile_or_keras_json_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = bench.run(SMALL_GRU, dataset="toy", report=False)
    (home / "keras.json").write_text('{"backend": "jax", "floatx": "bfloat17", "epsilon": 1}')
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("KERAS_MAX_EPOCHS", "0")
    monkeypatch.setenv("KERAS_HOME", str(home))
    odd = bench.run(SMALL_GRU, dataset="toy", report=False)
    assert odd.records[0].status == "ok", odd.records[0].reason
    assert odd.records[0].predictions_sha256 == plain.records[0].predictions_sha256
    assert odd.store.run.manifest.environment["KERAS_BACKEND"] == "torch", "it is recorded"


@pytest.mark.usefixtures("toys")
def test_switches_of_the_user_s_interpreter_do_not_reach_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PYTHONWARNINGS", "error"), ("PYTHONOPTIMIZE", "2"), ("PYTHONINSPECT", "1")):
        monkeypatch.setenv(name, value)
    (record,) = bench.run("toys:Wrong[how=warn]", dataset="toy", report=False).records
    assert record.status == "ok", record.reason
    assert record.warnings


@pytest.mark.usefixtures("toys")
def test_a_profile_s_number_of_threads_is_not_a_trial_s(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "OMP_PROC_BIND"):
        monkeypatch.setenv(name, "7")
    assert not {"OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "OMP_PROC_BIND"} & set(child_environment())
    run = bench.run("toys:Plain", dataset="toy", report=False)
    assert "OMP_NUM_THREADS" not in run.store.run.manifest.environment, "it has no effect that were to be recorded"


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "Qt4Agg"])
def test_a_report_needs_no_backend_of_matplotlib(
    backend: str, finished: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished("r")
    environment = {**os.environ, "MPLBACKEND": backend}
    subprocess.run([sys.executable, "-P", "-m", "bench", "report", "r"], env=environment, check=True)
    assert (folder / "report.html").exists()
    assert (folder / "figures").is_dir()


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler to take flock away")
@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize("error", ["ENOSYS", "ENOLCK"])
def test_a_file_system_without_locks_is_said_and_used(error: str, home: Path, tmp_path: Path) -> None:
    source = tmp_path / "flock.c"
    source.write_text(f"#include <errno.h>\nint flock(int fd, int how) {{ errno = {error}; return -1; }}\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(tmp_path / "flock.so"), str(source)], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(tmp_path / "flock.so")}
    command = [sys.executable, "-P", "-m", "bench", "run", "--no-report"]
    options = ["--models", "toys:Plain", "--dataset", "toy", "--name", "r"]
    for arguments in (options, ["--resume", "r"]):
        done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=True)
        assert "has no locks" in done.stderr
        assert "--output names a folder elsewhere" in done.stderr


def test_one_without_a_home_can_list_and_run(cli: CLI, toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("BENCH_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.setattr(Path, "expanduser", lambda path: no_home() if str(path).startswith("~") else path)
    assert cli("list", "datasets").returncode == 0
    done = cli("run", "--models", "toys:Plain", "--dataset", "toy", "--name", "r")
    assert done.returncode == 0
    assert not Path("~").exists()


def test_a_dataset_of_a_broken_package_is_a_row_and_hurts_nobody_else(
    cli: CLI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "bad-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[bench.datasets]\ntickets = bad:Tickets\n")
    (tmp_path / "bad.py").write_text('raise RuntimeError("numpy 1.x is needed")\n')
    monkeypatch.syspath_prepend(tmp_path)
    listed = cli("list", "datasets")
    assert listed.returncode == 0
    assert "rotten-tomatoes" in listed.stdout
    assert "RuntimeError: numpy 1.x is needed" in " ".join(listed.stdout.split())
    refused = cli("run", "--dataset", "tickets", "--models", "naive-bayes")
    assert refused.returncode == 2
    assert "of the package bad) cannot be imported: RuntimeError: numpy 1.x is needed" in refused.stderr


def test_a_quota_of_processor_time_counts_as_so_many_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)))
    limits = tmp_path / "cpu.max"
    monkeypatch.setattr(resources, "CGROUP_QUOTA", limits)
    for text, expected in (("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("max 100000", 64)):
        limits.write_text(text + "\n")
        assert len(resources.processors()) == expected
    limits.unlink()
    monkeypatch.setattr(resources, "CGROUP_1", tmp_path)
    (tmp_path / "cpu.cfs_quota_us").write_text("300000\n")
    (tmp_path / "cpu.cfs_period_us").write_text("100000\n")
    assert len(resources.processors()) == 3
    (tmp_path / "cpu.cfs_quota_us").write_text("-1\n")
    assert len(resources.processors()) == 64


def test_a_spec_file_with_a_byte_order_mark_is_read(cli: CLI, toys: Path, home: Path) -> None:
    (home / "bom.toml").write_bytes(b'\xef\xbb\xbfmodels = ["toys:Plain"]\r\ndataset = "toy"\r\n')
    done = cli("run", "--spec", "bom.toml", "--name", "r")
    assert done.returncode == 0, done.stderr


def test_colours_that_a_ci_service_asks_for_make_no_terminal_of_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(make_display(Console(file=io.StringIO())), PlainDisplay)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(make_display(Console(file=Terminal())), LiveDisplay)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_display(Console(file=Terminal())), PlainDisplay)


@pytest.mark.parametrize("width", [40, 44, 48, 60, 70])
def test_a_narrow_terminal_keeps_the_models_names_and_cuts_no_number(
    width: int, finished: Callable[[str], Path]
) -> None:
    run = bench.load_run(finished("r"))
    out = io.StringIO()
    print_run(run.store.run, run.summary, run.compared, Console(file=out, width=width))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    table = [line.split() for line in lines if line.startswith(("toy-words ", "toys:Plain ")) and "." in line]
    assert [cells[0] for cells in table[:2]] == run.summary["model"].tolist()
    assert "…" not in out.getvalue()


class _Gone(Silent):
    """A terminal that is closed while a run goes on."""

    def __init__(self, error: Exception) -> None:
        self.error, self.n_updates = error, 0

    def update(self, trial: Any, message: Any) -> None:
        self.n_updates += 1
        raise self.error


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), ValueError("I/O operation on closed file")])
def test_a_display_that_goes_away_ends_no_trial(error: Exception) -> None:
    display = _Gone(error)
    run = bench.run("toys:Plain,toy-words", dataset="toy", display=display, report=False)
    assert [record.status for record in run.records] == ["ok", "ok"]
    assert display.n_updates == 1


@pytest.mark.usefixtures("toys")
def test_a_log_whose_reader_has_left_ends_neither_run_nor_report(home: Path) -> None:
    command = "bench run --models toys:Plain --dataset toy --name r".replace("bench", f"{sys.executable} -P -m bench")
    subprocess.run(["bash", "-c", f"{command} 2> >(head -n 1 >/dev/null) | true"], check=False)
    assert [record.status for record in bench.load_run("r").records] == ["ok"]
    assert (home / "results" / "r" / "report.html").exists()


def test_joined_letters_of_other_scripts_are_shown_as_they_are(cli: CLI, home: Path) -> None:
    persian, family = "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f467"
    rows = [f"word{i} text {i} {label},{label}" for i in range(10) for label in (persian, family)]
    (home / "own.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    done = cli("data", "check", "own.csv")
    assert done.returncode == 0, done.stderr
    shown = done.stdout
    assert persian in shown
    assert family in shown
