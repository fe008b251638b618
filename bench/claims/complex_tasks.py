"""Claim 6: complex tasks."""

from __future__ import annotations

from bench.claims.base import Claim
from bench.claims.candidates import GRU, KERNEL, PAIRS, PATIENT_GRU, TRIPLES, WEIGHTED_PAIRS, hmm
from bench.claims.declaration import Contrast, Experiment, Plan, Setting, side, sides
from bench.claims.other_tasks import plan_other_tasks
from bench.parameters import write_name
from bench.records import RunSpec

INTENTS, TOPICS, ORDERS, TAGGING = (
    "intents of customers, by number of classes",
    "classes told by words, by their number",
    "classes told by order, by their number",
    "sequence labelling from a grammar",
)


class ComplexTasks(Claim):
    """The number of classes, a label that depends on a grammar, and tasks other than the classification of texts."""

    name = "complex-tasks"
    number = 6
    title = "complex tasks"
    sentence = "GRUs scale to complex tasks, where traditional approaches fall behind."
    refuted_if = (
        "a traditional model is as accurate as the GRU, within the smallest difference that matters, with few classes "
        "and with many, and where the label of a word depends on a grammar, and in recognising speech, forecasting "
        "time series, predicting music and turning letters into sounds."
    )
    method = (
        "Complexity as the number of classes: 2, 5, 20 and 77 intents of a bank's customers, and generated texts whose "
        "class is told by their words or by the order of marked symbols. And as structure: the part of speech of one "
        "word among ambiguous ones, from a hidden Markov grammar. And as tasks: spoken digits, speakers told by a "
        "vowel, seven time series from rolling origins, the next chord of Bach's chorales, and the sounds of English "
        "words; each with traditional models of its own, by numbers of training rows where these can be drawn."
    )
    limits = (
        "Of the other tasks, each has one or two sources of data: single words and vowels by few speakers, who are in "
        "training as well; series with 12 to 31 origins to test; one composer. Translation between languages is not "
        "tested: letters and sounds have the same order, which is easier. What a GRU with more layers, more training "
        "or more data would do is not tested either: all trials ran on two cores. Few classes of the intents have few "
        "test rows: 80 with 2 classes, so that no small difference can be found there. The classic tagger, a hidden "
        "Markov model that learns from the tags of all words, is not among the models: a text has one label here, and "
        "with all tags it would be the Bayes rule of this grammar."
    )

    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts."""
        experiments: list[Experiment] = []
        contrasts: list[Contrast] = []
        notes: list[str] = []

        def add(part: str, at: str, x: float, name: str, dataset: str, gru: str, rivals: tuple[str, ...]) -> None:
            spec = RunSpec(models=(gru, *rivals), dataset=dataset, seeds=5 if setting.is_full else 2)
            experiment = Experiment(name=name, spec=spec)
            experiments.append(experiment)
            contrasts.append(
                Contrast(part=part, at=at, x=x, model=side(experiment, gru), rivals=sides(experiment, rivals))
            )

        if not setting.is_full:
            notes.append(
                "the intents of customers, classes told by words and the grammar are left out of the quick profile"
            )
        elif setting.is_available("banking77"):
            for n in (2, 5, 20, 77):
                dataset = "banking77" if n == 77 else f"few-classes[n={n},of=banking77]"
                add(INTENTS, f"{n} classes", n, f"intents-{n}-classes", dataset, GRU, (PAIRS, WEIGHTED_PAIRS))
        else:
            notes.append("banking77 is not available, and is left out; bench data fetch banking77 gets it")
        rows = {"n_train": 6_000, "n_test": 5_000} if setting.is_full else {"n_train": 4_000, "n_test": 2_000}
        for n in (2, 20, 77) if setting.is_full else ():
            dataset = write_name("topics", {"classes": n, **rows})
            add(TOPICS, f"{n} classes", n, f"topics-{n}-classes", dataset, PATIENT_GRU, (PAIRS, WEIGHTED_PAIRS))
        traditional = (hmm(16), TRIPLES, KERNEL) if setting.is_full else (TRIPLES,)
        for markers, n in ((2, 2), (3, 6), (4, 24)) if setting.is_full else ((3, 6),):
            dataset = write_name("temporal-order", {"lag": 10, "markers": markers, **rows})
            add(ORDERS, f"{n} classes", n, f"orders-{n}-classes", dataset, PATIENT_GRU, traditional)
        if setting.is_full:
            dataset = write_name("tagging", rows)
            add(TAGGING, "6 parts of speech", 6, "tagging", dataset, PATIENT_GRU, traditional)
        more, further, said = plan_other_tasks(setting)
        return Plan(experiments=(*experiments, *more), contrasts=(*contrasts, *further), notes=(*notes, *said))
