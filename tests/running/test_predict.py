"""Saved models answer new texts; what cannot answer is a plain error."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import bench
from bench import Run
from bench.cli.terminal import print_answers
from bench.errors import OutputError
from bench.results.saved_models import load_model, save_model
from bench.results.store import RunStore

CLI = Callable[..., "CompletedProcess[str]"]

pytestmark = pytest.mark.usefixtures("toys", "described_here")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved")


@pytest.fixture
def saved(toys: Path, home: Path, made: Path) -> Path:
    """The folder of a run that saved models: of kept-words, while toy-words cannot save and another one failed."""
    if not (made / "run").exists():
        models = "kept-words,toy-words,toys:Wrong"
        bench.run(models, dataset="toy", save_models=True, output=made, name="run", report=False)
    return Path(shutil.copytree(made / "run", home / "results" / "run"))


def test_a_saved_model_answers_a_text(cli: CLI, saved: Path) -> None:
    done = cli("predict", "run/kept-words-s0", "sun, beach and a warm swim")
    assert done.returncode == 0, done.stderr
    heading, row = done.stdout.splitlines()
    assert heading.split()[:2] == ["text", "class"]
    assert row.startswith("sun, beach and a warm swim")
    assert row.split()[6] == "sun"
    (whole_id,) = (path.name for path in (saved / "models").iterdir())
    assert cli("predict", str(saved / whole_id), "sun, beach and a warm swim").stdout == done.stdout


def test_its_answers_are_those_of_the_run(cli: CLI, saved: Path) -> None:
    from bench.datasets import load_dataset

    (whole_id,) = (path.name for path in (saved / "models").iterdir())
    expected = Run(RunStore.open(saved)).predictions(whole_id)
    texts = load_dataset("toy").test.texts
    Path("texts.txt").write_text("\n".join(texts) + "\n")
    answers = json.loads(cli("predict", f"run/{whole_id}", "texts.txt", "--format", "json").stdout)
    assert [answer["text"] for answer in answers] == list(texts)
    for name in ("sun", "snow", "rain"):
        got = [answer[f"probability of {name}"] for answer in answers]
        assert got == pytest.approx(expected[name].tolist(), abs=1e-6)


def test_a_file_is_read_as_one_text_a_line_whatever_it_holds(cli: CLI, saved: Path) -> None:
    Path("new.txt").write_bytes('\ufeffsun, "warm"\r\n\n\u2028 snow ski \x1b[31m\n'.encode())
    done = cli("predict", "run/kept-words", "new.txt", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["text"] for row in rows] == ['sun, "warm"', "", "\u2028 snow ski \x1b[31m"]
    assert [rows[0]["class"], rows[2]["class"]] == ["sun", "snow"]
    assert "\x1b" not in cli("predict", "run/kept-words", "new.txt").stdout


def test_a_text_that_a_spreadsheet_would_run_is_text_in_csv(cli: CLI, saved: Path) -> None:
    Path("new.txt").write_text("=1+1 sun\n@sun\nsun = warm\n")
    done = cli("predict", "run/kept-words", "new.txt", "--format", "csv")
    texts = [row["text"] for row in csv.DictReader(io.StringIO(done.stdout))]
    assert texts == ["'=1+1 sun", "'@sun", "sun = warm"]
    answers = json.loads(cli("predict", "run/kept-words", "new.txt", "--format", "json").stdout)
    assert answers[0]["text"] == "=1+1 sun"


def test_class_names_of_500_characters_do_not_fill_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    print_answers([{"text": "a film", "class": "x" * 500, f"probability of {'x' * 500}": 0.9}], "table")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 160


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "a text"], "'run' names no trial; expected RUN/TRIAL"),
        (["nothing/kept-words", "a text"], "no run at"),
        (["run/kept-wrods-s0", "a text"], "has no trial 'kept-wrods-s0': did you mean kept-words-s0-"),
        (["run/toys-Wrong", "a text"], "failed (RuntimeError: this model cannot learn)"),
        (
            ["run/toy-words", "a text"],
            "has no model of toy-words seed 0: UserWarning: Words is not kept: it has no save",
        ),
        (["run/kept-words", "missing.txt"], "there is no file missing.txt"),
        (["run/kept-words", "missing.parquet"], "there is no file missing.parquet"),
        (["run/kept-words", "table.csv"], "table.csv: no column has a usual name for texts"),
        (["run/kept-words", "latin.txt"], "latin.txt is not UTF-8 at byte 3"),
    ],
)
def test_what_cannot_be_answered_is_a_plain_error(arguments: list[str], message: str, cli: CLI, saved: Path) -> None:
    Path("table.csv").write_text("words\nsun\n")
    Path("latin.txt").write_bytes(b"caf\xe9\n")
    done = cli("predict", *arguments)
    assert done.returncode in (2, 3)
    assert message in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_saved_model_that_was_damaged_or_is_newer_is_a_plain_error(cli: CLI, saved: Path) -> None:
    (model,) = (saved / "models").iterdir()
    for name, content, message in [
        ("model", b"nothing", "cannot be read: JSONDecodeError"),
        ("encoder.json", b'{"schema_version": 99}', "schema version 99"),
        ("encoder.json", b'{"schema_version": 2, "division": "shut", "words": []}', "is damaged"),
    ]:
        kept = (model / name).read_bytes()
        (model / name).write_bytes(content)
        done = cli("predict", "run/kept-words", "a text")
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr
        (model / name).write_bytes(kept)


def test_a_damaged_model_of_our_own_is_an_error_of_its_folder(saved: Path) -> None:
    from bench.encoding import encode_split
    from bench.models.linear.naive_bayes import NaiveBayesClassifier
    from bench.records import ModelInfo

    encoder, train, _ = encode_split(["sun beach", "snow ski"], [], "closed")
    info = ModelInfo(name="naive-bayes", target="naive-bayes")
    path = saved / "models" / "ours"
    save_model(path, NaiveBayesClassifier().fit(train, [0, 1]), encoder)
    assert isinstance(load_model(path, info)[0], NaiveBayesClassifier)
    for name, content, message in [
        ("model/arrays.npz", b"PK nothing", "ours cannot be read"),
        ("model/model.json", b'{"format": 99}', "ours cannot be read: .* format 99, this version reads up to 1"),
    ]:
        kept = (path / name).read_bytes()
        (path / name).write_bytes(content)
        with pytest.raises(OutputError, match=message):
            load_model(path, info)
        (path / name).write_bytes(kept)


def test_where_no_model_was_kept_the_way_to_one_is_named(cli: CLI, saved: Path) -> None:
    (model,) = (saved / "models").iterdir()
    shutil.rmtree(model)
    assert (
        "its folder is gone; bench run --resume results/run makes it again"
        in cli("predict", "run/kept", "a text").stderr
    )
    assert cli("run", "--models", "kept-words", "--dataset", "toy", "--name", "bare").returncode == 0
    advice = shlex.split(cli("predict", "bare/kept-words", "a text").stderr.partition("a run that has: ")[2])
    assert advice == ["bench", "run", "--spec", "results/bare/run.json", "--models", "kept-words", "--save-models"]
    assert cli(*advice[1:], "--name", "again").returncode == 0
    assert cli("predict", "again/kept-words", "a text").returncode == 0


def test_a_model_is_saved_over_what_an_ended_process_left_behind(saved: Path) -> None:
    from bench.records import ModelInfo

    (path,) = (saved / "models").iterdir()
    (record,) = (r for r in Run(RunStore.open(saved)).records if r.trial.id == path.name)
    info: ModelInfo = record.trial.model
    model, encoder = load_model(path, info)
    assert type(model).__name__ == "Kept"
    for leftover in (f".{path.name}.new", f".{path.name}.old"):
        (path.parent / leftover / "model").mkdir(parents=True)
    save_model(path, model, encoder)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    load_model(path, info)


def test_a_model_that_cannot_be_saved_is_named_and_its_figures_stay(saved: Path) -> None:
    records = {record.trial.model.name: record for record in Run(RunStore.open(saved)).records}
    assert records["toy-words"].status == "ok"
    assert records["toy-words"].warnings == ("UserWarning: Words is not kept: it has no save(path) and load(path)",)
    assert records["kept-words"].warnings == ()


def test_resume_makes_a_lost_model_again(cli: CLI, saved: Path) -> None:
    (model,) = (saved / "models").iterdir()
    shutil.rmtree(model)
    assert "kept-words seed 0: accuracy" in cli("run", "--resume", "run").stderr
    assert model.is_dir()
