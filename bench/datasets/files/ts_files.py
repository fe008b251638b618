"""Names of ``.ts`` files, which hold series with classes and are no tables."""

from __future__ import annotations

from pathlib import Path

TS_ENDING = ".ts"


def find_ts_companion(path: Path) -> Path | None:
    """Return the file of test rows beside ``name_TRAIN.ts``, if there is one."""
    ending = f"_TRAIN{TS_ENDING}"
    if not path.name.endswith(ending):
        return None
    companion = path.with_name(f"{path.name.removesuffix(ending)}_TEST{TS_ENDING}")
    return companion if companion.is_file() else None
