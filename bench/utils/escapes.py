"""Escape untrusted text for terminal, page, Markdown, LaTeX and CSV."""

from __future__ import annotations

import re
from typing import Any

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, those that turn the direction of the text around them, and what no file may hold."""

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{character: f"\\{character}" for character in "{}&%$#_"},
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&$]|^[-+=]|(?<=^\d)[.)](?= )|(?<=^\d\d)[.)](?= ))")
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_MENTION = re.compile(r"@(?=\w)")


def visible(text: str) -> str:
    r"""Return a text with a mark for each character that cannot be shown or that would steer the text around it.

    >>> visible("a\x1b[31m b\u202e c")
    'a�[31m b� c'
    """
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def markdown(text: str) -> str:
    r"""Return a text in one line of Markdown. A joiner that is not seen keeps names after @ from being called.

    >>> markdown("gru[units=64] | <b>")
    'gru\\[units=64\\] \\| \\<b\\>'
    """
    escaped = _MARKDOWN.sub(r"\\\1", " ".join(visible(text).split()))
    return _MENTION.sub("@\N{WORD JOINER}", escaped)


def latex(text: str) -> str:
    r"""Return a text in LaTeX.

    >>> latex("50 % of a_b")
    '50 \\% of a\\_b'
    """
    return "".join(_LATEX.get(character, character) for character in visible(text))


def no_formula(value: Any) -> Any:
    """Return a CSV cell that is no formula: such a text gets an apostrophe in front, a number does not.

    >>> no_formula("=1+1"), no_formula("one"), no_formula("-1"), no_formula(-1)
    ("'=1+1", 'one', '-1', -1)
    """
    is_formula = isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value
