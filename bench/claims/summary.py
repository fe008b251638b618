"""Claims that have run, and what tables say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.claims.base import Claim
from bench.claims.declaration import Profile, Side
from bench.claims.evidence import Evidence, read_evidence, rival_name
from bench.claims.store import check_version, claim_folder, read_claim
from bench.claims.tables import accuracy
from bench.claims.verdicts import Judged, Judgement, judge
from bench.utils.text import capital, counted, points


@dataclass(frozen=True)
class Answered:
    """A claim, what its trials found, and the verdict.

    Parameters
    ----------
    claim : Claim
    evidence : Evidence
    judgement : Judgement
    """

    claim: Claim
    evidence: Evidence
    judgement: Judgement

    @property
    def heading(self) -> str:
        """Return the title and the verdict."""
        return f"{capital(self.claim.title)}: {self.verdict_text}"

    @property
    def refuted_if(self) -> str:
        """What would refute it, as a sentence."""
        return capital(self.evidence.declared.refuted_if)

    @property
    def n_failed(self) -> int:
        """Trials that failed."""
        return sum(record.status != "ok" for run in self.evidence.runs.values() for record in run.records)

    @property
    def verdict_text(self) -> str:
        """The verdict; of a claim whose trials have not all run, a provisional one."""
        return (
            self.judgement.verdict if self.evidence.is_whole else f"{self.judgement.verdict} (not all trials have run)"
        )

    def name_of(self, judged: Judged) -> str:
        """Return what the contrast's model is called."""
        return self.evidence.label(judged.contrast.model)

    def rival_of(self, judged: Judged) -> str:
        """Return what the best rival is called; "-": none was measured."""
        side = self._best_rival(judged)
        if side is None:
            return "-"
        is_same = side.experiment == judged.contrast.model.experiment
        return self.evidence.label(side) if is_same else rival_name(judged.contrast, side)

    def _best_rival(self, judged: Judged) -> Side | None:
        found = judged.advantage
        return None if found is None else self.evidence.find_rival(judged.contrast, found.best_rival)

    def verdict_row(self) -> dict[str, str]:
        """Return the claim's row of the table of verdicts."""
        shown = self.judgement.shown
        figures = [f"{self.name_of(judged)} against {self.rival_of(judged)}, {_place(judged)}" for judged in shown]
        return {
            "": str(self.claim.number),
            "claim": self.claim.title,
            "verdict": self.verdict_text,
            "the figure behind it": "; ".join(figures),
            "difference": "; ".join(judged.effect for judged in shown),
            "where": self.judgement.where,
        }

    def lines(self) -> list[str]:
        """Return what is to be said of the claim, in a few lines."""
        declared = self.evidence.declared
        needed = self.judgement.needed
        said = [
            f"Claim {self.claim.number}: {declared.sentence}",
            f"Refuted if: {declared.refuted_if}",
            f"Verdict ({declared.profile} profile): {self.verdict_text}"
            + (f". {self.judgement.where}" if self.judgement.where else ""),
        ]
        said += [f"To decide what is open: {needed}"] if needed else []
        return [*said, self.how_sure()]

    def how_sure(self) -> str:
        """Return what verdicts and intervals take into account."""
        return (
            f"The smallest difference that matters is {self._margins()}. "
            f"Verdicts are corrected for all {counted(self.judgement.n_contrasts, 'contrast')} of the claims that ran "
            "(Holm's method); "
            "intervals are 95 % for each contrast alone. Both treat test rows and seeds as random samples."
        )

    def _margins(self) -> str:
        """Return the margin of accuracies, and those of contrasts about other scores."""
        usual = f"{points(self.evidence.declared.margin)} of accuracy"
        contrasts = self.evidence.declared.plan.contrasts
        others = [
            f"{contrast.margin:g} {metric.unit or metric.heading}"
            for contrast in contrasts
            if contrast.margin is not None and (metric := self.evidence.metric(contrast)).unit != "points"
        ]
        return ", ".join([usual, *dict.fromkeys(others)])

    def contrast_rows(self) -> list[dict[str, str]]:
        """Return the claim's contrasts, a row each; with the best possible accuracy where it is known of any."""
        possible = [self.evidence.best_accuracy(judged.contrast) for judged in self.judgement.contrasts]
        is_known = any(value is not None for value in possible)
        headings = {self.evidence.metric(judged.contrast).heading for judged in self.judgement.contrasts}
        score = headings.pop() if len(headings) == 1 else "score"
        return [
            {
                "part": judged.contrast.part,
                "at": judged.contrast.at,
                "model": self.name_of(judged),
                score: accuracy(self.evidence, judged.contrast.model, judged.contrast.tokens),
                "best rival": self.rival_of(judged),
                f"its {score}": accuracy(self.evidence, self._best_rival(judged), judged.contrast.tokens),
                **({"best possible": "-" if best is None else f"{best:.3f}"} if is_known else {}),
                "difference": judged.effect,
                "verdict": judged.words,
            }
            for judged, best in zip(self.judgement.contrasts, possible, strict=True)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "claim": self.claim.name,
            "number": self.claim.number,
            "version": self.claim.version,
            "profile": self.evidence.declared.profile,
            "sentence": self.evidence.declared.sentence,
            "refuted_if": self.evidence.declared.refuted_if,
            "margin": self.evidence.declared.margin,
            "verdict": self.judgement.verdict,
            "is_whole": self.evidence.is_whole,
            "where": self.judgement.where,
            "contrasts": [_contrast_json(judged) for judged in self.judgement.contrasts],
        }


def answer_all(claims: Sequence[Claim], output: Path, profile: Profile) -> list[Answered]:
    """Judge the claims that have run, together.

    Raises
    ------
    bench.errors.UsageError
        One was run in another version.
    bench.errors.OutputError
        Files are damaged.
    """
    found = []
    for claim in claims:
        folder = claim_folder(output, profile, claim.name)
        if (declared := read_claim(folder)) is not None:
            check_version(claim, declared, folder)
            found.append((claim, read_evidence(declared, folder)))
    judgements = judge([evidence for _, evidence in found])
    return [Answered(*one, judgement) for one, judgement in zip(found, judgements, strict=True)]


def _place(judged: Judged) -> str:
    part, at = judged.contrast.part, judged.contrast.at
    return part if part == at else f"{part}, {at}"


def _contrast_json(judged: Judged) -> dict[str, Any]:
    found = judged.advantage
    return {
        "part": judged.contrast.part,
        "at": judged.contrast.at,
        "x": judged.contrast.x,
        "model": judged.contrast.model.model,
        "best_rival": found and found.best_rival,
        "difference": found and found.mean,
        "low": found and found.interval.low,
        "high": found and found.interval.high,
        "verdict": judged.verdict,
        "outcome": judged.outcome,
        "needed": judged.needed or None,
    }
