"""A run that was cut off goes on where it stopped, and ends as one that was not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess, Popen

import psutil
import pytest

import bench
from bench.records import Trial
from bench.results.store import RunStore

CLI = Callable[..., "CompletedProcess[str]"]
StartCLI = Callable[..., "Popen[str]"]
Finished = Callable[[str], Path]
WaitFor = Callable[[Callable[[], object]], None]

MODELS = "toys:Slow[seconds=0.7],toy-words"
RUN = ("run", "--models", MODELS, "--dataset", "toy", "--seeds", "2", "--name")

pytestmark = pytest.mark.usefixtures("toys")


def _results(home: Path, name: str) -> dict[str, tuple[object, ...]]:
    records = RunStore.open(home / "results" / name).records()
    return {r.trial.id: (r.status, r.measurements and r.measurements.scores["accuracy"]) for r in records}


def _worker_of(run: Popen[str]) -> psutil.Process | None:
    """The worker that a run has just now."""
    with suppress(psutil.Error):
        for child in psutil.Process(run.pid).children(recursive=True):
            with suppress(psutil.Error):
                if "bench.running.worker" in child.cmdline():
                    return child
    return None


def test_runs_killed_at_five_moments_end_as_an_undisturbed_one(
    cli: CLI, start_cli: StartCLI, wait_for: WaitFor, home: Path
) -> None:
    cli(*RUN, "whole")
    trials = home / "results" / "cut" / "trials.jsonl"

    moments: list[Callable[[], object]] = [
        lambda: (home / "results" / "cut" / "run.json").exists(),  # no trial has ended
        lambda: _worker_of(run),  # a worker is starting
        lambda: trials.exists() and trials.read_bytes().count(b"\n") >= 1,  # one trial has ended
        lambda: trials.exists() and trials.read_bytes().count(b"\n") >= 2 and _worker_of(run),
    ]
    command = [*RUN, "cut"]
    for moment in moments:
        run = start_cli(*command)
        wait_for(moment)
        run.kill()
        run.communicate()
        command = ["run", "--resume", "cut"]
    run = start_cli(*command)  # the fifth: not the parent, but its worker
    wait_for(lambda: _worker_of(run))
    time.sleep(0.3)
    if found := _worker_of(run):
        found.kill()
    run.communicate()

    assert cli("run", "--resume", "cut").returncode == 0
    assert _results(home, "cut") == _results(home, "whole")
    records = [json.loads(line) for line in trials.read_bytes().splitlines()]
    ok = [record for record in records if record["status"] == "ok"]
    assert len(ok) == 4, "no trial that was done is done again"


@pytest.mark.usefixtures("described_here")
def test_a_torn_line_is_left_out_and_cut_off_before_the_next_one(cli: CLI, finished: Finished) -> None:
    trials = finished("torn") / "trials.jsonl"
    whole = trials.read_bytes().splitlines(keepends=True)
    for kept in (1, 2):
        trials.write_bytes(b"".join(whole[:kept]) + whole[kept][:100])
        shown = cli("show", "torn")
        assert shown.returncode == 0
        assert "the last line is torn" in shown.stderr
        assert cli("run", "--resume", "torn").returncode == 0
        ids = {Trial.model_validate(json.loads(line)["trial"]).id for line in trials.read_bytes().splitlines()}
        assert len(ids) == trials.read_bytes().count(b"\n") == 4


@pytest.mark.usefixtures("described_here")
def test_a_finished_run_repeats_nothing(cli: CLI, finished: Finished) -> None:
    trials = finished("done") / "trials.jsonl"
    before = trials.read_bytes()
    done = cli("run", "--resume", "done")
    assert done.returncode == 0
    assert "nothing to run" in done.stderr
    assert trials.read_bytes() == before


@pytest.mark.usefixtures("described_here")
def test_failed_trials_run_again_and_the_newer_record_counts(cli: CLI, home: Path) -> None:
    usual_seconds = bench.run("toy-words", dataset="toy", report=False).records[0].total_seconds
    limit = f"{3 * usual_seconds + 2:.1f}"
    models = "toys:Slow[seconds=600],toy-words"
    first = cli("run", "--models", models, "--dataset", "toy", "--time-limit", limit, "--name", "f")
    assert first.returncode == 1
    assert cli("run", "--resume", "f", "--time-limit", "1").returncode == 1
    store = RunStore.open(home / "results" / "f")
    records = store.records()
    assert [record.status for record in records] == ["timed out", "ok"]
    assert records[0].time_limit_seconds == 1
    lines = (store.path / "trials.jsonl").read_bytes().count(b"\n")
    assert lines == 3, "the message of the first failure is kept"


def test_other_data_are_refused(cli: CLI, finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    finished("data")
    monkeypatch.setenv("TOY_VERSION", "2")
    done = cli("run", "--resume", "data")
    assert done.returncode == 3
    assert "toy has digest" in done.stderr


def test_changed_model_code_is_said(cli: CLI, home: Path) -> None:
    model = home / "mine.py"
    model.write_text("from toys import Plain\nclass Mine(Plain):\n    pass\n")
    assert cli("run", "--models", "mine:Mine", "--dataset", "toy", "--name", "code").returncode == 0
    model.write_text(model.read_text() + "# now better\n")
    done = cli("run", "--resume", "code")
    assert done.returncode == 0
    assert "the code of mine:Mine changed since this run began" in done.stderr


def test_a_changed_default_is_refused(cli: CLI, home: Path) -> None:
    model = home / "mine.py"
    text = "from toys import Plain\nclass Mine(Plain):\n    def __init__(self, n: int = 1):\n        {}"
    model.write_text(text.format("super().__init__()\n        self.n = n"))
    assert cli("run", "--models", "mine:Mine", "--dataset", "toy", "--name", "default").returncode == 0
    model.write_text(model.read_text().replace("n: int = 1", "n: int = 50"))
    done = cli("run", "--resume", "default")
    assert done.returncode == 2
    assert "the parameters of mine:Mine were {'n': 1}" in done.stderr


@pytest.mark.usefixtures("described_here")
def test_a_trial_whose_predictions_are_lost_runs_again(cli: CLI, finished: Finished) -> None:
    folder = finished("lost")
    lost = next((folder / "predictions").glob("toy-words*"))
    before = lost.read_bytes()
    lost.write_bytes(before[:100])
    shown = cli("show", "lost")
    assert shown.returncode == 2
    assert "bench run --resume results/lost makes them again" in shown.stderr
    assert cli("run", "--resume", "lost").returncode == 0
    assert len(lost.read_bytes()) == len(before)


def test_what_is_missing_is_said(cli: CLI, finished: Finished) -> None:
    trials = finished("part") / "trials.jsonl"
    trials.write_text("".join(trials.read_text().splitlines(keepends=True)[:1]))
    assert "1 of 4 done" in cli("list", "runs").stdout
    shown = cli("show", "part").stdout
    missing = "not run yet: toys:Plain seed 0, toy-words seed 1, toys:Plain seed 1; go on with bench run --resume part"
    assert missing in " ".join(shown.split())
    assert len(json.loads(cli("show", "part", "--json").stdout)["missing"]) == 3
    trials.unlink()
    assert "best in its column" not in cli("show", "part").stdout


def test_a_run_of_more_processors_than_there_are_is_told_how_to_repeat(
    cli: CLI, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished("many")
    monkeypatch.setattr("bench.running.runner.processors", list)
    assert "--spec results/many/run.json --threads 0" in cli("run", "--resume", "many").stderr


def test_a_second_process_on_one_run_is_refused(cli: CLI, start_cli: StartCLI, wait_for: WaitFor, home: Path) -> None:
    first = start_cli("run", "--models", "toys:Slow[seconds=600]", "--dataset", "toy", "--name", "busy")
    wait_for(lambda: _worker_of(first))
    second = cli("run", "--resume", "busy")
    assert second.returncode == 2
    assert "another process is writing to run 'busy'" in second.stderr
    assert cli("show", "busy").returncode == 0, "reading needs no lock"
    first.kill()


def test_a_run_folder_is_found_by_path_too(cli: CLI, finished: Finished, home: Path) -> None:
    finished("away").parent.rename(home / "elsewhere")
    assert cli("show", "elsewhere/away").returncode == 0
    assert cli("show", "elsewhere/away/run.json").returncode == 0
    assert cli("show", "away", "--output", "elsewhere").returncode == 0
    assert cli("show", "away").returncode == 2


@pytest.mark.usefixtures("described_here")
def test_another_processor_than_the_run_began_on_is_said(cli: CLI, home: Path) -> None:
    assert cli("run", "--models", "toy-words", "--dataset", "toy", "--name", "moved").returncode == 0
    file = home / "results" / "moved" / "run.json"
    content = json.loads(file.read_text())
    content["manifest"]["cpu_model"] = "An Older Processor"
    file.write_text(json.dumps(content))
    done = cli("run", "--resume", "moved")
    assert done.returncode == 0
    assert "this run began on An Older Processor, here is" in done.stderr
    (record,) = RunStore.open(file.parent).records()
    assert record.cpu_model


@pytest.mark.usefixtures("described_here")
def test_seeds_and_models_are_added_and_nothing_that_is_there_runs_again(
    cli: CLI, finished: Finished, home: Path
) -> None:
    folder = finished("grown")
    before = (folder / "trials.jsonl").read_bytes()
    done = cli("run", "--resume", "grown", "--seeds", "3", "--models", "+toys:Steady")
    assert done.returncode == 0, done.stderr
    after = (folder / "trials.jsonl").read_bytes()
    assert after.startswith(before)
    (later,) = RunStore.open(folder).run.resumed
    assert later.command_line[1:8] == ("run", "--resume", "grown", "--seeds", "3", "--models", "+toys:Steady")
    assert cli("run", "--resume", "grown").returncode == 0
    assert len(RunStore.open(folder).run.resumed) == 1, "nothing ran this time"
    added = [Trial.model_validate(json.loads(line)["trial"]) for line in after[len(before) :].splitlines()]
    assert sorted((trial.model.name, trial.seed) for trial in added) == [
        ("toy-words", 2),
        ("toys:Steady", 0),
        ("toys:Steady", 1),
        ("toys:Steady", 2),
    ]
    run = bench.load_run("grown")
    assert run.store.run.spec.seeds == 3
    assert run.store.run.spec.models == ("toy-words", "toys:Plain", "toys:Steady")
    assert run.missing == []
    assert "nothing to run" in cli("run", "--resume", "grown").stderr


@pytest.mark.usefixtures("described_here")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--seeds", "1"), "--seeds 1 is fewer than the 2 of run 'grown'; with --resume seeds are added"),
        (("--models", "toys:Steady"), "would replace those of run 'grown'; write +toys:Steady to add it"),
        (("--models", "+toy-words"), "toy-words is in run 'grown' already; leave it out"),
        (("--models", "+toy-wrods"), "unknown model 'toy-wrods'"),
    ],
)
def test_what_does_not_add_to_a_run_is_refused_and_changes_nothing(
    options: tuple[str, str], words: str, cli: CLI, finished: Finished
) -> None:
    folder = finished("grown")
    before = (folder / "run.json").read_bytes()
    done = cli("run", "--resume", "grown", *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert (folder / "run.json").read_bytes() == before
