"""Plans: which trials a run has, and which rows train in each."""

from __future__ import annotations

from typing import Any

import pytest

from bench.errors import UsageError
from bench.plan import plan
from bench.records import DatasetInfo, ModelInfo, RunSpec, Trial, TrialRecord

DATA = DatasetInfo(
    name="toy",
    digest="d1",
    origin="made up",
    n_train=100,
    n_test=10,
    class_names=("a", "b"),
    train_counts=(90, 10),
    test_counts=(5, 5),
)
SEEDED = ModelInfo(name="net", target="net", parameters={"random_state": 0}, seed_parameters=("random_state",))
FIXED = ModelInfo(name="linear[C=2]", target="linear", given={"C": 2.0}, parameters={"C": 2.0})


def _trials(**options: object) -> list[Trial]:
    return plan(RunSpec.model_validate(options), [SEEDED, FIXED], DATA)


def _ended(trial: Trial, digest: str | None, status: str = "ok") -> TrialRecord:
    return TrialRecord.model_validate(
        {
            "trial": trial,
            "status": status,
            "started_at": "2026-01-02T03:04:05+00:00",
            "total_seconds": 1.0,
            "threads": 1,
            "time_limit_seconds": None,
            "memory_limit_mb": None,
            "predictions_sha256": digest,
        }
    )


def test_a_model_that_takes_a_seed_runs_once_a_seed_and_another_twice() -> None:
    assert [(t.model.name, t.seed) for t in _trials(seeds=4)] == [
        ("net", 0),
        ("linear[C=2]", 0),
        ("net", 1),
        ("linear[C=2]", 1),
        ("net", 2),
        ("net", 3),
    ]
    assert [t.model.name for t in _trials(seeds=1)] == ["net", "linear[C=2]"]


def test_a_model_that_takes_no_seed_and_predicts_differently_the_second_time_runs_with_all_seeds() -> None:
    spec = RunSpec.model_validate({"seeds": 4})
    first, second = plan(spec, [FIXED], DATA)
    for records, n_trials in [
        ([_ended(first, "a")], 2),
        ([_ended(first, "a"), _ended(second, "a")], 2),
        ([_ended(first, "a"), _ended(second, "b")], 4),
        ([_ended(first, "a"), _ended(second, None, "crashed")], 2),
    ]:
        assert len(plan(spec, [FIXED], DATA, records)) == n_trials
    older = _ended(first, None)
    assert plan(spec, [FIXED], DATA, [older]) == [first, second], "an older run did not ask whether it is deterministic"
    assert plan(spec, [FIXED], DATA, [older, _ended(second, "a")]) == [first, second]


def test_a_model_runs_once_a_drawn_subset() -> None:
    assert [(t.model.name, t.seed, t.train_size) for t in _trials(seeds=2, train_size=(50, 100))] == [
        ("net", 0, 50),
        ("linear[C=2]", 0, 50),
        ("net", 1, 50),
        ("linear[C=2]", 1, 50),
        ("net", 0, None),
        ("linear[C=2]", 0, None),
        ("net", 1, None),
        ("linear[C=2]", 1, None),
    ]


def test_the_identity_is_model_data_division_seed_and_size() -> None:
    base = _trials()[1]
    changes: list[dict[str, Any]] = [
        {"model": FIXED.model_copy(update={"parameters": {"C": 3.0}})},
        {"dataset_digest": "d2"},
        {"division": "open"},
        {"seed": 1},
        {"train_size": 50},
    ]
    ids = {base.model_copy(update=change).id for change in changes} | {base.id}
    assert len(ids) == 6
    same = base.model_copy(update={"model": FIXED.model_copy(update={"name": "linear", "given": {}, "package": "x"})})
    assert same.id == base.id, "how it was written, and its version, are no part of it"


def test_two_instances_of_one_class_are_two_trials() -> None:
    models = [ModelInfo(name=n, target="instance", source_sha256="s", parameters={"repr": "A()"}) for n in ("x", "y")]
    assert len({t.id for t in plan(RunSpec(), models, DATA)}) == 2


def test_too_many_or_too_few_rows_are_refused() -> None:
    for size in (101, 1):
        with pytest.raises(UsageError, match=f"--train-size {size} cannot be drawn from toy"):
            _trials(train_size=(size,))
