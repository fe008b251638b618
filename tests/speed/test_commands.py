"""bench speed: what it measures, keeps and judges, with asv itself on a small project."""

from __future__ import annotations

import fcntl
import json
import platform
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from bench.errors import UsageError
from bench.speed.asv_results import errors_in, machines, read_results, result_files
from bench.speed.checkout import find_checkout

if TYPE_CHECKING:
    from tests.speed.conftest import Project

CLI = Callable[..., subprocess.CompletedProcess[str]]
WaitFor = Callable[[Callable[[], object]], None]


def test_every_commit_that_was_asked_for_has_a_result_under_its_hash(measured: Project) -> None:
    results = measured.root / "results" / "asv"
    (machine,) = machines(results)
    for commit in measured.git("rev-list", "main").split():
        found = read_results(results, machine, commit)
        assert set(found) == {
            "recurrent.TrainGRU.time_8_steps(100)",
            "recurrent.TrainGRU.time_8_steps(500)",
            "recurrent.PredictGRU.time_1000_reviews",
        }
        assert all(len(one.samples) == 6 for one in found.values()), "three in each of two rounds"


def test_a_history_names_no_host_and_no_folder(measured: Project) -> None:
    for path in (measured.root / "results" / "asv").rglob("*.json"):
        text = path.read_text()
        assert not re.search(r"/(tmp|home|root|usr|opt|work|Users)/", text), path
        assert f'"{platform.node()}"' not in text, path


def test_a_commit_against_itself_is_not_slower(measured: Project) -> None:
    done = measured.speed("compare", "main", "main", "--rounds", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "slower:" not in done.stderr


def test_a_slow_commit_is_named_slower_and_ends_with_1(measured: Project) -> None:
    history = {path: path.read_bytes() for path in (measured.root / "results").rglob("*.json")}
    done = measured.speed("compare", "slow~1", "slow", "--rounds", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if "GRU" in line and "slower" in line]
    assert [row.split()[0] for row in rows] == [
        "recurrent.TrainGRU.time_8_steps(100)",
        "recurrent.TrainGRU.time_8_steps(500)",
        "recurrent.PredictGRU.time_1000_reviews",
    ], "training and inference first"
    assert "A careless change" in done.stdout
    after = {path: path.read_bytes() for path in (measured.root / "results").rglob("*.json")}
    assert after == history, "it is kept apart from the history"


def test_a_comparison_is_for_programs_too_and_options_go_on_to_asv(measured: Project) -> None:
    done = measured.speed("compare", "main", "slow~1", "--json", "--rounds", "2", "--bench", "PredictGRU")
    assert done.returncode == 0
    (change,) = json.loads(done.stdout)
    assert change["verdict"] == "faster"
    assert change["ratio"] == pytest.approx(1 / 1.6, rel=0.15)
    assert change["threshold"] == pytest.approx(1.15)


def test_a_benchmark_that_fails_is_listed_with_its_error_and_the_others_are_kept(
    make_project: Callable[[str], Project],
) -> None:
    project = make_project("odd")
    commit = project.commit("TRAIN, PREDICT, ODD = 0.02, 0.01, 7", "Something odd")
    done = project.speed("run", "--profile", "full")
    assert done.returncode == 1
    assert f"failed in {commit[:8]}: recurrent.Odd.time_odd(500): ValueError: odd is 7" in done.stderr
    assert "time_odd(100)" not in done.stderr
    results = project.root / "results" / "asv"
    found = read_results(results, machines(results)[0], commit)
    assert found["recurrent.Odd.time_odd(500)"].value is None
    assert found["recurrent.PredictGRU.time_1000_reviews"].value == pytest.approx(0.01, rel=0.5)
    again = project.speed("run", "--bench", "PredictGRU")
    assert again.returncode == 0, "what failed before is no news"
    compared = project.speed("compare", "HEAD~1", "HEAD", "--bench", "time_odd", "--rounds", "2")
    assert compared.returncode == 1
    assert "failed in B: recurrent.Odd.time_odd(500): ValueError: odd is 7" in compared.stderr


def test_an_interrupt_keeps_the_commits_that_are_done_and_leaves_nothing_running(
    make_project: Callable[[str], Project], wait_for: WaitFor
) -> None:
    project = make_project("endless")
    first = project.git("rev-parse", "HEAD")
    project.commit("TRAIN, PREDICT, ENDLESS = 0.02, 0.01, 600", "Takes for ever")
    results = project.root / "results" / "asv"
    with project.start("speed", "run", first, "HEAD", "--bench", "Predict|Endless") as process:
        wait_for(lambda: machines(results) and "time_endless" in _command_lines())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted: commits that were done are kept" in errors
    assert "Traceback" not in errors
    assert [path.name[:8] for path in result_files(results, machines(results)[0])] == [first[:8]]
    wait_for(lambda: "time_endless" not in _command_lines())


def _command_lines() -> str:
    return " ".join(" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"]))


def test_changes_that_no_commit_holds_are_said_not_to_be_measured(empty: Project) -> None:
    (empty.root / "bench" / "other.py").touch()
    empty.git("add", "--all")
    done = empty.speed("run", "--machine", "of-mine", "--bench", "PredictGRU")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not measured" in done.stderr
    assert machines(empty.root / "results" / "asv") == ["of-mine"]


def test_two_do_not_measure_at_once(empty: Project) -> None:
    checkout = find_checkout(empty.root)
    checkout.scratch.mkdir(exist_ok=True)
    with (checkout.scratch / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = empty.speed("run")
    assert done.returncode == 2
    assert "measures in" in done.stderr
    assert "already" in done.stderr


def test_the_last_words_of_a_benchmark_are_those_of_its_commit() -> None:
    printed = """[ 0.00%] · For small commit 01234567 <main> (round 1/2):
[25.00%] ··· recurrent.TrainGRU.time_8_steps                          failed
[25.00%] ···· asv: benchmark failed (exit status -9)
[25.00%] · For small commit 89abcdef (round 1/2):
[50.00%] ··· recurrent.TrainGRU.time_8_steps skipped (setup_cache failed)
[50.00%] ··· harness.Help.time_help                                   31ms
"""
    assert errors_in(printed) == {
        ("01234567", "recurrent.TrainGRU.time_8_steps"): "benchmark failed (exit status -9)",
        ("89abcdef", "recurrent.TrainGRU.time_8_steps"): "skipped (setup_cache failed)",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nosuch"], ["'nosuch' is no commit", "git log --oneline"]),
        (["run", "main..nosuch"], ["'nosuch' is no commit"]),
        (["run", "main..main"], ["'main..main' has no commit", "OLDER..NEWER"]),
        (["run", "--machine", "a/b"], ["'a/b'", "expected such as"]),
        (["run", "--profile", "slow"], ["'slow'", "quick"]),
        (["run", "main", "--nonsense"], ["asv ended with exit code 2"]),
        (["run", "main", "--bench", "("], ["--bench '('", "no regular expression"]),
        (["run", "main", "--bench", "NoSuch"], ["asv ended with exit code 1"]),
        (["run", "main", "--quick"], ["--quick", "use asv itself"]),
        (["compare"], ["0 commits given", "expected one or two"]),
        (["compare", "main", "main", "main"], ["3 commits given", "expected one or two"]),
        (["compare", "--nonsense", "main", "main"], ["0 commits given"]),
        (["compare", "nosuch"], ["'nosuch' is no commit"]),
        (["compare", "main", "nosuch"], ["'nosuch' is no commit"]),
        (["compare", "main", "main", "--rounds", "1"], ["--rounds", "greater than or equal to 2"]),
        (["compare", "main", "main", "--threshold", "0.9"], ["0.9", "1.15"]),
        (["publish"], ["no results yet", "bench speed run"]),
        (["publish", "nosuch"], ["'nosuch' is no commit"]),
        (["publish", "-o", "elsewhere"], ["-o", "use asv itself"]),
        (["preview"], ["no results yet", "bench speed run"]),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(empty: Project, arguments: list[str], words: list[str]) -> None:
    done = empty.speed(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    for word in words:
        assert word in done.stderr


def test_the_pages_are_served_to_this_machine_until_an_interrupt(measured: Project) -> None:
    with measured.start("speed", "preview", "--port", "0") as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next(line for line in lines if line.startswith("http://127.0.0.1:")).split()[0]
        with urllib.request.urlopen(address, timeout=120) as page:
            assert b"airspeed velocity" in page.read()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert errors == ""


def test_a_range_shows_its_commits_only(measured: Project) -> None:
    done = measured.speed("publish", "slow~2..slow")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 commits" in done.stdout


def test_a_port_that_is_taken_is_named(measured: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = measured.speed("preview", "--port", port)
    assert done.returncode == 2
    assert f"port {port} cannot be used" in done.stderr


def test_a_machine_without_a_history_is_named_with_those_that_have_one(measured: Project) -> None:
    done = measured.speed("publish", "--machine", "nosuch")
    assert done.returncode == 2
    assert "machine 'nosuch' has no history; expected one of '" in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_checkout_it_says_that_commits_are_measured(
    cli: CLI, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bench.speed.checkout.__file__", str(home / "site-packages" / "bench" / "speed" / "checkout.py")
    )
    for command in (["run"], ["compare", "main"], ["publish"], ["preview"]):
        done = cli("speed", *command)
        assert done.returncode == 2
        assert "is in no git checkout" in done.stderr
        assert "clone the repository" in done.stderr


def test_without_asv_the_extra_is_named(cli: CLI, empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(empty.root)
    monkeypatch.setitem(sys.modules, "asv", None)
    for command in (["run"], ["compare", "main"], ["publish"], ["preview"]):
        done = cli("speed", *command)
        assert done.returncode == 2
        assert "pip install -e '.[speed]'" in done.stderr


def test_a_damaged_result_is_named(measured: Project, tmp_path: Path) -> None:
    (tmp_path / "benchmarks.json").write_text((measured.root / "results/asv/benchmarks.json").read_text())
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine" / "0123abcd-env.json").write_text('{"version": 2')
    with pytest.raises(UsageError, match=r"results of 0123abcd .* cannot be read"):
        read_results(tmp_path, "machine", "0123abcd")


def test_a_twin_has_the_same_files_and_is_on_no_branch(empty: Project) -> None:
    checkout = find_checkout(empty.root)
    commit = checkout.commit("HEAD")
    twin = checkout.twin(commit)
    assert twin != commit
    assert empty.git("rev-parse", f"{twin}^{{tree}}") == empty.git("rev-parse", f"{commit}^{{tree}}")
    assert empty.git("branch", "--contains", twin) == ""
