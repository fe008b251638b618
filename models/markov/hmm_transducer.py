"""A hidden Markov model of chunks that write the target and emit the source."""

from __future__ import annotations

import numpy as np

from bench.ragged import Ragged

from ..chunk_alignment import Alignment
from .chunk_transducer import ChunkTransducer, Readings


class HMMTransducer(ChunkTransducer):
    """A hidden Markov model: its states are chunks of the target, each of which emits one symbol of the source.

    It is trained on pairs that EM aligned (``chunk_alignment.py``), so that the states are known: a state's probability
    given those before is that of n-grams with interpolated, modified Kneser-Ney smoothing, and a symbol's probability
    given its state is its share of the state's symbols. The Viterbi algorithm, with a beam, finds the most likely
    states. Unlike joint n-grams the model knows of the source's symbols before only what the states tell of them.

    Parameters
    ----------
    order : int
        A state depends on the ``order - 1`` states before: 2 is the hidden Markov model of textbooks.
    max_chunk, n_iter, beam, random_state
        As of JointNgramTransducer.

    Attributes
    ----------
    max_chunk_, n_rows_left_out_, history_, n_rows_seen_
        As of JointNgramTransducer.
    n_parameters_ : int
        N-grams, back-off weights and emission probabilities.

    Raises
    ------
    ValueError
        Sources and targets do not pair up, no source has a symbol, or a parameter is out of range.

    References
    ----------
    P. Taylor, "Hidden Markov models for grapheme to phoneme conversion", Interspeech 2005.

    Examples
    --------
    >>> from bench.symbols import Symbols
    >>> words = Symbols([tuple("cat"), tuple("tack"), tuple("act")])
    >>> sounds = Symbols([("K", "AE", "T"), ("T", "AE", "K"), ("AE", "K", "T")])
    >>> HMMTransducer().fit(words, sounds).predict(Symbols([tuple("tact")]))
    [('T', 'AE', 'K', 'T')]
    """

    def __init__(
        self,
        order: int = 5,
        max_chunk: int | None = None,
        n_iter: int = 8,
        beam: int = 32,
        random_state: int = 0,
    ) -> None:
        self.order = order
        self.max_chunk = max_chunk
        self.n_iter = n_iter
        self.beam = beam
        self.random_state = random_state

    def _has_emissions(self) -> bool:
        return True

    def _read(self, sources: Ragged, alignment: Alignment) -> Readings:
        # Only chunks that were chosen are states, numbered anew.
        chunk, tokens = np.unique(alignment.chunk_ids, return_inverse=True)
        n_symbols = int(sources.values.max()) + 1
        different, count = np.unique(tokens * n_symbols + sources.values, return_counts=True)
        token, symbol = np.divmod(different, n_symbols)
        return Readings(tokens, chunk, token, symbol, np.log(count / np.bincount(tokens)[token]))
