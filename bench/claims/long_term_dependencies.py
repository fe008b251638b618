"""Claim 1: long-term dependencies."""

from __future__ import annotations

from collections.abc import Sequence

from bench.claims.base import Claim
from bench.claims.candidates import (
    BAG_OF_WORDS,
    GENERATED_GRU,
    GENERATED_LSTM,
    GRU,
    PAIRS,
    PATIENT_GRU,
    TRIPLES,
    WEIGHTED_PAIRS,
    WEIGHTED_TRIPLES,
    hmm,
)
from bench.claims.declaration import Contrast, Experiment, Plan, Setting, side, sides
from bench.claims.evidence import Evidence
from bench.claims.tables import Table, accuracy, difference
from bench.parameters import write_name
from bench.records import RunSpec

SHUFFLED_WORDS = 100
"""Of each review, for what their order is worth."""

ORDER, RECALL, ADDING, REVIEWS = "order of marked symbols", "bits to remember", "adding", "film reviews"


class LongTermDependencies(Claim):
    """Lag and bits in generated data, the last words and the order of words in reviews."""

    name = "long-term-dependencies"
    number = 1
    title = "long-term dependencies"
    sentence = "GRUs capture long-term dependencies, which traditional approaches cannot."
    refuted_if = (
        "a traditional model is as accurate as the GRU, within the smallest difference that matters, where symbols far "
        "apart decide, where bits must be carried over a lag, and on film reviews however much of their end is read."
    )
    method = (
        "Two things are told apart: how far back a model must look, and how much it must remember. The first is the "
        "order of two marked symbols among distractors (Hochreiter and Schmidhuber 1997, task 6; the class is the "
        "order alone, so that a bag of words is at chance), at growing lags. The second is whether the bits that are "
        "asked for at the end are those shown at the beginning. Also the adding problem, its sum in two classes: as "
        "text, with a mark in front of each number that counts, pairs of words hold all that it asks. And film reviews "
        "cut to their last words."
    )
    limits = (
        "The generated tasks are pure: nothing but memory is needed. No features are made by hand for them, such as "
        "which of the marked symbols is the first. Hidden Markov models are learnt by expectation-maximisation from "
        "random starts, one per class. Ones whose structure is given by hand solve the "
        "recall of a bit at any lag; and though a model that generates such texts must carry every bit, so that its "
        "states double with each, telling the classes apart takes less: the parity of the bits, two paths of states."
    )

    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts."""
        parts = [_order(setting), _recall(setting), _adding(setting), _reviews(setting)]
        left_out = "the order of marked symbols and the adding problem are left out of the quick profile"
        return Plan(
            experiments=tuple(experiment for experiments, _ in parts for experiment in experiments),
            contrasts=tuple(contrast for _, contrasts in parts for contrast in contrasts),
            notes=() if setting.is_full else (left_out,),
        )

    def tables(self, evidence: Evidence) -> Sequence[Table]:
        """Return what hidden Markov models remember, and what order is worth to each model."""
        return [_states(evidence), _worth_of_order(evidence)]


Part = tuple[list[Experiment], list[Contrast]]


def _rows(n_train: int) -> dict[str, int]:
    return {"n_train": n_train, "n_test": 2_000}


def _order(setting: Setting) -> Part:
    traditional = [hmm(16), BAG_OF_WORDS, TRIPLES, WEIGHTED_TRIPLES]
    found: Part = ([], [])
    for lag in (5, 20, 100, 400) if setting.is_full else ():
        shown = [GENERATED_LSTM] if lag == 100 else []
        dataset = write_name("temporal-order", {"lag": lag, **_rows(5_000)})
        spec = RunSpec(models=(GENERATED_GRU, *shown, *traditional), dataset=dataset, seeds=3)
        experiment = Experiment(name=f"order-lag-{lag}", spec=spec)
        _add(found, experiment, ORDER, f"lag {lag}", lag, GENERATED_GRU, traditional)
    return found


def _recall(setting: Setting) -> Part:
    gru = PATIENT_GRU if setting.is_full else GENERATED_GRU
    traditional = [*map(hmm, (2, 8, 32)), BAG_OF_WORDS, TRIPLES] if setting.is_full else [hmm(16), TRIPLES]
    found: Part = ([], [])
    for n in (1, 3, 6) if setting.is_full else (2,):
        dataset = write_name("recall", {"bits": n, "lag": 20, **_rows(8_000 if setting.is_full else 4_000)})
        spec = RunSpec(models=(gru, *traditional), dataset=dataset, seeds=3)
        experiment = Experiment(name=f"recall-bits-{n}", spec=spec)
        _add(found, experiment, RECALL, f"{n} bit{'s' * (n > 1)}", n, gru, traditional)
    return found


def _adding(setting: Setting) -> Part:
    traditional = [BAG_OF_WORDS, PAIRS]
    found: Part = ([], [])
    for length in (50, 200) if setting.is_full else ():
        dataset = write_name("adding", {"length": length, **_rows(5_000)})
        spec = RunSpec(models=(GENERATED_GRU, *traditional), dataset=dataset, seeds=3)
        experiment = Experiment(name=f"adding-{length}", spec=spec)
        _add(found, experiment, ADDING, f"{length} numbers", length, GENERATED_GRU, traditional)
    return found


def _reviews(setting: Setting) -> Part:
    gru, sizes = (GRU, ()) if setting.is_full else (GENERATED_GRU, (2_000,))
    lengths = (25, 50, 100, 200, 500) if setting.is_full else (50,)
    traditional = [WEIGHTED_PAIRS, PAIRS]
    found: Part = ([], [])

    def experiment(name: str, dataset: str) -> Experiment:
        n_seeds = 5 if setting.is_full else 3
        spec = RunSpec(models=(gru, *traditional), dataset=dataset, seeds=n_seeds, train_size=sizes)
        return Experiment(name=name, spec=spec)

    for n in lengths:
        cut = experiment(f"last-{n}-words", f"last-words[n={n},of={setting.reviews}]")
        size = sizes[0] if sizes else None
        _add(found, cut, REVIEWS, f"the last {n} words", n, gru, traditional, size)
    if setting.is_full:
        shuffled = f"shuffled-words[of=last-words[n={SHUFFLED_WORDS},of={setting.reviews}]]"
        found[0].append(experiment("shuffled-words", shuffled))
    return found


def _add(
    found: Part,
    experiment: Experiment,
    part: str,
    at: str,
    x: float,
    model: str,
    rivals: Sequence[str],
    train_size: int | None = None,
) -> None:
    found[0].append(experiment)
    found[1].append(
        Contrast(
            part=part,
            at=at,
            x=x,
            model=side(experiment, model, train_size),
            rivals=sides(experiment, rivals, train_size),
        )
    )


def _states(evidence: Evidence) -> Table:
    """Return the accuracy of each number of states by the number of bits."""
    rows = []
    for experiment in evidence.experiments:
        if experiment.name.startswith("recall-bits-"):
            gru, *others = experiment.spec.models
            row = {"bits": experiment.name.rpartition("-")[2], "GRU": accuracy(evidence, side(experiment, gru))}
            for model in others:
                if model.startswith("hmm"):
                    n_states = model.rpartition("=")[2].rstrip("]")
                    row[f"HMM, {n_states} states"] = accuracy(evidence, side(experiment, model))
            rows.append(row)
    caption = (
        'A model that generates texts of the class "same" carries at most log2 of its number of states in bits over '
        "the lag. To tell the classes apart the parity of the bits would be enough."
    )
    return Table("Bits to remember, by states of hidden Markov models", caption, rows)


def _worth_of_order(evidence: Evidence) -> Table:
    """Return each model's accuracy with the words in order and shuffled."""
    ordered = [e for e in evidence.experiments if e.name == f"last-{SHUFFLED_WORDS}-words"]
    shuffled = [e for e in evidence.experiments if e.name == "shuffled-words"]
    if not ordered or not shuffled:
        return Table("", "", ())
    in_order, (mixed,) = ordered[-1], shuffled
    size = in_order.train_size
    rows = [
        {
            "model": evidence.label(side(mixed, model)),
            "in order": accuracy(evidence, side(in_order, model, size)),
            "shuffled": accuracy(evidence, side(mixed, model, size)),
            "what order is worth": difference(evidence, side(in_order, model, size), side(mixed, model, size)),
        }
        for model in mixed.spec.models
    ]
    caption = (
        f"The last {SHUFFLED_WORDS} words of the same reviews, those of each in random order, in training and test. "
        "Intervals are 95 % of each model alone."
    )
    return Table("What the order of words is worth", caption, rows)
