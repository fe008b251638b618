"""Each check finds what it is for, and says nothing of a run that is in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bench.records import MachineLoad, TextLengths
from bench.report.checks import CHECKS
from bench.report.content import gather
from bench.results.run import Run

MakeRun = Callable[..., Run]

SHORT = TextLengths(p10=0, p50=1, p90=2, mean=1.2, n_short=700, unknown_share=0.0)
LONG = TextLengths(p10=30, p50=60, p90=90, mean=60, n_short=0, unknown_share=0.25)
BUSY = MachineLoad(load_average=4.0, others_share=0.31, steal_share=0.0)


@pytest.fixture
def found(make_run: MakeRun) -> Callable[..., dict[str, str]]:
    """What the checks find in an invented run, by code."""

    def find(models: dict[str, dict[str, Any]], **options: Any) -> dict[str, str]:
        return {finding.code: finding.text for finding in gather([make_run(models, **options)], None).findings}

    return find


def test_a_run_in_order_has_nothing_to_remark(found: Callable[..., dict[str, str]]) -> None:
    assert found({"a": {"accuracy": 0.99}, "b": {"accuracy": 0.98}}, seeds=2) == {}


def test_checks_have_codes_of_their_own_and_advice() -> None:
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    assert all(check.title and check.advice for check in CHECKS)


def test_imdbs_repeated_texts_are_counted_and_accuracy_is_given_without_them(
    found: Callable[..., dict[str, str]],
) -> None:
    counts = {"n_repeated_train": 96, "n_repeated_test": 199, "n_two_label_texts": 2}
    seen = {"changes": {"n_test_seen": 123, "accuracy_unseen": 0.89}}
    findings = found({"a": {"accuracy": 0.9, "varies": False, **seen}}, dataset=counts)
    assert findings["D1"] == "96 training rows and 199 test rows repeat an earlier one."
    assert findings["D2"] == (
        "123 test rows have, of 2,000, a text that is in training too. Without them: a 0.8900 instead of 0.9000."
    )
    assert findings["D3"] == "2 texts have, in different rows, more than one label."


def test_unequal_classes(found: Callable[..., dict[str, str]]) -> None:
    findings = found({"a": {}}, dataset={"train_counts": (900, 100)})
    assert findings["D4"] == (
        "neg has 900 training rows and pos 100: answering neg always would reach an accuracy of 0.500."
    )


def test_lengths_unknown_words_and_texts_without_words(found: Callable[..., dict[str, str]]) -> None:
    assert "D5" in found({"a": {"changes": {"test_lengths": LONG}}}, name="longer")
    assert found({"a": {"changes": {"test_lengths": LONG}}}, name="unknown")["D6"].startswith("25% of the tokens")
    short = found({"a": {"changes": {"train_lengths": SHORT, "test_lengths": SHORT}}}, name="short")
    assert short["D7"] == ("1,400 of 3,000 texts have one token or none; a training text has 1.2 tokens on average.")


def test_labels_that_most_models_contradict(found: Callable[..., dict[str, str]]) -> None:
    same = {"accuracy": 0.97, "is_copy": True, "varies": False}
    findings = found({"a": same, "b": same, "c": same})
    assert findings["D8"] == (
        "More than half of the models, all with the same prediction, contradict the label of 60 test rows (3.0%); all "
        "of them do for 60."
    )
    assert "D8" not in found({"a": same, "b": same}, name="two"), "two models are too few"


def test_few_test_rows(found: Callable[..., dict[str, str]]) -> None:
    assert found({"a": {}}, n_test=90)["D9"] == (
        "With 90 test rows, an accuracy of 0.85 has an interval from 0.76 to 0.91."
    )


def test_data_that_no_model_could_learn_are_checked_all_the_same(found: Callable[..., dict[str, str]]) -> None:
    findings = found({"a": {"fails": "error: no"}}, dataset={"n_test_in_train": 7})
    assert findings["D2"] == "7 test rows have, of 2,000, a text that is in training too."


def test_a_model_that_saw_fewer_rows(found: Callable[..., dict[str, str]]) -> None:
    findings = found({"a": {"train_sizes": [100, 500]}, "b": {"train_sizes": [100]}}, seeds=2)
    assert findings["M1"] == "Not every model was trained on the same rows: b not on 500 training rows."


def test_one_seed_of_a_model_that_depends_on_it(found: Callable[..., dict[str, str]]) -> None:
    assert found({"a": {}, "b": {"varies": False}})["M2"] == "a: one seed each."


def test_a_busy_machine(found: Callable[..., dict[str, str]]) -> None:
    waiting = MachineLoad(load_average=7.5, others_share=0.0, steal_share=0.0)
    assert found({"a": {"changes": {"load": waiting}}}, name="waiting")["M3"] == (
        "Before a fit, 7.5 processes ran or waited for 2 processors on average."
    )
    findings = found({"a": {"changes": {"load": BUSY}}, "b": {}})
    assert findings["M3"] == (
        "While a learnt and predicted, other processes or the machine's host took up to 31% of the processors' time."
    )


def test_a_model_that_learnt_nothing_failures_and_warnings(found: Callable[..., dict[str, str]]) -> None:
    findings = found({"a": {"accuracy": 0.5}, "b": {"fails": "crashed: signal 9 (SIGKILL)"}})
    assert findings["M4"] == "a (0.500): answering one class always would reach 0.500."
    assert findings["M5"] == "b seed 0 (crashed: signal 9 (SIGKILL))."


def test_trials_that_have_not_run(found: Callable[..., dict[str, str]]) -> None:
    assert found({"a": {}, "b": {"varies": False}}, seeds=3, skip=[2])["M7"] == "a seed 2."


def test_warnings_come_before_notes(make_run: MakeRun) -> None:
    run = make_run({"a": {"accuracy": 0.5}}, dataset={"n_repeated_train": 5})
    assert [finding.severity for finding in gather([run], None).findings] == ["warning", "warning", "note"]
