"""Claims of a third party, and invented results: contrasts that come out with any differences."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from bench.claims.base import Claim
from bench.claims.declaration import ClaimFile, Contrast, Plan, Setting, Side
from bench.claims.evidence import Evidence, rival_name
from bench.claims.summary import Answered
from bench.claims.verdicts import judge
from bench.stats.margins import Advantage, advantage
from bench.stats.row_scores import RowScores

CLAIMS = Path(__file__).parent.parent / "third_party" / "claimed.py"

ENTRY_POINTS = {
    "smooth": "claimed:Smooth",
    "slow": "claimed:Slow",
    "bad-model": "claimed:BadModel",
    "bad-contrast": "claimed:BadContrast",
    "fails": "claimed:Fails",
    "tableless": "claimed:Tableless",
    "figureless": "claimed:Figureless",
}

RIVAL = 0.85
"""Accuracy of the best rival."""

Differences = Callable[[int], float]
Invent = Callable[..., Evidence]


def _right(share: float, seed: int, n_rows: int) -> RowScores:
    """Exactly this share of rows right in each of three seeds."""
    rows = np.tile(np.arange(n_rows) < round(share * n_rows), (3, 1))
    return RowScores(np.random.default_rng(seed).permuted(rows, axis=1), range(3), True)


class Invented(Evidence):
    """Evidence whose contrasts come out with these differences, in their order."""

    differences: Differences
    n_rows: int

    def advantage(self, contrast: Contrast) -> Advantage | None:
        contrasts = list(self.declared.plan.contrasts)
        if contrast not in contrasts:
            return None
        share = RIVAL + self.differences(contrasts.index(contrast))
        rivals = {
            rival_name(contrast, rival): _right(RIVAL - 0.01 * i, i + 1, self.n_rows)
            for i, rival in enumerate(contrast.rivals)
        }
        return advantage(_right(share, 0, self.n_rows), rivals)

    def missing(self, contrast: Contrast) -> list[str]:
        return []

    def score(self, side: Side, tokens: tuple[int, int | None] | None = None) -> float | None:
        return 0.5 + crc32(f"{side} {tokens}".encode()) / 2**33

    @property
    def is_whole(self) -> bool:
        return True


@pytest.fixture(scope="session")
def invent() -> Invent:
    """Evidence of a claim whose contrasts come out with these differences."""

    def invent(claim: Claim, differences: Differences, n_rows: int = 20_000) -> Evidence:
        plan: Plan = claim.plan(Setting("full", "imdb", lambda _: True))
        declared = ClaimFile(
            claim=claim.name,
            version=claim.version,
            profile="full",
            sentence=claim.sentence,
            refuted_if=claim.refuted_if,
            margin=claim.margin,
            plan=plan,
            created_at="2026-01-02T03:04:05+00:00",
            bench_version="0.1.0",
        )
        evidence = Invented(declared, {})
        object.__setattr__(evidence, "differences", differences)
        object.__setattr__(evidence, "n_rows", n_rows)
        return evidence

    return invent


@pytest.fixture(scope="session")
def answer(invent: Invent) -> Callable[..., Answered]:
    """A claim with invented results, judged alone."""

    def answer(claim: Claim, differences: Differences) -> Answered:
        evidence = invent(claim, differences)
        (judgement,) = judge([evidence])
        return Answered(claim, evidence, judgement)

    return answer


@pytest.fixture
def install(toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a package with claims, those of ENTRY_POINTS that are named and others."""

    def install(*names: str, source: str | None = None, **others: str) -> None:
        folder = tmp_path / "claimed"
        info = folder / "claimed-2.0.dist-info"
        info.mkdir(parents=True)
        (folder / "claimed.py").write_text(source or CLAIMS.read_text(encoding="utf-8"), encoding="utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: claimed\nVersion: 2.0\n", encoding="utf-8")
        points = {name: ENTRY_POINTS[name] for name in names} | {k.replace("_", "-"): v for k, v in others.items()}
        lines = [f"{name} = {value}" for name, value in points.items()]
        (info / "entry_points.txt").write_text("[bench.claims]\n" + "\n".join(lines) + "\n", encoding="utf-8")
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, "claimed", raising=False)  # another test's
        monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)

    return install


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], None]:
    """Change the source of the package that ``install`` installed."""

    def edit(changes: Mapping[str, str]) -> None:
        source = tmp_path / "claimed" / "claimed.py"
        text = source.read_text(encoding="utf-8")
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        source.write_text(text, encoding="utf-8")
        monkeypatch.delitem(sys.modules, "claimed", raising=False)

    return edit
