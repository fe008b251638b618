"""A file of the user's own that cannot be read, or an option that does not fit it: one plain line, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CLI = Callable[..., "CompletedProcess[str]"]

pytestmark = pytest.mark.usefixtures("toys")


@pytest.mark.parametrize(
    ("content", "options", "code", "words"),
    [
        ("text,label\na,x\nb,y\n", ["--label-column", "lable"], 2, ["no column 'lable'", "did you mean label?"]),
        ("text,label,label\na,x,1\nb,y,2\n", [], 2, ["'label' occurs 2 times", "--label-column 2"]),
        ("", [], 3, ["is empty"]),
        ("text,label\na,x\nb,x\n", [], 3, ["'x'", "two classes"]),
        ("text,label\na,x\nb,\n", [], 3, ["line 3", "no label"]),
        ("text,label\na,x\nb\n", [], 3, ["line 3", "1 field, 'b'", "expected 2"]),
        ("text,label\na,x\nb,y,z\n", [], 3, ["line 3", "3 fields", "--separator"]),
        ("text,label\na,x\nb,y\nc,y\n", [], 3, ["class 'x' is too small", "--test-file"]),
        ("text,label\naaaa,x\nb,y\n", ["--max-text-length", "3"], 3, ["line 2", "4 characters", "--max-text-length"]),
        ("text,label\na,x\nb,y\n", ["--max-text-length", "0"], 2, ["max_text_length", "0", "greater than 0"]),
        ("text,label\na,x\nb,y\n", ["--test-fraction", "0"], 2, ["test_fraction", "greater than 0"]),
        ("text,label\na,x\nb,y\n", ["--split-seed", "-1"], 2, ["split_seed", "-1"]),
        ("text,label\na,x\nb,y\n", ["--encoding", "klingon"], 2, ["'klingon'", "utf-8, cp1252"]),
        ("text,label\na,x\nb,y\n", ["--quoting", "none"], 2, ["quoting", "'none'", "'backslash' or 'literal'"]),
        ("text,label\na,x\nb,y\n", ["--separator", "tab"], 3, ["'text,label', is one column", "--separator"]),
        ("text,label\na,x\nb,y\n", ["--test-file", "nowhere.csv"], 3, ["there is no file nowhere.csv"]),
        ("text,label\na,x\nb,y\n", ["--test-file", "a.csv", "--test-fraction", "0.2"], 2, ["exclude each other"]),
        ("text,label\na,x\nb,y\n", ["--no-header"], 2, ["--label-column 1", "'text', 'label'"]),
        ("text,label\na,x\nb,y\n", ["--test-file", "other.csv"], 3, ["other.csv", "class 'z'", "expected 'x', 'y'"]),
        ("text,label\na,x\nb,y\xe9\n", [], 3, ["line 3", "byte 0xE9 (18)", "UTF-8", "--encoding cp1252"]),
        ("<!doctype html>", [], 3, ["HTML", "download the file itself"]),
        ("PK\x03\x04", [], 3, ["ZIP", "give it the ending .zip or .xlsx"]),
        ("version https://git-lfs.github.com/spec/v1\n", [], 3, ["Git LFS pointer", "git lfs pull"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [["run", "--models", "toy-words", "--dataset"], ["data", "check"]])
def test_a_bad_file_or_option_is_one_plain_line_and_nothing_is_written(
    cli: CLI, home: Path, command: list[str], content: str, options: list[str], code: int, words: list[str]
) -> None:
    (home / "a.csv").write_bytes(content.encode("latin-1"))
    (home / "other.csv").write_text("text,label\na,z\nb,x\n")
    done = cli(*command, "a.csv", *options)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("bench: ")
    assert ".csv" in done.stderr or code == 2, "the file is named, or the option that is wrong whatever the file"
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr
    assert sorted(path.name for path in home.iterdir()) == ["a.csv", "other.csv"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.tsv", b"text\tlabel\na\tx\nb\n", ["a.tsv, line 3", "1 field, 'b'", "expected 2"]),
        ("a.jsonl", b'{"text":"a","label":"x"}\n{"text":"b"}\n', ["a.jsonl, line 2", "no label", "--label-column"]),
        ("a.json", b'[{"text":"a","label":"x"},', ["a.json, row 2", "not JSON", "one JSON object a line"]),
        ("a.parquet", b"PAR1 and no more", ["a.parquet", "not a whole Parquet file"]),
        ("a.csv.gz", b"text,label\n", ["a.csv.gz", "Not a gzipped file"]),
        ("a.txt", b"__label__x a\n", ["a.txt", "expected two classes at least"]),
        ("folder.csv", None, ["folder.csv", "holds no folders", "one folder of text files per class"]),
    ],
)
def test_a_bad_file_of_any_kind_is_one_plain_line(
    cli: CLI, home: Path, name: str, content: bytes | None, words: list[str]
) -> None:
    (home / name).mkdir() if content is None else (home / name).write_bytes(content)
    done = cli("run", "--models", "toy-words", "--dataset", name)
    assert done.returncode in (2, 3)
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr
    assert [path.name for path in home.iterdir()] == [name]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["run", "--models", "toy-words", "--dataset", "toy", "--text-column", "x"],
            ["--text-column: only a file needs this", "'toy'"],
        ),
        (["data", "check", "toy", "--no-header", "--separator", ";"], ["--no-header, --separator: only a file"]),
        (["data", "check", "imbd"], ["unknown dataset 'imbd'", "did you mean imdb?"]),
        (["data", "check", "nowhere.csv"], ["there is no file nowhere.csv"]),
        (["data", "check", "good\udcffname.csv"], ["is not UTF-8; rename the file"]),
        (["data", "check", "a" * 300], ["unknown dataset 'aaa"]),
        (["data", "check", "reviews.ods"], ["unknown dataset 'reviews.ods'", "a file ends in .csv"]),
        (["data", "verify", "nowhere.csv"], ["bench data check nowhere.csv"]),
        (["run", "--resume", "a", "--text-column", "x"], ["--text-column cannot change with --resume"]),
        (["predict", "a/b", "nowhere.parquet"], ["no run at results/a"]),
    ],
)
def test_options_and_names_that_do_not_fit_are_named(cli: CLI, arguments: list[str], words: list[str]) -> None:
    done = cli(*arguments)
    assert done.returncode in (2, 3)
    assert done.stderr.startswith("bench: ")
    for word in words:
        assert word in done.stderr
