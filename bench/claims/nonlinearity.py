"""Claim 3: non-linear relationships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.claims.base import Claim
from bench.claims.candidates import BAG_OF_WORDS, GENERATED_GRU, KERNEL, PAIRS, PATIENT_GRU, WEIGHTED_WORDS, hmm
from bench.claims.declaration import Contrast, Experiment, Plan, Setting, side, sides
from bench.parameters import write_name
from bench.records import RunSpec

LINEAR = "linear models on words"
BY_HAND = "a linear model with the interaction given by hand"
TRADITIONAL = "traditional models that are not linear"

TASKS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("xor", "exclusive or", "xor", {}),
    ("parity-of-3", "parity of 3", "xor", {"markers": 3}),
    ("negation", "negation", "negation", {}),
)
"""Name, place, dataset and its parameters."""


class Nonlinearity(Claim):
    """Parity of marker words and scope of negation: no word says anything of the class by itself."""

    name = "nonlinearity"
    number = 3
    title = "non-linear relationships"
    sentence = "GRUs model non-linear relationships, which traditional approaches cannot."
    refuted_if = (
        "a traditional model is as accurate as the GRU, within the smallest difference that matters, where no word "
        "says anything of the class by itself. Linear models, one whose features are made by hand, and traditional "
        "models that are not linear are judged apart."
    )
    method = (
        "The exclusive or of two marker words, the parity of three, and an opinion that a negation elsewhere in the "
        'text does or does not turn. Every word is as frequent in one class as in the other. "Linear models cannot" is '
        'one claim, "traditional models cannot" another: an SVM with a Gaussian kernel on latent semantic analysis '
        "and a hidden Markov model are traditional, and not linear. The interaction given by hand is the "
        "markers written together as one more word, and for the negation a mark on each word in its scope, which has "
        "helped bags of words since 2001 (Das and Chen; Pang, Lee and Vaithyanathan 2002)."
    )
    limits = (
        "The interactions are pure, with nothing else to go by, and of few words. In real texts single words say most "
        "of what there is to say."
    )

    def plan(self, setting: Setting) -> Plan:
        """Return the trials and the contrasts."""
        linear = (BAG_OF_WORDS, WEIGHTED_WORDS) if setting.is_full else (BAG_OF_WORDS,)
        others = (KERNEL, hmm(16)) if setting.is_full else (KERNEL,)
        gru_model = PATIENT_GRU if setting.is_full else GENERATED_GRU
        models = (gru_model, *linear, *((PAIRS,) if setting.is_full else ()), *others)
        experiments: list[Experiment] = []
        contrasts: list[Contrast] = []
        for name, at, dataset, given in TASKS if setting.is_full else TASKS[::2]:
            words = _experiment(name, models, dataset, given, setting)
            gru = side(words, gru_model)
            experiments.append(words)
            contrasts.append(Contrast(part=LINEAR, at=at, model=gru, rivals=sides(words, linear)))
            contrasts.append(Contrast(part=TRADITIONAL, at=at, model=gru, rivals=sides(words, others)))
            by_hand = _experiment(
                f"{name}-by-hand", (BAG_OF_WORDS,), dataset, {**given, "has_interaction": True}, setting
            )
            experiments.append(by_hand)
            contrasts.append(Contrast(part=BY_HAND, at=at, model=gru, rivals=sides(by_hand, (BAG_OF_WORDS,))))
        contrasts.sort(key=lambda contrast: (LINEAR, BY_HAND, TRADITIONAL).index(contrast.part))
        return Plan(experiments=tuple(experiments), contrasts=tuple(contrasts))


def _experiment(
    name: str, models: tuple[str, ...], dataset: str, given: Mapping[str, Any], setting: Setting
) -> Experiment:
    n_train = 10_000 if setting.is_full else 4_000
    reference = write_name(dataset, {**given, "n_train": n_train, "n_test": 2_000})
    return Experiment(name=name, spec=RunSpec(models=models, dataset=reference, seeds=5 if setting.is_full else 3))
