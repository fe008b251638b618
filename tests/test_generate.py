import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.datasets.music.musicxml import Note, read_score
from bench.events import Events
from bench.generate.midi import write_midi
from bench.generate.sample import generate
from bench.generate.score import choose_fifths, spell, write_musicxml

LOWEST = 36
STEPS = np.array(
    [
        [25, 20, 0, 5],
        [25, 21, 0, 5],
        [25, 0, 17, 5],
        [27, 0, 17, 6],
        [27, 22, 18, 6],
        [27, 22, 18, 0],
        [0, 23, 18, 0],
        [30, 24, 18, 9],
        [30, 24, 18, 9],
        [30, 24, 18, 9],
    ]
)
NOTES = [
    [Note(0, 3, 60), Note(3, 6, 62), Note(7, 10, 65)],
    [Note(0, 1, 55), Note(1, 2, 56), Note(4, 6, 57), Note(6, 7, 58), Note(7, 10, 59)],
    [Note(2, 4, 52), Note(4, 10, 53)],
    [Note(0, 3, 40), Note(3, 5, 41), Note(7, 10, 44)],
]


class Next:
    """Says that each token is followed by the next one, or by any with a given probability."""

    def __init__(self, doubt: float) -> None:
        self.doubt = doubt

    def next_probabilities(self, X: Events) -> np.ndarray:
        probabilities = np.full((len(X), X.n_symbols), self.doubt / X.n_symbols)
        for row, piece in enumerate(X):
            probabilities[row, (piece[-1] + 1) % X.n_symbols if len(piece) else 0] += 1 - self.doubt
        return probabilities


def test_tokens_are_drawn_one_after_the_other_from_the_model() -> None:
    assert generate(Next(0), 3, 2, 4).tolist() == [[0, 1], [2, 3], [0, 1]]
    assert generate(Next(0), 3, 2, 4, start=(2, 2, 1)).tolist() == [[2, 2], [1, 2], [3, 0]]


def test_one_seed_gives_one_piece_and_another_seed_another() -> None:
    pieces = [generate(Next(0.9), 20, 2, 30, random_state=seed).tolist() for seed in (0, 0, 1)]
    assert pieces[0] == pieces[1] != pieces[2]


def test_draws_are_as_frequent_as_probable_and_a_low_temperature_prefers_the_likelier() -> None:
    n_steps = 2_000

    def share_of_next(temperature: float) -> float:
        tokens = generate(Next(0.5), n_steps, 1, 10, temperature=temperature)[:, 0]
        return float((np.diff(tokens) % 10 == 1).mean())

    assert share_of_next(1.0) == pytest.approx(0.55, abs=0.05)
    assert share_of_next(0.5) == pytest.approx(0.55**2 / (0.55**2 + 9 * 0.05**2), abs=0.05)
    assert share_of_next(0.01) == 1


def test_a_token_that_stands_for_what_training_lacks_is_never_drawn() -> None:
    assert generate(Next(1.0), 200, 1, 4, n_drawn=3).max() == 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_steps": 0}, "n_steps is 0"),
        ({"temperature": 0.0}, "temperature is 0"),
        ({"start": (0,) * 7}, "7 tokens, expected at most 6"),
        ({"start": (9,)}, "expected 0 to 3"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        generate(Next(0), **{"n_steps": 3, "width": 2, "n_symbols": 4, **parameters})  # type: ignore[arg-type]


def read_midi(content: bytes) -> tuple[list[list[Note]], float]:
    """Return the notes of each track, and the tempo in quarters per minute."""
    n_tracks, division = int.from_bytes(content[10:12], "big"), int.from_bytes(content[12:14], "big")
    assert content[:10] == b"MThd\0\0\0\6\0\1"
    at, tracks, tempo = 14, [], 0.0
    for _ in range(n_tracks):
        assert content[at : at + 4] == b"MTrk"
        end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "big")
        at, now = at + 8, 0
        on: dict[int, int] = {}
        notes = []
        while at < end:
            ticks = 0
            while content[at] & 0x80:
                ticks, at = ticks << 7 | content[at] & 0x7F, at + 1
            ticks, at = ticks << 7 | content[at], at + 1
            now += ticks
            kind = content[at]
            if kind == 0xFF:
                if content[at + 1] == 0x51:
                    tempo = 60e6 / int.from_bytes(content[at + 3 : at + 6], "big")
                at += 3 + content[at + 2]
            elif kind & 0xF0 == 0xC0:
                at += 2
            else:
                pitch = content[at + 1]
                if kind & 0xF0 == 0x90:
                    on[pitch] = now
                else:
                    notes.append(Note(on.pop(pitch) / division, now / division, pitch))
                at += 3
        assert not on
        tracks.append(notes)
    assert at == len(content)
    return tracks, tempo


def test_a_midi_file_has_the_notes_and_the_tempo(tmp_path: Path) -> None:
    write_midi(tmp_path / "piece.mid", STEPS, LOWEST, tempo=75)
    assert read_midi((tmp_path / "piece.mid").read_bytes()) == (NOTES, 75)


def test_a_score_has_the_notes(tmp_path: Path) -> None:
    write_musicxml(tmp_path / "piece.musicxml", STEPS, LOWEST)
    found = read_score((tmp_path / "piece.musicxml").read_text(encoding="utf-8"), "piece")
    assert found.parts == NOTES
    assert found.length == 12


@pytest.mark.skipif(importlib.util.find_spec("music21") is None, reason="music21 is not installed")
def test_music21_opens_both_files(tmp_path: Path) -> None:
    from music21 import converter

    write_midi(tmp_path / "piece.mid", STEPS, LOWEST)
    write_musicxml(tmp_path / "piece.musicxml", STEPS, LOWEST)
    for name in ("piece.mid", "piece.musicxml"):
        piece: Any = converter.parse(tmp_path / name)
        piece = piece.stripTies()
        found = [
            [Note(float(n.offset), float(n.offset + n.quarterLength), n.pitch.midi) for n in part.flatten().notes]
            for part in piece.parts
        ]
        assert found == NOTES, name
    assert [part.partName for part in piece.parts] == ["Soprano", "Alto", "Tenor", "Bass"]


@pytest.mark.parametrize("write", [write_midi, write_musicxml])
def test_a_failed_write_leaves_the_old_file(write: object, tmp_path: Path) -> None:
    path = tmp_path / "piece"
    path.write_text("old")
    with pytest.raises(ValueError, match="expected 0 to 127"):
        write(path, STEPS, 120)  # type: ignore[operator]
    assert path.read_text() == "old"
    assert not list(tmp_path.glob(".piece*"))


def test_a_pitch_is_spelt_as_it_sounds_in_every_key() -> None:
    semitones = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
    for fifths in range(-6, 7):
        for pitch in range(128):
            step, alter, octave = spell(pitch, fifths)
            assert 12 * (octave + 1) + semitones[step] + alter == pitch
            assert abs(alter) <= 2


def test_the_key_is_that_of_the_scale() -> None:
    major = np.array([0, 2, 4, 5, 7, 9, 11])
    for fifths in range(-5, 6):
        assert choose_fifths((60 + 7 * fifths % 12 + major).tolist()) == fifths
    assert choose_fifths([]) == 0
