"""The report's files: made from every kind of run, refused with a reason, never half written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import bench
from bench.api import load_run
from bench.errors import OutputError
from bench.report.make import make_report
from bench.results.run import Run
from bench.running.spec import repeat_command

MakeRun = Callable[..., Run]
Cli = Callable[..., subprocess.CompletedProcess[str]]

FULL = {
    "gru": {"accuracy": 0.9, "fit_seconds": 40.0},
    "logreg": {"accuracy": 0.88, "varies": False},
    "hmm": {"accuracy": 0.7},
    "svm": {"fails": "timed out: over the time limit of 3 s"},
}


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.suffix in (".html", ".md", ".svg")}


def test_a_report_has_every_part(make_run: MakeRun, cli: Cli) -> None:
    run = make_run(FULL, seeds=3)
    done = cli("report", str(run.path))
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == f"{run.path / 'report.html'} and report.md"
    assert len(done.stdout.splitlines()) == 4
    assert done.stdout.startswith("gru is the most accurate: it gets 90.0 % of 2,000 test texts right")
    page, text = ((run.path / name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))
    for part in ("table", "costs", "differences", "learning", "curves", "lengths", "confusion", "examples", "checks"):
        assert f'id="{part}"' in page, part
    for heading in (
        "Models",
        "Accuracy against cost",
        "Differences",
        "Learning over time",
        "Checks",
        "How to repeat it",
    ):
        assert f"## {heading}" in text, heading
    assert page.count("<svg") == len(list((run.path / "figures").glob("*.svg"))) == 5
    assert "timed out: over the time limit of 3 s" in page
    assert "bench run --models gru,logreg,hmm,svm --dataset invented --division closed --seeds 3 --threads 2" in page
    assert len(page) < 1_000_000


@pytest.fixture(scope="module")
def full_page(invent: Callable[[str], MakeRun]) -> Path:
    """The page of a report with every part."""
    return make_report([invent("full")(FULL, seeds=2)]).path


def test_a_page_needs_no_network_and_ids_are_unique(full_page: Path) -> None:
    page = full_page.read_text(encoding="utf-8")
    links = set(re.findall(r'(?:src|href|url\()\s*=?\s*["\']?(https?:[^"\')\s>]+)', page))
    assert links <= {"http://www.w3.org/1999/xlink"}
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


@pytest.mark.usefixtures("blank_figures")
def test_a_page_links_to_a_dashboard_where_there_is_one(make_run: MakeRun) -> None:
    run, link = make_run({"gru": {}, "svm": {}}), '<a href="speed/">Speed over time</a>'
    assert link not in make_report([run]).path.read_text()
    assert link in make_report([run], dashboard="speed/").path.read_text()


def test_figures_have_words_for_who_cannot_see_them(full_page: Path) -> None:
    paths = list((full_page.parent / "figures").glob("*.svg"))
    assert len(paths) == 5
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert re.search(r'role="img" aria-labelledby="\S+-title \S+-alt"', text)
        assert re.search(r"<desc [^>]*>[^<]{30,}</desc>", text)
        assert text.startswith("<svg")


@pytest.mark.usefixtures("blank_figures")
def test_several_training_sizes_have_a_figure_and_a_column(make_run: MakeRun) -> None:
    sizes = {"train_sizes": [100, 500]}
    page = make_report([make_run({"a": sizes, "b": sizes}, seeds=2)]).path.read_text(encoding="utf-8")
    assert 'id="sizes"' in page
    assert "training rows</button>" in page


def test_a_run_with_only_failures_still_has_a_report(make_run: MakeRun, cli: Cli) -> None:
    run = make_run({"a": {"fails": "crashed: signal 11 (SIGSEGV)"}, "b": {"fails": "error: no luck"}})
    assert cli("report", str(run.path)).returncode == 0
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "Nothing was measured" in page
    assert "crashed: signal 11 (SIGSEGV)" in page
    assert _files(run.path) == {"report.html", "report.md"}


def test_a_run_that_has_only_begun_has_a_report_too(make_run: MakeRun) -> None:
    page = make_report([make_run(FULL, seeds=2, skip=[0, 1])]).path.read_text(encoding="utf-8")
    assert "no trial has ended" in page
    assert "bench run --resume made" in page


@pytest.mark.usefixtures("blank_figures")
def test_scores_that_are_no_probabilities_have_no_reliability_and_say_so(make_run: MakeRun) -> None:
    page = make_report([make_run({"a": {}, "b": {}}, are_probabilities=False)]).path.read_text(encoding="utf-8")
    assert "Expected calibration errors: not defined" in page


def test_of_many_classes_the_commonest_confusions_are_drawn(make_run: MakeRun) -> None:
    names = [f"class {i} with a long name that is cut {'x' * 40}" for i in range(77)]
    page = make_report([make_run({"a": {}, "b": {}}, class_names=names, n_test=400)]).path.read_text(encoding="utf-8")
    assert "With 77 classes, the commonest confusions of a" in page
    assert 'id="curves"' in page


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_odd_numbers_and_names_are_drawn_without_a_warning(make_run: MakeRun, accuracy: float) -> None:
    no_cost = {"fit_seconds": 1e-9, "latency_p50_ms": 0.0, "peak_memory_mb": 0.0, "n_parameters": None}
    models = {f"model {i} {'n' * 300}": {"accuracy": accuracy, "changes": no_cost} for i in range(10)}
    run = make_run(models, class_names=["خبر", "新闻 🎬", "x" * 60], n_test=30)
    page = make_report([run]).path.read_text(encoding="utf-8")
    assert ("takes no class for another" in page) == (accuracy == 1.0)


@pytest.mark.usefixtures("blank_figures")
def test_what_an_older_run_does_not_hold_is_said(make_run: MakeRun) -> None:
    counts = ("n_repeated_train", "n_repeated_test", "n_two_label_texts", "n_test_in_train")
    page = make_report([make_run({"a": {}}, dataset=dict.fromkeys(counts))]).path.read_text(encoding="utf-8")
    assert "made before schema 4" in page


@pytest.mark.usefixtures("blank_figures")
def test_ten_seeds_show_the_probability_of_outperforming(make_run: MakeRun) -> None:
    models = {"a": {"accuracy": 0.9, "spread": 0.002}, "b": {"accuracy": 0.8, "spread": 0.002}}
    page = make_report([make_run(models, seeds=10)]).path.read_text(encoding="utf-8")
    assert "P 1.00 (0.72 to 1.00, meaningful)" in page
    assert "P 0.00 (0.00 to 0.28)" in page


@pytest.mark.usefixtures("blank_figures")
def test_several_runs_stand_side_by_side_in_a_folder_beside_them(make_run: MakeRun, cli: Cli) -> None:
    first, second = make_run(FULL, name="one"), make_run({"gru": {"accuracy": 0.92}}, name="two")
    assert cli("report", str(first.path), str(second.path)).returncode == 0
    page = (first.path.parent / "report-one-two" / "report.html").read_text(encoding="utf-8")
    assert "gru (one)" in page
    assert "gru (two)" in page
    assert not (first.path / "report.html").exists()


@pytest.mark.usefixtures("blank_figures")
def test_to_names_the_folder(make_run: MakeRun, cli: Cli, home: Path) -> None:
    run = make_run(FULL)
    assert cli("report", str(run.path), "--to", "elsewhere").returncode == 0
    assert "report.html" in _files(home / "elsewhere")
    assert not _files(run.path)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"dataset": {"digest": "e" * 64}}, "their data differ, invented (dddddddddddd…, 1,000 + 2,000 rows)"),
        ({"spec": {"division": "open"}}, "one is in the closed division and one in the open"),
    ],
)
@pytest.mark.parametrize("command", ["report", "compare"])
def test_runs_that_cannot_be_compared_are_refused_with_the_reason(
    make_run: MakeRun, cli: Cli, command: str, other: dict[str, object], reason: str
) -> None:
    first, second = make_run({"a": {}}, name="one"), make_run({"a": {}}, name="two", **other)
    done = cli(command, str(first.path), str(second.path))
    assert done.returncode == 2
    assert f"runs 'one' and 'two' cannot be compared: {reason}" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not _files(first.path.parent)


@pytest.mark.usefixtures("blank_figures")
def test_predictions_that_are_missing_or_of_other_rows_are_named_and_nothing_is_overwritten(
    make_run: MakeRun, cli: Cli
) -> None:
    run = make_run({"a": {}, "b": {}})
    make_report([run])
    before = (run.path / "report.html").read_bytes()
    (path, other) = sorted((run.path / "predictions").glob("*.parquet"))
    whole = path.read_bytes()
    table = pq.ParquetFile(path).read()
    for break_it, said in (
        (lambda: path.unlink(), "cannot be read"),
        (lambda: path.write_bytes(whole[:100]), "cannot be read"),
        (lambda: pq.write_table(table.slice(0, 10), path), "are of other rows than the run's 2,000 test rows"),
        (lambda: pq.write_table(table.take(list(range(1999, -1, -1))), path), "are of other rows"),
        (lambda: pq.write_table(table.drop_columns(["label"]), path), "lack their columns"),
    ):
        break_it()
        done = cli("report", str(run.path))
        assert done.returncode == 2
        assert str(path) in done.stderr
        assert said in done.stderr
        assert f"bench run --resume {run.path} makes them again" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert (run.path / "report.html").read_bytes() == before
    assert other.exists()


def test_a_folder_that_is_no_run_damaged_or_of_a_newer_schema_is_named(make_run: MakeRun, cli: Cli, home: Path) -> None:
    done = cli("report", "nothing-here")
    assert done.returncode == 2
    assert "no run at results/nothing-here" in done.stderr
    file = make_run({"a": {}}).path / "run.json"
    content = json.loads(file.read_text())
    for broken, said in (('{"schema_version": 99}', "schema version 99"), (file.read_text()[:50], "is damaged")):
        file.write_text(broken)
        done = cli("report", str(file.parent))
        assert done.returncode == 2
        assert said in done.stderr
        assert str(file) in done.stderr
    assert content
    assert not _files(home)


@pytest.mark.usefixtures("blank_figures")
def test_a_run_whose_name_leaves_its_folder_is_refused(make_run: MakeRun, cli: Cli, home: Path) -> None:
    runs = [make_run({"a": {}}, name=name).path for name in ("one", "two")]
    file = runs[0] / "run.json"
    file.write_text(file.read_text().replace('"name": "one"', '"name": "x/../../outside"'))
    done = cli("report", *map(str, runs))
    assert done.returncode == 2
    assert "a run cannot be named 'x/../../outside'" in done.stderr
    assert not list(runs[0].parent.parent.glob("outside*"))


def test_a_folder_that_cannot_be_written_is_named(make_run: MakeRun, cli: Cli, home: Path) -> None:
    (home / "file").write_text("in the way")
    done = cli("report", str(make_run({"a": {}}).path), "--to", "file")
    assert done.returncode == 2
    assert done.stderr.startswith("bench: cannot write the report file")


@pytest.mark.usefixtures("blank_figures")
def test_files_of_the_user_beside_a_report_stay(make_run: MakeRun, cli: Cli, home: Path) -> None:
    run = make_run({"a": {}})
    (home / "docs" / "figures").mkdir(parents=True)
    (home / "docs" / "figures" / "mine.svg").write_text("<svg/>")
    assert cli("report", str(run.path), "--to", "docs").returncode == 0
    assert cli("report", str(run.path), "--to", "docs").returncode == 0, "its own page is made again"
    assert (home / "docs" / "figures" / "mine.svg").exists()
    (home / "docs" / "report.html").write_text("<h1>another report</h1>")
    done = cli("report", str(run.path), "--to", "docs")
    assert done.returncode == 2
    assert "docs/report.html was not made by bench and is left as it is; name another folder with --to" in done.stderr
    assert (home / "docs" / "report.html").read_text() == "<h1>another report</h1>"


@pytest.mark.usefixtures("blank_figures")
def test_predictions_of_another_order_of_rows_are_not_set_beside_the_others(make_run: MakeRun) -> None:
    run = make_run({"a": {}, "b": {}})
    path = run.store.predictions_path(run.records[1].trial)
    table = pq.ParquetFile(path).read()
    turned = table.take(list(range(1999, -1, -1))).set_column(0, "row", table["row"])
    pq.write_table(turned, path)
    with pytest.raises(OutputError, match=f"the predictions {path} are of other rows than those of a seed 0"):
        make_report([load_run(run.path)])


def test_the_settings_of_the_callers_matplotlib_neither_matter_nor_change(make_run: MakeRun) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"text.usetex": True, "lines.linewidth": 7}):
        backend = mpl.rcParams._get("backend")
        make_report([make_run({"a": {}, "b": {}})])
        assert mpl.rcParams["text.usetex"]
        assert mpl.rcParams["lines.linewidth"] == 7
        assert mpl.rcParams._get("backend") == backend


@pytest.mark.usefixtures("toys")
def test_a_report_that_cannot_be_made_loses_no_run(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr("bench.report.content.draw_all", fail)
    done = cli("run", "--models", "toy-words", "--dataset", "toy", "--name", "t", "--report")
    assert done.returncode == 0
    assert "no report, RuntimeError: no ink; all that was measured is kept: bench report t tries again" in done.stderr
    assert "report in" not in done.stderr
    assert (home / "results" / "t" / "summary.csv").exists()


def test_the_command_to_repeat_a_run_names_what_was_asked(make_run: MakeRun) -> None:
    spec = {"file": {"text_column": "title,the text", "header": False, "separator": ";"}, "show_texts": False}
    run = make_run({"a": {}}, spec=spec)
    assert repeat_command(run.store.run) == (
        "bench run --models a --dataset invented --division closed --seeds 1 --threads 2 --no-texts --text-column "
        "'title,the text' --no-header --separator ';'"
    )


@pytest.mark.usefixtures("blank_figures")
@pytest.mark.usefixtures("toys")
def test_a_run_writes_its_report_with_texts_and_no_texts_leaves_them_out(cli: Cli, home: Path) -> None:
    models = "toy-words[smoothing=0.5],toys:Plain[smoothing=200.0],toys:Wrong[how=nan]"
    done = cli("run", "--models", models, "--dataset", "toy", "--name", "t", "--report")
    assert done.returncode == 1, "one model fails"
    assert "saved in results/t, report in results/t/report.html" in done.stderr
    assert " test texts right (95 % interval" in done.stdout, "the answer is printed under the table"
    report = home / "results" / "t" / "report.html"
    assert "<blockquote>" in report.read_text(encoding="utf-8")
    assert cli("report", "t", "--no-texts").returncode == 0
    assert "<blockquote>" not in report.read_text(encoding="utf-8")
    assert "their words are left out" in report.read_text(encoding="utf-8")


@pytest.fixture
def unequal(
    toys: Path, home: Path, tmp_path_factory: pytest.TempPathFactory, described_here: None
) -> Callable[[str], Path]:
    """Copy a finished run of two models that answer differently to a name: its folder."""
    made = tmp_path_factory.getbasetemp() / "unequal"

    def copy(name: str) -> Path:
        if not made.exists():
            models = "toy-words[smoothing=0.5],toys:Plain[smoothing=200.0]"
            bench.run(models, dataset="toy", output=made, name=name, report=False)
        return Path(shutil.copytree(made / name, home / "results" / name))

    return copy


@pytest.mark.usefixtures("blank_figures")
@pytest.mark.usefixtures("toys")
def test_resume_can_hide_texts(cli: Cli, home: Path, unequal: Callable[[str], Path]) -> None:
    unequal("t")
    assert cli("run", "--resume", "t", "--no-texts", "--report").returncode == 0
    assert "their words are left out" in (home / "results" / "t" / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("blank_figures")
@pytest.mark.usefixtures("toys")
def test_data_that_are_not_at_hand_leave_the_words_out_and_say_why(
    cli: Cli, home: Path, unequal: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    unequal("t")
    monkeypatch.setenv("TOY_VERSION", "2")
    assert cli("report", "t").returncode == 0
    page = (home / "results" / "t" / "report.html").read_text(encoding="utf-8")
    assert "<blockquote>" not in page
    assert "Examples have no words here: dataset toy has the digest" in page


@pytest.mark.usefixtures("blank_figures")
@pytest.mark.usefixtures("toys")
def test_a_run_without_texts_keeps_them_out_of_later_reports(cli: Cli, home: Path) -> None:
    (home / "spec.toml").write_text(
        'dataset = "toy"\nno-texts = true\nmodels = "toy-words,toys:Plain[smoothing=200.0]"'
    )
    cli("run", "--spec", "spec.toml", "--name", "t")
    assert load_run("t").store.run.spec.show_texts is False
    assert cli("report", "t").returncode == 0
    assert "<blockquote>" not in (home / "results" / "t" / "report.html").read_text(encoding="utf-8")
