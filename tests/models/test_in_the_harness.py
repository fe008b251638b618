"""The built-in models as a run meets them: each in a worker of its own, bound to one processor."""

from __future__ import annotations

from typing import Any

import bench
from bench.testing import check_model

NAMES = ("gru", "lstm", "hmm", "logreg", "naive-bayes")


def test_every_model_keeps_to_one_processor_and_answers_the_same_twice() -> None:
    small = {"gru": "[units=8,embedding_size=8]", "lstm": "[units=8,embedding_size=8]", "hmm": "[n_states=2]"}
    models = [name + small.get(name, "") for name in NAMES]
    first, second = (bench.run(models, dataset="rotten-tomatoes", train_size=2000, threads=1) for _ in range(2))
    for once, again in zip(first.records, second.records, strict=True):
        assert once.status == "ok", once.reason
        assert once.measurements is not None
        assert once.measurements.fit_cpu_seconds <= once.measurements.fit_seconds * 1.1
        assert first.predictions(once.trial.id).equals(second.predictions(again.trial.id))
    gru = next(record for record in first.records if record.trial.model.target == "gru")
    assert gru.history[0]["step"] == 1
    assert gru.measurements is not None
    assert gru.measurements.n_rows_seen == 1900 * len(gru.history)


def test_every_model_keeps_the_contract_that_others_are_held_to(name: str, model: Any) -> None:
    check_model(model)
