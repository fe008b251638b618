"""``bench claims``: what a user can do wrong, and what claims of a third party can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CLI = Callable[..., "CompletedProcess[str]"]


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
    for arguments in (["run"], ["run", "broken"], ["run", "nonlinearity"], ["list"]):
        done = cli("claims", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("Planless", 2, "claim planless has no plan: ValidationError"),
        ("Returnless", 2, "claim returnless has no plan: it is None; expected a Plan"),
        ("Contrastless", 2, "claim contrastless has no contrast that could be judged"),
        ("Unknown", 2, "unknown dataset 'imbd': did you mean imdb?"),
        ("Absent", 3, "claim absent runs on banking77, which is not available"),
    ],
)
def test_a_plan_that_cannot_be_run_is_refused_before_anything_is_written(
    install: Callable[..., None], cli: CLI, home: Path, name: str, code: int, said: str
) -> None:
    install("smooth", **{name.lower(): f"claimed:{name}"})
    done = cli("claims", "run", "smooth", name.lower())
    assert done.returncode == code
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
    for arguments in (["run", "smooth", "--resume"], ["run", "nonlinearity"], ["report"], ["show", "smooth"], ["list"]):
        done = cli("claims", *arguments)
        assert done.returncode == 2
        assert "holds version 0 of the claim smooth, here is version 1" in done.stderr
        assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in file.parent.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("declared", "changed"),
    [
        ('"seeds": 2', '"seeds": 3'),
        ('"it does not."', '"it does."'),
        ("toy-words[smoothing=1000000]", "toy-words[smoothing=7]"),
    ],
)
def test_what_is_not_what_was_declared_is_refused(
    install: Callable[..., None], cli: CLI, home: Path, declared: str, changed: str
) -> None:
    install("smooth")
    assert cli("claims", "run", "smooth").returncode == 0
    file = home / "results" / "claims" / "quick" / "smooth" / "claim.json"
    content = file.read_text()
    assert declared in content
    file.write_text(content.replace(declared, changed))
    done = cli("claims", "run", "smooth", "--resume")
    assert done.returncode == 2
    assert (
        "claim smooth is not what results/claims/quick/smooth/claim.json declared before its trials ran" in done.stderr
    )
    assert file.read_text() == content.replace(declared, changed)


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
    assert cli("claims", "run", "smooth", "--output", "mine").returncode == 0
    for output, arguments in (("results/claims", ["run", "smooth"]), ("out", ["publish", "out", "--output", "mine"])):
        folder = home / output / "quick" / "smooth"
        folder.mkdir(parents=True)
        (folder / "thesis.txt").write_text("mine")
        done = cli("claims", *arguments)
        assert done.returncode == 2
        assert "holds something, but no claim.json" in done.stderr
        assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tableless", "figures or tables of claim tableless cannot be made: KeyError: 'no such model'"),
        ("figureless", "figures or tables of claim figureless cannot be made: AttributeError"),
    ],
)
def test_a_claim_that_cannot_show_its_results_is_named_and_no_page_is_written(
    install: Callable[..., None], cli: CLI, home: Path, name: str, said: str
) -> None:
    install(name)
    assert cli("claims", "run", name).returncode == 0
    for arguments in (["report", "--to", "page"], ["publish", "page"]):
        done = cli("claims", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (home / "page").exists()
