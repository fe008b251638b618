"""Claim 2: automatic feature extraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.claims.base import Claim
from bench.claims.candidates import (
    BAG_OF_WORDS,
    CHARACTER_NGRAMS,
    COUNTS,
    GENERATED_GRU,
    GRU,
    PAIRS,
    TRIPLES,
    WEIGHTED_PAIRS,
    WEIGHTED_WORDS,
)
from bench.claims.declaration import Contrast, Experiment, Plan, Setting, Side, side
from bench.claims.evidence import Evidence
from bench.claims.tables import Table, accuracy, cost, write_seconds
from bench.records import RunSpec

RUNGS = {
    "counts": COUNTS,
    "TF-IDF": BAG_OF_WORDS,
    "log-count weights": WEIGHTED_WORDS,
    "pairs": PAIRS,
    "pairs with log-count weights": WEIGHTED_PAIRS,
    "triples": TRIPLES,
}
"""Features by hand, from the simplest on, and the model that has them."""
QUICK_RUNGS = ("counts", "TF-IDF", "pairs", "pairs with log-count weights")
CHARACTERS = "character n-grams"


class FeatureExtraction(Claim):
    """A ladder of features made by hand, for a linear model, against the GRU on raw ids."""

    name = "feature-extraction"
    number = 2
    title = "automatic feature extraction"
    sentence = "GRUs extract features by themselves; traditional approaches need them made by hand."
    refuted_if = (
        "a linear model is as accurate as the GRU, within the smallest difference that matters, with every kind of "
        "features on the ladder, counts of words among them. The rung from which on it is says what the GRU replaces."
    )
    method = (
        "A linear model climbs a ladder of features made by hand (counts, TF-IDF, log-count weights, pairs, triples, "
        "character n-grams) on the texts that the GRU reads as raw ids. Each rung is a contrast. Character n-grams "
        "read the same words spelt out, those outside the vocabulary of the others (6 % of the words of imdb, 1 % of "
        "banking77) among them: that is the point of them."
    )
    limits = (
        "Features for texts in English have been made by hand for decades. Where nobody knows good ones, as for new"
        " kinds of signals, the ladder has no rungs, and this says nothing. The defaults of the traditional models "
        "were chosen on rotten-tomatoes among others, those of the GRU on the training half of IMDB. TF-IDF of "
        "single words on imdb was run twice: the first result was below that of counts, because the fixed penalty "
        "suited pairs of words. The penalty for words was then chosen on imdb-dev, and the second result is shown."
    )

    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts."""
        experiments: list[Experiment] = []
        contrasts: list[Contrast] = []
        notes: list[str] = []
        for dataset in (setting.reviews, "banking77", "rotten-tomatoes") if setting.is_full else ("rotten-tomatoes",):
            if not setting.is_available(dataset):
                notes.append(f"{dataset} is not available, and is left out; bench data fetch {dataset} gets it")
                continue
            ladder = RUNGS if setting.is_full else {rung: RUNGS[rung] for rung in QUICK_RUNGS}
            gru = GRU if setting.is_full else GENERATED_GRU
            words, characters = _experiments(dataset, gru, ladder, 5 if setting.is_full else 2)
            experiments += [words, characters]
            rungs = {rung: side(words, model) for rung, model in ladder.items()}
            rungs[CHARACTERS] = side(characters, CHARACTER_NGRAMS)
            contrasts += _contrasts(dataset, side(words, gru), rungs)
        return Plan(experiments=tuple(experiments), contrasts=tuple(contrasts), notes=tuple(notes))

    def tables(self, evidence: Evidence) -> Sequence[Table]:
        """Return the price of each rung."""
        return [
            _prices(evidence, words, characters)
            for words, characters in zip(evidence.experiments[::2], evidence.experiments[1::2], strict=True)
        ]


def _experiments(dataset: str, gru: str, ladder: Mapping[str, str], n_seeds: int) -> tuple[Experiment, Experiment]:
    words = Experiment(
        name=f"{dataset}-words", spec=RunSpec(models=(gru, *ladder.values()), dataset=dataset, seeds=n_seeds)
    )
    spelt = f"characters[of=last-words[n=499,of={dataset}]]"
    characters = Experiment(
        name=f"{dataset}-characters",
        spec=RunSpec(models=(CHARACTER_NGRAMS,), dataset=spelt, division="open", seeds=2),
    )
    return words, characters


def _contrasts(dataset: str, model: Side, rungs: dict[str, Side]) -> list[Contrast]:
    return [
        Contrast(part=f"features on {dataset}", at=rung, x=i, model=model, rivals=(rival,))
        for i, (rung, rival) in enumerate(rungs.items())
    ]


def _prices(evidence: Evidence, words: Experiment, characters: Experiment) -> Table:
    gru, *models = words.spec.models
    rungs = {model: rung for rung, model in RUNGS.items()}
    chosen = {"GRU on raw ids": side(words, gru), **{rungs[model]: side(words, model) for model in models}}
    chosen[CHARACTERS] = side(characters, CHARACTER_NGRAMS)
    rows = [
        {
            "features": rung,
            "model": where.model,
            "accuracy": accuracy(evidence, where),
            "fit": write_seconds(cost(evidence, where)),
            "predict all test rows": write_seconds(cost(evidence, where, "predict_seconds")),
        }
        for rung, where in chosen.items()
    ]
    return Table(f"The price of each rung, {words.spec.dataset}", "Means over seeds.", rows)
