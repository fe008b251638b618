"""The built-in models as a run meets them: each in a worker of its own, bound to one processor."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

import bench
from bench import Run
from bench.datasets import load_dataset
from bench.errors import OutputError
from bench.results.saved_models import load_model
from bench.running.predict import predict
from bench.testing import check_model

NETWORK = "[units=8,embedding_size=8,max_epochs=2]"
MODELS = (f"gru{NETWORK}", f"lstm{NETWORK}", "hmm[n_states=2]", "logreg", "naive-bayes")
OPTIONS: dict[str, Any] = {"dataset": "rotten-tomatoes", "train_size": 400, "threads": 1, "report": False}


@pytest.fixture(scope="module")
def finished_run(
    describe_here: Callable[[], AbstractContextManager[None]], tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """A run of every model on one processor that saved them."""
    with describe_here():
        return bench.run(MODELS, **OPTIONS, save_models=True, output=tmp_path_factory.mktemp("run"), name="kept")


def test_every_model_keeps_to_one_processor(finished_run: Run) -> None:
    assert len(finished_run.records) == 5
    for record in finished_run.records:
        assert record.status == "ok", record.reason
        assert record.measurements is not None
        costs = record.measurements.costs
        assert costs.fit_cpu_seconds <= costs.fit_seconds * 1.1 + 0.02, "processor time is counted in hundredths"
    gru = next(record for record in finished_run.records if record.trial.model.target == "gru")
    assert gru.history[0]["step"] == 1
    assert gru.measurements is not None
    assert gru.measurements.costs.n_rows_seen == 380 * len(gru.history)


@pytest.mark.usefixtures("described_here")
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("gru", "hmm"), id="the-main-models"),
        pytest.param(("lstm", "logreg", "naive-bayes"), id="the-others", marks=pytest.mark.slow),
    ],
)
def test_models_answer_the_same_in_a_second_run(names: tuple[str, ...], finished_run: Run) -> None:
    once = [record for record in finished_run.records if record.trial.model.target in names]
    second = bench.run([record.trial.model.name for record in once], **OPTIONS)
    assert len(once) == len(second.records) == len(names)
    for record in once:
        assert second.predictions(record.trial.id).equals(finished_run.predictions(record.trial.id))


def test_every_model_keeps_the_contract_that_others_are_held_to(name: str, model: Any) -> None:
    check_model(model)


def test_a_kept_network_answers_in_a_process_of_its_own(finished_run: Run) -> None:
    texts = load_dataset("rotten-tomatoes").test.texts[:50]
    for record in finished_run.records:
        if record.trial.model.target in ("gru", "logreg"):
            expected = finished_run.predictions(record.trial.id)["pos"].iloc[:50]
            answers = predict(f"kept/{record.trial.id}", texts, finished_run.path.parent)
            assert [scores[1] for scores in answers.scores] == pytest.approx(expected.tolist(), abs=1e-5)


def test_a_kept_network_whose_file_is_cut_short_is_named(finished_run: Run, tmp_path: Path) -> None:
    (gru,) = (record.trial for record in finished_run.records if record.trial.model.target == "gru")
    folder = Path(shutil.copytree(finished_run.path / "models" / gru.id, tmp_path / "cut"))
    load_model(folder, gru.model)
    network = folder / "model" / "network.keras"
    network.write_bytes(network.read_bytes()[:1000])
    with pytest.raises(OutputError, match=r"network\.keras"):
        load_model(folder, gru.model)


@pytest.mark.slow
def test_a_network_that_diverges_is_a_failed_row() -> None:
    (record,) = bench.run(
        "gru[units=4,embedding_size=4,learning_rate=1e39]", dataset="rotten-tomatoes", train_size=200, report=False
    ).records
    assert record.status == "error"
    assert record.measurements is None
    assert str(record.reason).startswith("FloatingPointError: diverged in epoch 1: the loss is")
