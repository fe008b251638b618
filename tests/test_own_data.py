"""A file of the user's own in place of a dataset's name: what a run says, keeps and refuses."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
import pytest

import bench
from bench.errors import UsageError

CLI = Callable[..., "CompletedProcess[str]"]
BENCH = (sys.executable, "-P", "-m", "bench")
ODD = "sun\rbeach\x85warm\u2028ski\u2029end\n=1+1"
FILLERS = ["the", "a", "of", "and", "so", "it", "then"]
WORDS = ["sun warm beach", "snow cold ski", "rain wet cloud", "wind storm sail", "fog dew mist"]

pytestmark = pytest.mark.usefixtures("toys")


def invent(n_rows: int, names: list[str]) -> list[tuple[str, str]]:
    """Texts of a few words, a class after the other."""
    draw = random.Random(1)
    rows = []
    for i in range(n_rows):
        topic = i % len(names)
        words = [*draw.choices(FILLERS, k=4), *draw.choices(WORDS[topic % len(WORDS)].split(), k=2), f"n{topic}"]
        rows.append((" ".join(words), names[topic]))
    return rows


def one_line(text: str) -> str:
    """A text as it was before it was broken to the width of a terminal."""
    return " ".join(text.split())


def write_csv(path: Path, rows: list[tuple[str, str]], header: tuple[str, ...] = ("review", "sentiment")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def reviews(home: Path) -> Path:
    rows = [*invent(120, ["neg", "pos"]), ("twice \n told", "pos"), ("twice told", "neg"), ("", "pos")]
    return write_csv(home / "My reviews.csv", rows)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def kept(home: Path, made: Path) -> str:
    """A trial of a run on a file that kept its model; some of its texts are odd."""
    if not (made / "a").exists():
        write_csv(made / "a.csv", [*invent(60, ["neg", "pos"]), (ODD, "pos")])
        bench.run("kept-words", dataset=made / "a.csv", save_models=True, output=made, name="a", report=False)
    shutil.copytree(made / "a", home / "results" / "a")
    return "a/kept-words-s0"


@pytest.mark.usefixtures("described_here")
def test_a_run_says_what_is_in_the_file_before_it_trains(cli: CLI, reviews: Path) -> None:
    done = cli("run", "--dataset", "My reviews.csv", "--models", "toy-words,toys:Plain")
    assert done.returncode == 0, done.stderr
    before, _, _ = done.stderr.partition("[1/2]")
    assert "My reviews.csv: 123 rows, 98 to train on and 25 to test on; text 'review', label 'sentiment'" in before
    assert "0.2 of the texts for testing, seed 0" in before
    assert "2 classes: neg (61), pos (62)" in before
    assert "empty texts 1, repeated texts 1, texts with two labels 1 (in 2 rows)" in before
    assert "test rows whose text is in training 0" in before
    assert "columns are chosen by their names; --label-column and --text-column choose others" in before
    assert "123 rows in 124 lines" in before
    assert "My reviews.csv (text 'review', label 'sentiment'" in one_line(done.stdout)
    (folder,) = Path("results").iterdir()
    assert folder.name.startswith("My-reviews-")
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert run["spec"]["dataset"] == "My reviews.csv"
    assert run["spec"]["file"]["text_column"] == ["review"]
    assert (
        run["manifest"]["dataset"]["notes"][1]
        == "123 rows in 124 lines: fields in quotes hold line breaks (the first in line 122)"
    )


def test_check_says_the_same_without_training(cli: CLI, reviews: Path, home: Path) -> None:
    done = cli("data", "check", "My reviews.csv", "--test-fraction", "0.5", "--split-seed", "3")
    assert done.returncode == 0, done.stderr
    assert "0.5 of the texts for testing, seed 3" in one_line(done.stdout)
    assert done.stdout.splitlines()[-1].split()[:2] == ["pos", "62"]
    facts = json.loads(cli("data", "check", "My reviews.csv", "--json").stdout)
    assert (facts["n_rows"], facts["n_train"], facts["n_test"]) == (123, 98, 25)
    assert facts["n_two_label_texts"] == 1
    assert cli("data", "check", "My reviews.csv", "--json").stdout == json.dumps(facts, separators=(",", ":")) + "\n"
    assert sorted(path.name for path in home.iterdir()) == ["My reviews.csv"], "nothing is written"


def test_a_large_file_is_announced(cli: CLI, reviews: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.running.resolve.LARGE_FILE_BYTES", 100)
    done = cli("data", "check", "My reviews.csv")
    assert done.stderr == "reading My reviews.csv (0 MB)\n"


def test_a_dataset_by_name_can_be_checked_too(cli: CLI) -> None:
    facts = json.loads(cli("data", "check", "toy", "--json").stdout)
    assert (facts["n_train"], facts["n_test"], facts["n_empty_texts"]) == (240, 90, 2)


@pytest.mark.usefixtures("described_here")
def test_resume_and_spec_find_the_file_again_and_refuse_another(cli: CLI, reviews: Path, home: Path) -> None:
    whole_path = str(reviews)
    models = "toy-words,toys:Wrong"
    assert cli("run", "--dataset", whole_path, "--models", models, "--name", "a").returncode == 1
    spec = json.loads(Path("results/a/run.json").read_text())["spec"]
    assert spec["dataset"] == "./My reviews.csv", "no folder of this machine is kept"
    assert "toys:Wrong seed 0: training" in cli("run", "--resume", "a").stderr
    again = cli("run", "--spec", "results/a/run.json", "--name", "b", "--models", "toy-words")
    assert again.returncode == 0, again.stderr
    predictions = [next(Path(f"results/{name}/predictions").glob("toy*")).read_bytes() for name in "ab"]
    assert predictions[0] == predictions[1]
    other = cli("run", "--spec", "results/a/run.json", "--dataset", "toy", "--models", "toy-words", "--name", "c")
    assert other.returncode == 0, "the columns of the spec's file are not asked of another dataset"

    pd.read_csv(reviews, keep_default_na=False).to_parquet(home / "a.parquet")
    as_parquet = ["--dataset", "a.parquet", "--models", "toy-words", "--name", "d"]
    assert cli("run", "--spec", "results/a/run.json", *as_parquet).returncode == 0
    digests = [
        json.loads(Path(f"results/{name}/run.json").read_text())["manifest"]["dataset"]["digest"] for name in "ad"
    ]
    assert digests[0] == digests[1]

    moved = reviews.rename(home / "moved.csv")
    assert "there is no file" in cli("run", "--resume", "a").stderr
    assert cli("run", "--resume", "a", "--dataset", "moved.csv").returncode == 1
    moved.write_text(moved.read_text() + "one more,pos\n")
    refused = cli("run", "--resume", "a", "--dataset", "moved.csv")
    assert refused.returncode == 3
    assert "their results do not belong together" in refused.stderr


def test_a_file_that_changes_between_trials_fails_the_trial(cli: CLI, reviews: Path) -> None:
    (Path.cwd() / "changer.py").write_text(
        "from toys import Words\n"
        "class Changer(Words):\n"
        "    def fit(self, X, y):\n"
        "        open('My reviews.csv', 'a').write('one more,pos\\n')\n"
        "        return super().fit(X, y)\n"
    )
    done = cli("run", "--dataset", "My reviews.csv", "--models", "changer:Changer,toy-words", "--name", "a")
    assert done.returncode == 1
    assert "its data changed" in done.stdout


@pytest.mark.usefixtures("described_here")
def test_every_option_of_a_file_can_stand_in_a_spec_file(cli: CLI, home: Path) -> None:
    rows = "".join(f"{label};{text}\n" for text, label in invent(40, ["neg", "pos"]))
    (home / "a.csv").write_bytes(f"{rows}pos;caf\xe9\n".encode("latin-1"))
    (home / "test.csv").write_bytes(rows.encode("latin-1"))
    (home / "a.toml").write_text(
        'dataset = "a.csv"\nmodels = ["toy-words"]\nheader = false\ntext-column = "2"\nlabel-column = "1"\n'
        'encoding = "latin-1"\nseparator = ";"\nquoting = "literal"\nmax-text-length = 100\ntest-file = "test.csv"\n'
    )
    done = cli("run", "--spec", "a.toml", "--name", "a")
    assert done.returncode == 0, done.stderr
    assert "41 training and 40 test rows" in done.stdout
    assert "repeated texts 40" in done.stderr
    assert "test rows whose text is in training 40" in done.stderr


@pytest.mark.usefixtures("described_here")
def test_accuracy_is_also_given_without_the_test_rows_that_are_in_training(cli: CLI, home: Path) -> None:
    known = invent(60, ["neg", "pos"])
    write_csv(home / "train.csv", known)
    new = [("sun beach again", "neg"), ("snow ski again", "pos"), ("sun warm once more", "pos")]
    write_csv(home / "test.csv", [*((f" {text.replace(' ', '  ')}\n", label) for text, label in known[:20]), *new])
    arguments = ["run", "--dataset", "train.csv", "--test-file", "test.csv", "--models", "toys:Plain"]
    done = cli(*arguments, "--name", "a")
    assert done.returncode == 0, done.stderr
    assert "20 test rows have a text that is in training too: without them toys:Plain 0.667" in one_line(done.stdout)
    (record,) = bench.Run(bench.results.store.RunStore.open(Path("results/a"))).records
    assert record.measurements is not None
    assert record.measurements.scores["accuracy"] == pytest.approx(22 / 23)
    drawn = cli(*arguments, "--name", "b", "--train-size", "30", "--json")
    assert 0 < json.loads(drawn.stdout)["models"][0]["n_test_seen"] < 20


@pytest.mark.usefixtures("described_here")
def test_python_takes_the_same_options(reviews: Path) -> None:
    run = bench.run(
        "toy-words", dataset=reviews, text_column="review", test_fraction=0.5, division="open", report=False
    )
    assert run.store.run.manifest.dataset.n_test == 62
    frame = run.predictions(run.records[0].trial.id)
    assert list(frame.columns) == ["label", "neg", "pos"]
    with pytest.raises(UsageError, match=r"test_fraction is 1\.5, expected less than 1"):
        bench.run("toy-words", dataset="My reviews.csv", test_fraction=1.5, report=False)


@pytest.mark.usefixtures("described_here")
def test_a_class_may_have_any_name(cli: CLI, home: Path) -> None:
    names = ["label", "row", "[red]bold[/red] \x1b[31m", "=1+1", "A" * 300]
    write_csv(home / "a.csv", invent(60, names))
    done = cli("run", "--dataset", "a.csv", "--models", "toy-words,toys:Plain", "--name", "a")
    assert done.returncode == 0, done.stderr
    assert "[red]bold[/red] \N{REPLACEMENT CHARACTER}[31m" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert "\x1b" not in cli("data", "check", "a.csv").stdout
    run = bench.Run(bench.results.store.RunStore.open(Path("results/a")))
    assert set(run.predictions(run.records[0].trial.id)) == {"label", "class label", *names[1:]}


def test_an_odd_text_is_one_row_from_file_to_answer(cli: CLI, home: Path, kept: str) -> None:
    write_csv(home / "new.csv", [(ODD, "1"), ("", "2")], header=("review", "id"))
    answers = cli("predict", kept, "new.csv", "--format", "csv")
    assert answers.returncode == 0, answers.stderr
    assert [row["text"] for row in csv.DictReader(io.StringIO(answers.stdout, newline=""))] == [ODD, ""]
    (home / "lines.tsv").write_text('"x\nfine\n')
    by_number = cli("predict", kept, "lines.tsv", "--no-header", "--text-column", "1", "--format", "json")
    assert [row["text"] for row in json.loads(by_number.stdout)] == ['"x', "fine"]


def test_every_line_of_a_column_of_texts_gets_an_answer(cli: CLI, home: Path, kept: str) -> None:
    (home / "one.csv").write_text("text\ngood\n\nbad\n\n\nfine\n")
    answers = cli("predict", kept, "one.csv", "--format", "json")
    assert [row["text"] for row in json.loads(answers.stdout)] == ["good", "", "bad", "", "", "fine"]
    (home / "two.tsv").write_text('text\tid\n"good\t1\nbad\t2\n')
    noted = cli("predict", kept, "two.tsv")
    assert len(noted.stdout.splitlines()) == 3
    assert "quotes are taken as characters" in noted.stderr


@pytest.mark.usefixtures("described_here")
def test_a_test_file_of_another_kind_with_other_names_is_read_by_workers_too(cli: CLI, home: Path) -> None:
    rows = invent(60, ["neg", "pos"])
    write_csv(home / "train.csv", rows)
    (home / "test.jsonl").write_text("".join(json.dumps({"label": k, "text": t}) + "\n" for t, k in rows))
    arguments = ["--dataset", "train.csv", "--test-file", "test.jsonl", "--models", "toy-words", "--name", "a"]
    done = cli("run", *arguments)
    assert done.returncode == 0, done.stderr
    assert "test.jsonl: text 'text', label 'label'" in done.stderr
    assert cli("run", "--spec", "results/a/run.json", "--name", "b").returncode == 0


@pytest.mark.usefixtures("described_here")
def test_the_home_folder_may_be_written_as_a_tilde(cli: CLI, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    write_csv(home / "a.csv", invent(60, ["neg", "pos"]))
    for command in (["data", "check"], ["run", "--models", "toy-words", "--dataset"]):
        done = cli(*command, "~/a.csv", "--test-file", "~/a.csv")
        assert done.returncode == 0, done.stderr
    refused = cli("data", "check", "~a.csv")
    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)


def test_output_is_written_in_any_encoding(reviews: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    write_csv(reviews, [*invent(60, ["schön", "übel"]), ("\u2603", "schön")])
    for arguments in (
        ["data", "check", "My reviews.csv"],
        ["run", "--dataset", "My reviews.csv", "--models", "toy-words", "--no-report"],
    ):
        done = subprocess.run([*BENCH, *arguments], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "sch?n" in done.stdout + done.stderr
    (folder,) = Path("results").iterdir()
    assert "schön" in (folder / "run.json").read_text(encoding="utf-8")


@pytest.mark.usefixtures("described_here")
@pytest.mark.parametrize(
    ("model", "n_rows", "n_classes", "division"),
    [
        ("hmm[n_states=2,n_iter=2]", 300, 5, "closed"),
        pytest.param("gru[units=8,embedding_size=8,max_epochs=2]", 385, 77, "open", marks=pytest.mark.slow),
    ],
)
def test_the_main_models_learn_any_number_of_classes(
    cli: CLI, home: Path, model: str, n_rows: int, n_classes: int, division: str
) -> None:
    names = [str(i + 1) for i in range(n_classes)]
    write_csv(home / "a.csv", invent(n_rows, names), header=("text", "stars"))
    options = ["--models", f"{model},logreg", "--division", division, "--name", "a", "--json"]
    done = cli("run", "--dataset", "a.csv", *options)
    assert done.returncode == 0, done.stderr
    assert f"{n_classes} classes: 1 (" in done.stderr
    found = {row["model"].partition("[")[0]: row["accuracy"] for row in json.loads(done.stdout)["models"]}
    assert found["logreg"] > 0.9
    assert found.get("hmm", 1) > 1.5 / n_classes


def test_predict_takes_no_option_that_it_has_no_use_for(cli: CLI, home: Path, kept: str) -> None:
    (home / "latin.txt").write_bytes(b"caf\xe9 sun\nsnow\n")
    assert "latin.txt is not UTF-8 at byte 3; name the right one" in cli("predict", kept, "latin.txt").stderr
    read = cli("predict", kept, "latin.txt", "--encoding", "latin-1", "--format", "json")
    assert [row["text"] for row in json.loads(read.stdout)] == ["caf\xe9 sun", "snow"]
    for text, options, words in [
        ("latin.txt", ["--separator", ";"], "--separator: a file of one text a line has no use for it"),
        ("a text", ["--text-column", "x", "--no-header"], "--no-header, --text-column: a text has no use for it"),
        ("latin.txt", ["--encoding", "klingon"], "--encoding 'klingon' is not an encoding"),
        ("new.xlsx", [], "there is no file new.xlsx"),
    ]:
        done = cli("predict", kept, text, *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    (home / "new.xlsx").write_bytes(b"PK\x03\x04")
    assert "new.xlsx cannot be read: File is not a zip file" in cli("predict", kept, "new.xlsx").stderr


@pytest.mark.usefixtures("described_here")
def test_equal_data_under_other_names_of_classes_give_equal_answers(cli: CLI, home: Path) -> None:
    answers = []
    for names in (["neg", "pos"], ["1", "2"]):
        write_csv(home / "a.csv", invent(100, names))
        options = ["--models", "toys:Plain", "--threads", "1"]
        assert cli("run", "--dataset", "a.csv", *options, "--name", f"run-{names[1]}").returncode == 0
        run = bench.Run(bench.results.store.RunStore.open(Path(f"results/run-{names[1]}")))
        answers.append([run.store.predictions(record.trial).answers.tolist() for record in run.records])
    assert answers[0] == answers[1]
