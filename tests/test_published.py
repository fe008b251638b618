"""What the project publishes names no one's machine, and is whole."""

from __future__ import annotations

import getpass
import json
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from bench.results.run import Run
from bench.results.store import RunStore
from bench.speed.asv_results import machines, read_results, result_files
from bench.tasks import find_task

HARNESS_SECONDS = 10
"""What a trial may take outside fit, prediction and the latency probe."""

ROOT = Path(__file__).parent.parent
CLI = Callable[..., "CompletedProcess[str]"]


def _published() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "results"], capture_output=True, text=True, check=False
    ).stdout
    return [ROOT / line for line in listed.splitlines()]


def test_no_published_file_names_a_host_a_user_or_a_folder_of_theirs() -> None:
    private = re.compile(r"/(root|home|Users|work|opt|tmp|var|srv|mnt)/")
    names = {socket.gethostname(), getpass.getuser()} - {"root", "localhost"}
    for path in _published():
        content = path.read_bytes().decode("utf-8", "replace")
        assert not (found := private.search(content)), f"{path}: {found}"
        assert not [name for name in names if len(name) > 3 and name in content], path


def test_published_runs_can_be_read_and_agree_with_their_predictions() -> None:
    runs = [path.parent for path in _published() if path.name == "run.json"]
    assert runs
    for folder in runs:
        run = Run(RunStore.open(folder))
        for record in run.records:
            assert record.measurements is not None
            costs = record.measurements.costs
            measured = costs.fit_seconds + costs.predict_first_seconds + costs.predict_seconds + costs.latency_seconds
            assert record.total_seconds - measured <= HARNESS_SECONDS
            predictions = run.store.predictions(record.trial)
            field = find_task(run.store.run.manifest.dataset.task).metric.field
            assert predictions.by_row.mean() == record.measurements.scores[field]


def test_the_readme_s_tables_are_those_of_the_published_runs(cli: CLI) -> None:
    tables = re.findall(r"<!-- table (\S+) -->\n```text\n(.*?)```\n", (ROOT / "README.md").read_text(), re.DOTALL)
    assert {name for name, _ in tables} == {"imdb", "banking77"}
    for name, text in tables:
        assert cli("show", str(ROOT / "results" / name), "--wide").stdout == text


def test_the_readme_s_tables_of_other_tasks_are_those_of_the_published_runs(cli: CLI) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tables = re.findall(r"<!-- tasks -->\n(\|.*?)\n\n", readme, re.DOTALL)
    assert tables
    for table in tables:
        header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")]
        for name, *cells in rows:
            folder = re.search(r"\((results/.+)\)", name)
            assert folder, name
            shown = json.loads(cli("show", str(ROOT / folder[1]), "--format", "json").stdout)
            metric = find_task(Run(RunStore.open(ROOT / folder[1])).store.run.manifest.dataset.task).metric
            models = {row["model"]: row for row in shown["models"]}
            traditional = sorted(
                (row for model, row in models.items() if model not in ("gru", "lstm")),
                key=lambda row: -metric.gain(row[metric.field]),
            )
            for heading, cell in zip(header[1:], cells, strict=True):
                if heading == "training rows":
                    continue
                model = {"best traditional": traditional[0]["model"], "second": traditional[1]["model"]}.get(heading)
                row = models[model or heading.strip("`").partition("`")[0]]
                score = f"{row[metric.field]:.3f}"
                interval = f" ({row[f'{metric.field}_low']:.3f} to {row[f'{metric.field}_high']:.3f})"
                assert cell == (f"`{model}` " if model else "") + score + (interval if "interval" in heading else ""), (
                    name
                )


def test_the_verdicts_on_claims_follow_from_the_published_runs(cli: CLI, tmp_path: Path) -> None:
    folder = ROOT / "results" / "claims"
    made = cli("claims", "report", "--output", str(folder), "--profile", "full", "--to", str(tmp_path))
    assert made.returncode == 0, made.stderr
    page = (folder / "full" / "claims.md").read_text(encoding="utf-8")
    assert (tmp_path / "claims.md").read_text(encoding="utf-8") == page
    (verdicts,) = re.findall(r"<!-- verdicts -->\n(.*?)<!-- /verdicts -->", (ROOT / "README.md").read_text(), re.DOTALL)
    assert verdicts.count("\n") > 3
    assert verdicts in page


def test_the_history_of_speed_has_training_and_inference_of_ten_commits_on_one_machine() -> None:
    history = ROOT / "results" / "asv"
    commits = {machine: [path.name[:8] for path in result_files(history, machine)] for machine in machines(history)}
    assert commits
    machine = max(commits, key=lambda name: len(commits[name]))
    both = [
        commit
        for commit in commits[machine]
        if {name.split("(")[0] for name, one in read_results(history, machine, commit).items() if one.value}
        >= {"recurrent.TrainGRU.time_8_steps", "recurrent.PredictGRU.time_1000_reviews"}
    ]
    assert len(both) >= 10
