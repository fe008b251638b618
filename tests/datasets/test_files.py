"""Files as people have them: read exactly, or refused with the place, the value and the option that settles it."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.datasets.facts import find_facts
from bench.datasets.files.read import FileRead, read_file
from bench.datasets.files.rows import read_table_texts
from bench.errors import DataError, UsageError
from bench.records import FileOptions
from bench.running.spec import make_spec

Write = Callable[[str, "str | bytes"], Path]
Reader = Callable[..., Any]
Table = Callable[..., str]

FOUR = [("a fine film", "pos"), ("so dull", "neg"), ("great fun", "pos"), ("a bore", "neg")]


# AG News, Yelp, Amazon: a title and a text, a class index from 1.


def test_several_text_columns_are_joined_where_they_are_named_and_refused_where_not(
    write: Write, whole: Reader
) -> None:
    path = write("amazon.csv", 'label,title,text\n2,"Great ""one""","line\\nbreak"\n1,Bad,no\n')
    with pytest.raises(UsageError, match=r"beside 'text' 'title' may be text too.*--text-column title,text"):
        whole(path)
    read = whole(path, text_column="title,text")
    assert read.rows == [('Great "one"\nline\\nbreak', "2"), ("Bad\nno", "1")]
    assert [text for text, _ in whole(path, text_column="text").rows] == ["line\\nbreak", "no"]
    assert "text 'title' and 'text'" in read.dataset.origin


def test_a_literal_backslash_n_joins_no_words(write: Write, whole: Reader) -> None:
    from bench.encoding import encode_split

    text = whole(write("a.csv", "text,label\ngood\\nfilm,1\nbad,2\n")).rows[0][0]
    assert encode_split([text], [], "open")[1][0] == "good\\nfilm"
    assert "goodnfilm" not in encode_split([text], [], "closed")[1][0]


def test_the_written_form_of_classes_changes_no_number(write: Write, table: Table) -> None:
    def read(low: str, high: str) -> FileRead:
        lines = [(f"text {i} of {i % 7}", (low, high)[i % 2]) for i in range(40)]
        return read_file(write(f"{low}.csv", table(lines)), FileOptions())

    first, *others = (read(*names) for names in (("1", "2"), ("0", "1"), ("neg", "pos"), ("9", "10")))
    for other in others:
        assert other.dataset.train.texts == first.dataset.train.texts
        assert other.dataset.test.labels.tolist() == first.dataset.test.labels.tolist()


# Kaggle's IMDB Dataset.csv, and files with duplicates.


def test_equal_texts_stay_on_one_side_and_are_counted(write: Write, table: Table) -> None:
    pairs = [(f"film {i % 30}<br /><br />{' ' * (i % 3)}was shown", ("pos", "neg")[i % 30 % 2]) for i in range(90)]
    pairs += [("film 1<br /><br />\twas shown", "pos")]
    read = read_file(write("IMDB Dataset.csv", table(pairs, names="review,sentiment")), FileOptions())
    sides = [{" ".join(text.split()) for text in part.texts} for part in (read.dataset.train, read.dataset.test)]
    assert not sides[0] & sides[1]
    assert [len(side) for side in sides] == [24, 6]
    facts = find_facts(read.dataset)
    assert (facts.n_rows, facts.n_train + facts.n_test, facts.n_test_in_train) == (91, 91, 0)
    assert (facts.n_repeated_texts, facts.n_two_label_texts, facts.n_two_label_rows) == (61, 1, 4)


def test_a_test_file_may_hold_training_texts_and_they_are_counted(write: Write, table: Table) -> None:
    test_file = write("test.csv", table([("so  dull ", "neg"), ("new", "pos")]))
    read = read_file(write("train.csv", table(FOUR)), FileOptions(test_file=str(test_file)))
    facts = find_facts(read.dataset)
    assert (facts.n_train, facts.n_test, facts.n_test_in_train) == (4, 2, 1)
    assert "test rows of test.csv" in read.dataset.origin


# Words that other readers take for missing values.


def test_only_an_empty_cell_is_missing(write: Write, whole: Reader, table: Table) -> None:
    words = ["None", "null", "NA", "N/A", "nan", "NaN", ""]
    read = whole(write("a.csv", table([*((word, "NA") for word in words), ("x", "null")])))
    assert read.rows == [*((word, "NA") for word in words), ("x", "null")]
    assert read.facts.n_empty_texts == 2  # training and test side
    by_line = whole(
        write(
            "a.jsonl",
            "".join(f'{{"text":"{w}","label":"NA"}}\n' for w in words[:-1])
            + '{"label":"NA"}\n{"text":"x","label":"null"}\n',
        )
    )
    assert by_line.dataset.digest == read.dataset.digest


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.csv", "text,label\na,0\nb,\nc,1\nd, \n", "line 3"),
        ("a.csv", 'text,label\n"a\nb",0\nb,\nc,1\nd, \n', "line 4"),
        ("a.tsv", "text\tlabel\na\t0\nb\t\nc\t1\nd\t \n", "line 3"),
        (
            "a.jsonl",
            '{"text":"a","label":0}\n\n{"text":"b","label":null}\n{"text":"c","label":1}\n{"text":"d"}\n',
            "line 3",
        ),
        ("a.json", '[{"text":"a","label":0},{"text":"b","label":" "},{"text":"c","label":1},{"text":"d"}]', "row 2"),
    ],
)
def test_a_missing_label_is_an_error_with_its_line(
    write: Write, name: str, content: str, place: str, whole: Reader
) -> None:
    with pytest.raises(DataError, match=rf"{place}: the row has no label in column 'label' \(as have 1 more\)"):
        whole(write(name, content))


# Long texts.


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_one_limit_on_the_length_of_a_text_holds_for_every_kind(tmp_path: Path, kind: str, whole: Reader) -> None:
    def save(length: int) -> Path:
        frame = pd.DataFrame({"text": ["fine", "long, " * (length // 6)], "label": ["pos", "neg"]})
        path = tmp_path / f"a.{kind}"
        if kind == "parquet":
            frame.to_parquet(path)
        elif kind.startswith("json"):
            frame.to_json(path, orient="records", lines=kind == "jsonl")
        else:
            frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
        return path

    assert len(whole(save(300_000)).rows[1][0]) == 300_000
    path = save(1_200_000)
    with pytest.raises(
        DataError, match=r"(line [23]|row 2): a text of 1,200,000 characters, expected 1,000,000 at most"
    ):
        whole(path)
    assert len(whole(path, max_text_length=2_000_000).rows[1][0]) == 1_200_000


def test_damage_does_not_fill_the_memory(write: Write, whole: Reader) -> None:
    endless = "text,label\nfine,pos\n" + '"' + "x\n" * 30_000 + "y"
    with pytest.raises(DataError, match=r"line 3: a field of more than 1,000 characters; is a quote never closed"):
        whole(write("a.csv", endless), max_text_length=100)
    with pytest.raises(DataError, match=r"line 3: a quote opens here and is never closed.*--quoting literal"):
        whole(write("a.csv", endless))
    with pytest.raises(DataError, match=r"line 2: it has more than 1,000 characters"):
        whole(write("b.csv", "text,label\n" + "x" * 3000), max_text_length=100)


# Labels.


def test_labels_are_the_characters_in_the_file(write: Write, whole: Reader, table: Table) -> None:
    mixed = whole(write("a.csv", table([("a", " True"), ("b", "TRUE "), ("c", "False")])))
    assert mixed.dataset.class_names == ("False", "TRUE", "True")
    with pytest.raises(DataError, match="line 3: the row has no label"):
        whole(write("blank.csv", table([("a", "0"), ("b", ""), ("c", "1")])))
    assert "the labels 'TRUE', 'True' differ in case only" in mixed.notes
    both = whole(write("b.csv", table([("a", "1"), ("b", "1.0"), ("c", "0")])))
    assert both.dataset.class_names == ("0", "1")
    assert "'1', '1.0' are therefore not told apart" in both.notes
    assert whole(write("c.csv", table([("a", "1.50"), ("b", "1.0")]))).dataset.class_names == ("1.0", "1.50")
    assert whole(write("d.csv", table([("a", "007"), ("b", "10"), ("c", "9")]))).dataset.class_names == (
        "007",
        "9",
        "10",
    )


def test_a_class_index_in_one_file_and_its_float_in_the_other_are_one_class(write: Write, table: Table) -> None:
    test_file = write("test.csv", table([("a", "0.0"), ("b", "1.0")]))
    read = read_file(write("train.csv", table([("x", "0"), ("y", "1")])), FileOptions(test_file=str(test_file)))
    assert read.dataset.class_names == ("0", "1")


# The same content in every kind of file, and compressed.


def test_the_kind_of_file_changes_nothing(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"label": [i % 3 for i in range(60)], "text": [f"{'word ' * (i % 9)}\n{i}" for i in range(60)]}
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_json(tmp_path / "a.json", orient="records")
    frame.to_parquet(tmp_path / "a.parquet")
    for path in [path for path in tmp_path.iterdir() if path.is_file()]:
        Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes()))
    reads = [read_file(path, FileOptions()) for path in tmp_path.glob("a.*")]
    assert len(reads) == 10
    assert len({read.dataset.digest for read in reads}) == 1


def test_texts_alone_are_read_from_one_column(write: Write) -> None:
    assert read_table_texts(write("a.csv", 'text\n"fine, really"\ndull\n'), FileOptions(), print) == [
        "fine, really",
        "dull",
    ]
    assert read_table_texts(write("b.tsv", "id\treview\n1\tfine\n"), FileOptions(), print) == ["fine"]
    assert read_table_texts(write("c.tsv", '"fine\ndull\n'), FileOptions(header=False, text_column=("1",)), print) == [
        '"fine',
        "dull",
    ]
    with pytest.raises(DataError, match="holds no rows"):
        read_table_texts(write("d.csv", "text\n"), FileOptions(), print)


# The cut.


def test_the_cut_keeps_proportions_and_follows_its_seed(write: Write, table: Table) -> None:
    path = write("a.csv", table([(f"text {i}", "abbb"[i % 4]) for i in range(200)]))
    one, same, other = (read_file(path, FileOptions(split_seed=seed)).dataset for seed in (0, 0, 1))
    assert Counter(one.test.labels.tolist()) == {0: 10, 1: 30}
    assert one.digest == same.digest != other.digest
    assert [int(text.split()[1]) for text in one.train.texts] == sorted(int(t.split()[1]) for t in one.train.texts)
    wide = read_file(path, FileOptions(test_fraction=0.5)).dataset
    assert len(wide.test) == 100


def test_small_classes_have_a_row_on_either_side_whatever_the_fraction(write: Write, table: Table) -> None:
    path = write("a.csv", table([(f"text {i}", f"class {i % 77}") for i in range(160)]))
    for fraction in (0.01, 0.2, 0.99):
        dataset = read_file(path, FileOptions(test_fraction=fraction)).dataset
        assert len(set(dataset.train.labels.tolist())) == len(set(dataset.test.labels.tolist())) == 77


def test_a_class_too_small_for_a_cut_is_refused_and_not_with_a_test_file(
    write: Write, whole: Reader, table: Table
) -> None:
    path = write("a.csv", table([*FOUR, ("odd", "rare"), ("odd ", "rare")]))
    with pytest.raises(DataError, match=r"a\.csv: the class 'rare' is too small to be cut \(2 rows\).*--test-file"):
        read_file(path, FileOptions())
    assert len(whole(path).dataset.class_names) == 3
    wrong = write("b.csv", table([(f"text {i}", f"id{i}") for i in range(20)]))
    with pytest.raises(DataError, match=r"19 more of 20 classes.*Is --label-column the right one"):
        read_file(wrong, FileOptions())


# fastText.


# What is no such file at all.


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b" \n\n", "is empty"),
        ("a.csv", b"text,label\n", "holds no rows below its header"),
        ("a.csv", b"PK\x03\x04rest", "is not what its ending says: it is a ZIP archive"),
        ("a.csv", b"\x1f\x8brest", r"compressed with gzip .*give it an ending with \.gz"),
        ("a.csv.gz", b"text,label\n", "cannot be read: Not a gzipped file"),
        ("a.csv.gz", gzip.compress(b"text,label\na,b\n" * 50, mtime=0)[:-12], "cannot be read: .*damaged or cut short"),
        ("a.csv", b"\n<!DOCTYPE html><html>", "it is an HTML or XML page"),
        ("a.jsonl", b"<HTML>", "it is an HTML or XML page"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer.*git lfs pull"),
        ("a.parquet", b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"),
        ("a.csv", b"PAR1rest", r"a Parquet file; give it the ending \.parquet"),
        ("a.parquet", b"text,label\n", "is not a Parquet file: it begins with b'text'"),
        ("a.csv", b"text,label\na,b\xff\n", r"a\.csv, line 2: byte 0xFF \(14\) is not UTF-8"),
        ("a.csv", b"text,label\na,same\nb,same\n", "all labels in column 'label' are 'same'; expected two classes"),
        ("a.csv", b"text,label\na,b,c\n", r"line 2: 3 fields, 'a', 'b', 'c'; expected 2.*--separator"),
        ("a.csv", b'text,label\n"a"b,c\n', "line 2: a quote in a field in quotes is neither doubled nor.*--quoting"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(
    write: Write, name: str, content: bytes, message: str, whole: Reader
) -> None:
    with pytest.raises(DataError, match=message):
        whole(write(name, content))


def test_a_folder_a_missing_file_and_an_unknown_column_are_refused(
    write: Write, tmp_path: Path, whole: Reader, table: Table
) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="holds no folders; expected one folder of text files per class"):
        whole(tmp_path / "folder.csv")
    with pytest.raises(DataError, match="there is no file"):
        whole(tmp_path / "missing.csv")
    with pytest.raises(DataError, match="is not a regular file"):
        whole(Path("/dev/null.csv") if Path("/dev/null.csv").exists() else _device(tmp_path))
    path = write("a.csv", table(FOUR))
    with pytest.raises(UsageError, match=r"has no column 'txt' \(--text-column\): did you mean text\?"):
        whole(path, text_column="txt")
    with pytest.raises(
        UsageError, match="named twice by --text-column, --label-column, --group-column or --split-column"
    ):
        whole(path, text_column="label", label_column="label")
    with pytest.raises(UsageError, match="--encoding 'hex' is not an encoding of text files"):
        whole(path, encoding="hex")
    with pytest.raises(UsageError, match="'text', 'review' could all hold the texts; name one with --text-column"):
        whole(write("b.csv", "text,review,label\na,b,c\nd,e,f\n"))
    with pytest.raises(DataError, match=r"test\.csv: no training row has the class 'odd'.*expected 'neg', 'pos'"):
        read_file(path, FileOptions(test_file=str(write("test.csv", table([("a", "odd"), ("b", "pos")])))))
    with pytest.raises(UsageError, match=r"--test-fraction 0.2 exclude each other"):
        whole(path, test_fraction=0.2)


def _device(folder: Path) -> Path:
    link = folder / "null.csv"
    link.symlink_to("/dev/null")
    return link


def test_paths_that_cannot_be_looked_at_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: File name too long"):
        read_file(tmp_path / ("a" * 300 + ".csv"), FileOptions())


def test_labels_that_look_alike_are_said(write: Write, whole: Reader, table: Table) -> None:
    labels = ["1", "1.0", "2.5", "caf\xe9", "cafe\u0301", "pos", "pos\u200b", "neg"]
    read = whole(write("a.csv", table([(f"text {i}", label) for i, label in enumerate(labels)])))
    assert len(read.dataset.class_names) == 8
    for alike in ("'1', '1.0'", "'cafe\u0301', 'caf\xe9'", "'pos', 'pos\\u200b'"):
        assert f"the labels {alike} look alike: each is a class of its own" in read.notes


def test_a_cut_that_is_not_the_fraction_asked_for_is_said(write: Write, table: Table) -> None:
    path = write("a.csv", table([(f"text {i}", f"class {i % 10}") for i in range(40)]))
    read = read_file(path, FileOptions(test_fraction=0.05))
    assert "10 of 40 texts are for testing, so that each class has one on either side" in read.dataset.notes


def test_a_test_file_may_name_its_columns_otherwise(write: Write, table: Table) -> None:
    test_file = write("test.jsonl", '{"label":"pos","text":"new"}\n')
    train = write("train.csv", table(FOUR, names="review,sentiment"))
    read = read_file(train, FileOptions(test_file=str(test_file)))
    assert "test.jsonl: text 'text', label 'label'" in read.dataset.notes
    assert read_file(train, read.options).dataset.digest == read.dataset.digest


def test_options_that_no_file_can_use_are_refused(tmp_path: Path, write: Write, table: Table, whole: Reader) -> None:
    lines = write("a.jsonl", '{"text":"fine","label":1}\n{"text":"dull","label":0}\n')
    with pytest.raises(UsageError, match=r"--no-header, --quoting, --separator: a file such as .*leave it out"):
        whole(lines, header=False, separator=";", quoting="literal")
    with pytest.raises(UsageError, match=r"--test-file .* and --split-seed 3 exclude each other"):
        whole(lines, split_seed=3)
    mixed = write("b.csv", "text;label\nfine;1\ndull;0\n")
    assert len(read_file(mixed, FileOptions(test_file=str(lines), separator=";")).dataset.test) == 2


def test_what_was_found_out_is_kept_and_said_for_both_files(write: Write, table: Table) -> None:
    train = write("train.csv", table(FOUR, ";"))
    read = read_file(train, FileOptions())
    assert (read.options.separator, read.options.encoding, read.options.quoting) == (";", "utf-8", "doubled")
    assert "the separator is ';'" in read.dataset.notes
    assert "the separator is ';'" not in read_file(train, FileOptions(separator=";")).dataset.notes
    test_file = write("test.csv", table(FOUR, "\t").encode("utf-16"))
    both = read_file(train, FileOptions(test_file=str(test_file)))
    assert {"test.csv: the separator is '\\t'", "test.csv: the encoding is utf-16"} <= set(both.dataset.notes)
    assert both.options.separator is None
    assert read_file(train, both.options).dataset.digest == both.dataset.digest


@pytest.mark.parametrize(
    ("option", "value"), [("text_column", "text,"), ("label_column", ""), ("separator", ""), ("encoding", "")]
)
def test_an_empty_name_is_refused(option: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"{option} is '', expected"):
        make_spec({option: value})


def test_the_length_of_texts_in_the_sample_does_not_matter(write: Write, whole: Reader) -> None:
    path = write("a.csv", f"text;label\n{'x' * 5_000_000};pos\nfine;neg\n")
    assert len(whole(path, max_text_length=6_000_000).rows[0][0]) == 5_000_000
