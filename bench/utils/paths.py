"""Paths as a run keeps them, with no folder of this machine in them, and back."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path


def scrub(text: str, data_dir: str | None = None) -> str:
    """Return a text with the data folder, the prefix, the current folder and the home folder written as names.

    >>> scrub(sys.prefix + "/bin/bench")
    '$PREFIX/bin/bench'
    """
    named = _named_folders(data_dir)
    spellings = {spell(folder): name for folder, name in named.items() for spell in (os.path.abspath, os.path.realpath)}
    for folder in sorted(spellings, key=len, reverse=True):
        if folder != "/":
            text = re.sub(rf"(?<![\w.-]){re.escape(folder)}(?![\w-])", spellings[folder], text)
    return text


def real_path(text: str, data_dir: str | None = None) -> str:
    """Return a path that ``scrub`` wrote, or that a user wrote with ``~``, as it is on this machine.

    >>> real_path("$PREFIX/a.csv") == sys.prefix + "/a.csv"
    True
    """
    for folder, name in _named_folders(data_dir).items():
        if name != "." and folder != "/" and text.startswith(f"{name}/"):
            return folder + text.removeprefix(name)
    return text


def _named_folders(data_dir: str | None) -> dict[str, str]:
    return {
        data_dir or os.environ.get("BENCH_DATA_DIR") or "/": "$DATA",
        sys.prefix: "$PREFIX",
        str(Path(__file__).parents[2]): "$BENCH",
        str(Path.cwd()): ".",
        str(home_folder() or "/"): "~",
    }


def home_folder() -> Path | None:
    """Return the user's home folder; None for one who has none, as in some containers."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def expand_home(path: str | Path) -> Path:
    """Return a path whose leading ``~`` is the home folder, if there is one."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
