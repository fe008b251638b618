"""Files that people really have, run for real: what the checks of their report say."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.api import load_run
from bench.report.content import gather

pytestmark = pytest.mark.usefixtures("toys", "described_here", "blank_figures")

Cli = Callable[..., subprocess.CompletedProcess[str]]


def _write(path: Path, texts: Sequence[str], labels: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("review", "sentiment"), *zip(texts, labels, strict=True)])


def _findings(name: str) -> dict[str, str]:
    return {finding.code: finding.text for finding in gather([load_run(name)], None).findings}


def _texts(n: int, seed: int) -> tuple[list[str], list[str]]:
    generator = np.random.default_rng(seed)
    words = {"positive": ["fine", "lovely", "bright", "warm"], "negative": ["dull", "grey", "cold", "flat"]}
    labels = [("positive", "negative")[i % 2] for i in range(n)]
    return [" ".join(generator.choice([*words[label], "a", "film", "is"], 12)) for label in labels], labels


def test_texts_on_both_sides_and_with_two_labels_are_counted(cli: Cli, home: Path) -> None:
    texts, labels = _texts(200, 0)
    other, other_labels = _texts(100, 1)
    _write(home / "train.csv", [*texts, texts[0]], [*labels, labels[1]])
    _write(
        home / "test.csv", [f" {texts[4]}", texts[5].replace(" ", "  "), *other], [labels[4], labels[5], *other_labels]
    )
    files = ("--dataset", "train.csv", "--test-file", "test.csv")
    assert cli("run", "--models", "toys:Plain", *files, "--name", "t").returncode == 0
    found = _findings("t")
    assert found["D1"].startswith("1 training row and 0 test rows repeat")
    assert found["D2"].startswith("2 test rows have, of 102, a text that is in training too. Without them: toys:Plain")
    assert found["D3"] == "1 text has, in different rows, more than one label."


def test_sentences_without_spaces_are_one_token_each_and_that_is_said(cli: Cli, home: Path) -> None:
    generator = np.random.default_rng(0)
    labels = [("好", "坏")[i % 2] for i in range(120)]
    texts = ["".join(generator.choice(list("这部电影真是太好看了我喜欢"), 10)) for _ in labels]
    _write(home / "chinese.csv", texts, labels)
    assert cli("run", "--models", "toys:Plain", "--dataset", "chinese.csv", "--name", "t", "--report").returncode == 0
    found = _findings("t")
    assert "texts have one token or none; a training text has 1.0 tokens on average." in found["D7"]
    assert found["D6"].endswith("of the tokens of the test texts are words outside the vocabulary.")
    assert "好" in (home / "results" / "t" / "report.html").read_text(encoding="utf-8")


def test_in_a_file_without_any_word_each_model_fails_for_that_reason_and_the_report_says_so(
    cli: Cli, home: Path
) -> None:
    labels = [("good", "bad")[i % 2] for i in range(60)]
    _write(home / "marks.csv", [("!" if label == "good" else "?") * (i + 1) for i, label in enumerate(labels)], labels)
    done = cli("run", "--models", "logreg,naive-bayes", "--dataset", "marks.csv", "--name", "t", "--report")
    assert "Traceback" not in done.stdout + done.stderr
    reason = "error: ValueError: no words left to learn from"
    assert load_run("t").summary["status"].str.startswith(reason).tolist() == [True, True]
    assert _findings("t")["M5"].count(reason) == 2
    assert "Nothing was measured" in (home / "results" / "t" / "report.html").read_text(encoding="utf-8")
