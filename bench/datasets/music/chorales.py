"""Bach's chorales in four parts, from the wheel ``music21``, which is read as data; its code is never imported.

The corpus's ``license.txt`` says that its encodings "are distributed with the permission of the encoders", that the
music is "either out of copyright in the United States or is licensed for use, though there may be restrictions on
commercial use", and that the licences of single compositions are embedded in them. So the files are read where they
are installed, and nothing of them is copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bench.datasets.music.musicxml import Note, Score, read_score, unpack
from bench.errors import DataError

WHEEL = "music21==10.5.1"
FOLDER = "music21/corpus/bach"
SHA256 = "370c3e99d2bf5691d8b3197ab4a381444516914ea26e104ca116f86c129439a5"
"""Of the names and sha256 of the folder's .mxl files, in the order of the names."""

N_VOICES = 4
TEST_SHARE = 0.25
MELODY_STEPS = 16
"""Chorales whose sopranos go the same way for so many quarters, in whatever key, are of one tune."""

Steps: TypeAlias = npt.NDArray[np.int32]
"""Shape (n_steps, n_voices)."""


@dataclass(frozen=True)
class Chorales:
    """Chorales in four voices, sampled at every quarter.

    Parameters
    ----------
    pieces : list of int32 array, each of shape (n_steps, 4)
        What sounds in soprano, alto, tenor and bass at the beginning of each quarter. 0: nothing. k: the MIDI number
        ``lowest_pitch - 1 + k``.
    titles : list of str
        Numbers in the catalogue of Bach's works.
    is_test : bool array, shape (n_pieces,)
        The split. Chorales of one tune are on one side.
    lowest_pitch : int
        MIDI number of token 1.
    n_symbols : int
        Tokens go up to n_symbols - 1.
    """

    pieces: list[Steps]
    titles: list[str]
    is_test: npt.NDArray[np.bool_]
    lowest_pitch: int
    n_symbols: int


def corpus_folder() -> Path:
    """Return the folder of Bach's works in the installed distribution.

    Raises
    ------
    bench.errors.DataError
        It is not installed.
    """
    name = WHEEL.partition("==")[0]
    try:
        return Path(str(distribution(name).locate_file(FOLDER)))
    except PackageNotFoundError as error:
        raise DataError(f"the package {name} is not installed; `pip install 'gru-bench[music]'` installs it") from error


def load_chorales(folder: Path | None = None, sha256: str = SHA256) -> Chorales:
    """Read all works in exactly four parts; of those that are equal but for the key, the first.

    Parameters
    ----------
    folder : Path, optional
        None: the installed distribution's.
    sha256 : str
        Digest that is expected of the folder's .mxl files.

    Raises
    ------
    bench.errors.DataError
        The files cannot be read, or are not the expected ones.
    """
    contents = _read_verified(folder or corpus_folder(), sha256)
    sampled: dict[bytes, tuple[str, Steps]] = {}
    for name, content in contents.items():
        xml = unpack(content, name)
        if xml.count("<score-part ") == N_VOICES:  # the others need no parsing
            pitches = sample_quarters(read_score(xml, name))
            sampled.setdefault(_without_key(pitches).tobytes(), (_title(name), pitches))
    titles, pitches_of = zip(*sampled.values(), strict=True)
    lowest_pitch = min(int(pitches[pitches > 0].min()) for pitches in pitches_of)
    pieces = [np.where(pitches > 0, pitches - lowest_pitch + 1, 0).astype(np.int32) for pitches in pitches_of]
    n_symbols = max(int(piece.max()) for piece in pieces) + 1
    return Chorales(pieces, list(titles), choose_test(pieces), lowest_pitch, n_symbols)


def sample_quarters(score: Score) -> Steps:
    """Return the MIDI number of what sounds in each part at the beginning of each quarter, 0 for nothing.

    Where a part has several notes, the highest counts. Shape (n_quarters, n_parts).
    """
    sounding = np.zeros((int(np.ceil(score.length)), len(score.parts)), np.int32)
    for part, notes in enumerate(score.parts):
        for note in notes:
            quarters = sounding[_quarters_of(note), part]
            np.maximum(quarters, note.pitch, out=quarters)
    return sounding


def _quarters_of(note: Note) -> slice:
    return slice(int(np.ceil(note.onset)), int(np.ceil(note.end)))


def choose_test(pieces: Sequence[Steps]) -> npt.NDArray[np.bool_]:
    """Draw tunes by the digest of their first chorale until a quarter of the pieces is there to test on."""
    tunes = group_by_tune(pieces)
    _, firsts, sizes = np.unique(tunes, return_index=True, return_counts=True)
    digests = [hashlib.sha256(_without_key(pieces[first]).tobytes()).digest() for first in firsts.tolist()]
    by_digest = np.array(sorted(range(len(firsts)), key=digests.__getitem__))
    n_before = np.cumsum(sizes[by_digest]) - sizes[by_digest]
    drawn = by_digest[n_before < TEST_SHARE * len(pieces)]
    return np.isin(tunes, drawn)


def group_by_tune(pieces: Sequence[Steps]) -> npt.NDArray[np.int64]:
    """Return a number for each piece, equal where sopranos go the same way for ``MELODY_STEPS``, from anywhere on.

    So is the number of two pieces that each share a melody with a third.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    number_of: dict[bytes, int] = {}
    owners, melodies = [], []
    for owner, piece in enumerate(pieces):
        intervals = np.diff(piece[:, 0])
        n_steps = min(MELODY_STEPS - 1, len(intervals))
        for start in range(len(intervals) - n_steps + 1):
            owners.append(owner)
            melodies.append(number_of.setdefault(intervals[start : start + n_steps].tobytes(), len(number_of)))
    has = coo_array((np.ones(len(owners)), (owners, melodies)), shape=(len(pieces), len(number_of))).tocsr()
    return connected_components(has @ has.T, directed=False)[1].astype(np.int64)


def transpositions(pieces: Sequence[Steps], lowest: int = -6, highest: int = 5) -> list[list[Steps]]:
    """Return each piece in all keys that keep every voice within the pitches that it has in some piece.

    Parameters
    ----------
    pieces : sequence of int32 array, each of shape (n_steps, n_voices)
        Tokens; rests, 0, stay as they are.
    lowest, highest : int
        Semitones; each piece is also moved by no more than these.

    Returns
    -------
    list of list of int32 array
        Of each piece its keys from low to high, its own among them.

    Examples
    --------
    >>> keys = transpositions([np.array([[5], [0], [7]]), np.array([[6]])])
    >>> [[piece.tolist() for piece in of_piece] for of_piece in keys]
    [[[[5], [0], [7]]], [[[5]], [[6]], [[7]]]]
    """
    spans = [_span(piece) for piece in pieces]
    bottom = np.min([low for low, _ in spans], axis=0)
    top = np.max([high for _, high in spans], axis=0)
    rows = []
    for piece, (low, high) in zip(pieces, spans, strict=True):
        down, up = int((bottom - low).max()), int((top - high).min())
        rows.append([_moved(piece, semitones) for semitones in range(max(lowest, down), min(highest, up) + 1)])
    return rows


def _span(piece: Steps) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Lowest and highest token of each voice; of a voice without notes, such as would restrict nothing."""
    limit = np.iinfo(np.int32).max
    low = np.where(piece > 0, piece, limit).min(axis=0).astype(np.int64)
    high = np.where(piece > 0, piece, -limit).max(axis=0).astype(np.int64)
    return low, high


def _moved(piece: Steps, semitones: int) -> Steps:
    return np.where(piece > 0, piece + semitones, 0).astype(np.int32)


def _without_key(piece: Steps) -> Steps:
    """Return the piece moved so that its lowest note is 1."""
    return _moved(piece, 1 - int(piece[piece > 0].min(initial=np.iinfo(np.int32).max)))


def _title(name: str) -> str:
    return Path(name).stem.replace("bwv", "BWV ")


def _read_verified(folder: Path, sha256: str) -> dict[str, bytes]:
    try:
        contents = {path.name: path.read_bytes() for path in sorted(folder.glob("*.mxl"))}
    except OSError as error:
        raise DataError(f"{folder} cannot be read ({error}); {_repair()}") from error
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    if (found := digest.hexdigest()) != sha256:
        raise DataError(
            f"{folder} does not hold the works of {WHEEL}: found {len(contents):,} .mxl files with digest "
            f"{found[:16]}…, expected {sha256[:16]}…; {_repair()}"
        )
    return contents


def _repair() -> str:
    return f"`pip install --force-reinstall --no-deps {WHEEL}` puts it right"
