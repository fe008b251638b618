"""What a claim asks may grow after trials have run, and not change."""

from __future__ import annotations

import pytest

from bench.claims.declaration import ClaimFile, Contrast, Plan, Side
from bench.claims.growth import grow, is_same_question


def _plan(*places: str, margin: float | None = None) -> Plan:
    gru, rival = Side(experiment="reviews", model="gru"), Side(experiment="reviews", model="logreg")
    contrasts = [Contrast(part="reviews", at=at, model=gru, rivals=(rival,), margin=margin) for at in places]
    return Plan(experiments=(), contrasts=tuple(contrasts))


def _declared(plan: Plan) -> ClaimFile:
    return ClaimFile(
        claim="small",
        version=1,
        profile="quick",
        sentence="GRUs are better.",
        refuted_if="they are not.",
        margin=0.01,
        plan=plan,
        created_at="2026-01-01T00:00:00+00:00",
        bench_version="0.1.0",
    )


@pytest.mark.parametrize("plan", [_plan("short"), _plan("short", "long")])
def test_the_same_condition_is_the_same_question(plan: Plan) -> None:
    assert is_same_question(_declared(_plan("short")), "they are not.", 0.01, plan)


def test_a_condition_goes_on_with_new_contrasts() -> None:
    longer = "they are not, and not with long texts."
    before = _declared(_plan("short"))
    assert is_same_question(before, longer, 0.01, _plan("short", "long"))
    assert not is_same_question(before, longer, 0.01, _plan("short"))
    assert not is_same_question(before, longer, 0.01, _plan("long", "longer"))


@pytest.mark.parametrize("other", ["they are not, or not with long texts.", "they are not, except here.", "they are."])
def test_another_condition_is_another_question(other: str) -> None:
    assert not is_same_question(_declared(_plan("short")), other, 0.01, _plan("short", "long"))


def test_the_smallest_differences_that_matter_stay() -> None:
    before = _declared(_plan("short", margin=0.05))
    assert not is_same_question(before, "they are not.", 0.01, _plan("short", "long", margin=0.5))
    assert not is_same_question(before, "they are not.", 0.02, _plan("short", margin=0.05))


def test_the_order_alone_is_no_change() -> None:
    before, after = _declared(_plan("short", "long")), _declared(_plan("long", "short"))
    assert grow(before, after, "2026-01-02T00:00:00+00:00", 6).changes == ()
