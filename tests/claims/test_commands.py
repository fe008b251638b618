"""``bench claims``: real runs of small claims of a third party, and what a user can do wrong."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

CLI = Callable[..., "CompletedProcess[str]"]

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


def test_a_claim_is_run_shown_listed_and_reported(install: Callable[..., None], cli: CLI, home: Path) -> None:
    install("smooth")
    listed = cli("claims", "list")
    assert re.search(r"^11 +smooth +Much smoothing helps\. +not run +- *$", listed.stdout, re.M)
    ran = cli("claims", "run", "smooth")
    assert ran.returncode == 0, ran.stderr
    assert "claim 11, smoothing: 8 trials" in ran.stderr
    assert re.search(
        r"^\[1/8\] last-words\[n=5,of=toy\], toy-words\[smoothing=1000000\] seed 0: accuracy", ran.stderr, re.M
    )
    assert "to go)" in ran.stderr
    assert "[8/8]" in ran.stderr
    assert "saved in results/claims/quick; bench claims report --profile quick makes the page" in ran.stderr
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
    _forget_the_time(home / "out" / "quick" / "smooth" / "claim.json")
    assert cli("claims", "report", "--output", "out").returncode == 0
    share = re.search(r"minutes?, (\d+)% of it in fits", (home / "out" / "quick" / "claims.md").read_text("utf-8"))
    assert share is not None
    assert int(share[1]) < 100, "the trials have run, whatever the file says"
    trials = list((home / "out").rglob("*.parquet"))
    assert len(trials) == 8
    assert cli("claims", "publish", "out").returncode == 0, "once more, over what is there"
    refused = cli("claims", "publish", "results/claims")
    assert refused.returncode == 2
    assert "the claims are in results/claims; name another folder" in refused.stderr
    assert cli("claims", "run", "smooth", "--resume").returncode == 0, "and left them as they were"


def _forget_the_time(path: Path) -> None:
    """As a claim that was killed has it: its time is of the last part alone."""
    path.write_text(json.dumps({**json.loads(path.read_text()), "seconds": 0.1}))


def test_what_is_to_be_typed_next_names_the_folder(install: Callable[..., None], cli: CLI) -> None:
    install("smooth")
    ran = cli("claims", "run", "smooth", "--output", "my claims")
    assert "bench claims report --profile quick --output 'my claims' makes the page" in ran.stderr
    assert "refuted" in ran.stdout or "undecided" in ran.stdout


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


def test_a_log_that_nobody_reads_any_more_ends_no_claim(
    install: Callable[..., None], home: Path, start_cli: Callable[..., subprocess.Popen[str]]
) -> None:
    install("smooth")
    process = start_cli("claims", "run", "smooth")
    assert process.stderr is not None
    process.stderr.close()
    process.stderr = None
    process.wait(timeout=120)
    for name in ("words-5", "words-30"):
        trials = home / "results" / "claims" / "quick" / "smooth" / name / "trials.jsonl"
        assert trials.read_text().count("\n") == 4


def test_a_model_and_seeds_that_a_user_added_to_a_run_of_a_claim_are_not_judged(
    install: Callable[..., None], cli: CLI, home: Path
) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    before = cli("claims", "show", "smooth", "--json").stdout
    folder = home / "results" / "claims" / "quick" / "smooth" / "words-5"
    added = cli("run", "--resume", str(folder), "--models", "+toys:Plain", "--seeds", "3")
    assert added.returncode == 0, added.stderr
    assert cli("claims", "run", "smooth", "--resume").returncode == 0
    assert cli("claims", "show", "smooth", "--json").stdout == before
    assert cli("claims", "report").returncode == 0


def test_a_plan_that_grew_goes_on_and_the_page_says_so(
    install: Callable[..., None], edit: Callable[..., None], cli: CLI, home: Path
) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    folder = home / "results" / "claims" / "quick" / "smooth"
    before = (folder / "words-5" / "trials.jsonl").read_text()
    edit(
        {"seeds=2": "seeds=3", "(5, 30)": "(5, 30, 60)", '"it does not."': '"it does not, and with 60 words neither."'}
    )
    assert "(not all trials have run)" not in cli("claims", "show", "smooth").stdout, "as it was declared"
    ran = cli("claims", "run", "smooth", "--resume")
    assert ran.returncode == 0, ran.stderr
    assert "claim 11, smoothing: " in ran.stderr
    assert (folder / "words-5" / "trials.jsonl").read_text().startswith(before)
    assert json.loads((folder / "words-60" / "run.json").read_text())["spec"]["seeds"] == 3
    found = json.loads(cli("claims", "show", "smooth", "--json").stdout)
    assert [contrast["at"] for contrast in found["contrasts"]] == ["5 words", "30 words", "60 words"]
    assert found["is_whole"]
    assert cli("claims", "report").returncode == 0
    text = (folder.parent / "claims.md").read_text(encoding="utf-8")
    assert re.search(
        r"^- grown: 2.*, when 8 trials had run: 3 seeds of words-5 instead of 2; 3 seeds of words-30 instead of 2; the "
        r"run words-60 added; 1 contrast added, 0 left out; what refutes it was \"it does not.\"$",
        text,
        re.M,
    )


def test_a_claim_that_could_not_begin_leaves_nothing_in_the_way(
    install: Callable[..., None], edit: Callable[..., None], cli: CLI, home: Path
) -> None:
    install(unloadable="claimed:Unloadable")
    failed = cli("claims", "run", "unloadable")
    assert failed.returncode == 2, failed.stderr
    assert "--train-size 1000000 cannot be drawn from toy" in failed.stderr
    assert not (home / "results" / "claims" / "quick" / "unloadable" / "claim.json").exists()
    edit({"10**6": "20"})
    corrected = cli("claims", "run", "unloadable")
    assert corrected.returncode == 0, corrected.stderr
