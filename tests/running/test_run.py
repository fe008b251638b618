"""The main job on small data: one command, real worker processes, a real run folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bench
from bench.errors import UsageError
from bench.results.summary import summary_columns
from bench.tasks import find_task

CLI = Callable[..., "CompletedProcess[str]"]

pytestmark = pytest.mark.usefixtures("toys", "described_here")


def test_one_command_trains_models_and_prints_one_table(cli: CLI, home: Path) -> None:
    done = cli("run", "--models", "toy-words,toys:Plain[smoothing=2]", "--dataset", "toy", "--name", "first")

    assert done.returncode == 0, done.stderr
    assert "240 training and 90 test rows" in done.stdout
    assert re.search(r"toy-words +0\.[89]\d\d ± 0\.\d\d\d", done.stdout)
    assert re.search(r"toys:Plain\[smoothing=2\] +0\.[89]\d\d", done.stdout)
    assert "these models: differences in accuracy that are not significant at 5 %" in done.stdout
    assert "trained again: not known from one fit each" in done.stdout
    assert "[2/2] toys:Plain[smoothing=2] seed 0: accuracy" in done.stderr

    folder = home / "results" / "first"
    assert {path.name for path in folder.iterdir()} >= {"run.json", "trials.jsonl", "predictions", "summary.csv"}
    summary = pd.read_csv(folder / "summary.csv")
    assert tuple(summary.columns) == summary_columns(find_task("classification"))
    assert sorted(summary["model"]) == ["toy-words", "toys:Plain[smoothing=2]"]
    assert summary["accuracy"].is_monotonic_decreasing
    assert summary["status"].tolist() == ["ok", "ok"]
    assert (summary["accuracy_low"] < summary["accuracy"]).all()
    assert (summary["accuracy"] < summary["accuracy_high"]).all()


def test_json_goes_to_standard_output_alone(cli: CLI) -> None:
    done = cli("run", "--models", "toy-words", "--dataset", "toy", "--name", "j", "--json")
    answer = json.loads(done.stdout)
    assert answer["run"] == "j"
    assert answer["models"][0]["model"] == "toy-words"


def test_eighty_columns_hold_the_table(cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli("run", "--models", "toy-words,toys:Plain", "--dataset", "toy", "--name", "narrow")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "bench show narrow --wide" in done.stdout
    wide = cli("show", "narrow", "--wide")
    assert "log loss" in wide.stdout
    assert "log loss" not in cli("show", "narrow").stdout


def test_seeds_are_set_paired_and_told_from_determinism(cli: CLI) -> None:
    models = "toy-words,toys:Plain,toys:Steady"
    done = cli("run", "--models", models, "--dataset", "toy", "--seeds", "3", "--name", "s", "--json")
    rows = {row["model"]: row for row in json.loads(done.stdout)["models"]}
    assert [rows[name]["seeds"] for name in ("toy-words", "toys:Plain", "toys:Steady")] == [3, 2, 3]
    assert not rows["toy-words"]["is_deterministic"]
    assert rows["toys:Plain"]["is_deterministic"]
    assert rows["toys:Steady"]["is_deterministic"], "three equal results are no spread"
    shown = cli("show", "s").stdout
    (line,) = (line for line in shown.splitlines() if line.startswith("deterministic (the same predictions from every"))
    assert {"toys:Plain", "toys:Steady"} == set(line.partition(": ")[2].split(", "))


def test_the_same_seed_gives_the_same_predictions(home: Path) -> None:
    runs = [bench.run("toy-words", dataset="toy", seeds=2, report=False) for _ in range(2)]
    first, second = ([r.predictions(t) for t in r.trials["trial"]] for r in runs)
    pd.testing.assert_frame_equal(first[0], second[0])
    pd.testing.assert_frame_equal(first[1], second[1])
    assert not first[0].equals(first[1]), "another seed, another answer"


def test_accuracy_is_shown_for_each_training_size() -> None:
    run = bench.run("toys:Plain", dataset="toy", train_size=(9, 240), report=False)
    accuracy = run.summary.set_index("n_train")["accuracy"].astype(float)
    assert accuracy[9] < accuracy[240]


def test_the_open_division_shows_whole_texts() -> None:
    (record,) = bench.run("toys:pipeline", dataset="toy", division="open", report=False).records
    assert record.status == "ok", record.reason
    assert record.trial.division == "open"
    assert record.trial.id != record.trial.model_copy(update={"division": "closed"}).id


def test_every_text_gets_an_answer_and_empty_ones_are_counted() -> None:
    run = bench.run("toy-words", dataset="toy", report=False)
    measured = run.records[0].measurements
    assert measured is not None
    assert measured.n_empty_texts == 2
    predictions = run.predictions(run.records[0].trial.id)
    assert len(predictions) == 90
    assert list(predictions.columns) == ["label", "sun", "snow", "rain"]
    np.testing.assert_allclose(predictions[["sun", "snow", "rain"]].sum(axis=1), 1, atol=1e-5)


def test_estimator_objects_run_beside_names_and_stay_off_the_disk(cli: CLI) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    mine = make_pipeline(TfidfVectorizer(), LinearSVC())
    run = bench.run({"mine": mine, "toy-words": None}, dataset="toy", name="objects", report=False)

    assert run.summary["model"].tolist() == ["mine", "toy-words"]
    assert run.summary["accuracy"].min() > 0.8
    assert pd.isna(run.summary["log_loss"][0]), "a decision function gives no probabilities"
    assert not [path for path in run.path.rglob("*") if "pickle" in path.name or path.suffix == ".pkl"]
    assert "<table" in run._repr_html_()

    for arguments in (["--resume", "objects"], ["--spec", "results/objects/run.json"]):
        refused = cli("run", *arguments)
        assert refused.returncode == 2
        assert "objects from Python" in refused.stderr


def test_an_estimator_that_cannot_travel_is_refused() -> None:
    class Unsendable:
        def fit(self, X: object, y: object) -> None: ...

        def __reduce__(self) -> str:
            raise TypeError("no")

    wrong: list[tuple[Any, str]] = [
        ({"mine": Unsendable()}, "cannot be sent to its worker"),
        ({"mine": 3}, "'mine' is 3, expected an estimator with fit"),
        ({"mine": Unsendable}, "the class Unsendable; give an instance"),
        ({"gru": Unsendable()}, "not the name of a registered model"),
        ({"a[b": Unsendable()}, "named 'a"),
        ([3], "give an estimator as"),
    ]
    for models, words in wrong:
        with pytest.raises(UsageError, match=words):
            bench.run(models, dataset="toy", report=False)


def test_an_estimator_of_a_module_beside_the_script_is_found(home: Path) -> None:
    (home / "scripts").mkdir()
    (home / "scripts" / "mine.py").write_text("import toys\nclass Mine(toys.Words): ...")
    script = home / "scripts" / "script.py"
    script.write_text(
        "import bench, mine\n"
        "run = bench.run({'mine': mine.Mine()}, dataset='toy', report=False)\nprint(run.trials.status[0], run)"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ok <Run toy-")
    assert "1 of 1 done" in done.stdout


def test_a_run_can_be_repeated_from_its_own_file_and_from_toml(cli: CLI, home: Path) -> None:
    cli("run", "--models", "toy-words[smoothing=0.5]", "--dataset", "toy", "--train-size", "60", "--name", "once")
    again = cli("run", "--spec", "results/once/run.json", "--name", "again")
    assert again.returncode == 0, again.stderr
    once, twice = (pd.read_csv(home / "results" / name / "summary.csv") for name in ("once", "again"))
    columns = ["model", "n_train", "accuracy", "f1_macro", "roc_auc", "log_loss"]
    pd.testing.assert_frame_equal(once[columns], twice[columns])

    (home / "mine.toml").write_text(
        'models = ["toy-words", "toys:Plain"]\ndataset = "toy"\ntrain-size = 30\ntime_limit = 60\nname = "from-file"\n'
    )
    assert cli("run", "--spec", "mine.toml", "--models", "toy-words").returncode == 0
    saved = json.loads((home / "results" / "from-file" / "run.json").read_text())
    assert saved["spec"]["models"] == ["toy-words"], "the command line wins"
    assert saved["spec"]["train_size"] == [30]
    assert saved["spec"]["time_limit_seconds"] == 60


def test_three_spellings_are_three_rows_and_equal_ones_are_one() -> None:
    names = ["toy-words[smoothing=2.0]", "toy-words[smoothing=2]", "toy-words[smoothing=4]", "toy-words"]
    run = bench.run(names, dataset="toy", report=False)
    assert run.summary["model"].tolist() == ["toy-words[smoothing=2]", "toy-words[smoothing=4]", "toy-words"]


def test_the_manifest_is_enough_to_repeat_and_names_no_one(home: Path) -> None:
    run = bench.run("toy-words", dataset="toy", data_dir=str(home / "secret-data"), report=False)
    manifest = run.store.run.manifest
    assert manifest.dataset.train_counts == (80, 80, 80)
    assert manifest.packages["tensorflow"]
    assert manifest.packages["toys"] == "1.5"
    assert manifest.cpu_model
    assert manifest.n_processors >= 1
    record = run.records[0]
    assert record.trial.model.package_version == "1.5"
    assert len(record.trial.model.source_sha256 or "") == 64
    everything = "".join(path.read_text() for path in run.path.glob("*.json*"))
    assert "secret-data" not in everything
    assert str(home) not in everything


def test_runs_datasets_and_models_are_listed(cli: CLI) -> None:
    assert "no runs in results; bench run makes one" in cli("list", "runs").stdout
    bench.run("toy-words", dataset="toy", name="one", report=False)
    assert "one" in cli("list", "runs").stdout
    assert json.loads(cli("list", "runs", "--json").stdout)[0]["trials"] == "1 of 1 done"
    damaged = Path("results/two")
    damaged.mkdir()
    (damaged / "run.json").write_bytes(b'{"name": "\xff"}')
    assert [row["trials"] for row in json.loads(cli("list", "runs", "--json").stdout)] == ["1 of 1 done", "damaged"]
    assert json.loads(cli("list", "models", "toy-words", "--json").stdout)[1] == {
        "parameter": "smoothing",
        "value": "1.0",
    }
    assert "hmm of the task classification; --task sequence" in cli("list", "models", "hmm").stderr
    assert cli("list", "models", "hmm", "--task", "sequence").stderr == ""
    models = {row["model"] for row in json.loads(cli("list", "models", "--json").stdout)}
    assert models >= {"gru", "gru-notebook", "lstm", "logreg", "naive-bayes", "hmm", "toy-words"}
    datasets = {row["dataset"]: row["available"] for row in json.loads(cli("list", "datasets", "--json").stdout)}
    assert datasets["toy"] == datasets["imdb-dev"] == "yes"
    assert datasets["imdb"] == "no"
