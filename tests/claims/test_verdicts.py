"""Each verdict of each claim is reached by invented results, and says what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from bench.claims.base import Claim
from bench.claims.declaration import Contrast, Experiment, Plan, Profile, Setting, side, sides
from bench.claims.evidence import Evidence
from bench.claims.registry import all_claims
from bench.claims.summary import Answered
from bench.claims.verdicts import combine, judge
from bench.datasets import find_source
from bench.records import RunSpec

Differences = Callable[[int], float]
Answer = Callable[[Claim, Differences], Answered]
Invent = Callable[..., Evidence]

CLAIMS = {claim.name: claim for claim in all_claims()}

BETTER, EQUAL, WORSE, OPEN = 0.05, 0.0, -0.05, 0.009

VERDICTS: Mapping[str, Differences] = {
    "supported": lambda i: BETTER,
    "refuted": lambda i: WORSE if i % 2 else EQUAL,
    "depends": lambda i: WORSE if i else BETTER,
    "undecided": lambda i: OPEN if i == 0 else BETTER,
}


def test_there_are_seven_claims_with_all_their_words() -> None:
    own = [claim for claim in CLAIMS.values() if claim.number <= 7]
    assert [claim.number for claim in own] == [1, 2, 3, 4, 5, 6, 7]
    for claim in own:
        for text in (claim.sentence, claim.refuted_if, claim.method, claim.limits):
            assert text.endswith("."), (claim.name, text)
        assert claim.margin == 0.01


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("name", CLAIMS)
def test_each_verdict_of_each_claim_is_reached(name: str, verdict: str, answer: Answer) -> None:
    answered = answer(CLAIMS[name], VERDICTS[verdict])
    assert answered.judgement.verdict == verdict
    row = answered.verdict_row()
    assert row["verdict"] == verdict
    assert " points (" in row["difference"]
    where = row["where"]
    if verdict == "depends":
        assert "supported" in where
        assert "refuted" in where
    if verdict == "undecided":
        assert "undecided" in where
        assert "seeds" in answered.judgement.needed or "test rows" in answered.judgement.needed
    text = "\n".join(answered.lines())
    assert f"Verdict (full profile): {verdict}" in text
    assert CLAIMS[name].sentence in text
    rows = answered.contrast_rows()
    assert len(rows) == len(answered.evidence.declared.plan.contrasts)
    assert all(row["verdict"].split(":")[0].split(",")[0] in ("supported", "refuted", "undecided") for row in rows)


@pytest.mark.parametrize("profile", ["quick", "full"])
@pytest.mark.parametrize("name", CLAIMS)
def test_plans_are_sound_and_the_same_each_time(name: str, profile: Profile) -> None:
    setting = Setting(profile, "imdb-dev", lambda _: True)
    plan = CLAIMS[name].plan(setting)
    assert plan == CLAIMS[name].plan(setting)
    names = {experiment.name for experiment in plan.experiments}
    assert len(names) == len(plan.experiments)
    for experiment in plan.experiments:
        assert find_source(experiment.spec.dataset).name == experiment.spec.dataset, "written as a run writes it"
    for contrast in plan.contrasts:
        for one in (contrast.model, *contrast.rivals):
            (experiment,) = [e for e in plan.experiments if e.name == one.experiment]
            assert one.model in experiment.spec.models
            assert one.train_size is None or one.train_size in experiment.spec.train_size
        assert contrast.model.model.startswith(("gru", "logreg"))
        assert contrast.model not in contrast.rivals


def test_without_banking77_claims_leave_it_out_and_say_so() -> None:
    for name in ("feature-extraction", "end-to-end", "complex-tasks"):
        plan = CLAIMS[name].plan(Setting("full", "imdb", lambda dataset: dataset != "banking77"))
        assert not any("banking77" in experiment.spec.dataset for experiment in plan.experiments)
        assert any("banking77" in note for note in plan.notes)


class Lags(Claim):
    """Three lags of one task, and another task."""

    name = "lags"
    number = 9
    title = "lags"
    sentence = "It remembers."
    refuted_if = "it does not."
    method = "Lags."
    limits = "Few."

    def plan(self, setting: Setting) -> Plan:
        lags = (5, 50, 400)
        experiments = [
            Experiment(name=f"lag-{lag}", spec=RunSpec(models=("gru", "hmm"), dataset="toy")) for lag in lags
        ]
        contrasts = [
            Contrast(part="order", at=f"lag {lag}", x=lag, model=side(e, "gru"), rivals=sides(e, ["hmm"]))
            for lag, e in zip(lags, experiments, strict=True)
        ]
        other = Contrast(
            part="reviews", at="all", model=side(experiments[0], "gru"), rivals=sides(experiments[0], ["hmm"])
        )
        return Plan(experiments=tuple(experiments), contrasts=(*contrasts, other))


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        (
            (BETTER, BETTER, WORSE, WORSE),
            "Order: supported at lag 5, lag 50 (+5.0 points); refuted at lag 400 (-5.0 points); it turns between lag "
            "50 and lag 400. Reviews: refuted (-5.0 points)",
        ),
        (
            (BETTER, OPEN, WORSE, BETTER),
            "Order: supported at lag 5 (+5.0 points); refuted at lag 400 (-5.0 points); undecided at lag 50 (+0.9 "
            "points); it turns between lag 5 and lag 400. Reviews: supported (+5.0 points)",
        ),
        (
            (BETTER, WORSE, BETTER, WORSE),
            "Order: supported at lag 5, lag 400 (+5.0 points); refuted at lag 50 (-5.0 points). Reviews: refuted (-5.0 "
            "points)",
        ),
        ((BETTER, BETTER, BETTER, WORSE), "Order: supported (+5.0 points). Reviews: refuted (-5.0 points)"),
        ((WORSE, WORSE, WORSE, BETTER), "Order: refuted (-5.0 points). Reviews: supported (+5.0 points)"),
    ],
)
def test_where_it_turns_is_between_two_places_that_are_decided(
    differences: tuple[float, ...], said: str, answer: Answer
) -> None:
    answered = answer(Lags(), lambda i: differences[i])
    assert answered.judgement.verdict == "depends"
    assert answered.judgement.where == said


def test_places_in_a_row_are_named_by_the_first_and_the_last(answer: Answer) -> None:
    part = answer(CLAIMS["data-size"], lambda i: WORSE if i < 1 else BETTER).judgement.parts[0]
    assert part.where == (
        "supported at 300 rows to 25,000 rows (+5.0 points); refuted at 100 rows (-5.0 points); it turns between 100 "
        "rows and 300 rows"
    )


def test_more_claims_make_each_verdict_stricter(invent: Invent) -> None:
    close, open_one = (invent(Lags(), lambda i, d=d: d, n_rows=2_000) for d in (0.018, 0.005))
    alone = judge([close])[0]
    among = judge([close, *[open_one] * 60])[0]
    assert (alone.verdict, among.verdict) == ("supported", "undecided")
    assert among.n_contrasts == 244


def test_what_was_not_measured_is_undecided(invent: Invent) -> None:
    evidence = Evidence(invent(Lags(), lambda i: 0.0).declared, {})
    (judgement,) = judge([evidence])
    answered = Answered(Lags(), evidence, judgement)
    assert judgement.verdict == "undecided"
    assert answered.verdict_text == "undecided (not all trials have run)"
    assert answered.verdict_row()["difference"] == "not measured"
    assert "trials of gru, hmm that succeed" in judgement.needed


def test_verdicts_combine() -> None:
    assert combine(["refuted", "refuted"]) == "refuted"
    assert combine(["refuted", "undecided"]) == "undecided"
    assert combine(["supported", "refuted", "undecided"]) == "depends"
