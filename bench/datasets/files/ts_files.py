"""Names of ``.ts`` files, which hold series with classes and are no tables."""

from __future__ import annotations

import re
from pathlib import Path

TS_ENDING = ".ts"


def find_ts_companion(path: Path) -> Path | None:
    """Return the file of test rows beside ``name_TRAIN.ts``, if there is one."""
    found = re.fullmatch(rf"(.*_)(train)({re.escape(TS_ENDING)})", path.name, re.IGNORECASE)
    if not found:
        return None
    word = "TEST" if found[2].isupper() else "Test" if found[2].istitle() else "test"
    companion = path.with_name(f"{found[1]}{word}{found[3]}")
    return companion if companion.is_file() else None
