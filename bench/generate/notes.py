"""Notes of a piece that is given as steps of a quarter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

VOICES_OF_FOUR = ("Soprano", "Alto", "Tenor", "Bass")


class HeldNote(NamedTuple):
    """A note, or a rest, that lasts for one step or more."""

    onset: int
    """Quarters from the beginning."""
    duration: int
    """Quarters."""
    pitch: int | None
    """MIDI number; None: a rest."""


def held_notes(voice: npt.ArrayLike, lowest_pitch: int) -> list[HeldNote]:
    """Join successive steps of one token into one note.

    Parameters
    ----------
    voice : int array, shape (n_steps,)
        0 is a rest, k the MIDI number ``lowest_pitch - 1 + k``.
    lowest_pitch : int

    Raises
    ------
    ValueError
        A pitch is no MIDI number, 0 to 127.

    Examples
    --------
    >>> held_notes([5, 5, 0], lowest_pitch=36)
    [HeldNote(onset=0, duration=2, pitch=40), HeldNote(onset=2, duration=1, pitch=None)]
    """
    tokens = np.asarray(voice, np.int64)
    onsets = np.flatnonzero(np.diff(tokens, prepend=-1))
    durations = np.diff(onsets, append=len(tokens))
    notes = []
    for onset, duration in zip(onsets.tolist(), durations.tolist(), strict=True):
        pitch = lowest_pitch - 1 + int(tokens[onset]) if tokens[onset] else None
        if pitch is not None and not 0 <= pitch < 128:
            raise ValueError(f"token {tokens[onset]} is the MIDI number {pitch}, expected 0 to 127")
        notes.append(HeldNote(onset, duration, pitch))
    return notes


def voice_names(width: int) -> tuple[str, ...]:
    """Return a name for each voice."""
    return VOICES_OF_FOUR if width == len(VOICES_OF_FOUR) else tuple(f"Voice {i + 1}" for i in range(width))
