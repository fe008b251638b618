"""One trial in its own process: ``python -P -m bench.running.worker`` reads an order and replies with the result.

The parent writes one line of JSON (an Order), for an estimator instance followed by its cloudpickle bytes, and keeps
the pipe open: its end means that the parent is gone, and the worker ends itself and all that it started.
"""

from __future__ import annotations

import atexit
import faulthandler
import os
import shutil
import signal
import sys
import threading
import traceback
import warnings
from pathlib import Path
from typing import IO

from bench.errors import BenchError
from bench.running.handover import save_arrays
from bench.running.messages import Order, claim_channels, send
from bench.running.trial import describe_measured, run_trial


def main() -> None:
    """Read an order from standard input, run its job, reply on what was standard output."""
    parent, channel = claim_channels()
    faulthandler.enable(all_threads=False)
    order = Order.model_validate_json(parent.readline())
    pickled = _read_exactly(parent, order.instance_bytes)
    threading.Thread(target=_end_with_parent, args=[parent, order.scratch], daemon=True).start()
    heard: list[str] = []
    warnings.showwarning = lambda message, category, *_, **__: heard.append(f"{category.__name__}: {message}")
    try:
        measured = run_trial(order, pickled, lambda **message: send(channel, **message))
        save_arrays(measured.predicted.predictions, measured.data.is_leaked, Path(order.scratch))
    except MemoryError:
        send(channel, status="out of memory", reason="Python could not allocate memory", warnings=heard)
    except BenchError as error:
        send(channel, status="error", reason=str(error), warnings=heard)
    except Exception as error:
        traceback.print_exc()
        send(channel, status="error", reason=f"{type(error).__name__}: {error}", warnings=heard)
    else:
        send(channel, status="ok", measured=describe_measured(measured), warnings=heard)
    _leave()


def _leave() -> None:
    """End without the interpreter's own tidying: with TensorFlow it takes seconds, and the parent would wait for it."""
    atexit._run_exitfuncs()  # libraries remove their temporary files here
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _read_exactly(file: IO[bytes], size: int) -> bytes:
    content = b""
    while len(content) < size and (part := file.read(size - len(content))):
        content += part
    return content


def _end_with_parent(parent: IO[bytes], scratch: str) -> None:
    while parent.read(4096):
        pass
    shutil.rmtree(scratch, ignore_errors=True)  # the parent was killed, or has removed it
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
