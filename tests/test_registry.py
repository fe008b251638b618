"""Names and parameters: from what a user writes to what is built."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.parameters import canonical, type_parameters
from bench.registry import MODELS, find, parse_reference, registered, split_names
from bench.running.describe import describe, describe_one

pytestmark = pytest.mark.usefixtures("toys")


def test_commas_inside_brackets_and_quotes_belong_to_the_parameters() -> None:
    assert split_names("gru, hmm[n_states=8,n_iter=5],m:C[a='x,]y',b=[1,2]]") == [
        "gru",
        "hmm[n_states=8,n_iter=5]",
        "m:C[a='x,]y',b=[1,2]]",
    ]
    assert parse_reference("m:C[a='x,]y',b=[1,2]]").parameters == {"a": "'x,]y'", "b": "[1,2]"}


class Annotated:
    def __init__(
        self, n: int, rate: float = 0.1, pooling: str = "last", layers: tuple[int, ...] = (1,), seed: int | None = None
    ) -> None: ...


class Defaults:
    def __init__(self, n=3, rate=0.5, flag=False, word="a", anything=None):  # type: ignore[no-untyped-def]
        """A constructor as many write it: its parameters have defaults and no types."""


@pytest.mark.parametrize(
    ("raw", "typed"),
    [
        ({"n": "3"}, {"n": 3}),
        ({"rate": "4"}, {"rate": 4.0}),
        ({"pooling": "max"}, {"pooling": "max"}),
        ({"pooling": '"max"'}, {"pooling": "max"}),
        ({"pooling": "5"}, {"pooling": "5"}),
        ({"layers": "[2, 3]"}, {"layers": (2, 3)}),
        ({"seed": "None"}, {"seed": None}),
        ({"seed": "7"}, {"seed": 7}),
    ],
)
def test_a_parameter_gets_the_type_of_its_annotation(raw: dict[str, str], typed: dict[str, object]) -> None:
    found = type_parameters("model", Annotated, raw)
    assert found == typed
    assert [type(value) for value in found.values()] == [type(value) for value in typed.values()]


@pytest.mark.parametrize(
    ("raw", "typed"),
    [
        ({"n": "4", "rate": "1", "flag": "true", "word": "b"}, {"n": 4, "rate": 1.0, "flag": True, "word": "b"}),
        ({"flag": "True"}, {"flag": True}),
        ({"anything": "1.5"}, {"anything": 1.5}),
        ({"anything": "text"}, {"anything": "text"}),
        ({"anything": "{a = 1}"}, {"anything": {"a": 1}}),
    ],
)
def test_else_that_of_its_default_else_that_of_the_literal(raw: dict[str, str], typed: dict[str, object]) -> None:
    assert type_parameters("model", Defaults, raw) == typed


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"n": "2.5"}, "parameter 'n' of model is '2.5', expected int"),
        ({"n": "true"}, "expected int"),
        ({"layers": "[a]"}, "expected tuple"),
        ({"seed": "x"}, "expected int or None"),
        ({"nn": "1"}, "did you mean n"),
    ],
)
def test_a_wrong_type_says_which_is_right(raw: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        type_parameters("model", Annotated, raw)


def test_objects_have_a_form_that_is_the_same_in_every_process() -> None:
    assert canonical({"a": (1, object())}) == {"a": [1, "<object object>"]}


def test_a_name_registered_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "rival-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rival\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[bench.models]\ngru = rival:GRU\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match="'gru' is registered twice"):
        find(MODELS, "gru")
    assert find(MODELS, "lstm").name == "lstm"
    assert [entry.name for entry in registered(MODELS)].count("gru") == 2


def test_a_description_holds_all_parameters_and_where_the_code_is_from() -> None:
    model = describe_one("toy-words[smoothing=2]")
    assert model.name == "toy-words[smoothing=2]"
    assert model.given == {"smoothing": 2.0}
    assert model.parameters == {"random_state": 0, "smoothing": 2.0}
    assert model.seed_parameters == ("random_state",)
    assert (model.package, model.package_version) == ("toys", "1.5")


def test_a_nested_seed_is_found() -> None:
    assert describe_one("toys:pipeline").seed_parameters == ("linearsvc__random_state",)


def test_a_module_that_breaks_on_import_is_the_users_to_mend(home: Path) -> None:
    (home / "broken.py").write_text("\nraise RuntimeError('no such device')")
    with pytest.raises(UsageError, match=r"RuntimeError: no such device \(broken.py, line 2\)"):
        describe(["broken:Model"])
    (home / "gone.py").write_text("import os\nos._exit(1)")
    with pytest.raises(UsageError, match="could not be imported"):
        describe(["gone:Model"])


def test_what_a_module_starts_on_import_holds_nothing_up(home: Path) -> None:
    (home / "busy.py").write_text(
        "import subprocess\nsubprocess.Popen(['sleep', '600'])\nclass Model:\n    def __init__(self, n: float = 1): ..."
    )
    start = time.monotonic()
    (model,) = describe(["busy:Model"])
    assert time.monotonic() - start < 100, "what it started sleeps for 600 seconds"
    assert model.parameters == {"n": 1.0}


def test_a_constructor_that_refuses_is_quoted(home: Path) -> None:
    (home / "picky.py").write_text(
        "class Model:\n    def __init__(self, n: int = 1):\n        raise ValueError('n is odd')"
    )
    with pytest.raises(UsageError, match="cannot be built: ValueError: n is odd"):
        describe(["picky:Model"])
