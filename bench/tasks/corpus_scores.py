"""Scores of machine translation, over all rows at once, by sacrebleu where that is installed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest


def measure_corpus(answers: Sequence[str], targets: Sequence[Sequence[str]]) -> dict[str, float | None]:
    """Return BLEU and chrF, from 0 to 100; None where sacrebleu is not installed.

    Parameters
    ----------
    answers : sequence of str
        One per row, symbols with a space between.
    targets : sequence of sequence of str
        Accepted targets of each row, at least one.

    References
    ----------
    K. Papineni et al., "BLEU: a method for automatic evaluation of machine translation", ACL 2002: of one to four
    symbols in a row, as they are. M. Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015:
    of up to six characters, without spaces. M. Post, "A call for clarity in reporting BLEU scores", WMT 2018.

    Examples
    --------
    >>> scores = measure_corpus(["the cat sat on it"], [["a dog sat on it", "the cat sat on it"]])
    >>> scores == {"bleu": None, "chrf": None} or [round(score) for score in scores.values()] == [100, 100]
    True
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ImportError:
        return {"bleu": None, "chrf": None}
    references = [list(of_rank) for of_rank in zip_longest(*targets)]
    bleu = BLEU(tokenize="none", force=True).corpus_score(list(answers), references)
    chrf = CHRF().corpus_score(list(answers), references)
    return {
        "bleu": min(100.0, float(bleu.score)),
        "chrf": float(chrf.score),
    }
