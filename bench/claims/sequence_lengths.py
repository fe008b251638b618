"""Claim 5: adaptability to sequence lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.claims.base import Claim
from bench.claims.candidates import BAG_OF_WORDS, FISHER, GENERATED_GRU, GENERATED_LSTM, PAIRS, WEIGHTED_PAIRS, hmm
from bench.claims.declaration import Contrast, Experiment, Plan, Setting, side, sides
from bench.claims.evidence import Evidence
from bench.claims.tables import Table, accuracy, cost, write_seconds
from bench.parameters import write_name
from bench.records import RunSpec
from bench.stats.fits import fit_power

PADDED_ROWS = 2_000
QUICK_ROWS = 2_000
"""Training rows of the quick profile."""
LONG_GRU = "gru[max_length=3000]"
LONGER = ((101, 200), (201, 400), (401, 800), (801, None))
SHORTER = ((0, 100), (101, 200), (201, 299))
"""Words of a test text, outside of those of the training texts."""


TRAINED: dict[str, tuple[tuple[int, int | None], tuple[int, int | None]]] = {
    "trained-on-short-texts": ((0, 100), (101, None)),
    "trained-on-long-texts": ((300, None), (0, 299)),
}
"""Experiments, with the words of their training texts and those of others."""

Bins = Sequence[tuple[int, int | None]]


class SequenceLengths(Claim):
    """Trained on short texts and tested on long ones, and the reverse; padding; cost against length."""

    name = "sequence-lengths"
    number = 5
    title = "sequence lengths"
    sentence = "GRUs adapt to sequences of any length, which traditional approaches cannot."
    refuted_if = (
        "trained on texts of one length and tested on texts of another, a traditional model is as accurate as the GRU, "
        "within the smallest difference that matters."
    )
    method = (
        "Models learn from short reviews alone (100 words at most) and are tested on reviews of every length, up to "
        "1,000 words and more; then from long ones alone (300 words at least). Texts are whole here: the open "
        "division. Beside it: the same reviews filled up to one length, and what a text costs by its length, with an "
        "exponent fitted to it (1: a text of twice the words takes twice the time)."
    )
    limits = (
        "Long reviews differ from short ones in more than length. Few reviews are longer than 800 words, so that "
        "intervals are wide there. Fewer reviews are short than long, and all models learn from as many as there are. "
        "Accuracies are compared as they are: a model that is behind at the training length is behind elsewhere, too; "
        "the table beside it shows what the change of length costs each. A first plan had three seeds and decided "
        "nothing."
    )

    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts."""
        traditional = (WEIGHTED_PAIRS, PAIRS, *((hmm(16),) if setting.is_full else ()))
        experiments: list[Experiment] = []
        contrasts: list[Contrast] = []
        trained: list[tuple[str, dict[str, int | None], str, Bins]] = [
            ("short", {"longest": 100}, "trained on at most 100 words", LONGER),
            ("long", {"shortest": 300, "longest": None}, "trained on at least 300 words", SHORTER),
        ]
        size = None if setting.is_full else QUICK_ROWS
        for name, given, part, bins in trained if setting.is_full else trained[:1]:
            experiment = Experiment(
                name=f"trained-on-{name}-texts",
                spec=RunSpec(
                    models=(LONG_GRU, *traditional),
                    dataset=write_name("by-length", {"of": setting.reviews, **given}),
                    division="open",
                    seeds=5 if setting.is_full else 2,
                    train_size=() if size is None else (size,),
                ),
            )
            experiments.append(experiment)
            contrasts += [_contrast(experiment, part, bounds, traditional, size) for bounds in bins]
        experiments += [*_padding(setting), *_costs(setting)]
        left_out = f"training on long texts, padding, costs, and more than {QUICK_ROWS:,} rows"
        notes = () if setting.is_full else (f"{left_out} are left out of the quick profile",)
        return Plan(experiments=tuple(experiments), contrasts=tuple(contrasts), notes=notes)

    def tables(self, evidence: Evidence) -> Sequence[Table]:
        """Return what padding changes, and what a text costs by its length."""
        changes = [_change_table(evidence, e) for e in evidence.experiments if e.name in TRAINED]
        return [*changes, _padding_table(evidence), _cost_table(evidence)]


def _contrast(
    experiment: Experiment, part: str, bounds: tuple[int, int | None], traditional: Sequence[str], size: int | None
) -> Contrast:
    return Contrast(
        part=part,
        at=_at(bounds),
        x=float(bounds[0] or 1),
        model=side(experiment, LONG_GRU, size),
        rivals=sides(experiment, traditional, size),
        tokens=bounds,
    )


def _change_table(evidence: Evidence, experiment: Experiment) -> Table:
    """Return what a change of length costs each model: accuracy at the training length and beyond."""
    within, beyond = TRAINED[experiment.name]
    rows = []
    for model in experiment.spec.models:
        where = side(experiment, model, experiment.train_size)
        before, after = (evidence.score(where, bounds) for bounds in (within, beyond))
        change = "-" if before is None or after is None else f"{100 * (after - before):+.1f} points"
        rows.append(
            {
                "model": evidence.label(where),
                _at(within): accuracy(evidence, where, within),
                _at(beyond): accuracy(evidence, where, beyond),
                "change": change,
            }
        )
    caption = "Accuracy on test texts as long as those of training, and on others."
    if experiment.name in evidence.runs:
        n_train = experiment.train_size or evidence.dataset(experiment.name).n_train
        caption += f" Trained on {n_train:,} texts."
    return Table(f"What a change of length costs, {experiment.name.replace('-', ' ')}", caption, rows)


def _at(bounds: tuple[int, int | None]) -> str:
    low, high = bounds
    return f"{low} to {high} words" if high else f"{low} words and more"


def _padding(setting: Setting) -> list[Experiment]:
    if not setting.is_full:
        return []
    models = (GENERATED_GRU, WEIGHTED_PAIRS, PAIRS, hmm(16))
    datasets = {"as-they-are": "imdb-dev", "padded": "padded[of=imdb-dev]"}
    return [
        Experiment(name=name, spec=RunSpec(models=models, dataset=dataset, seeds=2, train_size=(PADDED_ROWS,)))
        for name, dataset in datasets.items()
    ]


def _costs(setting: Setting) -> list[Experiment]:
    lengths = (25, 50, 100, 200, 400) if setting.is_full else ()
    models = (GENERATED_GRU, GENERATED_LSTM, hmm(16), FISHER, PAIRS, BAG_OF_WORDS)
    return [
        Experiment(
            name=f"cost-{length}-words",
            spec=RunSpec(
                models=models,
                dataset=write_name("temporal-order", {"lag": 5, "length": length, "n_test": 4_000, "n_train": 4_000}),
                seeds=1,
            ),
        )
        for length in lengths
    ]


def _padding_table(evidence: Evidence) -> Table:
    found = {experiment.name: experiment for experiment in evidence.experiments}
    if "padded" not in found:
        return Table("", "", ())
    plain, padded = found["as-they-are"], found["padded"]
    rows = []
    for model in plain.spec.models:
        before, after = (side(experiment, model, PADDED_ROWS) for experiment in (plain, padded))
        rows.append(
            {
                "model": evidence.label(before),
                "accuracy": accuracy(evidence, before),
                "padded": accuracy(evidence, after),
                "fit": write_seconds(cost(evidence, before)),
                "fit, padded": write_seconds(cost(evidence, after)),
            }
        )
    caption = f"{PADDED_ROWS:,} reviews to train on, as they are and filled up in front to 499 words with one word."
    return Table("Padding", caption, rows)


def _cost_table(evidence: Evidence) -> Table:
    experiments = [e for e in evidence.experiments if e.name.startswith("cost-")]
    lengths = [int(e.name.split("-")[1]) for e in experiments]
    rows = []
    for model in experiments[0].spec.models if experiments else ():
        row = {"model": evidence.label(side(experiments[0], model))}
        for field, heading in (("fit_seconds", "fit"), ("predict_seconds", "predict 4,000 texts")):
            found = [cost(evidence, side(experiment, model), field) for experiment in experiments]
            values = [value for value in found if value is not None]
            row[f"{heading}, {lengths[0]} words"] = write_seconds(found[0])
            row[f"{heading}, {lengths[-1]} words"] = write_seconds(found[-1])
            row[f"{heading}, exponent"] = _exponent(lengths, values) if len(values) == len(lengths) else "-"
        rows.append(row)
    caption = (
        "4,000 generated texts to train on and to test, all of one length. The exponent is that of a power law of the "
        "length, with its 95 % interval, from one seed per length. Below 1 it can mean fixed costs, or fewer epochs "
        "on longer texts."
    )
    return Table("Cost by length", caption, rows)


def _exponent(lengths: Sequence[int], values: Sequence[float]) -> str:
    fitted = fit_power(np.array(lengths, np.float64), np.array(values))
    if fitted.interval is None:
        return f"{fitted.exponent:.2f}"
    return f"{fitted.exponent:.2f} ({fitted.interval.low:.2f} to {fitted.interval.high:.2f})"
