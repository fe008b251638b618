"""Claims for others to judge again: the runs that a page rests on, small enough for version control."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.claims.base import Claim
from bench.claims.page import check_shown, write_page
from bench.claims.store import check_free, check_versions, claim_folder, output_errors, read_claim, write_claim
from bench.claims.summary import Answered, answer_all
from bench.errors import OutputError
from bench.results.predictions import write_predictions
from bench.results.run import Run
from bench.results.store import RUN_FILE, SUMMARY_FILE, TRIALS_FILE


def publish(answered: Sequence[Answered], claims: Sequence[Claim], output: Path) -> Path:
    """Write claims with their runs into a folder, and the page on all claims in it; return the page.

    Of each prediction the class alone is kept, which is all that verdicts need: a hundredth of the bytes.

    Parameters
    ----------
    answered : sequence of Answered
        Of one profile, at least one.
    claims : sequence of Claim
        Those that the page is on, if they are in the folder.
    output : Path
        A folder of claims, as ``--output`` names it. The claims that are published are replaced in it.

    Raises
    ------
    OutputError
        It cannot be written, holds something else in a claim's place, or the claims are in it.
    UsageError
        A claim cannot make its figures or tables, or one in the folder is of an older version.
    """
    profile = answered[0].evidence.declared.profile
    for one in answered:
        folder = claim_folder(output, profile, one.claim.name)
        _check_elsewhere(one, folder, output)
        if read_claim(folder) is None:
            check_free(folder)
    published = {one.claim.name for one in answered}
    check_versions([claim for claim in claims if claim.name not in published], output, profile)
    check_shown(answered)
    for one in answered:
        _replace(one, claim_folder(output, profile, one.claim.name))
    return write_page(answer_all(claims, output, profile), output / profile)


def _replace(one: Answered, folder: Path) -> None:
    """Put a claim with its runs in the place of what was published of it before, whole or not at all."""
    with output_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with output_errors(folder), tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as hidden:
        new, old = Path(hidden) / "new", Path(hidden) / "old"
        write_claim(new, one.evidence.declared)
        needs_lengths = any(contrast.tokens for contrast in one.evidence.declared.plan.contrasts)
        for run in one.evidence.runs.values():
            _copy(run, new / run.path.name, needs_lengths=needs_lengths)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)


def _check_elsewhere(one: Answered, folder: Path, output: Path) -> None:
    for run in one.evidence.runs.values():
        if run.path.resolve().parent == folder.resolve():
            raise OutputError(f"the claims are in {output}; name another folder")


def _copy(run: Run, folder: Path, *, needs_lengths: bool) -> None:
    """Copy a run, with the classes that were predicted alone."""
    (folder / "predictions").mkdir(parents=True)
    for file in (RUN_FILE, TRIALS_FILE, SUMMARY_FILE):
        if (run.path / file).exists():
            shutil.copyfile(run.path / file, folder / file)
    for record in run.records:
        if record.status == "ok":
            predictions = run.store.predictions(record.trial).compact(keep_lengths=needs_lengths)
            write_predictions(folder / "predictions" / run.store.predictions_path(record.trial).name, predictions)
