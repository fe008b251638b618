"""``bench claims``: real runs of small claims of a third party, and what a user can do wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CLI = Callable[..., "CompletedProcess[str]"]

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"

CLAIMS = """
from bench.claims.base import Claim, Contrast, Experiment, Plan, side, sides
from bench.records import RunSpec


class Smooth(Claim):
    name = "smooth"
    number = 11
    title = "smoothing"
    sentence = "Much smoothing helps."
    refuted_if = "it does not."
    method = "Toy models on toy texts."
    limits = "Both are toys."

    def plan(self, setting):
        much, little = "toy-words[smoothing=1000000]", "toy-words"
        experiments = [
            Experiment(
                name=f"words-{n}",
                spec=RunSpec(models=(much, little), dataset=f"last-words[n={n},of=toy]", seeds=2),
            )
            for n in (5, 30)
        ]
        contrasts = [
            Contrast(part="words", at=f"{n} words", x=n, model=side(e, much), rivals=sides(e, [little]))
            for n, e in zip((5, 30), experiments)
        ]
        return Plan(experiments=tuple(experiments), contrasts=tuple(contrasts))


class Slow(Smooth):
    name = "slow"
    number = 12

    def plan(self, setting):
        spec = RunSpec(models=("toys:Slow[seconds=2.5]", "toy-words"), dataset="toy", seeds=2)
        e = Experiment(name="toy", spec=spec)
        contrast = Contrast(part="p", at="a", model=side(e, "toys:Slow[seconds=2.5]"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class BadModel(Smooth):
    name = "bad-model"
    number = 13

    def plan(self, setting):
        spec = RunSpec(models=("toy-words[smoothing=2.0]",), dataset="toy")
        e = Experiment(name="toy", spec=spec)
        (model,) = spec.models
        contrast = Contrast(part="p", at="a", model=side(e, model), rivals=sides(e, [model]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class BadContrast(Smooth):
    name = "bad-contrast"
    number = 14

    def plan(self, setting):
        e = Experiment(name="toy", spec=RunSpec(models=("toy-words",), dataset="toy"))
        other = Experiment(name="elsewhere", spec=e.spec)
        contrast = Contrast(part="p", at="a", model=side(other, "toy-words"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class Fails(Smooth):
    name = "fails"
    number = 15

    def plan(self, setting):
        e = Experiment(name="toy", spec=RunSpec(models=("toys:Wrong", "toy-words"), dataset="toy"))
        contrast = Contrast(part="p", at="a", model=side(e, "toys:Wrong"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class Misnamed(Smooth):
    name = "other-name"


class Wordless(Smooth):
    name = "broken"
    limits = None


class Planless(Smooth):
    name = "planless"

    def plan(self, setting):
        return Plan(experiments=(), contrasts=(Contrast(part="p", at="a", model=None, rivals=()),))


class Contrastless(Smooth):
    name = "contrastless"

    def plan(self, setting):
        return Plan(experiments=super().plan(setting).experiments, contrasts=())


class Unknown(Smooth):
    name = "unknown"

    def plan(self, setting):
        e = Experiment(name="toy", spec=RunSpec(models=("toy-words",), dataset="last-words[of=imbd]"))
        contrast = Contrast(part="p", at="a", model=side(e, "toy-words"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))
"""

ENTRY_POINTS = {
    "smooth": "claimed:Smooth",
    "slow": "claimed:Slow",
    "bad-model": "claimed:BadModel",
    "bad-contrast": "claimed:BadContrast",
    "fails": "claimed:Fails",
}


@pytest.fixture
def install(toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a package with claims, those of ENTRY_POINTS that are named and others."""

    def install(*names: str, source: str = CLAIMS, **others: str) -> None:
        folder = tmp_path / "claimed"
        info = folder / "claimed-2.0.dist-info"
        info.mkdir(parents=True)
        (folder / "claimed.py").write_text(source, encoding="utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: claimed\nVersion: 2.0\n", encoding="utf-8")
        points = {name: ENTRY_POINTS[name] for name in names} | {k.replace("_", "-"): v for k, v in others.items()}
        lines = [f"{name} = {value}" for name, value in points.items()]
        (info / "entry_points.txt").write_text("[bench.claims]\n" + "\n".join(lines) + "\n", encoding="utf-8")
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, "claimed", raising=False)  # another test's
        monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)

    return install


def test_a_claim_is_run_shown_listed_and_reported(install: Callable[..., None], cli: CLI, home: Path) -> None:
    install("smooth")
    listed = cli("claims", "list")
    assert re.search(r"^11 +smooth +Much smoothing helps\. +not run$", listed.stdout, re.M)
    ran = cli("claims", "run", "smooth")
    assert ran.returncode == 0, ran.stderr
    assert "claim 11, smoothing: 8 trials" in ran.stderr
    assert re.search(
        r"^\[1/8\] last-words\[n=5,of=toy\], toy-words\[smoothing=1000000\] seed 0: accuracy", ran.stderr, re.M
    )
    assert "to go)" in ran.stderr
    assert "[8/8]" in ran.stderr
    folder = home / "results" / "claims" / "quick" / "smooth"
    declared = json.loads((folder / "claim.json").read_text())
    assert (declared["claim"], declared["version"], declared["margin"]) == ("smooth", 1, 0.01)
    assert declared["seconds"] > 0
    first_trial = (folder / "words-5" / "trials.jsonl").read_text().partition("\n")[0]
    assert declared["created_at"] <= json.loads(first_trial)["started_at"]

    found = json.loads(cli("claims", "show", "11", "--json").stdout)
    assert found["verdict"] in ("refuted", "undecided")
    assert found["is_whole"]
    assert [contrast["at"] for contrast in found["contrasts"]] == ["5 words", "30 words"]
    assert all(contrast["low"] < contrast["difference"] < contrast["high"] for contrast in found["contrasts"])
    shown = cli("claims", "show", "smooth").stdout
    assert f"Verdict (quick profile): {found['verdict']}" in shown
    reported = cli("claims", "report")
    assert reported.returncode == 0, reported.stderr
    page = (folder.parent / "claims.html").read_text(encoding="utf-8")
    assert "Much smoothing helps." in page
    assert (folder.parent / "figures" / "smooth.svg").exists()
    text = (folder.parent / "claims.md").read_text(encoding="utf-8")
    assert "![Words: " in text or "![words: " in text
    assert cli("show", str(folder / "words-5")).returncode == 0, "its runs are ordinary runs"


def test_published_claims_are_small_and_judged_alike(install: Callable[..., None], cli: CLI, home: Path) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    published = cli("claims", "publish", "out")
    assert published.returncode == 0, published.stderr
    before, after = (
        json.loads(cli("claims", "show", "smooth", "--json", "--output", output).stdout)
        for output in ("results/claims", "out")
    )
    assert before == after
    assert (home / "out" / "quick" / "claims.html").exists()
    trials = list((home / "out").rglob("*.parquet"))
    assert len(trials) == 8
    assert cli("claims", "publish", "out").returncode == 0, "once more, over what is there"
    refused = cli("claims", "publish", "results/claims")
    assert refused.returncode == 2
    assert "the claims are in results/claims; name another folder" in refused.stderr
    assert cli("claims", "run", "smooth", "--resume").returncode == 0, "and left them as they were"


def test_the_example_of_contributing_runs(install: Callable[..., None], cli: CLI, home: Path) -> None:
    text = CONTRIBUTING.read_text(encoding="utf-8")
    (example,) = re.findall(r"<!-- claim -->\n```python\n(.*?)```", text, re.S)
    install(source=example, word_pairs="claimed:WordPairs")
    ran = cli("claims", "run", "word-pairs")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(cli("claims", "show", "word-pairs", "--json").stdout)
    assert found["contrasts"][0]["best_rival"] == "logreg[max_n=1]"
    assert found["verdict"] in ("supported", "refuted", "undecided")


def test_a_claim_that_was_interrupted_goes_on_and_nothing_runs_twice(
    install: Callable[..., None],
    cli: CLI,
    home: Path,
    start_cli: Callable[..., subprocess.Popen[str]],
    wait_for: Callable[[Callable[[], object]], None],
) -> None:
    install("slow")
    trials = home / "results" / "claims" / "quick" / "slow" / "toy" / "trials.jsonl"
    process = start_cli("claims", "run", "slow")
    wait_for(lambda: process.poll() is not None or (trials.exists() and trials.read_text().count("\n") == 2))
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "this goes on: bench claims run slow --profile quick --resume" in stderr
    before = trials.read_text()
    assert "(not all trials have run)" in cli("claims", "list", "--json").stdout
    resumed = cli("claims", "run", "slow", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert trials.read_text().startswith(before)
    assert trials.read_text().count("\n") == 4
    again = cli("claims", "run", "slow", "--resume")
    assert "every trial is done" in again.stderr or "nothing to run" in again.stderr
    assert trials.read_text().count("\n") == 4


def test_a_model_that_fails_is_told_and_leaves_the_claim_undecided(install: Callable[..., None], cli: CLI) -> None:
    install("fails")
    ran = cli("claims", "run", "fails")
    assert ran.returncode == 1
    assert "this model cannot learn" in ran.stderr
    assert "undecided" in ran.stdout
    assert "trials of toys:Wrong that succeed" in cli("claims", "show", "fails", "--json").stdout
    assert cli("claims", "report").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "nonlinearty"], 2, "unknown claim 'nonlinearty': did you mean nonlinearity?"),
        (["run", "42"], 2, "unknown claim 42: known: 1 (long-term-dependencies)"),
        (["show", "nonlinearty"], 2, "did you mean nonlinearity?"),
        (["run", "--profile", "quik"], 2, "unknown profile 'quik': did you mean quick?"),
        (["list", "--profile", "quik"], 2, "unknown profile 'quik'"),
        (["run", "--profile", "full"], 3, "the profile full runs on imdb, which is not available"),
        (["report"], 2, "no claim has been run into results/claims; bench claims run does"),
        (["publish", "out"], 2, "no claim has been run into results/claims; bench claims run does"),
        (["report", "--profile", "full"], 2, "no claim has been run into results/claims"),
        (["show", "nonlinearity"], 2, "claim nonlinearity has not been run; bench claims run nonlinearity does"),
        (["run", "smooth", "bad-contrast"], 2, "contrast on the experiment 'elsewhere', which it does not run"),
        (
            ["run", "smooth", "bad-model"],
            2,
            "names the model toy-words[smoothing=2.0]; expected toy-words[smoothing=2]",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_nothing_is_written(
    install: Callable[..., None], cli: CLI, home: Path, arguments: list[str], code: int, said: str
) -> None:
    install("smooth", "bad-contrast", "bad-model")
    done = cli("claims", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.startswith("bench: ")
    assert done.stderr.count("\n") == 1
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no_such_module:Claim", "claim 'broken' (no_such_module:Claim of the package claimed 2.0) cannot be imported"),
        ("claimed:Nothing", "cannot be imported: AttributeError"),
        ("pathlib:Path", "is PosixPath, expected a subclass of bench.claims.base.Claim"),
        ("claimed:Misnamed", "calls itself 'other-name'"),
        ("claimed:Wordless", "has no limits; see bench.claims.base.Claim"),
    ],
)
def test_a_claim_that_cannot_be_imported_is_named(
    install: Callable[..., None], cli: CLI, home: Path, value: str, said: str
) -> None:
    install(broken=value)
    for arguments in (["run"], ["run", "broken"], ["list"]):
        done = cli("claims", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Planless", "claim planless has no plan: ValidationError"),
        ("Contrastless", "claim contrastless has no contrast that could be judged"),
        ("Unknown", "unknown dataset 'imbd': did you mean imdb?"),
    ],
)
def test_a_plan_that_cannot_be_run_is_refused_before_anything_is_written(
    install: Callable[..., None], cli: CLI, home: Path, name: str, said: str
) -> None:
    install("smooth", **{name.lower(): f"claimed:{name}"})
    done = cli("claims", "run", "smooth", name.lower())
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(home.iterdir()) == []


def test_where_no_folder_can_be_made_one_line_says_so(install: Callable[..., None], cli: CLI, home: Path) -> None:
    install("smooth")
    (home / "taken").write_text("mine")
    for arguments in (["run", "smooth"], ["list"], ["report"]):
        done = cli("claims", *arguments, "--output", "taken")
        assert done.returncode in (0, 2)
        assert "Traceback" not in done.stderr
    assert (home / "taken").read_text() == "mine"
    (home / "quick").mkdir()
    (home / "quick" / "smooth").write_text("mine")
    done = cli("claims", "run", "smooth", "--output", ".")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "name another folder with --output" in done.stderr


def test_two_at_once_do_not_write_into_one_claim(
    install: Callable[..., None],
    cli: CLI,
    home: Path,
    start_cli: Callable[..., subprocess.Popen[str]],
    wait_for: Callable[[Callable[[], object]], None],
) -> None:
    install("slow")
    file = home / "results" / "claims" / "quick" / "slow" / "claim.json"
    first = start_cli("claims", "run", "slow")
    wait_for(lambda: first.poll() is not None or file.exists())
    second = cli("claims", "run", "slow", "--resume")
    assert second.returncode == 2
    assert "another bench is running the claim" in second.stderr


def test_a_model_that_a_user_added_to_a_run_of_a_claim_is_no_trouble(
    install: Callable[..., None], cli: CLI, home: Path
) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    folder = home / "results" / "claims" / "quick" / "smooth" / "words-5"
    added = cli("run", "--resume", str(folder), "--models", "+toys:Plain")
    assert added.returncode == 0, added.stderr
    assert cli("claims", "run", "smooth", "--resume").returncode == 0
    assert cli("claims", "report").returncode == 0


def test_a_claim_that_was_run_is_not_run_over(install: Callable[..., None], cli: CLI) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    again = cli("claims", "run", "smooth")
    assert again.returncode == 2
    assert "--resume goes on with what is missing" in again.stderr


def test_the_verdict_of_an_older_version_is_not_mixed_with_the_new_one_s(
    install: Callable[..., None], cli: CLI, home: Path
) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    file = home / "results" / "claims" / "quick" / "smooth" / "claim.json"
    content = file.read_text()
    file.write_text(content.replace('"version": 1', '"version": 0'))
    before = sorted(path.name for path in file.parent.parent.iterdir())
    for arguments in (["run", "smooth", "--resume"], ["report"], ["show", "smooth"], ["list"]):
        done = cli("claims", *arguments)
        assert done.returncode == 2
        assert "holds version 0 of the claim smooth, here is version 1" in done.stderr
        assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in file.parent.parent.iterdir()) == before


def test_a_plan_that_changed_since_it_was_declared_is_refused(
    install: Callable[..., None], cli: CLI, home: Path
) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    file = home / "results" / "claims" / "quick" / "smooth" / "claim.json"
    file.write_text(file.read_text().replace('"5 words"', '"five words"'))
    done = cli("claims", "run", "smooth", "--resume")
    assert done.returncode == 2
    assert "the plan of claim smooth is another than" in done.stderr


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema_version": 99}', '{"claim": 1}'])
def test_a_damaged_file_is_one_line(install: Callable[..., None], cli: CLI, home: Path, content: str) -> None:
    install("smooth")
    folder = home / "results" / "claims" / "quick" / "smooth"
    folder.mkdir(parents=True)
    (folder / "claim.json").write_text(content)
    for arguments in (["run", "smooth"], ["show", "smooth"], ["report"]):
        done = cli("claims", *arguments)
        assert done.returncode == 2
        assert "claim.json" in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_folder_with_something_else_in_it_is_left_alone(install: Callable[..., None], cli: CLI, home: Path) -> None:
    install("smooth")
    folder = home / "results" / "claims" / "quick" / "smooth"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine")
    done = cli("claims", "run", "smooth")
    assert done.returncode == 2
    assert "holds something, but no claim.json" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
