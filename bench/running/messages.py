"""How the harness talks to its child processes: JSON lines, in on standard input, out on what was standard output."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from bench.records import Record
from bench.running.engines.base import Job
from bench.running.resources import THREAD_VARIABLES

PYTHON = (sys.executable, "-P", "-m")
"""``-P`` keeps the current folder from shadowing the installed package."""

_OF_THE_USER = (
    *THREAD_VARIABLES,
    "GOMP_CPU_AFFINITY",
    "KERAS_MAX_EPOCHS",
    "KERAS_MAX_STEPS_PER_EPOCH",
    "KMP_AFFINITY",
    "OMP_DYNAMIC",
    "OMP_PLACES",
    "OMP_PROC_BIND",
    "OMP_THREAD_LIMIT",
    "PYTHONDEBUG",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONMALLOC",
    "PYTHONOPTIMIZE",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONTRACEMALLOC",
    "PYTHONVERBOSE",
    "PYTHONWARNINGS",
)
"""Switches of the user's interpreter and libraries: in a trial they would change times or what is learnt, make an error
of a warning, or give it other threads than the run says."""


def child_environment() -> dict[str, str]:
    """Return the environment of a child process, without what stands in a user's profile for other purposes."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_USER}
    no_settings = f"{os.devnull}/keras"  # in place of ~/.keras/keras.json
    return {**kept, "KERAS_HOME": no_settings, "MPLBACKEND": "agg", "PYTHONHASHSEED": "0"}


class Order(Record):
    """What a worker reads first: its job, and what only its parent on this machine knows."""

    job: Job
    started: float
    """``time.monotonic()`` of the parent when it started the worker."""
    scratch: str
    """A folder for the arrays that the worker gives back."""
    instance_bytes: int = 0
    """Length of the pickled estimator that follows the order's line."""
    import_path: tuple[str, ...] = ()
    """Where the parent finds the modules that a pickled estimator names."""


def claim_channels() -> tuple[IO[bytes], IO[str]]:
    """Return the channels from and to the parent, which children of this process do not inherit.

    From now on standard input is empty, and what is printed goes to standard error.
    """
    received = os.fdopen(os.dup(0), "rb", buffering=0)
    sent = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return received, sent


def send(channel: IO[str], **message: Any) -> None:
    """One message, one line."""
    channel.write(json.dumps(_portable(message)) + "\n")
    channel.flush()


def ask_child(module: str, question: str) -> tuple[bytes, str]:
    """Return the line that a child process prints, and the end of its standard error; end what it leaves running.

    The module reads one line and replies with one, or with none if it dies.
    """
    with (
        tempfile.TemporaryFile() as stderr,
        subprocess.Popen(
            [*PYTHON, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            env=child_environment(),
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(question.encode() + b"\n")
                child.stdin.flush()
            line = child.stdout.readline()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        stderr.seek(0)
        said = stderr.read().decode("utf-8", "replace").strip().splitlines()
        return line, "\n".join(said[-5:])


def _portable(value: Any) -> Any:
    """Return a value as JSON and UTF-8 can hold it: models send what they like."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, np.generic):
        return _portable(value.item())
    if isinstance(value, Mapping):
        return {_portable(str(key)): _portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(item) for item in value]
    return _portable(repr(value))
