"""Data as people have them beside tables: folders of classes, fastText's lines, packed files, workbooks."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from bench.datasets.files.read import read_file
from bench.datasets.files.readers import packed
from bench.errors import DataError, UsageError
from bench.records import FileOptions

CLI = Callable[..., "CompletedProcess[str]"]

ROWS = [(f"a {'lovely' if i % 2 else 'dull'} film number {i}", ["neg", "pos"][i % 2]) for i in range(40)]
OPTIONS = FileOptions()


def as_csv() -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([("text", "label"), *ROWS])
    return file.getvalue().encode()


def with_zstd(path: Path, content: bytes) -> None:
    with pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), "zstd") as file:
        file.write(content)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_folder(folder: Path, rows: Any = ROWS) -> Path:
    for i, (text, label) in enumerate(rows):
        (folder / label).mkdir(parents=True, exist_ok=True)
        (folder / label / f"{i:03}.txt").write_text(text, encoding="utf-8")
    return folder


def write_workbook(path: Path, rows: Any, sheets: tuple[str, ...] = ()) -> Path:
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    for row in [("text", "label"), *rows]:
        sheet.append(row)
    for name in sheets:
        workbook.create_sheet(name)
    workbook.save(path)
    return path


def content(path: Path, options: FileOptions = OPTIONS) -> set[tuple[str, str]]:
    """Texts and labels of a file, whatever their order."""
    dataset = read_file(path, options).dataset
    return {
        (text, dataset.class_names[label])
        for part in (dataset.train, dataset.test)
        for text, label in zip(part.texts, part.labels.tolist(), strict=True)
    }


@pytest.fixture(
    params=["reviews.csv.gz", "reviews.csv.bz2", "reviews.csv.xz", "reviews.csv.zst", "reviews.zip", "r.csv.zip"]
)
def packed_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The rows as CSV, packed in each way in turn."""
    path: Path = tmp_path / request.param
    write: Any = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}.get(path.suffix)
    if write:
        path.write_bytes(write(as_csv()))
    elif path.suffix == ".zst":
        with_zstd(path, as_csv())
    else:
        zipped(path, {"reviews.csv": as_csv(), "__MACOSX/._reviews.csv": b"x"})
    return path


def test_a_packed_file_is_read_as_the_file_in_it(packed_file: Path) -> None:
    assert content(packed_file) == set(ROWS)


def test_a_packed_file_that_is_cut_short_is_refused(packed_file: Path) -> None:
    packed_file.write_bytes(packed_file.read_bytes()[:-60])
    with pytest.raises(DataError, match=packed_file.name):
        content(packed_file)


def test_a_packed_file_that_unpacks_to_far_too_much_is_refused(
    packed_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "UNPACKED_BYTES_MIN", 100)
    monkeypatch.setattr(packed, "UNPACKED_TIMES", 1)
    with pytest.raises(DataError, match="unpacks to more than 0 MB, 1 times its size or more"):
        content(packed_file)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": b"x", "b.csv": b"y"}, r"holds 2 files \(a.csv, b.csv\), expected one"),
        ({"a/": b""}, "holds no file, expected one"),
        ({"../a.csv": b"x"}, "holds '../a.csv', a path that leaves it"),
        ({"/tmp/a.csv": b"x"}, "a path that leaves it"),
        ({"..\\a.csv": b"x"}, "a path that leaves it"),
    ],
)
def test_an_archive_that_is_not_one_file_is_refused(members: dict[str, bytes], words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words):
        content(zipped(tmp_path / "a.zip", members))


def test_an_archive_of_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a.zip \(it holds notes.doc\) does not have an ending that can be read"):
        content(zipped(tmp_path / "a.zip", {"notes.doc": b"x"}))


@pytest.mark.parametrize("name", ["reviews.tab", "reviews.ndjson"])
def test_other_endings_of_known_kinds(name: str, tmp_path: Path) -> None:
    lines = ["text\tlabel", *("\t".join(row) for row in ROWS)]
    if name.endswith("json"):
        lines = [json.dumps({"text": text, "label": label}) for text, label in ROWS]
    (tmp_path / name).write_text("\n".join(lines))
    assert content(tmp_path / name) == set(ROWS)


def test_fasttext_s_lines_are_texts_with_a_label(tmp_path: Path) -> None:
    path = tmp_path / "reviews.txt"
    path.write_text("\n".join(f"__label__{label} {text}" for text, label in ROWS[:20]) + "\n\n", encoding="utf-8")
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{text} __label__{label}\r\n" for text, label in ROWS[20:])
    assert content(path) == set(ROWS)
    assert read_file(path, OPTIONS).dataset.origin.startswith("a text and its label per line")
    assert read_file(path, OPTIONS).dataset.notes == ()


@pytest.mark.parametrize("between", ["\t", "  ", "\f"])
def test_fasttext_s_labels_end_at_any_of_its_white_space(between: str, tmp_path: Path) -> None:
    path = tmp_path / "reviews.txt"
    path.write_text("\n".join(f"__label__{label}{between}{text}" for text, label in ROWS), encoding="utf-8")
    assert content(path) == set(ROWS)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("__label__pos,__label__neg both", "line 41: it has the labels 'pos,__label__neg'; expected one label a text"),
        ("__label__pos __label__neg both", "line 41: it has the labels 'pos', 'neg'; expected one label a text"),
        ("no label at all", "line 41: the row has no label"),
    ],
)
def test_lines_without_one_label_are_refused(line: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "reviews.txt"
    path.write_text("\n".join([*(f"__label__{label} {text}" for text, label in ROWS), line]), encoding="utf-8")
    with pytest.raises(DataError, match=words):
        content(path)


def test_a_text_file_without_labels_says_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("just words\n")
    with pytest.raises(UsageError, match="no line with a word that begins with __label__"):
        content(tmp_path / "notes.txt")


def test_a_folder_of_classes_is_read_and_split(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "reviews")
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "README").write_text("about it")
    dataset = read_file(folder, OPTIONS).dataset
    assert content(folder) == set(ROWS)
    assert dataset.name == "reviews"
    assert len(dataset.test) == 8
    assert dataset.origin.startswith("a text per file, its folder is its class")
    assert dataset.notes == ("1 file beside the classes' folders: not read (README)",)


def test_a_folder_of_train_and_test_keeps_that_split_and_leaves_unlabelled_texts_out(tmp_path: Path) -> None:
    write_folder(tmp_path / "imdb" / "train", [*ROWS[:30], ("no label", "unsup")])
    write_folder(tmp_path / "imdb" / "test", ROWS[30:])
    dataset = read_file(tmp_path / "imdb", OPTIONS).dataset
    assert set(dataset.train.texts) == {text for text, _ in ROWS[:30]}
    assert set(dataset.test.texts) == {text for text, _ in ROWS[30:]}
    assert dataset.class_names == ("neg", "pos")
    assert "not read, since the test rows have no such class: unsup" in dataset.notes


def test_a_folder_beside_train_and_test_is_named(tmp_path: Path) -> None:
    for part, rows in (("train", ROWS[:30]), ("test", ROWS[30:]), ("validation", ROWS[:4])):
        write_folder(tmp_path / "imdb" / part, rows)
    (tmp_path / "imdb" / "README").write_text("about it")
    notes = read_file(tmp_path / "imdb", OPTIONS).dataset.notes
    assert "in the same folder, not read: README, validation" in notes
    (tmp_path / "imdb" / os.fsdecode(b"caf\xe9")).write_text("")
    options = FileOptions(test_file=str(tmp_path / "imdb" / "validation"))
    (note,) = read_file(tmp_path / "imdb", options).dataset.notes[:1]
    assert note == "in the same folder, not read: README, caf\\udce9, validation, test"


def test_the_test_rows_of_one_folder_are_not_those_of_another(cli: CLI, home: Path) -> None:
    for name, word in (("one", "first"), ("two", "second")):
        rows = [(f"{word} {text}", label) for text, label in ROWS]
        write_folder(home / name / "train", rows[:30])
        write_folder(home / name / "test", rows[30:])
    assert cli("run", "--dataset", "one", "--models", "naive-bayes", "--name", "one").returncode == 0
    assert json.loads((home / "results/one/run.json").read_text())["spec"]["file"]["test_file"] is None
    again = cli("run", "--spec", "results/one/run.json", "--dataset", "two", "--name", "two")
    assert again.returncode == 0, again.stderr
    fresh = cli("run", "--dataset", "two", "--models", "naive-bayes", "--name", "fresh")
    assert fresh.returncode == 0, fresh.stderr
    found = [json.loads((home / f"results/{name}/run.json").read_text()) for name in ("two", "fresh")]
    assert found[0]["manifest"]["dataset"]["digest"] == found[1]["manifest"]["dataset"]["digest"]


@pytest.mark.parametrize(
    "options", [{"test_fraction": 0.3}, {"split_seed": 1}, {"group_column": "user"}, {"split_column": "split"}]
)
def test_options_that_split_rows_off_are_refused_where_a_folder_holds_the_test_rows(
    options: dict[str, Any], tmp_path: Path
) -> None:
    write_folder(tmp_path / "imdb" / "train", ROWS[:30])
    write_folder(tmp_path / "imdb" / "test", ROWS[30:])
    with pytest.raises(UsageError, match=r"imdb/test holds the test rows.* or name .*imdb/train alone"):
        read_file(tmp_path / "imdb", FileOptions.model_validate(options))


def test_a_run_on_a_folder_and_its_resumption(cli: CLI, home: Path) -> None:
    write_folder(home / "reviews")
    done = cli("run", "--dataset", "reviews", "--models", "naive-bayes", "--name", "r")
    assert done.returncode == 0, done.stderr
    assert "nothing to run" in cli("run", "--resume", "r").stderr
    (home / "reviews" / "pos" / "new.txt").write_text("another lovely film")
    assert "start a new run" in cli("run", "--resume", "r").stderr


def test_files_without_text_are_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "reviews")
    (folder / "pos" / "empty.txt").write_text(" \n")
    (folder / "none").mkdir()
    notes = read_file(folder, OPTIONS).dataset.notes
    assert "1 file without text: pos/empty.txt" in notes
    assert "1 folder without files, so no class: none" in notes


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda f: [p.unlink() for p in (f / "neg").iterdir()], "all labels .* are 'pos'; expected two classes"),
        (lambda f: (f / "pos" / "bad.txt").write_bytes(b"caf\xe9 au lait"), r"bad.txt, line 1: byte 0xE9 \(3\) is not"),
        (lambda f: (f / "pos" / "deep").mkdir(), "deep is not a regular file; expected one folder of text files"),
        (lambda f: (f / "pos" / "out.txt").symlink_to("/etc/hostname"), "out.txt is a link to .*, outside of"),
        (lambda f: (f / os.fsdecode(b"caf\xe9")).mkdir(), "the name of the folder .* is not UTF-8; rename it"),
        (lambda f: (f / "pos" / "long.txt").write_text("x" * 1_000_001), "long.txt has more than 1,000,000 characters"),
    ],
    ids=["one-class", "undecodable", "nested", "link", "name", "long"],
)
def test_a_folder_that_cannot_be_read_exactly_is_refused(
    prepare: Callable[[Path], Any], words: str, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "reviews")
    prepare(folder)
    with pytest.raises(DataError, match=words):
        content(folder)


def test_an_empty_folder_says_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no folders; expected one folder of text files per class, or train/"):
        content(tmp_path / "empty")


def test_a_workbook_of_one_sheet_is_read(tmp_path: Path) -> None:
    rows = [(text, int(label == "pos")) for text, label in ROWS]
    assert content(write_workbook(tmp_path / "a.xlsx", rows)) == {(text, str(label)) for text, label in rows}


@pytest.mark.parametrize(
    ("rows", "sheets", "words"),
    [
        (ROWS, ("second",), r"has 2 sheets \('Sheet', 'second'\), expected one"),
        ([*ROWS, ("=A2", "pos")], (), "row 42: column 1 holds a formula"),
        ([*ROWS, ("x", None)], (), "row 42: the row has no label"),
    ],
)
def test_a_workbook_that_is_ambiguous_is_refused(
    rows: Any, sheets: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=words):
        content(write_workbook(tmp_path / "a.xlsx", rows, sheets))


def rewrite_workbook(path: Path, change: Callable[[str], str]) -> None:
    """Change the XML of a workbook's sheet."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = change(members[sheet].decode()).encode()
    zipped(path, members)


def test_rows_beyond_what_a_workbook_says_of_itself_are_read(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", ROWS)
    rewrite_workbook(path, lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:B9"', xml))
    assert content(path) == set(ROWS)


def test_a_column_without_a_heading_can_be_named_by_its_number(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    sheet.append(("text", None))
    for row in ROWS:
        sheet.append(row)
    workbook.save(tmp_path / "a.xlsx")
    assert content(tmp_path / "a.xlsx", FileOptions(label_column="2")) == set(ROWS)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", ROWS)
    rewrite_workbook(path, lambda xml: xml[: len(xml) // 2])
    with pytest.raises(DataError, match="is not a whole Excel workbook"):
        content(path)


def test_without_the_extra_a_workbook_is_refused_with_the_command_that_adds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_workbook(tmp_path / "a.xlsx", ROWS)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UsageError, match=r"pip install 'gru-bench\[xlsx\]', or save the sheet as CSV"):
        content(path)


def test_something_else_with_the_ending_of_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("text,label\n")
    with pytest.raises(DataError, match="is not an Excel workbook"):
        content(tmp_path / "a.xlsx")


def test_labels_that_look_joined_are_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    labels = ["joy", "anger", '"joy, anger"', "rock & roll"] * 5
    path.write_text("\n".join(["text,label", *(f"text {i},{label}" for i, label in enumerate(labels))]))
    notes = read_file(path, OPTIONS).dataset.notes
    assert "the label 'joy, anger' looks like others joined: each combination is a class of its own" in notes
