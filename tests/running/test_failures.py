"""Failures are results: each ends as a row with its reason, and the other trials go on."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess, Popen

import psutil
import pytest

import bench
from bench.results.store import RunStore

CLI = Callable[..., "CompletedProcess[str]"]
StartCLI = Callable[..., "Popen[str]"]
WaitFor = Callable[[Callable[[], object]], None]

pytestmark = pytest.mark.usefixtures("toys", "described_here")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., bool]:
    """Whether a process that this test started is alive, orphans too; with words: one with these in its command."""
    monkeypatch.setenv("BENCH_TEST", str(tmp_path))

    def is_alive(words: str = "") -> bool:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                mine = process.environ().get("BENCH_TEST") == str(tmp_path)
                if mine and words in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                    return True
        return False

    return is_alive


@pytest.mark.parametrize(
    ("how", "status", "reason"),
    [
        ("fail", "error", "RuntimeError: this model cannot learn"),
        ("segfault", "crashed", r"signal 11 \(SIGSEGV\)"),
        ("kill", "crashed", r"signal 9 \(SIGKILL\)"),
        ("leave", "crashed", "exit code 3"),
        ("memory-error", "out of memory", "could not allocate"),
        ("nan", "error", "prediction of test row 0 is not finite"),
        ("half", "error", "add up to 0.6, expected probabilities"),
        ("odd-words", "error", r"caf\\udce9"),
        ("fork-and-die", "crashed", r"signal 9 \(SIGKILL\)"),
    ],
)
def test_a_trial_that_fails_is_a_row_with_the_reason(how: str, status: str, reason: str) -> None:
    run = bench.run(f"toys:Wrong[how={how}],toy-words", dataset="toy", report=False)
    failed, good = run.records
    assert failed.status == status
    assert re.search(reason, failed.reason or "")
    assert good.status == "ok"
    assert run.summary["model"][0] == "toy-words", "what failed comes last"
    assert run.summary["status"][1].startswith(status)


def test_the_table_shows_failures_and_the_exit_code_says_so(cli: CLI) -> None:
    done = cli("run", "--models", "toys:Wrong[how=segfault],toy-words", "--dataset", "toy", "--name", "f")
    assert done.returncode == 1
    assert "toys:Wrong[how=segfault]: crashed: signal 11 (SIGSEGV)" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    record = RunStore.open(Path("results/f")).records()[0]
    assert record.stderr_tail[0] == "last words"
    assert any("in segfault" in line for line in record.stderr_tail)


@pytest.mark.parametrize("how", ["read", "odd-history"])
def test_a_model_may_read_its_empty_input_and_keep_an_odd_history(how: str, cli: CLI) -> None:
    done = cli("run", "--models", f"toys:Wrong[how={how}]", "--dataset", "toy", "--time-limit", "200")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_what_a_model_says_cannot_steer_the_terminal(cli: CLI) -> None:
    done = cli("run", "--models", "toys:Wrong[how=odd-words]", "--dataset", "toy", "--name", "odd")
    shown = cli("show", "odd", "--errors")
    assert "in odd_words" in shown.stdout, "the traceback"
    for text in (done.stdout, done.stderr, shown.stdout):
        assert "\N{REPLACEMENT CHARACTER}]0;title\N{REPLACEMENT CHARACTER}" in text
        assert "\x1b" not in text


def test_what_a_model_prints_or_warns_does_not_reach_the_result() -> None:
    chatty, warned = bench.run("toys:Wrong[how=chatter],toys:Wrong[how=warn]", dataset="toy", report=False).records
    assert chatty.status == "ok"
    assert warned.warnings == ("UserWarning: a strange step",)


def test_what_libraries_do_at_exit_is_done_before_a_worker_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_NOTE", str(tmp_path / "note"))
    bench.run("toys:Wrong[how=tidy]", dataset="toy", report=False)
    assert (tmp_path / "note").read_text() == "tidied"


@pytest.mark.parametrize("how", ["sleep", "stubborn"])
def test_the_time_limit_ends_a_worker_and_its_children(how: str, started: Callable[..., bool]) -> None:
    start = time.monotonic()
    record = bench.run(f"toys:Wrong[how={how}]", dataset="toy", time_limit=3, report=False).records[0]
    assert record.status == "timed out"
    assert record.reason == "over the time limit of 3 s"
    assert time.monotonic() - start < 100, "it would sleep for 600 seconds"
    assert not started()


def test_memory_that_processes_share_counts_once() -> None:
    (record,) = bench.run(
        "toys:Wrong[how=share]", dataset="toy", memory_limit="1200MB", time_limit=200, report=False
    ).records
    assert record.status == "ok", record.reason


@pytest.mark.parametrize("how", ["allocate", "child-allocates"])
def test_the_memory_limit_covers_the_worker_and_its_children(how: str) -> None:
    failed, good = bench.run(
        f"toys:Wrong[how={how}],toy-words", dataset="toy", memory_limit="700MB", time_limit=200, report=False
    ).records
    assert failed.status == "out of memory"
    assert (failed.reason or "").startswith("over the memory limit of 700 MB: reached ")
    assert failed.memory_limit_mb == 700
    assert good.status == "ok"


def test_threads_limit_the_processors_that_a_model_gets() -> None:
    record = bench.run("toys:Wrong[how=spin]", dataset="toy", threads=1, report=False).records[0]
    measured = record.measurements
    assert measured is not None
    assert record.threads == 1
    assert measured.costs.fit_cpu_seconds <= measured.costs.fit_seconds * 1.1


def test_peak_memory_does_not_depend_on_the_order_of_models() -> None:
    names = ["toy-words", "toys:Slow[seconds=0]", "toys:Wrong[how=hold]"]
    peaks = []
    for order in (names, names[::-1]):
        records = bench.run(order, dataset="toy", report=False).records
        peak_of = {r.trial.model.name: r.measurements.costs.peak_memory_mb for r in records if r.measurements}
        peaks.append([peak_of[name] for name in names])
    assert peaks[0] == pytest.approx(peaks[1], rel=0.05)
    assert peaks[0][2] > peaks[0][0] + 150, "they would differ"


def test_a_worker_ends_itself_when_its_parent_is_killed(
    start_cli: StartCLI, wait_for: WaitFor, started: Callable[..., bool]
) -> None:
    parent = start_cli("run", "--models", "toys:Wrong[how=sleep]", "--dataset", "toy")
    wait_for(lambda: started("time.sleep(600)"))
    parent.kill()
    parent.communicate(timeout=120)
    wait_for(lambda: not started())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_children_and_keeps_what_is_done(
    number: signal.Signals, cli: CLI, start_cli: StartCLI, wait_for: WaitFor, started: Callable[..., bool]
) -> None:
    parent = start_cli("run", "--models", "toy-words,toys:Wrong[how=sleep]", "--dataset", "toy", "--name", "i")
    wait_for(lambda: started("time.sleep(600)"))
    os.kill(parent.pid, number)
    _, said = parent.communicate(timeout=120)
    assert parent.returncode == 130
    assert "finished trials are kept" in said
    assert "Traceback" not in said
    assert not started()
    assert "toy-words" in cli("show", "i").stdout
