import io
import zipfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from bench.datasets.music import chorales as module
from bench.datasets.music.chorales import (
    Chorales,
    choose_test,
    corpus_folder,
    group_by_tune,
    load_chorales,
    sample_quarters,
    transpositions,
)
from bench.datasets.music.musicxml import MAX_BYTES, Note, Score, read_score, unpack
from bench.errors import DataError

CONTAINER = '<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'


def note(step: str, duration: int, inside: str = "", pitch: str = "<octave>4</octave>") -> str:
    return f"<note>{inside}<pitch><step>{step}</step>{pitch}</pitch><duration>{duration}</duration></note>"


def rest(duration: int) -> str:
    return f"<note><rest/><duration>{duration}</duration></note>"


def measure(*content: str, attributes: str = "") -> str:
    return f"<measure><attributes>{attributes}</attributes>{''.join(content)}</measure>"


def score(*parts: list[str], before: str = "") -> str:
    inside = "".join(f"<part>{''.join(part)}</part>" for part in parts)
    return f"{before}<score-partwise>{inside}</score-partwise>"


def archive(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in members.items():
            writer.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def notes(*measures: str) -> list[Note]:
    (part,) = read_score(score(list(measures)), "test").parts
    return part


TWO = "<divisions>2</divisions>"


def test_durations_are_in_quarters_whatever_the_divisions() -> None:
    found = notes(
        measure(note("C", 2), note("D", 1), attributes=TWO),
        measure(note("E", 3), attributes="<divisions>3</divisions>"),
    )
    assert found == [Note(0, 1, 60), Note(1, 1.5, 62), Note(1.5, 2.5, 64)]


def test_notes_of_a_chord_sound_together() -> None:
    found = notes(measure(note("C", 2), note("E", 2, "<chord/>"), note("G", 2), attributes=TWO))
    assert found == [Note(0, 1, 60), Note(0, 1, 64), Note(1, 2, 67)]


def test_voices_of_a_part_go_back_and_forward() -> None:
    back, forward = "<backup><duration>4</duration></backup>", "<forward><duration>2</duration></forward>"
    found = notes(measure(note("C", 4), back, forward, note("E", 2), attributes=TWO))
    assert found == [Note(0, 2, 60), Note(1, 2, 64)]


def test_tied_notes_are_one_note_and_repeated_notes_are_two() -> None:
    end = note("C", 2, pitch="<octave>4</octave>").replace("</note>", '<tie type="stop"/></note>')
    assert notes(measure(note("C", 2), attributes=TWO), measure(end)) == [Note(0, 2, 60)]
    assert notes(measure(note("C", 2), attributes=TWO), measure(note("C", 2))) == [Note(0, 1, 60), Note(1, 2, 60)]


def test_a_pickup_is_as_long_as_its_notes_and_parts_stay_together() -> None:
    upper = [measure(note("C", 2), attributes=TWO), measure(note("D", 8))]
    lower = [measure(attributes=TWO), measure(note("E", 8))]
    found = read_score(score(upper, lower), "test")
    assert found.parts == [[Note(0, 1, 60), Note(1, 5, 62)], [Note(1, 5, 64)]]
    assert found.length == 5


def test_parts_are_read_as_they_sound() -> None:
    clarinet = TWO + "<transpose><chromatic>-2</chromatic></transpose>"
    octave_lower = TWO + "<transpose><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>"
    sharp = "<alter>1</alter><octave>4</octave>"
    assert notes(measure(note("C", 2, pitch=sharp), attributes=clarinet)) == [Note(0, 1, 59)]
    assert notes(measure(note("C", 2), attributes=octave_lower)) == [Note(0, 1, 48)]


def test_grace_notes_cues_and_rests_do_not_sound() -> None:
    grace = "<note><grace/><pitch><step>D</step><octave>4</octave></pitch></note>"
    assert notes(measure(grace, note("C", 2, "<cue/>"), rest(2), note("E", 2), attributes=TWO)) == [Note(2, 3, 64)]


def test_an_archive_holds_the_file_that_its_container_names() -> None:
    packed = archive(**{"META-INF__container_xml": CONTAINER, "score_xml": score([measure(attributes=TWO)])})
    assert read_score(unpack(packed, "test"), "test").parts == [[]]


ENTITIES = '<!DOCTYPE score-partwise [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (score([], before=ENTITIES), "declares entities"),
        ("<score-timewise/>", "expected score-partwise"),
        ("<score-partwise>", "no element found"),
        (score([measure(note("H", 2), attributes=TWO)]), "'H'"),
        (score([measure(note("C", -2), attributes=TWO)]), "below 0"),
        (score([measure(note("C", 2, pitch="<octave>40</octave>"), attributes=TWO)]), "0 to 127"),
        (score([measure(note("C", 2), attributes="<divisions>0</divisions>")]), "divisions"),
        (score([measure(note("C", 10**30), attributes=TWO)]), "lasts"),
    ],
)
def test_a_bad_score_is_refused_by_name(xml: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"odd\.xml cannot be read as MusicXML: .*{message}"):
        read_score(xml, "odd.xml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\3\4 damaged", "not a zip file"),
        (archive(score_xml="<a/>"), "lacks META-INF/container.xml"),
        (archive(**{"META-INF__container_xml": "<container/>"}), "names no file"),
        (archive(**{"META-INF__container_xml": CONTAINER}), "lacks score.xml"),
        (archive(**{f"m{i}": "" for i in range(30)}), "30 files"),
        (archive(**{"META-INF__container_xml": CONTAINER, "score_xml": " " * (MAX_BYTES + 1)}), "at most"),
        (b"\xff\xfe<\0a\0/\0>\0", "decode"),
        (b" " * (MAX_BYTES + 1), "at most"),
    ],
    ids=["damaged", "no container", "no name", "no score", "many files", "large member", "UTF-16", "large"],
)
def test_a_bad_file_is_refused_by_name(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=rf"odd\.mxl cannot be read as MusicXML: .*{message}"):
        unpack(content, "odd.mxl")


def test_a_document_type_is_not_looked_up() -> None:
    doctype = '<!DOCTYPE score-partwise SYSTEM "http://localhost:1/none.dtd">'
    assert read_score(score([], before=doctype), "test").parts == [[]]


def test_what_sounds_is_sampled_at_the_beginning_of_each_quarter() -> None:
    voice = [Note(0, 0.5, 60), Note(0.5, 1.5, 62), Note(1.5, 2, 64), Note(3, 4, 65)]
    assert sample_quarters(Score("", [voice, []], 4)).tolist() == [[60, 0], [62, 0], [0, 0], [65, 0]]


MELODY = np.random.default_rng(1).integers(20, 30, 40).astype(np.int32)


def test_one_tune_is_one_group_in_any_key_and_from_any_step() -> None:
    def piece(soprano: np.ndarray) -> np.ndarray:
        return np.stack([soprano, np.random.default_rng(len(soprano)).integers(1, 9, len(soprano))], axis=1)

    other = np.random.default_rng(2).integers(20, 30, 40).astype(np.int32)
    found = group_by_tune([piece(MELODY), piece(other), piece(MELODY[5:30] + 3)])
    assert found[0] == found[2] != found[1]


def test_transposed_pieces_keep_every_voice_in_its_range() -> None:
    pieces = [np.array([[9, 5], [0, 6]], np.int32), np.array([[12, 4], [10, 7]], np.int32)]
    rows = [row for keys in transpositions(pieces) for row in keys]
    assert len({row.tobytes() for row in rows}) == len(rows) == 2 + 1
    for row in rows:
        assert row.shape == (2, 2)
        assert ((row[:, 0] == 0) | ((row[:, 0] >= 9) & (row[:, 0] <= 12))).all()
        assert (row[:, 1] >= 4).all()
        assert (row[:, 1] <= 7).all()
    assert all(row[1, 0] == 0 for row in rows[:2])


def test_pieces_are_moved_by_at_most_the_semitones_that_are_allowed() -> None:
    pieces = [np.array([[10]], np.int32), np.array([[30]], np.int32)]
    assert [[row.item() for row in keys] for keys in transpositions(pieces, -1, 2)] == [[10, 11, 12], [29, 30]]


@pytest.fixture(scope="module")
def chorales() -> Chorales:
    try:
        return load_chorales()
    except DataError as error:
        pytest.skip(str(error))


def test_the_chorales_are_what_was_found_before(chorales: Chorales) -> None:
    assert len(chorales.pieces) == len(chorales.titles) == len(chorales.is_test) == 361
    assert sum(len(piece) for piece in chorales.pieces) == 19_696
    assert int(chorales.is_test.sum()) == 91
    assert (chorales.lowest_pitch, chorales.n_symbols) == (36, 47)
    assert all(piece.dtype == np.int32 and piece.shape[1] == 4 for piece in chorales.pieces)


def test_a_chorale_is_as_the_score_has_it(chorales: Chorales) -> None:
    # BWV 253, in A major: what music21's own parser finds in the first four quarters.
    piece = chorales.pieces[chorales.titles.index("BWV 253")]
    assert (piece[:4] + chorales.lowest_pitch - 1).tolist() == [
        [73, 69, 64, 45],
        [73, 69, 64, 57],
        [76, 71, 64, 56],
        [73, 69, 64, 57],
    ]


def test_no_tune_is_on_both_sides(chorales: Chorales) -> None:
    tunes = group_by_tune(chorales.pieces)
    assert not set(tunes[chorales.is_test]) & set(tunes[~chorales.is_test])
    assert (choose_test(chorales.pieces) == chorales.is_test).all()


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bwv1.mxl").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"found 1 \.mxl files .*pip install --force-reinstall"):
        load_chorales(tmp_path)


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "distribution", missing)
    with pytest.raises(DataError, match=r"music21 is not installed; `pip install 'gru-bench\[music\]'`"):
        corpus_folder()
