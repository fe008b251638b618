"""Claim 4: end-to-end learning."""

from __future__ import annotations

from collections.abc import Sequence

from bench.claims.base import Claim
from bench.claims.candidates import BAG_OF_WORDS, CHARACTER_NGRAMS, GENERATED_GRU, GRU, PAIRS, hmm
from bench.claims.declaration import Contrast, Experiment, Plan, Setting, Side, side, sides
from bench.claims.evidence import Evidence
from bench.claims.tables import Table, accuracy, cost, write_seconds
from bench.records import RunSpec

CHARACTER_GRU, QUICK_GRU = "gru[batch_size=128,learning_rate=0.01,max_epochs=12]", GENERATED_GRU
"""More and smaller steps than for words. On validation rows of rotten-tomatoes they gave an accuracy of .66 instead of
.63; on those of imdb-dev .73 after three epochs, where the steps for words gave .66 to .69 (imdb's training half)."""
QUICK_ROWS = 3_000
"""Training rows of the quick profile."""
LAST_WORDS = 50
"""Of each review: an epoch of the characters of whole ones takes minutes, and a GRU needs several."""

PIPELINES = (
    ("GRU on characters", "characters, embedding, GRU, maximum over time, dense layer", 5),
    ("hidden Markov model on characters", "characters, a model of all classes, one per class, Bayes' rule", 4),
    ("logistic regression on characters", "characters, counts, TF-IDF, logistic regression", 4),
    ("logistic regression on character n-grams", "characters, n-grams, counts, TF-IDF, logistic regression", 5),
    ("GRU on words", "tokenizer, vocabulary, embedding, GRU, maximum over time, dense layer", 6),
    ("logistic regression on words and pairs", "tokenizer, vocabulary, pairs, counts, TF-IDF, logistic regression", 6),
)
"""What each pipeline does from the text on, step by step."""
PIPELINE_OF = {
    hmm(16): "hidden Markov model on characters",
    BAG_OF_WORDS: "logistic regression on characters",
    CHARACTER_NGRAMS: "logistic regression on character n-grams",
}
CHOICES = {
    "GRU on characters": "embedding size, units, pooling, dropout, batch, learning rate, epochs",
    "hidden Markov model on characters": "states, iterations, smoothing",
    "logistic regression on characters": "C",
    "logistic regression on character n-grams": "longest n-gram, rarest n-gram, C",
    "GRU on words": "tokenizer, size of the vocabulary, and those of the GRU on characters",
    "logistic regression on words and pairs": "tokenizer, size of the vocabulary, longest n-gram, rarest n-gram, C",
}
"""What somebody must choose; C and the smoothing are chosen on the training rows, if not given."""


class EndToEnd(Claim):
    """From characters to the label, with no tokenizer."""

    name = "end-to-end"
    number = 4
    title = "end-to-end learning"
    sentence = "GRUs learn end to end, from raw data to the answer, where traditional approaches need a pipeline."
    refuted_if = (
        "from raw characters, with no tokenizer, a traditional model is as accurate as the GRU, within the smallest "
        "difference that matters."
    )
    method = (
        "Texts are given to every model as characters, each a symbol, so that nobody has found the words. Character "
        "n-grams for a linear model are a step of their own; single characters and a hidden Markov model are not. What "
        "a tokenizer is worth is shown beside it, with the steps and choices of each pipeline."
    )
    limits = (
        f"Of film reviews the last {LAST_WORDS} words are read. The GRU on characters has more epochs, up to 12, and "
        "smaller steps than the one on words, chosen on validation rows from a few; with more training it may yet be "
        "better. The linear models and the hidden Markov model have their defaults."
    )

    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts."""
        reviews = f"last-words[n={LAST_WORDS},of={setting.reviews}]"
        names = {"rotten-tomatoes": "rotten-tomatoes"}
        if setting.is_full:
            names |= {"banking77": "banking77", "film reviews": reviews}
        traditional = (CHARACTER_NGRAMS, BAG_OF_WORDS, *((hmm(16),) if setting.is_full else ()))
        gru, size = (CHARACTER_GRU, None) if setting.is_full else (QUICK_GRU, QUICK_ROWS)
        experiments: list[Experiment] = []
        contrasts: list[Contrast] = []
        notes: list[str] = []
        if not setting.is_full:
            notes.append(
                "banking77, film reviews, models on words, and more than "
                f"{QUICK_ROWS:,} rows are left out of the quick profile"
            )
        for name, dataset in names.items():
            if not setting.is_available(dataset):
                notes.append(f"{dataset} is not available, and is left out; bench data fetch {dataset} gets it")
                continue
            folder = name.replace(" ", "-")
            n_seeds = {"banking77": 7, reviews: 6}.get(dataset, 5) if setting.is_full else 2
            characters = Experiment(
                name=f"{folder}-characters",
                spec=RunSpec(
                    models=(gru, *traditional),
                    dataset=f"characters[of={dataset}]",
                    seeds=n_seeds,
                    train_size=() if size is None else (size,),
                ),
            )
            words = Experiment(name=f"{folder}-words", spec=RunSpec(models=(GRU, PAIRS), dataset=dataset, seeds=2))
            experiments += [characters, *([words] if setting.is_full else [])]
            contrasts.append(
                Contrast(
                    part="from characters",
                    at=name,
                    model=side(characters, gru, size),
                    rivals=sides(characters, traditional, size),
                )
            )
        return Plan(experiments=tuple(experiments), contrasts=tuple(contrasts), notes=tuple(notes))

    def tables(self, evidence: Evidence) -> Sequence[Table]:
        """Return accuracy and cost of each pipeline, and its steps and choices."""
        found = {experiment.name: experiment for experiment in evidence.experiments}
        measured = [
            _pipelines(evidence, characters, found.get(name.replace("-characters", "-words")))
            for name, characters in found.items()
            if name.endswith("-characters")
        ]
        rows = [
            {"pipeline": name, "steps": f"{n}: {steps}", "to choose": CHOICES[name]} for name, steps, n in PIPELINES
        ]
        return [*measured, Table("Steps and choices", "From a text to its label.", rows)]


def _pipelines(evidence: Evidence, characters: Experiment, words: Experiment | None) -> Table:
    gru, *others = characters.spec.models
    places = {
        "GRU on characters": side(characters, gru, characters.train_size),
        **{PIPELINE_OF[model]: side(characters, model, characters.train_size) for model in others},
    }
    if words is not None:
        places |= {"GRU on words": side(words, GRU), "logistic regression on words and pairs": side(words, PAIRS)}
    rows = [
        {
            "pipeline": name,
            "model": where.model,
            "accuracy": accuracy(evidence, where),
            "fit": write_seconds(cost(evidence, where)),
            "one text (p50)": _latency(evidence, where),
        }
        for name, where in places.items()
    ]
    return Table(f"Pipelines on {characters.name.removesuffix('-characters')}", "Means over seeds.", rows)


def _latency(evidence: Evidence, where: Side) -> str:
    found = cost(evidence, where, "latency_p50_ms")
    return "-" if found is None else f"{found:.1f} ms"
