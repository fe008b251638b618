"""Scores of pieces as MusicXML, which notation programs open."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import numpy.typing as npt

from bench.generate.notes import HeldNote, held_notes, voice_names
from bench.utils.files import replacing

QUARTERS_PER_MEASURE = 4
TYPES = {1: ("quarter", False), 2: ("half", False), 3: ("half", True), 4: ("whole", False)}
"""Names of durations in quarters, and whether they have a dot."""
CLEFS = ((63, "G", 2, 0), (56, "G", 2, -1), (0, "F", 4, 0))
"""From which mean pitch on a clef is used: sign, line and octaves that it is moved."""


def write_musicxml(
    path: Path, steps: npt.ArrayLike, lowest_pitch: int, tempo: float = 90.0, title: str = "Chorale"
) -> None:
    """Write a score with a part for each voice, in measures of four quarters; the file appears whole or not at all.

    Successive steps of one pitch are one held note, tied across bar lines. The key signature is the one whose scale has
    most of the notes.

    Parameters
    ----------
    path : Path
    steps : int array, shape (n_steps, n_voices)
        Steps of a quarter. 0 is a rest, k the MIDI number ``lowest_pitch - 1 + k``.
    lowest_pitch : int
    tempo : float
        Quarters per minute.
    title : str

    Raises
    ------
    ValueError
        A pitch is no MIDI number.
    OSError
        The file cannot be written.

    References
    ----------
    W3C Music Notation Community Group, "MusicXML 4.0", 2021.
    """
    tokens = np.asarray(steps, np.int64)
    n_rests = -len(tokens) % QUARTERS_PER_MEASURE
    voices = np.pad(tokens, ((0, n_rests), (0, 0))).T
    root = Element("score-partwise", version="4.0")
    SubElement(SubElement(root, "work"), "work-title").text = title
    part_list = SubElement(root, "part-list")
    names = voice_names(len(voices))
    for i, name in enumerate(names):
        SubElement(SubElement(part_list, "score-part", id=f"P{i + 1}"), "part-name").text = name
    notes_of = [held_notes(voice, lowest_pitch) for voice in voices]
    fifths = choose_fifths([note.pitch for notes in notes_of for note in notes if note.pitch is not None])
    for i, notes in enumerate(notes_of):
        _add_part(SubElement(root, "part", id=f"P{i + 1}"), notes, fifths, tempo if i == 0 else None)
    ElementTree.indent(root, " ")
    with replacing(path) as file:
        ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def choose_fifths(pitches: list[int]) -> int:
    """Return the key signature whose scale has most of the pitches, in sharps (flats below 0), the simplest of equals.

    Examples
    --------
    >>> choose_fifths([62, 64, 66, 67, 69, 71, 73])
    2
    """

    def n_outside(fifths: int) -> int:
        scale = {7 * place % 12 for place in range(fifths - 1, fifths + 6)}
        return sum(pitch % 12 not in scale for pitch in pitches)

    return min(range(-6, 7), key=lambda fifths: (n_outside(fifths), abs(fifths)))


def _add_part(part: Element, notes: list[HeldNote], fifths: int, tempo: float | None) -> None:
    measures: list[Element] = []
    for note in notes:
        onset, end = note.onset, note.onset + note.duration
        while onset < end:
            if onset % QUARTERS_PER_MEASURE == 0:
                measures.append(SubElement(part, "measure", number=str(len(measures) + 1)))
                if len(measures) == 1:
                    _add_attributes(measures[0], notes, fifths)
                    if tempo is not None:
                        SubElement(measures[0], "sound", tempo=f"{tempo:g}")
            duration = min(end - onset, QUARTERS_PER_MEASURE - onset % QUARTERS_PER_MEASURE)
            ties = ("stop",) * (onset > note.onset) + ("start",) * (onset + duration < end)
            _add_note(measures[-1], note.pitch, duration, ties if note.pitch is not None else (), fifths)
            onset += duration


def _add_attributes(measure: Element, notes: list[HeldNote], fifths: int) -> None:
    attributes = SubElement(measure, "attributes")
    SubElement(attributes, "divisions").text = "1"
    SubElement(SubElement(attributes, "key"), "fifths").text = str(fifths)
    time = SubElement(attributes, "time")
    SubElement(time, "beats").text = str(QUARTERS_PER_MEASURE)
    SubElement(time, "beat-type").text = "4"
    pitches = [note.pitch for note in notes if note.pitch is not None]
    mean = sum(pitches) / len(pitches) if pitches else CLEFS[0][0]
    _, sign, line, octaves = next(clef for clef in CLEFS if mean >= clef[0])
    clef = SubElement(attributes, "clef")
    SubElement(clef, "sign").text = sign
    SubElement(clef, "line").text = str(line)
    if octaves:
        SubElement(clef, "clef-octave-change").text = str(octaves)


def _add_note(measure: Element, pitch: int | None, duration: int, ties: tuple[str, ...], fifths: int) -> None:
    note = SubElement(measure, "note")
    if pitch is None:
        SubElement(note, "rest")
    else:
        step, alter, octave = spell(pitch, fifths)
        written = SubElement(note, "pitch")
        SubElement(written, "step").text = step
        if alter:
            SubElement(written, "alter").text = str(alter)
        SubElement(written, "octave").text = str(octave)
    SubElement(note, "duration").text = str(duration)
    for tie in ties:
        SubElement(note, "tie", type=tie)
    name, has_dot = TYPES[duration]
    SubElement(note, "type").text = name
    if has_dot:
        SubElement(note, "dot")
    if ties:
        notations = SubElement(note, "notations")
        for tie in ties:
            SubElement(notations, "tied", type=tie)


def spell(pitch: int, fifths: int) -> tuple[str, int, int]:
    """Return the letter, the sharps (flats below 0) and the octave that a pitch is written with in a key.

    Outside the scale it is written with what the minor key raises and neighbouring keys lower.

    Examples
    --------
    >>> spell(68, 0), spell(70, 0), spell(59, -6)
    (('G', 1, 4), ('B', -1, 4), ('C', -1, 4))
    """
    place = next(place for place in range(fifths - 3, fifths + 9) if 7 * place % 12 == pitch % 12)
    alter, letter = divmod(place + 1, 7)
    return "FCGDAEB"[letter], alter, (pitch - alter) // 12 - 1
