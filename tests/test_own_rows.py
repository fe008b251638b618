"""A file of the user's own for tasks other than text classification: what a run says, keeps and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from bench.datasets.files.source import FileSource
from bench.datasets.music.musicxml import read_score
from bench.records import FileOptions
from bench.results.store import RunStore

CLI = Callable[..., "CompletedProcess[str]"]

pytestmark = pytest.mark.usefixtures("toys", "described_here")

MODELS = {
    "sequence": "toys:Means",
    "forecast": "toys:LastSeason",
    "next-event": "toys:Shares",
    "transduction": "toys:Upper",
}


def write(path: Path, header: str, rows: Sequence[tuple[object, ...]]) -> Path:
    path.write_text("".join(f"{line}\n" for line in [header, *(",".join(map(str, row)) for row in rows)]))
    return path


@pytest.fixture
def files(home: Path) -> dict[str, Path]:
    """A small file for each task."""
    random = np.random.default_rng(0)
    series = [(f"s{i}", t, i % 2 * 9 + random.random(), "ab"[i % 2]) for i in range(30) for t in range(3 + i % 3)]
    months = [(f"{2001 + i // 12}-{i % 12 + 1:02}", i % 12 + random.random()) for i in range(120)]
    pieces = [(f"p{i}", ["go", "stop", "turn"][random.integers(3)]) for i in range(20) for _ in range(3 + i % 4)]
    words = [(word, " ".join(word.upper())) for word in {"".join(random.choice(list("abcd"), 4)) for _ in range(40)}]
    return {
        "sequence": write(home / "series.csv", "id,time,value,label", series),
        "forecast": write(home / "sales.csv", "month,value", months),
        "next-event": write(home / "pieces.csv", "piece,event", pieces),
        "transduction": write(home / "words.csv", "word,phonemes", sorted(words)),
    }


@pytest.mark.parametrize("task", MODELS)
def test_a_run_reads_the_file_in_each_worker_and_says_what_is_in_it(
    cli: CLI, files: dict[str, Path], task: str
) -> None:
    file = files[task].name
    done = cli("run", "--task", task, "--dataset", file, "--models", MODELS[task], "--name", "a", "--json")
    assert done.returncode == 0, done.stderr
    assert f"{file}: " in done.stderr
    (model,) = json.loads(done.stdout)["models"]
    run = RunStore.open(Path("results/a")).run
    info = run.manifest.dataset
    assert info.task == run.spec.task == task
    score = {"sequence": "accuracy", "forecast": "mase", "next-event": "nats_per_step", "transduction": "error_rate"}
    best = {"sequence": 1.0, "transduction": 0.0}.get(task, info.baseline)
    assert model[score[task]] == pytest.approx(best), "the toy models of two tasks are the baseline"


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("sequence", ["30: 24 to train on, 6 to test on", "frames per series", "channels", "id 'id', time 'time'"]),
        ("forecast", ["84 values to train on, 3 forecasts to test", "12, 12 steps", "MASE"]),
        ("next-event", ["tokens per piece", "distinct tokens", "nats per step", "'go', 'stop', 'turn'"]),
        ("transduction", ["4 in sources, 4 in targets", "of sources characters, of targets what stands between"]),
    ],
)
def test_check_says_what_is_in_it_and_writes_nothing(
    cli: CLI, files: dict[str, Path], home: Path, task: str, words: list[str]
) -> None:
    done = cli("data", "check", files[task].name, "--task", task)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    for word in words:
        assert word in said
    assert cli("data", "check", files[task].name, "--task", task, "--json").returncode == 0
    assert sorted(path.name for path in home.iterdir()) == sorted(path.name for path in files.values())


def test_options_of_the_command_line_and_of_a_spec_file_are_the_same(
    cli: CLI, files: dict[str, Path], home: Path
) -> None:
    options = ["--horizon", "6", "--season-length", "12", "--origins", "4", "--missing", "drop"]
    columns = ["--value-column", "value", "--time-column", "month"]
    arguments = ["--task", "forecast", "--dataset", "sales.csv", "--models", "toys:LastSeason"]
    done = cli("run", *arguments, *options, *columns, "--name", "a")
    assert done.returncode == 0, done.stderr
    (home / "a.toml").write_text(
        'task = "forecast"\ndataset = "sales.csv"\nmodels = ["toys:LastSeason"]\nhorizon = 6\nseason-length = 12\n'
        'origins = 4\nmissing = "drop"\nvalue-column = "value"\ntime-column = "month"\n'
    )
    assert cli("run", "--spec", "a.toml", "--name", "b").returncode == 0
    file = {"horizon": 6, "season_length": 12, "origins": 4, "missing": "drop"}
    facts = json.loads(cli("data", "check", "sales.csv", "--task", "forecast", *options, "--json").stdout)
    in_python = FileSource(files["forecast"], FileOptions.model_validate(file), "forecast").load(None)
    digests = {RunStore.open(Path(f"results/{name}")).run.manifest.dataset.digest for name in "ab"}
    assert digests == {in_python.digest} == {facts["digest"]}


def test_resume_and_spec_find_the_file_again_and_refuse_another(cli: CLI, files: dict[str, Path]) -> None:
    arguments = ["--task", "transduction", "--dataset", "words.csv", "--models", "toys:Upper"]
    assert cli("run", *arguments, "--name", "a").returncode == 0
    assert cli("run", "--spec", "results/a/run.json", "--name", "b").returncode == 0
    assert cli("run", "--resume", "a").returncode == 0, "nothing is left to do"
    spec = json.loads(Path("results/a/run.json").read_text())["spec"]
    assert (spec["file"]["text_column"], spec["file"]["symbols"]) == (["word"], ["characters", "words"])
    files["transduction"].write_text(files["transduction"].read_text() + "new,N E W\n")
    refused = cli("run", "--resume", "a")
    assert refused.returncode == 3
    assert "their results do not belong together" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--task", "sequences"], 2, ["unknown task 'sequences': did you mean sequence?"]),
        (["--dataset", "words.csv"], 2, ["--task transduction reads pairs"]),
        (
            ["--dataset", "sales.csv"],
            2,
            ["--task sequence, forecast or next-event reads a table with one row per step"],
        ),
        (
            ["--task", "transduction", "--dataset", "words.csv", "--symbols", "words,words,words"],
            2,
            ["expected one kind for both sides, or one for each"],
        ),
        (
            ["--task", "forecast", "--dataset", "sales.csv", "--text-column", "x"],
            2,
            ["--text-column: the task forecast"],
        ),
        (["--task", "forecast", "--dataset", "sales.csv", "--horizon", "0"], 2, ["horizon is '0'|horizon is 0"]),
        (["--task", "forecast", "--dataset", "sales.csv", "--horizon", "400"], 3, ["too few for --horizon 400"]),
        (["--task", "forecast", "--dataset", "sales.csv", "--missing", "guess"], 2, ["missing is 'guess'", "'refuse'"]),
        (["--task", "transduction", "--dataset", "words.csv", "--symbols", "letters"], 2, ["symbols", "'words'"]),
        (["--task", "sequence", "--dataset", "words.csv"], 2, ["ids of series", "--id-column"]),
        (["--task", "sequence", "--dataset", "nowhere.ts"], 3, ["there is no file nowhere.ts"]),
        (["--task", "sequence", "--dataset", "bad.csv"], 3, ["bad.csv, line 3: 'x' is 'oops'", "--value-column"]),
        (
            ["--dataset", "series.csv", "--id-column", "id"],
            2,
            ["--id-column: the task classification", "--task sequence"],
        ),
        (
            ["--task", "sequence", "--dataset", "series.csv", "--models", "naive-bayes"],
            2,
            ["'naive-bayes' is for the task"],
        ),
        (["--dataset", "toy", "--horizon", "3", "--symbols", "words"], 2, ["--horizon, --symbols: only a file"]),
    ],
)
def test_a_wrong_file_or_option_is_named_and_nothing_is_written(
    cli: CLI, files: dict[str, Path], home: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    write(home / "bad.csv", "id,x,label", [("a", 1, "p"), ("a", "oops", "p")])
    rest = [] if "--models" in arguments else ["--models", "toys:Means"]
    done = cli("run", *(["--dataset", "series.csv"] if "--dataset" not in arguments else []), *rest, *arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.startswith("bench: ")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert any(part in done.stderr for part in word.split("|")), done.stderr
    assert not (home / "results").exists()


def test_a_model_of_another_task_is_a_failed_trial(cli: CLI, files: dict[str, Path]) -> None:
    done = cli("run", "--task", "forecast", "--dataset", "sales.csv", "--models", "toys:Means,toys:LastSeason")
    assert done.returncode == 1
    assert "Means has neither predict_interval nor predict" in " ".join(done.stdout.split())


def test_a_model_of_another_task_is_not_asked_to_predict_and_no_file_is_read(
    cli: CLI, files: dict[str, Path], home: Path
) -> None:
    run = ["--task", "sequence", "--dataset", "series.csv", "--models", "toys:Means", "--save-models", "--name", "a"]
    assert cli("run", *run).returncode == 0
    done = cli("predict", "a/toys-Means-s0", "series.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is of the task sequence; bench predict answers to texts alone" in done.stderr


def test_a_piece_is_made_up_from_pieces_of_the_user_s_own(cli: CLI, home: Path) -> None:
    rows = [(f"p{i}", 60 + (i * step) % 5, 48 + step % 3) for i in range(10) for step in range(4 + i % 3)]
    write(home / "pieces.csv", "piece,high,low", rows)
    arguments = ["generate", "toys:Shares", "--dataset", "pieces.csv", "--steps", "6", "--to", "mine"]
    refused = cli(*arguments)
    assert refused.returncode == 2
    assert "--value-column high,low" in refused.stderr
    done = cli(*arguments, "--value-column", "high,low")
    assert done.returncode == 0, done.stderr
    assert read_score(Path("mine.musicxml").read_text(encoding="utf-8"), "mine").length == 8, "two bars"
    pitches = {note.pitch for part in read_score(Path("mine.musicxml").read_text(), "mine").parts for note in part}
    assert pitches <= {*range(60, 65), *range(48, 51)}


def test_a_piece_is_not_made_up_where_it_cannot_be_written_or_events_are_no_notes(
    cli: CLI, files: dict[str, Path]
) -> None:
    refused = cli("generate", "toys:Shares", "--dataset", "pieces.csv")
    assert refused.returncode == 2
    assert "the events of pieces.csv are 'go', expected MIDI numbers" in refused.stderr
    nowhere = cli("generate", "toys:Shares", "--dataset", "pieces.csv", "--to", "nowhere/mine")
    assert nowhere.returncode == 2
    assert "there is no folder nowhere" in nowhere.stderr
