"""Files as people have them: read exactly, or refused with the place, the value and the option that settles it."""

from __future__ import annotations

import gzip
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.datasets.files import FileRead, read_file, read_texts
from bench.errors import BenchError, DataError, UsageError
from bench.records import FileOptions

Write = Callable[[str, "str | bytes"], Path]

FOUR = [("a fine film", "pos"), ("so dull", "neg"), ("great fun", "pos"), ("a bore", "neg")]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def whole(path: Path, **options: Any) -> FileRead:
    """A file read as training and as test rows, so that no row needs a second one of its class."""
    return read_file(path, FileOptions(test_file=str(path), **options))


def rows(read: FileRead) -> list[tuple[str, str]]:
    part = read.dataset.train
    return [(text, read.dataset.class_names[label]) for text, label in zip(part.texts, part.labels, strict=True)]


def notes(read: FileRead) -> str:
    return "\n".join(read.dataset.notes)


def table(pairs: list[tuple[str, str]], separator: str = ",", names: str = "text,label") -> str:
    return "".join(f"{line}\n" for line in [names.replace(",", separator), *(separator.join(pair) for pair in pairs)])


# Kaggle's labeledTrainData.tsv: quotes around fields, those inside after a backslash.


def test_quotes_after_a_backslash_are_read_as_quotes(write: Write) -> None:
    path = write(
        "labeledTrainData.tsv",
        "id\tsentiment\treview\n"
        '"1_8"\t1\t"\\"Blue Lamp\\" is a film"\n'
        '"2_3"\t0\t"dull, \\"very\\" dull"\n'
        '"3_9"\t1\t"he said \\"go\\""\n',
    )
    read = whole(path)
    assert rows(read) == [('"Blue Lamp" is a film', "1"), ('dull, "very" dull', "0"), ('he said "go"', "1")]
    assert read.options.text_column == ("review",)
    assert read.options.label_column == "sentiment"
    assert "text 'review', label 'sentiment'" in read.dataset.origin
    assert "--text-column choose others" in notes(read)
    assert r"\" in them is read as" in notes(read)


def test_a_quoted_column_without_inner_quotes_loses_its_outer_ones_only(write: Write) -> None:
    read = whole(write("a.tsv", 'sentiment\treview\n1\t"a \\n b"\n0\t"tab\\\\"\n'))
    assert rows(read) == [("a \\n b", "1"), ("tab\\\\", "0")]
    assert "2 texts" not in notes(read)
    assert "1 texts hold a backslash and an n" in notes(read)


# SMSSpamCollection, UCI's sentences, PAWS-X: tab-separated lines in which a quote is a character.

STRAY = 'ham\tok then\nspam\t"free entry\nham\tnot now\nham\tlater"{end}\nspam\twin it\n'


@pytest.mark.parametrize("end", ["", " he said"])
def test_stray_quotes_in_a_tsv_join_no_lines(write: Write, end: str) -> None:
    path = write("sms.tsv", STRAY.format(end=end))
    read = whole(path, header=False, label_column="1", text_column=("2",))
    texts = ["ok then", '"free entry', "not now", f'later"{end}', "win it"]
    assert rows(read) == list(zip(texts, ["ham", "spam", "ham", "ham", "spam"], strict=True))
    assert "quotes are taken as characters" in notes(read)


def test_a_tsv_that_can_be_read_in_two_ways_is_refused_until_an_option_says_which(write: Write) -> None:
    path = write("sms.tsv", "label\ttext\n" + STRAY.format(end=""))
    with pytest.raises(
        DataError, match=r"sms\.tsv, line 3: a quote opens here .*--quoting doubled .*--quoting literal"
    ):
        whole(path)
    assert len(rows(whole(path, quoting="literal"))) == 5
    joined = whole(path, quoting="doubled")
    assert rows(joined)[1] == ("free entry\nham\tnot now\nham\tlater", "spam")
    assert "3 rows in 6 lines" in notes(joined)


def test_a_tsv_that_a_program_wrote_with_line_breaks_in_quotes_is_read_as_written(write: Write) -> None:
    read = whole(write("a.tsv", 'text\tlabel\n"say ""hi""\nor not"\tpos\n\ttwo\n'))
    assert rows(read) == [('say "hi"\nor not', "pos"), ("", "two")]
    assert "2 rows in 4 lines" in notes(read)


def test_a_tsv_that_keeps_to_no_custom_is_refused_with_both_lines(write: Write) -> None:
    path = write("a.tsv", 'text\tlabel\nfine\tpos\n"so\tdull\tneg\n"a" b\tpos\n')
    with pytest.raises(DataError, match=r"a\.tsv, line 3: .* another number of fields .*\(line 3\).*--quoting"):
        whole(path)


def test_a_line_break_in_quotes_is_part_of_a_row_of_a_csv(write: Write) -> None:
    read = whole(write("a.csv", 'text,label\n"two\nlines",pos\ndull,neg\n'))
    assert rows(read) == [("two\nlines", "pos"), ("dull", "neg")]
    assert "2 rows in 4 lines" in notes(read)


# Sentiment140: no header, six columns, Latin-1.

TWEETS = '"0","11","Mon","NO","anna","caf\xe9 closed"\n"4","12","Tue","NO","ben","sunny \x9a day"\n'


def test_a_file_without_header_and_in_latin_1_is_refused_step_by_step_and_then_read(write: Write) -> None:
    path = write("tweets.csv", TWEETS.encode("latin-1"))
    with pytest.raises(DataError, match=r"line 1: byte 0xE9 \(31\) is not UTF-8; .*--encoding latin-1"):
        whole(path)
    with pytest.raises(UsageError, match=r"no column has a usual name for labels .*'anna'.* --no-header, with numbers"):
        whole(path, encoding="latin-1")
    with pytest.raises(UsageError, match=r"--no-header .* numbers, 1 to 6; .*--label-column 1\. The first row is '0'"):
        whole(path, encoding="latin-1", header=False)
    with pytest.raises(UsageError, match=r"--label-column is 'target', but with --no-header .* expected 1 to 6"):
        whole(path, encoding="latin-1", header=False, label_column="target")
    read = whole(path, encoding="latin-1", header=False, label_column="1", text_column="6")
    assert rows(read) == [("caf\xe9 closed", "0"), ("sunny \x9a day", "4")]
    assert "control characters" in notes(read)
    assert "--encoding cp1252" in notes(read)


# AG News, Yelp, Amazon: a title and a text, a class index from 1.


def test_several_text_columns_are_joined_where_they_are_named_and_refused_where_not(write: Write) -> None:
    path = write("amazon.csv", 'label,title,text\n2,"Great ""one""","line\\nbreak"\n1,Bad,no\n')
    with pytest.raises(UsageError, match=r"beside 'text' 'title' may be text too.*--text-column title,text"):
        whole(path)
    read = whole(path, text_column="title,text")
    assert rows(read) == [('Great "one"\nline\\nbreak', "2"), ("Bad\nno", "1")]
    assert [text for text, _ in rows(whole(path, text_column="text"))] == ["line\\nbreak", "no"]
    assert "text 'title' and 'text'" in read.dataset.origin


def test_a_literal_backslash_n_joins_no_words(write: Write) -> None:
    from bench.divisions import encode_split

    text = rows(whole(write("a.csv", "text,label\ngood\\nfilm,1\nbad,2\n")))[0][0]
    assert encode_split([text], [], "open")[1][0] == "good\\nfilm"
    assert "goodnfilm" not in encode_split([text], [], "closed")[1][0]


def test_the_written_form_of_classes_changes_no_number(write: Write) -> None:
    def read(low: str, high: str) -> FileRead:
        lines = [(f"text {i} of {i % 7}", (low, high)[i % 2]) for i in range(40)]
        return read_file(write(f"{low}.csv", table(lines)), FileOptions())

    first, *others = (read(*names) for names in (("1", "2"), ("0", "1"), ("neg", "pos"), ("9", "10")))
    for other in others:
        assert other.dataset.train.texts == first.dataset.train.texts
        assert other.dataset.test.labels.tolist() == first.dataset.test.labels.tolist()


# Yelp's review.json: lines under the ending .json.

YELP = '{{"stars":{},"useful":3,"date":"2018-07-07","text":"stop {}\\nat once"}}\n'


def test_json_is_read_as_lines_or_as_an_array_like_the_csv_export(write: Write) -> None:
    lines = [YELP.format(f"{stars}.0", stars) for stars in (5, 1, 4, 2, 3)]
    by_line = whole(write("review.json", "".join(lines)))
    assert by_line.dataset.class_names == ("1", "2", "3", "4", "5")
    assert rows(by_line)[0] == ("stop 5\nat once", "5")
    assert "written without .0" in notes(by_line)
    array = whole(write("array.json", f"[{','.join(lines)}]"))
    export = whole(write("r.csv", "text,stars\n" + "".join(f'"stop {k}\nat once",{k}.0\n' for k in (5, 1, 4, 2, 3))))
    assert array.dataset.digest == by_line.dataset.digest == export.dataset.digest


def test_a_json_array_is_decoded_a_piece_at_a_time(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench.datasets.readers import json_rows

    monkeypatch.setattr(json_rows, "CHUNK_CHARACTERS", 7)
    path = write("a.json", '\ufeff [ {"text": "é, \\"x\\"", "label": 1} ,\n{"label": 2, "text": "b"}\n] \n')
    assert rows(whole(path)) == [('é, "x"', "1"), ("b", "2")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a", "label": 1}\n{"text": "b", "label"\n', "line 2: it is no JSON .* one JSON object a line"),
        ('[{"text": "a", "label": 1} {"text": "b"}]', "row 1: '{' follows it, expected a comma or the array's end"),
        ('[{"text": "a", "label": 1}, ', "row 2: it is no JSON"),
        ('[{"text": "a", "label": 1}', "row 1: '' follows it, expected a comma or the array's end"),
        ('[{"text": "a", "label": 1}] x', "row 1: 'x' follows it, expected nothing after the array"),
        ("[]", "no column has a usual name"),
        ('{"text": {"0": "a"}, "label": {"0": 1}}', "line 1: 'text' is .*, expected a string or a number"),
        ('["a", "b"]', "row 1: '\"a\"' is no JSON object"),
        ('{"text": "a", "label": 1, "label": 2}\n', "line 1: the key 'label' occurs twice"),
        ('{"text": "\\ud83d", "label": 1}\n', r"line 1: 'text' holds .*, half of a character pair"),
        ("[" * 100_000, "row 1: it is no JSON"),
    ],
)
def test_damaged_json_is_refused_with_its_place(write: Write, content: str, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        whole(write("a.json", content))


# Kaggle's IMDB Dataset.csv, and files with duplicates.


def test_equal_texts_stay_on_one_side_and_are_counted(write: Write) -> None:
    pairs = [(f"film {i % 30}<br /><br />{' ' * (i % 3)}was shown", ("pos", "neg")[i % 30 % 2]) for i in range(90)]
    pairs += [("film 1<br /><br />\twas shown", "pos")]
    read = read_file(write("IMDB Dataset.csv", table(pairs, names="review,sentiment")), FileOptions())
    sides = [{" ".join(text.split()) for text in part.texts} for part in (read.dataset.train, read.dataset.test)]
    assert not sides[0] & sides[1]
    assert [len(side) for side in sides] == [24, 6]
    facts = read.facts
    assert (facts.n_rows, facts.n_train + facts.n_test, facts.n_test_in_train) == (91, 91, 0)
    assert (facts.n_repeated_texts, facts.n_two_label_texts, facts.n_two_label_rows) == (61, 1, 4)


def test_a_test_file_may_hold_training_texts_and_they_are_counted(write: Write) -> None:
    test_file = write("test.csv", table([("so  dull ", "neg"), ("new", "pos")]))
    read = read_file(write("train.csv", table(FOUR)), FileOptions(test_file=str(test_file)))
    assert (read.facts.n_train, read.facts.n_test, read.facts.n_test_in_train) == (4, 2, 1)
    assert "test rows of test.csv" in read.dataset.origin


# Parquet from the Hugging Face hub.

HUB = b'{"info": {"features": {"label": {"names": ["neg", "pos", "odd"], "_type": "ClassLabel"}}}}'


def parquet(path: Path, metadata: bytes | None = None, **columns: Any) -> Path:
    made = pa.table(
        {name: values if isinstance(values, pa.Array) else pa.array(values) for name, values in columns.items()}
    )
    pq.write_table(made.replace_schema_metadata({b"huggingface": metadata} if metadata else None), path)
    return path


def test_class_names_come_from_the_metadata_in_their_order(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", HUB, text=["fine", "dull", "fun"], label=[1, 0, 1])
    read = whole(path)
    assert read.dataset.class_names == ("neg", "pos")
    assert rows(read) == [("fine", "pos"), ("dull", "neg"), ("fun", "pos")]
    assert "classes that have no rows: 'odd'" in notes(read)


def test_minus_one_is_a_missing_label_where_names_exist_and_a_class_where_not(tmp_path: Path) -> None:
    columns = {"text": ["fine", "dull", "fun"], "label": [1, -1, -1]}
    with pytest.raises(DataError, match=r"a\.parquet, row 2: the row has no label .*1 more.* -1 stands for"):
        whole(parquet(tmp_path / "a.parquet", HUB, **columns))
    with pytest.raises(DataError, match=r"row 1: the label is '7', expected 0 to 2"):
        whole(parquet(tmp_path / "b.parquet", HUB, text=["a", "b"], label=[7, 1]))
    assert whole(parquet(tmp_path / "c.parquet", **columns)).dataset.class_names == ("-1", "1")


def test_every_way_that_parquet_stores_texts_and_labels_is_the_same_corpus(tmp_path: Path) -> None:
    texts, labels = ["fine é", None, "fun"], [1.0, 2.0, 1.0]
    reference = whole(parquet(tmp_path / "a.parquet", text=texts, label=labels)).dataset
    assert reference.train.texts == ["fine é", "", "fun"]
    assert reference.class_names == ("1", "2")
    for text, label in [
        (pa.array(texts).dictionary_encode(), pa.array(labels, pa.float32())),
        (pa.array(texts, pa.large_string()), pa.array([1, 2, 1], pa.int8())),
        (pa.array([t and t.encode() for t in texts], pa.binary()), pa.array(["1", " 2 ", "1"]).dictionary_encode()),
        (pa.array(texts, pa.string_view()), pa.array(["1.0", "2.0", "1.0"])),
    ]:
        assert whole(parquet(tmp_path / "b.parquet", text=text, label=label)).dataset.digest == reference.digest
    assert whole(parquet(tmp_path / "c.parquet", text=texts, label=[True, False, True])).dataset.class_names == (
        "False",
        "True",
    )
    assert whole(
        parquet(tmp_path / "d.parquet", text=texts, label=pa.array([0.1, 2.5, 0.1], pa.float32()))
    ).dataset.class_names == ("0.1", "2.5")


def test_bytes_that_are_no_utf_8_and_columns_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 2: 'text' holds byte 0xE9, which is not UTF-8"):
        whole(parquet(tmp_path / "a.parquet", text=[b"a", b"caf\xe9"], label=[0, 1]))
    with pytest.raises(DataError, match="the column 'text' holds list<"):
        whole(parquet(tmp_path / "b.parquet", text=[["a"], ["b"]], label=[0, 1]))
    damaged = tmp_path / "c.parquet"
    damaged.write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    with pytest.raises(DataError, match=r"c\.parquet is no whole Parquet file"):
        whole(damaged)


# Words that other readers take for missing values.


def test_only_an_empty_cell_is_missing(write: Write) -> None:
    words = ["None", "null", "NA", "N/A", "nan", "NaN", ""]
    read = whole(write("a.csv", table([*((word, "NA") for word in words), ("x", "null")])))
    assert rows(read) == [*((word, "NA") for word in words), ("x", "null")]
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
def test_a_missing_label_is_an_error_with_its_line(write: Write, name: str, content: str, place: str) -> None:
    with pytest.raises(DataError, match=rf"{place}: the row has no label in column 'label' \(as have 1 more\)"):
        whole(write(name, content))


# Excel: marks, semicolons, Windows-1252, UTF-16 with tabs, `sep=;`.


def test_what_excel_writes_is_read(write: Write) -> None:
    pairs = [("it\u2019s fine", "pos"), ("5 \u20ac, dull", "neg")]
    plain = table(pairs, ";")
    expected = whole(write("plain.csv", plain)).dataset.digest
    for name, content, options in [
        ("mark.csv", b"\xef\xbb\xbf" + plain.encode(), {}),
        ("cp1252.csv", plain.encode("cp1252"), {"encoding": "cp1252"}),
        ("sep.csv", f"sep=;\n{plain}".replace("\n", "\r\n"), {}),
        ("tabs.csv", table(pairs, "\t").encode("utf-16"), {}),
        ("tabs.tsv", table(pairs, "\t").encode("utf-16-le"), {"encoding": "utf-16-le"}),
        ("pipes.csv", table(pairs, "|"), {}),
        ("odd.csv", table(pairs, "~"), {"separator": "~"}),
        ("spaces.csv", plain.replace("text;label", " text ; label "), {}),
    ]:
        read = whole(write(name, content), **options)
        assert rows(read) == pairs, name
        assert read.dataset.digest == expected
    with pytest.raises(DataError, match=r"byte 0x92 .*--encoding cp1252"):
        whole(write("bare.csv", plain.encode("cp1252")))
    with pytest.raises(DataError, match=r"NUL bytes.*--encoding utf-16-le"):
        whole(write("bare.tsv", table(pairs, "\t").encode("utf-16-le")))
    with pytest.raises(DataError, match="begins with the mark of UTF-8, but --encoding is cp1252"):
        whole(write("both.csv", b"\xef\xbb\xbf" + plain.encode()), encoding="cp1252")


def test_the_separator_is_never_guessed_from_letters(write: Write) -> None:
    lines = "text\tlabel\nhe said 'go' to a friend\tpos\nto be or not\tneg\n"
    assert len(rows(whole(write("a.csv", lines)))) == 2
    with pytest.raises(DataError, match=r"'text' is one column; .*comma, semicolon, tab, pipe; --separator"):
        whole(write("b.csv", "text\nabc\nadb\n"))
    with pytest.raises(DataError, match=r"comma and semicolon could all separate its fields.*--separator"):
        whole(write("c.csv", "a,b;c\nd,e;f\n"), text_column="x", label_column="y")
    named = whole(write("d.csv", "text;a,label\nfine;x,pos\nfun;y,neg\n"), text_column="text", label_column="a,label")
    assert rows(named) == [("fine", "x,pos"), ("fun", "y,neg")]
    with pytest.raises(UsageError, match="--separator is ';;', expected one character"):
        whole(write("e.csv", lines), separator=";;")


# Characters at which other readers split lines.

ODD = "a\rb\x85c\u2028d\u2029e\x0bf\x0cg\x1ch\x00i \u202eright\u200f\ufeff end\r"


@pytest.mark.parametrize("order", [["text", "label"], ["label", "text"]])
def test_only_line_feeds_outside_quotes_end_a_row(tmp_path: Path, order: list[str]) -> None:
    frame = pd.DataFrame({"text": [ODD, "dull"], "label": ["pos", "neg"]})[order]
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    (tmp_path / "bare.csv").write_text(
        "\n".join([",".join(order), *(",".join(row) for row in frame.to_numpy().tolist())]) + "\n", newline=""
    )
    for name in ("a.csv", "a.tsv", "bare.csv"):
        assert rows(whole(tmp_path / name)) == [(ODD, "pos"), ("dull", "neg")], name


def test_a_file_with_two_kinds_of_line_ends_says_so(write: Write) -> None:
    read = whole(write("a.csv", 'label,text\npos,fine\r\nneg,"dull"\r\nneg,bad\n\r\n\n'))
    assert rows(read) == [("fine\r", "pos"), ("dull", "neg"), ("bad", "neg")]
    assert "in 1 rows the last column ends in a carriage return" in notes(read)
    assert "2 empty lines are no rows" in notes(read)
    windows = whole(write("b.csv", "label,text\r\npos,fine\r\nneg,dull\n"))
    assert rows(windows) == [("fine", "pos"), ("dull", "neg")]


def test_a_row_that_ends_early_and_a_file_with_carriage_returns_alone_are_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"line 3: 1 field, 'dull'; expected 2, the columns 'text', 'label'"):
        whole(write("a.csv", "text,label\nfine,pos\ndull\n"))
    with pytest.raises(DataError, match="its lines end in a carriage return alone"):
        whole(write("b.csv", "text,label\rfine,pos\rdull,neg\r"))


# Long texts.


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_one_limit_on_the_length_of_a_text_holds_for_every_kind(tmp_path: Path, kind: str) -> None:
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

    assert len(rows(whole(save(300_000)))[1][0]) == 300_000
    path = save(1_200_000)
    with pytest.raises(
        DataError, match=r"(line [23]|row 2): a text of 1,200,000 characters, expected 1,000,000 at most"
    ):
        whole(path)
    assert len(rows(whole(path, max_text_length=2_000_000))[1][0]) == 1_200_000


def test_damage_does_not_fill_the_memory(write: Write) -> None:
    endless = "text,label\nfine,pos\n" + '"' + "x\n" * 30_000 + "y"
    with pytest.raises(DataError, match=r"line 3: a field of more than 1,000 characters; is a quote never closed"):
        whole(write("a.csv", endless), max_text_length=100)
    with pytest.raises(DataError, match=r"line 3: a quote opens here and is never closed.*--quoting literal"):
        whole(write("a.csv", endless))
    with pytest.raises(DataError, match=r"line 2: it has more than 1,000 characters"):
        whole(write("b.csv", "text,label\n" + "x" * 3000), max_text_length=100)


# Labels.


def test_labels_are_the_characters_in_the_file(write: Write) -> None:
    mixed = whole(write("a.csv", table([("a", " True"), ("b", "TRUE "), ("c", "False")])))
    assert mixed.dataset.class_names == ("False", "TRUE", "True")
    assert "the labels 'TRUE', 'True' differ in case only" in notes(mixed)
    both = whole(write("b.csv", table([("a", "1"), ("b", "1.0"), ("c", "0")])))
    assert both.dataset.class_names == ("0", "1")
    assert "'1', '1.0' are therefore not told apart" in notes(both)
    assert whole(write("c.csv", table([("a", "1.50"), ("b", "1.0")]))).dataset.class_names == ("1.0", "1.50")
    assert whole(write("d.csv", table([("a", "007"), ("b", "10"), ("c", "9")]))).dataset.class_names == (
        "007",
        "9",
        "10",
    )


def test_a_class_index_in_one_file_and_its_float_in_the_other_are_one_class(write: Write) -> None:
    test_file = write("test.csv", table([("a", "0.0"), ("b", "1.0")]))
    read = read_file(write("train.csv", table([("x", "0"), ("y", "1")])), FileOptions(test_file=str(test_file)))
    assert read.dataset.class_names == ("0", "1")


# Headers.


def test_a_column_that_occurs_twice_is_refused_unless_a_number_says_which(write: Write) -> None:
    path = write("a.csv", "text,label, label\nfine,pos,1\ndull,neg,0\n")
    with pytest.raises(UsageError, match=r"'label' occurs 2 times, as columns 2 and 3; .*--label-column 2"):
        whole(path)
    assert whole(path, label_column="3").dataset.class_names == ("0", "1")
    assert len(rows(whole(write("b.csv", "x,x,text,label\n1,2,fine,pos\n3,4,dull,neg\n")))) == 2


def test_columns_without_a_name_are_mentioned_where_they_hold_something(write: Write) -> None:
    read = whole(write("spam.csv", "label,text,,\nham,ok,,\nspam,win,,now\n"))
    assert rows(read) == [("ok", "ham"), ("win", "spam")]
    assert "column 4 has no name and holds values in 1 rows" in notes(read)
    assert "column 3" not in notes(read)


# fastText.


def test_fasttext_lines_are_refused_with_a_conversion_that_works(write: Write, tmp_path: Path) -> None:
    path = write("train.txt", "__label__pos a fine film\n__label__neg so dull\n")
    with pytest.raises(UsageError, match=r"expected \.csv, \.tsv, \.jsonl, \.json or \.parquet") as refused:
        whole(path)
    conversion = str(refused.value).split("`")[-2].replace("FILE", str(tmp_path / "train"))
    subprocess.run(conversion, shell=True, check=True)
    assert rows(whole(tmp_path / "train.tsv")) == [("a fine film", "pos"), ("so dull", "neg")]


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
    assert read_texts(write("a.csv", 'text\n"fine, really"\ndull\n'), FileOptions()) == ["fine, really", "dull"]
    assert read_texts(write("b.tsv", "id\treview\n1\tfine\n"), FileOptions()) == ["fine"]
    assert read_texts(write("c.tsv", '"fine\ndull\n'), FileOptions(header=False, text_column=("1",))) == [
        '"fine',
        "dull",
    ]
    with pytest.raises(DataError, match="holds no rows"):
        read_texts(write("d.csv", "text\n"), FileOptions())


# The cut.


def test_the_cut_keeps_proportions_and_follows_its_seed(write: Write) -> None:
    path = write("a.csv", table([(f"text {i}", "abbb"[i % 4]) for i in range(200)]))
    one, same, other = (read_file(path, FileOptions(split_seed=seed)).dataset for seed in (0, 0, 1))
    assert Counter(one.test.labels.tolist()) == {0: 10, 1: 30}
    assert one.digest == same.digest != other.digest
    assert [int(text.split()[1]) for text in one.train.texts] == sorted(int(t.split()[1]) for t in one.train.texts)
    wide = read_file(path, FileOptions(test_fraction=0.5)).dataset
    assert len(wide.test) == 100


def test_small_classes_have_a_row_on_either_side_whatever_the_fraction(write: Write) -> None:
    path = write("a.csv", table([(f"text {i}", f"class {i % 77}") for i in range(160)]))
    for fraction in (0.01, 0.2, 0.99):
        dataset = read_file(path, FileOptions(test_fraction=fraction)).dataset
        assert len(set(dataset.train.labels.tolist())) == len(set(dataset.test.labels.tolist())) == 77


def test_a_class_too_small_for_a_cut_is_refused_and_not_with_a_test_file(write: Write) -> None:
    path = write("a.csv", table([*FOUR, ("odd", "rare"), ("odd ", "rare")]))
    with pytest.raises(DataError, match=r"a\.csv: the class 'rare' is too small to be cut \(2 rows\).*--test-file"):
        read_file(path, FileOptions())
    assert len(whole(path).dataset.class_names) == 3
    wrong = write("b.csv", table([(f"text {i}", f"id{i}") for i in range(20)]))
    with pytest.raises(DataError, match=r"19 more of 20 classes.*is the label column the right one"):
        read_file(wrong, FileOptions())


# What is no such file at all.


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b" \n\n", "is empty"),
        ("a.csv", b"text,label\n", "holds no rows below its header"),
        ("a.csv", b"PK\x03\x04rest", "is not what its ending says: it is a ZIP archive"),
        ("a.csv", b"\x1f\x8brest", r"compressed with gzip; give it an ending with \.gz"),
        ("a.csv.gz", b"text,label\n", "cannot be read: Not a gzipped file"),
        ("a.csv.gz", gzip.compress(b"text,label\na,b\n" * 50)[:-12], "cannot be read: .*damaged or cut short"),
        ("a.csv", b"\n<!DOCTYPE html><html>", "it is an HTML or XML page"),
        ("a.jsonl", b"<HTML>", "it is an HTML or XML page"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer.*git lfs pull"),
        ("a.parquet", b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"),
        ("a.csv", b"PAR1rest", r"a Parquet file; give it the ending \.parquet"),
        ("a.parquet", b"text,label\n", "is no Parquet file: it begins with b'text'"),
        ("a.csv", b"text,label\na,b\xff\n", r"a\.csv, line 2: byte 0xFF \(14\) is not UTF-8"),
        ("a.csv", b"text,label\na,same\nb,same\n", "all labels in column 'label' are 'same'; expected two classes"),
        ("a.csv", b"text,label\na,b,c\n", r"line 2: 3 fields, 'a', 'b', 'c'; expected 2.*--separator"),
        ("a.csv", b'text,label\n"a"b,c\n', "line 2: a quote in a field in quotes is neither doubled nor.*--quoting"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(write: Write, name: str, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        whole(write(name, content))


def test_a_folder_a_missing_file_and_an_unknown_column_are_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="is a folder; expected a file"):
        whole(tmp_path / "folder.csv")
    with pytest.raises(DataError, match="there is no file"):
        whole(tmp_path / "missing.csv")
    with pytest.raises(DataError, match="is no regular file"):
        whole(Path("/dev/null.csv") if Path("/dev/null.csv").exists() else _device(tmp_path))
    path = write("a.csv", table(FOUR))
    with pytest.raises(UsageError, match=r"has no column 'txt' \(--text-column\): did you mean text\?"):
        whole(path, text_column="txt")
    with pytest.raises(UsageError, match="named twice by --text-column and --label-column"):
        whole(path, text_column="label", label_column="label")
    with pytest.raises(UsageError, match="--encoding 'hex' is no encoding of text"):
        whole(path, encoding="hex")
    with pytest.raises(UsageError, match="'text', 'review' could all hold the texts; name one with --text-column"):
        whole(write("b.csv", "text,review,label\na,b,c\nd,e,f\n"))
    with pytest.raises(DataError, match=r"test\.csv: the classes 'odd' have no training row.*expected 'neg', 'pos'"):
        read_file(path, FileOptions(test_file=str(write("test.csv", table([("a", "odd"), ("b", "pos")])))))
    with pytest.raises(UsageError, match=r"--test-fraction 0.2 exclude each other"):
        whole(path, test_fraction=0.2)


def _device(folder: Path) -> Path:
    link = folder / "null.csv"
    link.symlink_to("/dev/null")
    return link
