"""How the harness talks to its child processes: JSON lines, in on standard input, out on what was standard output."""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

PYTHON = (sys.executable, "-P", "-m")
"""``-P`` keeps the current folder from shadowing the installed package."""


def claim_stdout() -> IO[str]:
    """The channel to the parent: from now on, whatever else prints goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def send(channel: IO[str], **message: Any) -> None:
    """One message, one line."""
    channel.write(json.dumps(message) + "\n")
    channel.flush()
