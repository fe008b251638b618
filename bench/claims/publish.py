"""Claims for others to judge again: the runs that a page rests on, small enough for version control."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.claims.page import write_page
from bench.claims.store import claim_folder, output_errors, write_claim
from bench.claims.summary import Answered
from bench.errors import OutputError
from bench.results.predictions import write_predictions
from bench.results.run import Run
from bench.results.store import RUN_FILE, SUMMARY_FILE, TRIALS_FILE
from bench.tasks.classification import Predictions


def publish(answered: Sequence[Answered], output: Path) -> Path:
    """Write the page, and beside it the claims with their runs; return the page.

    Of each prediction the class alone is kept, which is all that verdicts need: a hundredth of the bytes.

    Parameters
    ----------
    answered : sequence of Answered
        Of one profile, at least one.
    output : Path
        A folder of claims, as ``--output`` names it. Claims in it are replaced.

    Raises
    ------
    OutputError
        It cannot be written, or the claims are in it.
    UsageError
        A claim cannot make its figures or tables.
    """
    profile = answered[0].evidence.declared.profile
    for one in answered:
        _check_elsewhere(one, claim_folder(output, profile, one.claim.name), output)
    page = write_page(answered, output / profile)  # first: a claim may be unable to show its results
    for one in answered:
        folder = claim_folder(output, profile, one.claim.name)
        with output_errors(folder):
            shutil.rmtree(folder, ignore_errors=True)
            write_claim(folder, one.evidence.declared)
            needs_lengths = any(contrast.tokens for contrast in one.evidence.declared.plan.contrasts)
            for run in one.evidence.runs.values():
                _copy(run, folder / run.path.name, needs_lengths=needs_lengths)
    return page


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
            whole = run.store.predictions(record.trial)
            classes = np.eye(whole.scores.shape[1], dtype=np.float32)[whole.predicted]
            n_tokens = whole.n_tokens if needs_lengths else None
            path = folder / "predictions" / run.store.predictions_path(record.trial).name
            write_predictions(path, Predictions(whole.labels, classes, False, n_tokens))
