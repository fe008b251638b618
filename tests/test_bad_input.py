"""What a user can do wrong ends with one plain line, the right exit code, and nothing written or lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import bench
from bench.errors import UsageError
from bench.records import SCHEMA_VERSION
from bench.results.store import RunStore

CLI = Callable[..., "CompletedProcess[str]"]
Finished = Callable[[str], Path]
BENCH = (sys.executable, "-P", "-m", "bench")
TOY = ("run", "--dataset", "toy", "--models", "toy-words")

pytestmark = pytest.mark.usefixtures("toys")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--models", "gruu"], 2, ["unknown model 'gruu'", "did you mean gru?"]),
        (["--models", "gru,,hmm"], 2, ["empty name"]),
        (["--models", "nowhere:Model"], 2, ["cannot import model 'nowhere:Model'", "package.module:Class"]),
        (["--models", "toys:Nothing"], 2, ["cannot import model 'toys:Nothing'"]),
        (["--models", "toys:os"], 2, ["expected a class"]),
        (["--models", "toy-words[smothing=1]"], 2, ["no parameter 'smothing'", "did you mean smoothing?"]),
        (["--models", "toy-words[smoothing=much]"], 2, ["'smoothing' of toy-words is 'much'", "expected float"]),
        (["--models", "toy-words[random_state=1.5]"], 2, ["'random_state'", "'1.5'", "expected int"]),
        (["--models", "toy-words[smoothing=nan]"], 2, ["'smoothing' of toy-words is 'nan'"]),
        (["--models", "toy-words[random_state=7]"], 2, ["'random_state'", "--seeds"]),
        (["--models", "LOGREG"], 2, ["did you mean logreg?"]),
        (["--models", "toy-words[smoothing"], 2, ["closing bracket"]),
        (["--models", "toy-words[smoothing]"], 2, ["'smoothing'", "expected parameter=value"]),
        (["--models", "toy-words[smoothing=1,smoothing=2]"], 2, ["'smoothing' twice"]),
        (["--dataset", "imbd"], 2, ["unknown dataset 'imbd'", "did you mean imdb?"]),
        (["--dataset", "imdb"], 3, ["bench data fetch imdb", "--data-dir", "imdb-dev"]),
        (["--dataset", "imdb", "--data-dir", "."], 3, ["aclImdb"]),
        (["--dataset", "auto", "--data-dir", "nowhere"], 3, ["nowhere"]),
        (["--train-size", "241"], 2, ["241", "toy", "3 (one a class) to 240 rows"]),
        (["--train-size", "2"], 2, ["--train-size 2"]),
        (["--train-size", "many"], 2, ["'many'", "whole numbers"]),
        (["--train-size", "0"], 2, ["train_size", "0", "greater than 0"]),
        (["--division", "ajar"], 2, ["division", "'ajar'", "'closed' or 'open'"]),
        (["--seeds", "0"], 2, ["seeds", "0"]),
        (["--threads", "4096"], 2, ["--threads 4096"]),
        (["--memory-limit", "lots"], 2, ["memory_limit is 'lots'", "expected a number with a unit", "2GB"]),
        (["--memory-limit", "3"], 2, ["memory_limit is '3'", "2GB"]),
        (["--time-limit", "-1"], 2, ["time_limit", "-1"]),
        (["--name", "../outside"], 2, ["'../outside' is no name for a run"]),
        (["--name", "/tmp/outside"], 2, ["'/tmp/outside' is no name for a run"]),
        (["--name", ".."], 2, ["'..' is no name for a run"]),
        (["--resume", "../outside"], 2, ["no run at ../outside"]),
        (["--resume", "never-made"], 2, ["no run at results/never-made", "bench list runs"]),
        (["--spec", "nowhere.toml"], 2, ["cannot read the spec nowhere.toml"]),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    cli: CLI, home: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    defaults = {"--models": "toy-words", "--dataset": "toy"}
    defaults = {} if arguments[0] in ("--resume",) else defaults
    rest = [part for option, value in defaults.items() if option not in arguments for part in (option, value)]
    done = cli("run", *rest, *arguments)
    assert done.returncode == code
    assert done.stderr.startswith("bench: ")
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert not (home / "results").exists(), "nothing is written"
    assert not (home.parent / "outside").exists()


def test_a_spec_file_with_an_unknown_key_is_refused(cli: CLI, home: Path) -> None:
    (home / "a.toml").write_text('models = ["toy-words"]\nseed = 3\n')
    done = cli("run", "--spec", "a.toml")
    assert done.returncode == 2
    assert "unknown key 'seed': did you mean seeds?" in done.stderr


def test_a_spec_file_that_is_no_toml_is_refused(cli: CLI, home: Path) -> None:
    (home / "a.toml").write_text("models = [")
    assert cli("run", "--spec", "a.toml").returncode == 2
    (home / "a.json").write_text("[1]")
    assert "expected a run's run.json" in cli("run", "--spec", "a.json").stderr
    for text in ('{"spec": []}', '{"spec": {}, "models": ["x"]}', '{"schema_version": "1"}', "\udcff"):
        (home / "a.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        done = cli("run", "--spec", "a.json")
        assert done.returncode == 2
        assert "cannot read the spec: a.json is damaged" in done.stderr
    (home / "a.toml").write_text("name = 2024")
    assert "name is 2024, expected text in quotes" in cli("run", "--spec", "a.toml").stderr


def test_a_run_name_that_exists_is_refused_and_the_run_kept(cli: CLI, finished: Finished) -> None:
    trials = finished("mine") / "trials.jsonl"
    before = trials.read_bytes()
    again = cli(*TOY, "--name", "mine")
    assert again.returncode == 2
    assert "--resume mine" in again.stderr
    assert trials.read_bytes() == before


def test_options_that_a_run_is_made_of_cannot_change_with_resume(cli: CLI) -> None:
    done = cli("run", "--resume", "any", "--division", "open", "--train-size", "3")
    assert done.returncode == 2
    assert "--division, --train-size cannot change with --resume" in done.stderr


def test_a_newer_schema_is_refused(cli: CLI, finished: Finished) -> None:
    file = finished("future") / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "schema_version": 99}))
    for command in (["show", "future"], ["run", "--resume", "future"], ["run", "--spec", str(file), "--name", "x"]):
        done = cli(*command)
        assert done.returncode == 2
        assert f"schema version 99, this bench reads up to {SCHEMA_VERSION}" in done.stderr


def test_damaged_records_are_named_with_file_and_line(cli: CLI, finished: Finished) -> None:
    trials = finished("hurt") / "trials.jsonl"
    trials.write_text("{}\n" + trials.read_text())
    done = cli("show", "hurt")
    assert done.returncode == 2
    assert "trials.jsonl, line 1 is damaged" in done.stderr


def test_missing_predictions_are_named(cli: CLI, finished: Finished) -> None:
    shutil.rmtree(finished("lost") / "predictions")
    done = cli("show", "lost")
    assert done.returncode == 2
    assert "predictions/toy" in done.stderr


def test_a_read_only_output_folder_is_refused(toys: Path, home: Path) -> None:
    locked = home / "locked"
    locked.mkdir(mode=0o555)
    # root may write anywhere until it gives this right up
    drop = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    command = [*drop, *BENCH, *TOY, "--output", "locked/results"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "cannot write locked/results: Permission denied" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_output_folder_below_a_file_is_refused(cli: CLI, home: Path) -> None:
    (home / "file").write_text("")
    done = cli(*TOY, "--output", "file/results")
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "Not a directory" in done.stderr


def test_a_full_disk_ends_the_run_and_keeps_what_was_measured(cli: CLI, finished: Finished) -> None:
    trials = finished("full") / "trials.jsonl"
    lines = trials.read_bytes().splitlines(keepends=True)
    lines[0] = lines[0].rstrip() + b" " * 50_000 + b"\n"  # so that it is this file that grows too large
    trials.write_bytes(lines[0])

    def fill_the_disk() -> None:
        room = len(lines[0]) + 100
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    # Without coverage, which cannot write its own file either.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [*BENCH, "run", "--resume", "full"],
        preexec_fn=fill_the_disk,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot write results/full/trials.jsonl" in done.stderr
    assert "--resume" in done.stderr
    assert "Traceback" not in done.stderr
    assert trials.read_bytes() == lines[0], "no half line stays"

    assert cli("run", "--resume", "full").returncode == 0
    assert len(RunStore.open(trials.parent).records()) == len(lines)


def test_a_run_without_models_is_refused() -> None:
    with pytest.raises(UsageError, match="no model is named"):
        bench.run([], dataset="toy", report=False)
