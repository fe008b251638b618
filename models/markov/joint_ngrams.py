"""Joint-sequence n-grams: a source symbol and the chunk of the target that it becomes are one token."""

from __future__ import annotations

import numpy as np

from bench.ragged import Ragged

from ..chunk_alignment import Alignment
from .chunk_transducer import ChunkTransducer, Readings


class JointNgramTransducer(ChunkTransducer):
    """N-grams of pairs, each of a source symbol and a chunk of the target ("graphones").

    EM aligns the training pairs (``chunk_alignment.py``); the aligned pairs are the tokens of an n-gram model with
    interpolated, modified Kneser-Ney smoothing (``chunk_ngrams.py``); and a beam search finds the most likely sequence
    of tokens that reads a source (``best_paths.py``). A source symbol that training lacks is passed over.

    Parameters
    ----------
    order : int
        Tokens of an n-gram.
    max_chunk : int, optional
        Target symbols of a chunk, at most. None: 2, or as many as 99 % of the training rows need. Rows that need more
        are left out.
    n_iter : int
        Iterations of EM.
    beam : int
        Paths that are followed at each symbol, at most.
    random_state : int
        Seed of the draw of rows that EM learns from, if there are more than it needs.

    Attributes
    ----------
    max_chunk_ : int
        What was given or chosen.
    n_rows_left_out_ : int
    history_ : list of dict
        One entry per iteration of EM: ``step``, ``steps``, ``seconds``, and ``log_likelihood``, of a target given its
        source under the model before that iteration, the mean of the rows, in nats.
    n_rows_seen_ : int
        Rows times iterations.
    n_parameters_ : int
        N-grams and back-off weights.

    Raises
    ------
    ValueError
        Sources and targets do not pair up, no source has a symbol, or a parameter is out of range.

    References
    ----------
    M. Bisani and H. Ney, "Joint-sequence models for grapheme-to-phoneme conversion", Speech Communication 50, 2008:
    tokens with at most one letter and long n-grams, which they find best; here a token has exactly one letter, and the
    alignment does not depend on the tokens before. They learn alignment and n-grams together.

    Examples
    --------
    >>> from bench.symbols import Symbols
    >>> words = Symbols([tuple("cat"), tuple("tack"), tuple("act")])
    >>> sounds = Symbols([("K", "AE", "T"), ("T", "AE", "K"), ("AE", "K", "T")])
    >>> JointNgramTransducer().fit(words, sounds).predict(Symbols([tuple("tact")]))
    [('T', 'AE', 'K', 'T')]
    """

    def __init__(
        self,
        order: int = 6,
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

    def _read(self, sources: Ragged, alignment: Alignment) -> Readings:
        n_chunks = len(alignment.chunks)
        different, tokens = np.unique(sources.values * n_chunks + alignment.chunk_ids, return_inverse=True)
        symbol, chunk = np.divmod(different, n_chunks)
        return Readings(tokens, chunk, np.arange(len(different)), symbol, np.zeros(len(different)))
