"""Standard MIDI files of pieces."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.generate.notes import HeldNote, held_notes, voice_names
from bench.utils.files import replacing

TICKS_PER_QUARTER = 480
PROGRAM = 19
"""Church organ."""
VELOCITY = 80
MAX_VOICES = 9
"""Channel 10 is percussion."""


def write_midi(path: Path, steps: npt.ArrayLike, lowest_pitch: int, tempo: float = 90.0) -> None:
    """Write a Standard MIDI File of format 1, a track for each voice; the file appears whole or not at all.

    Successive steps of one pitch are one held note.

    Parameters
    ----------
    path : Path
    steps : int array, shape (n_steps, n_voices)
        Steps of a quarter. 0 is a rest, k the MIDI number ``lowest_pitch - 1 + k``.
    lowest_pitch : int
    tempo : float
        Quarters per minute.

    Raises
    ------
    ValueError
        A parameter is out of range.
    OSError
        The file cannot be written.

    References
    ----------
    MIDI Manufacturers Association, "Standard MIDI Files 1.0", RP-001, 1996.
    """
    voices = np.asarray(steps, np.int64).T
    if not 4 <= tempo <= 1000:
        raise ValueError(f"tempo is {tempo} quarters per minute, expected 4 to 1,000")
    if not 1 <= len(voices) <= MAX_VOICES:
        raise ValueError(f"there are {len(voices)} voices, expected 1 to {MAX_VOICES}")
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(voices), TICKS_PER_QUARTER)
    tracks = []
    for channel, (voice, name) in enumerate(zip(voices, voice_names(len(voices)), strict=True)):
        events = _meta(3, name.encode("ascii"))
        if channel == 0:  # the first track sets the time of all
            events += _meta(0x51, round(60e6 / tempo).to_bytes(3, "big")) + _meta(0x58, bytes([4, 2, 24, 8]))
        events += _after(0) + bytes([0xC0 | channel, PROGRAM])
        events += _play(held_notes(voice, lowest_pitch), channel) + _meta(0x2F, b"")
        tracks.append(struct.pack(">4sI", b"MTrk", len(events)) + events)
    with replacing(path) as file:
        file.write(header + b"".join(tracks))


def _play(notes: list[HeldNote], channel: int) -> bytes:
    """Return the events of a track."""
    events, silence = b"", 0
    for note in notes:
        ticks = note.duration * TICKS_PER_QUARTER
        if note.pitch is None:
            silence += ticks
            continue
        events += _after(silence) + bytes([0x90 | channel, note.pitch, VELOCITY])
        events += _after(ticks) + bytes([0x80 | channel, note.pitch, 0])
        silence = 0
    return events


def _meta(kind: int, content: bytes) -> bytes:
    return _after(0) + bytes([0xFF, kind, len(content)]) + content


def _after(ticks: int) -> bytes:
    """Return a time in the format's variable length: seven bits per byte, the highest bit set in all but the last."""
    groups = [ticks & 0x7F]
    while ticks := ticks >> 7:
        groups.append(ticks & 0x7F | 0x80)
    return bytes(reversed(groups))
