"""JSON lines and JSON arrays: values as they are written, damage with its place."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.errors import BenchError, DataError, UsageError

Write = Callable[[str, "str | bytes"], Path]
Reader = Callable[..., Any]


# Yelp's review.json: lines under the ending .json.

YELP = '{{"stars":{},"useful":3,"date":"2018-07-07","text":"stop {}\\nat once"}}\n'


def test_json_is_read_as_lines_or_as_an_array_like_the_csv_export(write: Write, whole: Reader) -> None:
    lines = [YELP.format(f"{stars}.0", stars) for stars in (5, 1, 4, 2, 3)]
    by_line = whole(write("review.json", "".join(lines)))
    assert by_line.dataset.class_names == ("1", "2", "3", "4", "5")
    assert by_line.rows[0] == ("stop 5\nat once", "5")
    assert "written without .0" in by_line.notes
    array = whole(write("array.json", f"[{','.join(lines)}]"))
    export = whole(write("r.csv", "text,stars\n" + "".join(f'"stop {k}\nat once",{k}.0\n' for k in (5, 1, 4, 2, 3))))
    assert array.dataset.digest == by_line.dataset.digest == export.dataset.digest


def test_a_json_array_is_decoded_a_piece_at_a_time(
    write: Write, monkeypatch: pytest.MonkeyPatch, whole: Reader
) -> None:
    from bench.datasets.files.readers import json_rows

    monkeypatch.setattr(json_rows, "CHUNK_CHARACTERS", 7)
    path = write("a.json", '\ufeff [ {"text": "é, \\"x\\"", "label": 1} ,\n{"label": 2, "text": "b"}\n] \n')
    assert whole(path).rows == [('é, "x"', "1"), ("b", "2")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a", "label": 1}\n{"text": "b", "label"\n', "line 2: it is not JSON .* one JSON object a line"),
        ('[{"text": "a", "label": 1} {"text": "b"}]', "row 1: '{' follows it, expected a comma or the array's end"),
        ('[{"text": "a", "label": 1}, ', "row 2: it is not JSON"),
        ('[{"text": "a", "label": 1}', "row 1: '' follows it, expected a comma or the array's end"),
        ('[{"text": "a", "label": 1}] x', "row 1: 'x' follows it, expected nothing after the array"),
        ("[]", "holds no rows with values"),
        ('{"text": {"0": "a"}, "label": {"0": 1}}', "line 1: 'text' is .*, expected a string or a number"),
        ('["a", "b"]', "row 1: '\"a\"' is not a JSON object"),
        ('{"text": "a", "label": 1, "label": 2}\n', "line 1: the key 'label' occurs twice"),
        ('{"text": "\\ud83d", "label": 1}\n', r"line 1: 'text' holds .*, an unpaired surrogate"),
        ("[" * 100_000, "row 1: it is not JSON"),
    ],
)
def test_damaged_json_is_refused_with_its_place(write: Write, content: str, message: str, whole: Reader) -> None:
    with pytest.raises(BenchError, match=message):
        whole(write("a.json", content))


def test_an_array_on_one_line_is_not_held_to_the_length_of_a_line(write: Write, whole: Reader) -> None:
    rows = [{"text": f"{'word ' * 20}{i}", "label": "ab"[i % 2]} for i in range(300)]
    assert len(whole(write("a.json", json.dumps(rows)), max_text_length=200).rows) == 300


def test_keys_are_trimmed_and_may_hold_commas(write: Write, whole: Reader) -> None:
    path = write("a.jsonl", '{" text":"fine","label ":1,"a, b":"x"}\n{" text":"dull","label ":2,"a, b":"y"}\n')
    assert whole(path).rows == [("fine", "1"), ("dull", "2")]
    assert whole(path, text_column="a, b").rows == [("x", "1"), ("y", "2")]
    with pytest.raises(UsageError, match="the column 'text' occurs 2 times, as columns 1 and 2; rename one"):
        whole(write("b.jsonl", '{"text":"a","text ":"b","label":1}\n'))


def test_many_repeated_keys_take_no_time(write: Write, whole: Reader) -> None:
    keys = ",".join(f'"k{i}":0' for i in range(30_000))
    line = f'{{"text":"fine","label":"LABEL",{keys},"k1":1}}\n'
    started = time.process_time()
    assert len(whole(write("a.jsonl", line.replace("LABEL", "x") + line.replace("LABEL", "y"))).rows) == 2
    assert time.process_time() - started < 10


def test_undecodable_bytes_are_told_from_broken_json(
    write: Write, whole: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.datasets.files.readers import json_rows

    monkeypatch.setattr(json_rows, "CHUNK_CHARACTERS", 7)
    content = '[{"text": "a", "label": 1},\n{"text": "caf\xe9", "label": 2}]'.encode("latin-1")
    padded = content.replace(b"\n", b"\n" * 10_000)
    with pytest.raises(DataError, match=r"line 10,001: byte 0xE9 \(10,040\) is not UTF-8; .*--encoding"):
        whole(write("a.json", padded))
    assert whole(write("a.json", padded), encoding="latin-1").rows[1] == ("caf\xe9", "2")
