"""Answers of a saved model to new texts, from a child process: it imports the model, so that the parent need not."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import BenchError, OutputError, UsageError
from bench.records import ModelInfo, Record, TrialRecord
from bench.results.saved_models import load_model
from bench.results.store import RUN_FILE, RunStore, find_run
from bench.running.messages import ask_child, claim_channels, send
from bench.tasks.classification import predict_scores


class Question(Record):
    """What the child process is asked."""

    path: str
    model: ModelInfo
    n_classes: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class TextPredictions:
    """A model's predictions for new texts.

    Parameters
    ----------
    texts : sequence of str
    class_names : sequence of str
    scores : list of list of float, shape (n_texts, n_classes)
        Probabilities where ``are_probabilities``, else scores: larger is likelier.
    are_probabilities : bool
    """

    texts: Sequence[str]
    class_names: Sequence[str]
    scores: list[list[float]]
    are_probabilities: bool

    def rows(self) -> list[dict[str, Any]]:
        """One per text: the text, its class, and the score of each class."""
        kind = "probability" if self.are_probabilities else "score"
        return [
            {
                "text": text,
                "class": self.class_names[scores.index(max(scores))],
                **{f"{kind} of {name}": score for name, score in zip(self.class_names, scores, strict=True)},
            }
            for text, scores in zip(self.texts, self.scores, strict=True)
        ]


def predict(trial: str, texts: Sequence[str], output: Path) -> TextPredictions:
    """Let the model of a trial predict.

    Parameters
    ----------
    trial : str
        RUN/TRIAL: a run's name or folder, and a trial's id or the beginning of one.
    texts : sequence of str
    output : Path
        The folder that holds runs.

    Raises
    ------
    UsageError
        There is no such trial, it failed, or its run saved no models.
    OutputError
        The run or the saved model is damaged, or was written by a newer version.
    """
    store, record = find_trial(trial, output)
    path = store.model_path(record.trial)
    if not path.is_dir():
        raise UsageError(_why_no_model(store, record))
    class_names = store.run.manifest.dataset.class_names
    question = Question(path=str(path), model=record.trial.model, n_classes=len(class_names), texts=tuple(texts))
    line, said = ask_child("bench.running.predict", question.model_dump_json())
    if not line.endswith(b"\n"):  # none, or a part of one
        raise OutputError(f"the saved model {path} gave no answer; its process said:\n{said}")
    answer = json.loads(line)
    if "error" in answer:
        raise OutputError(answer["error"])
    return TextPredictions(texts, class_names, answer["scores"], answer["are_probabilities"])


def find_trial(trial: str, output: Path) -> tuple[RunStore, TrialRecord]:
    """Return a trial whose model answers to texts, and its run.

    Raises
    ------
    UsageError
        There is no such trial, it failed, or it is of another task.
    """
    run_name, slash, trial_id = trial.rstrip("/").rpartition("/")
    if not slash:
        raise UsageError(f"{trial!r} names no trial; expected RUN/TRIAL, such as {trial}/gru-s0")
    store = RunStore.open(find_run(run_name, output))
    record = store.find_trial(trial_id)
    if record.status != "ok":
        raise UsageError(f"trial {trial_id!r} failed ({record.reason}): it has no model; choose another")
    if (task := record.trial.model.task) != "classification":
        raise UsageError(f"trial {trial_id!r} is of the task {task}; bench predict answers to texts alone")
    return store, record


def _why_no_model(store: RunStore, record: TrialRecord) -> str:
    begin = f"run {store.run.name!r} has no model of {record.trial.label}"
    if record.measurements and record.measurements.is_saved:
        return f"{begin}: its folder is gone; bench run --resume {store.path} makes it again"
    if record.trial.model.is_instance:
        return f"{begin}: it was given as an object, which no name finds again; give its class as module:Class"
    if store.run.spec.save_models:
        said = [warning for warning in record.warnings if "kept" in warning or "saved" in warning]
        return f"{begin}: {said[0] if said else 'it could not be saved'}"
    return (
        f"{begin}; this makes a run that has: "
        f"bench run --spec {store.path / RUN_FILE} --models '{record.trial.model.name}' --save-models"
    )


def main() -> None:
    """Read a question, reply with the scores or an error."""
    parent, channel = claim_channels()
    with os.fdopen(os.dup(parent.fileno()), "rb") as buffered:  # texts are many bytes to read one by one
        question = Question.model_validate_json(buffered.readline())
    try:
        model, encoder = load_model(Path(question.path), question.model)
        assert encoder is not None, "only models of texts are asked"
        scores, are_probabilities = predict_scores(model, encoder.encode(question.texts), question.n_classes)
    except BenchError as error:
        send(channel, error=str(error))
    except Exception as error:  # a model may raise anything
        send(channel, error=f"the saved model {question.path} cannot answer: {type(error).__name__}: {error}")
    else:
        send(channel, scores=scores.tolist(), are_probabilities=are_probabilities)


if __name__ == "__main__":
    main()
