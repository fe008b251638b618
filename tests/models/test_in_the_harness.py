"""The built-in models as a run meets them: each in a worker of its own, bound to one processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bench
from bench.datasets import load_dataset
from bench.errors import OutputError
from bench.running.predict import predict
from bench.testing import check_model

NAMES = ("gru", "lstm", "hmm", "logreg", "naive-bayes")


def test_every_model_keeps_to_one_processor_and_answers_the_same_twice() -> None:
    network = "[units=8,embedding_size=8,max_epochs=2]"
    small = {"gru": network, "lstm": network, "hmm": "[n_states=2]"}
    models = [name + small.get(name, "") for name in NAMES]
    first, second = (
        bench.run(models, dataset="rotten-tomatoes", train_size=400, threads=1, report=False) for _ in range(2)
    )
    for once, again in zip(first.records, second.records, strict=True):
        assert once.status == "ok", once.reason
        assert once.measurements is not None
        costs = once.measurements.costs
        assert costs.fit_cpu_seconds <= costs.fit_seconds * 1.1 + 0.02, "processor time is counted in hundredths"
        assert first.predictions(once.trial.id).equals(second.predictions(again.trial.id))
    gru = next(record for record in first.records if record.trial.model.target == "gru")
    assert gru.history[0]["step"] == 1
    assert gru.measurements is not None
    assert gru.measurements.costs.n_rows_seen == 380 * len(gru.history)


def test_every_model_keeps_the_contract_that_others_are_held_to(name: str, model: Any) -> None:
    check_model(model)


def test_a_kept_network_answers_in_a_process_of_its_own_and_one_that_diverges_is_a_failed_row(tmp_path: Path) -> None:
    diverges = "gru[units=4,embedding_size=4,learning_rate=1e39]"
    models = ["gru[units=4,embedding_size=4,max_epochs=1]", "logreg", diverges]
    options: dict[str, Any] = {"dataset": "rotten-tomatoes", "train_size": 200, "division": "open"}
    run = bench.run(models, **options, save_models=True, output=tmp_path, name="kept", report=False)
    *good, diverged = run.records
    assert diverged.status == "error", "a network that diverges is a failed row"
    assert diverged.measurements is None
    assert str(diverged.reason).startswith("FloatingPointError: diverged in epoch 1: the loss is")
    texts = load_dataset("rotten-tomatoes").test.texts[:50]
    for record in good:
        expected = run.predictions(record.trial.id)["pos"].iloc[:50]
        answers = predict(f"kept/{record.trial.id}", texts, tmp_path)
        assert [scores[1] for scores in answers.scores] == pytest.approx(expected.tolist(), abs=1e-5)
    network = next(tmp_path.glob("kept/models/gru*/model/network.keras"))
    network.write_bytes(network.read_bytes()[:1000])
    with pytest.raises(OutputError, match=r"network\.keras"):
        predict(f"kept/{good[0].trial.id}", texts, tmp_path)
