"""CSV and TSV as people have them: Kaggle's, Excel's, those without header, and quotes of every custom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.errors import DataError, UsageError

Write = Callable[[str, "str | bytes"], Path]
Reader = Callable[..., Any]
Table = Callable[..., str]


# Kaggle's labeledTrainData.tsv: quotes around fields, those inside after a backslash.


def test_quotes_after_a_backslash_are_read_as_quotes(write: Write, whole: Reader) -> None:
    path = write(
        "labeledTrainData.tsv",
        "id\tsentiment\treview\n"
        '"1_8"\t1\t"\\"Blue Lamp\\" is a film"\n'
        '"2_3"\t0\t"dull, \\"very\\" dull"\n'
        '"3_9"\t1\t"he said \\"go\\""\n',
    )
    read = whole(path)
    assert read.rows == [('"Blue Lamp" is a film', "1"), ('dull, "very" dull', "0"), ('he said "go"', "1")]
    assert read.options.text_column == ("review",)
    assert read.options.label_column == "sentiment"
    assert "text 'review', label 'sentiment'" in read.dataset.origin
    assert "--text-column choose others" in read.notes
    assert r"\" in them is read as" in read.notes


def test_a_quoted_column_without_inner_quotes_loses_its_outer_ones_only(write: Write, whole: Reader) -> None:
    read = whole(write("a.tsv", 'sentiment\treview\n1\t"a \\n b"\n0\t"tab\\\\"\n'))
    assert read.rows == [("a \\n b", "1"), ("tab\\\\", "0")]
    assert "1 text with a backslash and an n" in read.notes


# SMSSpamCollection, UCI's sentences, PAWS-X: tab-separated lines in which a quote is a character.

STRAY = 'ham\tok then\nspam\t"free entry\nham\tnot now\nham\tlater"{end}\nspam\twin it\n'


@pytest.mark.parametrize("end", ["", " he said"])
def test_stray_quotes_in_a_tsv_join_no_lines(write: Write, end: str, whole: Reader) -> None:
    path = write("sms.tsv", STRAY.format(end=end))
    read = whole(path, header=False, label_column="1", text_column=("2",))
    texts = ["ok then", '"free entry', "not now", f'later"{end}', "win it"]
    assert read.rows == list(zip(texts, ["ham", "spam", "ham", "ham", "spam"], strict=True))
    assert "quotes are taken as characters" in read.notes


def test_a_tsv_that_can_be_read_in_two_ways_is_refused_until_an_option_says_which(write: Write, whole: Reader) -> None:
    path = write("sms.tsv", "label\ttext\n" + STRAY.format(end=""))
    with pytest.raises(
        DataError, match=r"sms\.tsv, line 3: a quote opens here .*--quoting doubled .*--quoting literal"
    ):
        whole(path)
    assert len(whole(path, quoting="literal").rows) == 5
    joined = whole(path, quoting="doubled")
    assert joined.rows[1] == ("free entry\nham\tnot now\nham\tlater", "spam")
    assert "3 rows in 5 lines" in joined.notes


def test_a_tsv_that_a_program_wrote_with_line_breaks_in_quotes_is_read_as_written(write: Write, whole: Reader) -> None:
    read = whole(write("a.tsv", 'text\tlabel\n"say ""hi""\nor not"\tpos\n\ttwo\n'))
    assert read.rows == [('say "hi"\nor not', "pos"), ("", "two")]
    assert "2 rows in 3 lines" in read.notes


def test_a_tsv_that_keeps_to_no_custom_is_refused_with_both_lines(write: Write, whole: Reader) -> None:
    path = write("a.tsv", 'text\tlabel\nfine\tpos\n"so\tdull\tneg\n"a" b\tpos\n')
    with pytest.raises(DataError, match=r"a\.tsv, line 3: .* another number of fields .*\(line 3\).*--quoting"):
        whole(path)


def test_a_line_break_in_quotes_is_part_of_a_row_of_a_csv(write: Write, whole: Reader) -> None:
    read = whole(write("a.csv", 'text,label\n"two\nlines",pos\ndull,neg\n'))
    assert read.rows == [("two\nlines", "pos"), ("dull", "neg")]
    assert "2 rows in 3 lines" in read.notes


# Sentiment140: no header, six columns, Latin-1.

TWEETS = '"0","11","Mon","NO","anna","caf\xe9 closed"\n"4","12","Tue","NO","ben","sunny \x9a day"\n'


def test_a_file_without_header_in_latin_1_is_refused_step_by_step_and_then_read(write: Write, whole: Reader) -> None:
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
    assert read.rows == [("caf\xe9 closed", "0"), ("sunny \x9a day", "4")]
    assert "control characters" in read.notes
    assert "--encoding cp1252" in read.notes


# Excel: marks, semicolons, Windows-1252, UTF-16 with tabs, `sep=;`.


def test_what_excel_writes_is_read(write: Write, whole: Reader, table: Table) -> None:
    pairs = [("it\u2019s fine", "pos"), ("5 \u20ac, dull", "neg")]
    plain = table(pairs, ";")
    expected = whole(write("plain.csv", plain)).dataset.digest
    files: list[tuple[str, str | bytes, dict[str, str]]] = [
        ("mark.csv", b"\xef\xbb\xbf" + plain.encode(), {}),
        ("cp1252.csv", plain.encode("cp1252"), {"encoding": "cp1252"}),
        ("sep.csv", f"sep=;\n{plain}".replace("\n", "\r\n"), {}),
        ("tabs.csv", table(pairs, "\t").encode("utf-16"), {}),
        ("tabs.tsv", table(pairs, "\t").encode("utf-16-le"), {"encoding": "utf-16-le"}),
        ("pipes.csv", table(pairs, "|"), {}),
        ("odd.csv", table(pairs, "~"), {"separator": "~"}),
        ("spaces.csv", plain.replace("text;label", " text ; label "), {}),
    ]
    for name, content, options in files:
        read = whole(write(name, content), **options)
        assert read.rows == pairs, name
        assert read.dataset.digest == expected
    with pytest.raises(DataError, match=r"byte 0x92 .*--encoding cp1252"):
        whole(write("bare.csv", plain.encode("cp1252")))
    with pytest.raises(DataError, match=r"NUL bytes.*--encoding utf-16-le"):
        whole(write("bare.tsv", table(pairs, "\t").encode("utf-16-le")))
    with pytest.raises(DataError, match="begins with the mark of UTF-8, but --encoding is cp1252"):
        whole(write("both.csv", b"\xef\xbb\xbf" + plain.encode()), encoding="cp1252")


def test_the_separator_is_never_guessed_from_letters(write: Write, whole: Reader) -> None:
    lines = "text\tlabel\nhe said 'go' to a friend\tpos\nto be or not\tneg\n"
    assert len(whole(write("a.csv", lines)).rows) == 2
    with pytest.raises(DataError, match=r"line, 'text', is one column; .*comma, semicolon, tab, pipe; --separator"):
        whole(write("b.csv", "text\nabc\nadb\n"))
    with pytest.raises(DataError, match=r"comma and semicolon could all separate its fields.*--separator"):
        whole(write("c.csv", "a,b;c\nd,e;f\n"), text_column="x", label_column="y")
    named = whole(write("d.csv", "text;a,label\nfine;x,pos\nfun;y,neg\n"), text_column="text", label_column="a,label")
    assert named.rows == [("fine", "x,pos"), ("fun", "y,neg")]
    with pytest.raises(UsageError, match="--separator is ';;', expected one character"):
        whole(write("e.csv", lines), separator=";;")


# Characters at which other readers split lines.

ODD = "a\rb\x85c\u2028d\u2029e\x0bf\x0cg\x1ch\x00i \u202eright\u200f\ufeff end\r"


@pytest.mark.parametrize("order", [["text", "label"], ["label", "text"]])
def test_only_line_feeds_outside_quotes_end_a_row(tmp_path: Path, order: list[str], whole: Reader) -> None:
    frame = pd.DataFrame({"text": [ODD, "dull"], "label": ["pos", "neg"]})[order]
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    (tmp_path / "bare.csv").write_text(
        "\n".join([",".join(order), *(",".join(row) for row in frame.to_numpy().tolist())]) + "\n", newline=""
    )
    for name in ("a.csv", "a.tsv", "bare.csv"):
        assert whole(tmp_path / name).rows == [(ODD, "pos"), ("dull", "neg")], name


def test_a_file_with_two_kinds_of_line_ends_says_so(write: Write, whole: Reader) -> None:
    read = whole(write("a.csv", 'label,text\npos,fine\r\nneg,"dull"\r\nneg,bad\n\r\n\n'))
    assert read.rows == [("fine\r", "pos"), ("dull", "neg"), ("bad", "neg")]
    assert "in 1 row the last field ends in a carriage return" in read.notes
    assert "2 empty lines skipped" in read.notes
    windows = whole(write("b.csv", "label,text\r\npos,fine\r\nneg,dull\n"))
    assert windows.rows == [("fine", "pos"), ("dull", "neg")]


def test_a_row_that_ends_early_and_a_file_with_carriage_returns_alone_are_refused(write: Write, whole: Reader) -> None:
    with pytest.raises(DataError, match=r"line 3: 1 field, 'dull'; expected 2, the columns 'text', 'label'"):
        whole(write("a.csv", "text,label\nfine,pos\ndull\n"))
    with pytest.raises(DataError, match="its lines end in a carriage return alone"):
        whole(write("b.csv", "text,label\rfine,pos\rdull,neg\r"))


# Headers.


def test_a_column_that_occurs_twice_is_refused_unless_a_number_says_which(write: Write, whole: Reader) -> None:
    path = write("a.csv", "text,label, label\nfine,pos,1\ndull,neg,0\n")
    with pytest.raises(UsageError, match=r"'label' occurs 2 times, as columns 2 and 3; .*--label-column 2"):
        whole(path)
    assert whole(path, label_column="3").dataset.class_names == ("0", "1")
    assert len(whole(write("b.csv", "x,x,text,label\n1,2,fine,pos\n3,4,dull,neg\n")).rows) == 2


def test_columns_without_a_name_are_mentioned_where_they_hold_something(write: Write, whole: Reader) -> None:
    read = whole(write("spam.csv", "label,text,,\nham,ok,,\nspam,win,,now\n"))
    assert read.rows == [("ok", "ham"), ("win", "spam")]
    assert "column 4 has no name and holds values in 1 row" in read.notes
    assert "column 3" not in read.notes


# Numbers of columns and lines, quotes and returns side by side, encodings that are none.


def test_numbers_choose_columns_only_where_no_name_does(write: Write, whole: Reader) -> None:
    path = write("a.csv", "3,a text\n4,another\n3,more\n")
    with pytest.raises(UsageError, match=r"--text-column is 2, but column 2 has the name 'a text'; .*--no-header"):
        whole(path, label_column="1", text_column="2")
    assert len(whole(path, label_column="1", text_column="2", header=False).rows) == 3
    by_pandas = write("b.csv", "0,1\nfine,pos\ndull,neg\n")
    with pytest.raises(UsageError, match="may be column 1 or the column of this name, which is column 2; rename"):
        whole(by_pandas, label_column="1", text_column="0")


def test_quotes_that_are_left_out_of_a_tsv_are_said(write: Write, whole: Reader) -> None:
    path = write("a.tsv", 'label\ttext\nneg\t"Great film"\npos\t"ok"\n')
    assert "quotes around fields are left out, as in CSV (the first in line 2); --quoting literal" in whole(path).notes
    assert whole(path, quoting="literal").rows == [('"Great film"', "neg"), ('"ok"', "pos")]


def test_lines_are_counted_from_the_first_of_the_file(write: Write, whole: Reader) -> None:
    with pytest.raises(DataError, match="line 4: a quote opens here"):
        whole(write("a.tsv", 'sep=\t\nlabel\ttext\na\tb\nb\t"x\na\ty"\n'))
    read = whole(write("b.tsv", '\nlabel\ttext\nneg\tdull\npos\t"a" b c\n'))
    assert read.rows == [("dull", "neg"), ('"a" b c', "pos")]
    assert "(line 4)" in read.notes
    joined = whole(write("c.csv", 'text,label\na,x\n"b\nc",y\nd,x\n'))
    assert "3 rows in 4 lines: fields in quotes hold line breaks (the first in line 3)" in joined.notes


def test_a_closing_quote_and_a_carriage_return_are_told_apart(write: Write, whole: Reader) -> None:
    read = whole(write("a.tsv", 'label\ttext\nneg\tsays "x"\r\npos\t"open\n'))
    assert read.rows == [('says "x"\r', "neg"), ('"open', "pos")]


def test_doubled_quotes_are_none_where_a_backslash_marks_them(write: Write, whole: Reader) -> None:
    escaped = 'text,label\n"a \\"b\\", c",pos\n"",neg\n'
    assert whole(write("a.csv", escaped), quoting="backslash").rows == [('a "b", c', "pos"), ("", "neg")]
    for doubled in ('"a ""b""",neg', '"""b"" a",neg'):
        path = write("a.csv", f"{escaped}{doubled}\n")
        with pytest.raises(DataError, match="line 4: a quote in a field in quotes has no backslash in front of it"):
            whole(path, quoting="backslash")
        with pytest.raises(DataError, match="line 2: a quote in a field in quotes is neither doubled nor"):
            whole(path)


def test_a_wrong_separator_is_said_to_leave_one_column(write: Write, whole: Reader) -> None:
    with pytest.raises(DataError, match=r"'text,label', is one column where '\\t' separates; .*--separator"):
        whole(write("a.tsv", "text,label\nfine,pos\n"))
    assert len(whole(write("b.tsv", "text,label\nfine,pos\ndull,neg\n"), separator="comma").rows) == 2


def test_a_header_in_the_middle_is_read_and_said(write: Write, whole: Reader) -> None:
    read = whole(write("a.csv", "text,label\nfine,pos\ntext,label\ndull,neg\n"))
    assert read.rows[1] == ("text", "label")
    assert "1 row equal to the header" in read.notes


@pytest.mark.parametrize("encoding", ["utf-7", "unicode_escape", "punycode", "undefined", "idna", "hex", "klingon"])
def test_codecs_for_other_things_are_no_encodings(write: Write, whole: Reader, encoding: str) -> None:
    with pytest.raises(UsageError, match="is not an encoding of text files"):
        whole(write("a.csv", "text,label\nfine,pos\ndull,neg\n"), encoding=encoding)


def test_utf_16_without_its_mark_is_refused_where_the_name_needs_one(write: Write, whole: Reader) -> None:
    with pytest.raises(DataError, match="name the right one with --encoding"):
        whole(write("a.csv", "text,label\nfine,pos\n"), encoding="utf-16")
