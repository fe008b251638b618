"""Parameters of a model: from a user's text to typed values, and to the canonical form that identifies a trial."""

from __future__ import annotations

import contextlib
import inspect
import json
import math
import re
import tomllib
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bench.errors import UsageError
from bench.utils.text import suggestion


def type_parameters(target: str, factory: Callable[..., Any], raw: Mapping[str, str]) -> dict[str, Any]:
    """Parameters as text to values of the type that the constructor declares.

    The type is the annotation, else that of the default, else that of the TOML literal.

    Raises
    ------
    UsageError
        A parameter that the constructor lacks, or a value of the wrong type.
    """
    signature = inspect.signature(factory)
    hints = _type_hints(factory)
    known = [p.name for p in signature.parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    typed = {}
    for name, text in raw.items():
        if name not in known:
            raise UsageError(f"{target} has no parameter {name!r}: {suggestion(name, known)}")
        default = signature.parameters[name].default
        expected = hints.get(name) or (type(default) if isinstance(default, bool | int | float | str) else Any)
        typed[name] = _typed(target, name, text, expected)
    return typed


def all_parameters(factory: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Given parameters and the defaults of the others, in alphabetical order and canonical form."""
    bound = inspect.signature(factory).bind(**given)
    bound.apply_defaults()
    hints = _type_hints(factory)
    for name, value in bound.arguments.items():
        if hints.get(name) is float and type(value) is int:
            bound.arguments[name] = float(value)  # as a value that is given gets
    return {name: canonical(value) for name, value in sorted(bound.arguments.items())}


def canonical(value: Any) -> Any:
    """Return a value as JSON can hold it, the same in every process."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def write_name(target: str, given: Mapping[str, Any]) -> str:
    """Return a model's name with the parameters that were given, in alphabetical order.

    >>> write_name("hmm", {"n_states": 32, "smoothing": 1.0})
    'hmm[n_states=32,smoothing=1]'
    """
    if not given:
        return target
    return f"{target}[{','.join(f'{name}={_write(value)}' for name, value in sorted(given.items()))}]"


def _write(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else "None" if value is None else json.dumps(canonical(value))


def _type_hints(factory: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(factory.__init__ if inspect.isclass(factory) else factory)
    except (NameError, TypeError):
        return {}


def _typed(target: str, name: str, text: str, expected: Any) -> Any:
    adapter = TypeAdapter(expected)
    for candidate in _readings(text):
        try:
            value = adapter.validate_json(json.dumps(candidate), strict=True)
        except (ValidationError, TypeError):
            continue
        if not isinstance(value, float) or math.isfinite(value):  # JSON has no other numbers
            return value
    wanted = expected.__name__ if isinstance(expected, type) else str(expected).replace("typing.", "")
    raise UsageError(f"parameter {name!r} of {target} is {text!r}, expected {wanted.replace(' | ', ' or ')}")


def _readings(text: str) -> list[Any]:
    """Return what a text can mean: None, a TOML literal, the text itself."""
    readings: list[Any] = [None] if text == "None" else []
    literal = {"True": "true", "False": "false"}.get(text, text)
    with contextlib.suppress(tomllib.TOMLDecodeError):
        readings.append(tomllib.loads(f"value = {literal}")["value"])
    return [*readings, text]
