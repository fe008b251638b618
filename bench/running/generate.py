"""Pieces that a model makes up: it is fitted and asked in a child process, so that the parent need not import it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import numpy as np

from bench.errors import BenchError, UsageError
from bench.generate.sample import generate
from bench.ragged import Int32Array
from bench.records import FileOptions, ModelInfo, Record
from bench.registry import load_factory
from bench.running.describe import describe
from bench.running.messages import ask_child, claim_channels, send
from bench.running.resources import limited_processors, processors
from bench.tasks import find_task


class Wanted(Record):
    """What the child process is asked."""

    model: ModelInfo
    dataset: str
    file: FileOptions
    n_steps: int
    seed: int
    temperature: float


def generate_pitches(
    model: str,
    dataset: str,
    *,
    file: FileOptions | None = None,
    n_steps: int = 64,
    seed: int = 0,
    temperature: float = 1.0,
    note: Callable[[str], None],
) -> Int32Array:
    """Fit a model to the training pieces of a dataset and let it make up a piece.

    Parameters
    ----------
    model, dataset : str
        Names, with or without parameters.
    file : FileOptions, optional
        How a file is read.
    n_steps : int
        Length of the piece.
    seed : int
        Of the fit and of the draws.
    temperature : float
        See :func:`bench.generate.sample.generate`.
    note : callable
        Called with each message for the user.

    Returns
    -------
    int32 array, shape (n_steps, width)
        MIDI numbers; 0 is a rest.

    Raises
    ------
    UsageError
        The dataset or the model is for another task, its tokens are no MIDI numbers, or the model fails.
    """
    from bench.datasets import find_source

    file = file or FileOptions()
    find_source(dataset, file, "next-event")
    (described,) = describe([model], "next-event")
    note(f"fitting {described.name} to the training pieces of {dataset}")
    wanted = Wanted(
        model=described,
        dataset=dataset,
        file=file,
        n_steps=n_steps,
        seed=seed,
        temperature=temperature,
    )
    with limited_processors(len(processors())):
        line, said = ask_child("bench.running.generate", wanted.model_dump_json())
    if not line.endswith(b"\n"):
        raise UsageError(f"{described.name} gave no piece; its process said:\n{said}")
    answer = json.loads(line)
    if "error" in answer:
        raise UsageError(answer["error"])
    return np.array(answer["pitches"], np.int32)


def make_up(wanted: Wanted) -> Int32Array:
    """Fit the model and return a piece, as :func:`generate_pitches`, in this process."""
    from bench.datasets import load_any
    from bench.datasets.base import RowsDataset

    data = load_any(wanted.dataset, file=wanted.file, task="next-event")
    assert isinstance(data, RowsDataset)
    pitches = read_pitches(data.symbol_names, wanted.dataset)
    random.seed(wanted.seed)
    np.random.seed(wanted.seed)
    model = load_factory(wanted.model.target, wanted.model.task)(**wanted.model.given)
    if wanted.model.seed_parameters:
        model.set_params(**dict.fromkeys(wanted.model.seed_parameters, wanted.seed))
    task = find_task("next-event")
    task.check_model(model)
    task.fit(model, data.draw(None, 0))
    X = data.X_train
    steps = generate(model, wanted.n_steps, X.width, X.n_symbols, wanted.seed, wanted.temperature, n_drawn=len(pitches))
    return pitches[steps]


def read_pitches(names: tuple[str, ...], dataset: str) -> Int32Array:
    """Return the MIDI number that each token's name is, 0 for a rest.

    >>> read_pitches(("rest", "36", "60"), "chorales").tolist()
    [0, 36, 60]

    Raises
    ------
    UsageError
        A name is no MIDI number.
    """
    pitches = [0 if name == "rest" else int(name) if name.isdecimal() else -1 for name in names]
    wrong = [name for name, pitch in zip(names, pitches, strict=True) if not 0 <= pitch < 128]
    if wrong or not names:
        shown = f"{wrong[0]!r}" if wrong else "without names"
        raise UsageError(f"the events of {dataset} are {shown}, expected MIDI numbers from 1 to 127, or 0 for a rest")
    return np.array(pitches, np.int32)


def main() -> None:
    """Read what is wanted, reply with the piece or an error."""
    parent, channel = claim_channels()
    wanted = Wanted.model_validate_json(parent.readline())
    try:
        pitches = make_up(wanted)
    except BenchError as error:
        send(channel, error=str(error))
    except Exception as error:  # a model may raise anything
        send(channel, error=f"{wanted.model.name} cannot make up a piece: {type(error).__name__}: {error}")
    else:
        send(channel, pitches=pitches.tolist())


if __name__ == "__main__":
    main()
