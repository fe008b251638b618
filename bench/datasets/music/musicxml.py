"""The notes of MusicXML files, compressed (.mxl) or not: onsets and durations in quarters, pitches as they sound."""

from __future__ import annotations

import io
import itertools
import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree

from bench.errors import DataError

MAX_BYTES = 16 << 20
"""Of a file, and of a member of an archive when unpacked."""
MAX_MEMBERS = 20
MAX_QUARTERS = 100_000
"""No piece is longer: a file that says so is damaged or means harm."""

MAX_TICKS = 1_000_000
"""Per quarter."""

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
CONTAINER = "META-INF/container.xml"
PARSE_ERRORS = (ValueError, KeyError, OverflowError, ElementTree.ParseError)
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class Note(NamedTuple):
    """A note as it sounds, notes that are tied joined into one."""

    onset: float
    """Quarters from the beginning of the piece to the beginning of the note."""
    end: float
    """Quarters from the beginning of the piece to the end of the note."""
    pitch: int
    """MIDI number: 60 is the C in the middle of the keyboard."""

    @property
    def duration(self) -> float:
        """Quarters."""
        return self.end - self.onset


class Score(NamedTuple):
    """The notes of a piece."""

    title: str
    parts: list[list[Note]]
    """Of each part, by onset, then pitch. Chords and several voices of a part stand side by side."""
    length: float
    """Quarters."""


def unpack(content: bytes, name: str) -> str:
    """Return the XML of a MusicXML file.

    Parameters
    ----------
    content : bytes
        XML in UTF-8, or the zip archive of such a file.
    name : str
        What messages call it.

    Raises
    ------
    bench.errors.DataError
        The archive is damaged, or something is too large.
    """
    try:
        if len(content) > MAX_BYTES:
            raise ValueError(f"it has {len(content):,} bytes, expected at most {MAX_BYTES:,}")
        return (_unzip(content) if content.startswith(b"PK") else content).decode("utf-8-sig")
    except (*PARSE_ERRORS, *ZIP_ERRORS) as error:
        raise DataError(f"{name} cannot be read as MusicXML: {error}") from error


def read_score(xml: str, name: str) -> Score:
    """Read the notes; signs of repetition are not followed, grace notes and cues are left out.

    Parameters
    ----------
    xml : str
        With the root ``score-partwise``. It may name a document type, which is not looked up.
    name : str
        What messages call it.

    Raises
    ------
    bench.errors.DataError
        It is damaged, or something else.

    References
    ----------
    W3C Music Notation Community Group, "MusicXML 4.0", 2021.

    Examples
    --------
    >>> note = "<note><pitch><step>A</step><octave>4</octave></pitch><duration>3</duration></note>"
    >>> measure = f"<measure><attributes><divisions>2</divisions></attributes>{note}</measure>"
    >>> read_score(f"<score-partwise><part>{measure}</part></score-partwise>", "example").parts
    [[Note(onset=0.0, end=1.5, pitch=69)]]
    """
    try:
        root = _parse(xml)
        if root.tag != "score-partwise":
            raise ValueError(f"the root is {root.tag}, expected score-partwise")
        return _score(root)
    except PARSE_ERRORS as error:
        raise DataError(f"{name} cannot be read as MusicXML: {error}") from error


def _parse(xml: str) -> ElementTree.Element:
    if "<!ENTITY" in xml:  # what they expand to could fill the memory
        raise ValueError("it declares entities, expected none")
    return ElementTree.fromstring(xml)  # a text is read as it is, whatever encoding it declares


def _unzip(archive: bytes) -> bytes:
    """Return the file that the archive's container names first."""
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        infos = {info.filename: info for info in members.infolist()}
        if len(infos) > MAX_MEMBERS:
            raise ValueError(f"the archive has {len(infos):,} files, expected at most {MAX_MEMBERS}")

        def read(name: str) -> bytes:
            if name not in infos:
                raise ValueError(f"the archive lacks {name}")
            if (size := infos[name].file_size) > MAX_BYTES:
                raise ValueError(f"{name} has {size:,} bytes, expected at most {MAX_BYTES:,}")
            return members.read(name)  # never more than the size that it declares

        root_file = _parse(read(CONTAINER).decode("utf-8-sig")).find(".//{*}rootfile")
        if root_file is None:
            raise ValueError(f"{CONTAINER} names no file")
        return read(root_file.get("full-path", ""))


@dataclass
class _Written:
    """A note within its measure, in ticks."""

    onset: int
    end: int
    pitch: int
    is_tied: bool
    """To the note before."""


def _score(root: ElementTree.Element) -> Score:
    # Whole ticks, of which each part's unit is a multiple, are exact and faster than fractions.
    per_quarter = math.lcm(*{int(element.text or "") for element in root.iter("divisions")})
    if not 0 < per_quarter <= MAX_TICKS:
        raise ValueError(f"its divisions need {per_quarter:,} ticks per quarter, expected 1 to {MAX_TICKS:,}")
    parts = [[_measure(*measure) for measure in _measures(part, per_quarter)] for part in root.iterfind("part")]
    starts = [0]
    for measures in itertools.zip_longest(*parts, fillvalue=(0, [])):
        starts.append(starts[-1] + max(length for length, _ in measures))  # so that the parts stay together
    if starts[-1] > MAX_QUARTERS * per_quarter:
        raise ValueError(f"it lasts {starts[-1] // per_quarter:,} quarters, expected at most {MAX_QUARTERS:,}")
    title = root.findtext("movement-title") or root.findtext("work/work-title") or ""
    joined = [_join([notes for _, notes in part], starts, per_quarter) for part in parts]
    return Score(title, joined, starts[-1] / per_quarter)


def _join(measures: list[list[_Written]], starts: list[int], per_quarter: int) -> list[Note]:
    """Put a part's measures one after the other, and tied notes together."""
    notes: list[_Written] = []
    last_of_pitch: dict[int, _Written] = {}
    for start, measure in zip(starts, measures, strict=False):
        for written in measure:
            note = _Written(start + written.onset, start + written.end, written.pitch, written.is_tied)
            before = last_of_pitch.get(note.pitch)
            if note.is_tied and before is not None and before.end == note.onset:
                before.end = note.end
            else:
                last_of_pitch[note.pitch] = note
                notes.append(note)
    return sorted(Note(note.onset / per_quarter, note.end / per_quarter, note.pitch) for note in notes)


def _measures(part: ElementTree.Element, per_quarter: int) -> Iterator[tuple[ElementTree.Element, int, int]]:
    """Yield each measure with its ticks per unit of duration, and the semitones from what is written to what sounds."""
    ticks, semitones = per_quarter, 0
    for measure in part.iterfind("measure"):
        for attributes in measure.iterfind("attributes"):
            if divisions := attributes.findtext("divisions"):
                ticks = per_quarter // int(divisions)
            if (transpose := attributes.find("transpose")) is not None:
                octaves = int(transpose.findtext("octave-change", "0"))
                semitones = 12 * octaves + int(transpose.findtext("chromatic", "0"))
        yield measure, ticks, semitones


def _measure(measure: ElementTree.Element, ticks: int, semitones: int) -> tuple[int, list[_Written]]:
    """Return the measure's length in ticks, and its notes by onset."""
    position = onset = length = 0
    notes: list[_Written] = []
    for element in measure:
        if element.tag not in ("note", "backup", "forward"):
            continue
        duration = ticks * int(element.findtext("duration", "0"))
        if duration < 0:
            raise ValueError(f"a {element.tag} has a duration below 0")
        if element.tag == "backup":
            position = max(position - duration, 0)
            continue
        if element.find("chord") is None:  # other notes of a chord begin where the first began
            onset, position = position, position + duration
        length = max(length, position, onset + duration)
        pitch = element.find("pitch")
        if pitch is not None and duration and element.find("cue") is None:
            is_tied = any(tie.get("type") == "stop" for tie in element.iterfind("tie"))
            notes.append(_Written(onset, onset + duration, _midi_number(pitch, semitones), is_tied))
    return length, sorted(notes, key=lambda note: note.onset)


def _midi_number(pitch: ElementTree.Element, semitones: int) -> int:
    step, octave = pitch.findtext("step", "").strip(), int(pitch.findtext("octave", ""))
    number = 12 * (octave + 1) + SEMITONES[step] + round(float(pitch.findtext("alter", "0"))) + semitones
    if not 0 <= number < 128:
        raise ValueError(f"a note has the MIDI number {number}, expected 0 to 127")
    return number
