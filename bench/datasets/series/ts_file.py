"""Series with class labels out of text files in the format ``.ts`` of aeon, sktime and the UEA archive."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.errors import DataError
from bench.ragged import Int64Array, RaggedArray
from bench.series import Series
from bench.utils.text import short

LARGEST = float(np.finfo(np.float32).max)
_IGNORED = ("problemname", "missing")
"""Header lines that say nothing that the data do not show."""


@dataclass(frozen=True)
class TsFile:
    """The cases of one file, in its order.

    Parameters
    ----------
    series : Series
    labels : int64 array, shape (n_rows,)
        Positions in ``class_names``.
    class_names : tuple of str
        As the header lists them.
    """

    series: Series
    labels: Int64Array
    class_names: tuple[str, ...]


def read_ts(path: Path) -> TsFile:
    """Return the cases of a ``.ts`` file in UTF-8.

    Its header lines start with ``@`` and end with ``@data``; ``@classLabel true`` lists the classes. Each line after
    them is a case: the channels separated by ``:``, the values of a channel by ``,``, and the class last. All channels
    of a case are of one length, and all cases have the same number of channels. Time stamps, missing values and
    numbers as targets are refused.

    Raises
    ------
    bench.errors.DataError
        The file cannot be read or is not of this form; the message has the line's number.

    References
    ----------
    A. Bagnall et al., "The UEA multivariate time series classification archive, 2018", arXiv:1811.00075.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error}); expected a .ts file of text in UTF-8") from error
    return parse_ts(text, str(path))


def parse_ts(text: str, name: str) -> TsFile:
    r"""Return the cases of a ``.ts`` file's text; messages call the file by ``name``.

    Examples
    --------
    >>> found = parse_ts("@dimensions 2\n@classLabel true no yes\n@data\n1,2,3:4,5,6:yes\n", "small.ts")
    >>> found.series[0].tolist(), found.labels.tolist(), found.class_names
    ([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]], [1], ('no', 'yes'))
    """
    header, rows, labels = _Header(), [], []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if not header.is_complete:
                header.read(line)
            else:
                frames, label = _read_case(line, header)
                rows.append(frames)
                labels.append(label)
        except ValueError as error:
            raise DataError(f"{name}, line {number}: {error}") from error
    if not rows:
        after = "has no cases after @data" if header.is_complete else "has no line @data"
        raise DataError(f"{name} {after}; expected a .ts file with a header, the line @data, and a case per line")
    return TsFile(Series(RaggedArray.from_rows(rows)), np.array(labels, np.int64), tuple(header.codes))


@dataclass
class _Header:
    """What the header lines say: each class's position, and the number of channels."""

    codes: dict[str, int] = field(default_factory=dict)
    n_channels: int | None = None
    n_values: int | None = None
    are_equal: bool = False
    is_complete: bool = False

    def read(self, line: str) -> None:
        """Read one header line."""
        key, *values = line.split()
        match key.lower().removeprefix("@") if key.startswith("@") else "":
            case "timestamps":
                if [value.lower() for value in values] != ["false"]:
                    raise ValueError("the series have time stamps, expected @timeStamps false; leave the stamps out")
            case "dimensions" | "dimension":
                self.n_channels = _read_count("@dimensions", values)
            case "serieslength":
                self.n_values = _read_count("@seriesLength", values) if values != ["0"] else None
            case "equallength":
                self.are_equal = [value.lower() for value in values] == ["true"]
            case "univariate" if [value.lower() for value in values] == ["true"]:
                if self.n_channels not in (None, 1):
                    raise ValueError(f"@univariate true does not go with @dimensions {self.n_channels}")
                self.n_channels = 1
            case "univariate":
                pass
            case "classlabel":
                self._read_classes(values)
            case "targetlabel":
                raise ValueError("the targets are numbers (@targetLabel), expected classes (@classLabel true …)")
            case "data":
                if not self.codes:
                    raise ValueError("@data comes before a line @classLabel true with the classes")
                self.is_complete = True
            case key if key not in _IGNORED:
                raise ValueError(f"{short(line)} is no header line; expected @problemName, @classLabel, @data or so")

    def _read_classes(self, values: list[str]) -> None:
        has_labels, *names = values or ["false"]
        if has_labels.lower() != "true" or not names:
            raise ValueError("the cases have no classes, expected @classLabel true and the classes")
        if len(set(names)) < len(names):
            raise ValueError("@classLabel lists a class twice; name each once")
        self.codes = {name: code for code, name in enumerate(names)}


def _read_count(key: str, values: list[str]) -> int:
    if len(values) != 1 or not values[0].isdecimal() or int(values[0]) < 1:
        raise ValueError(f"{key} is {short(' '.join(values))}, expected one number from 1 on")
    return int(values[0])


def _read_case(line: str, header: _Header) -> tuple[npt.NDArray[np.float32], int]:
    """Return the frames of a case, shape (n_frames, n_channels), and its class."""
    *channels, label = line.split(":")
    label = label.strip()
    if label not in header.codes:
        raise ValueError(f"the class is {short(label)}, expected one of @classLabel: {short(' '.join(header.codes))}")
    header.n_channels = header.n_channels or len(channels)
    if len(channels) != header.n_channels or not channels:
        are = "is 1 channel" if len(channels) == 1 else f"are {len(channels)} channels"
        raise ValueError(f"there {are}, expected {header.n_channels or '1 or more'}")
    rows = [_read_channel(channel) for channel in channels]
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise ValueError(f"channels have {min(lengths)} to {max(lengths)} values, expected the same number in each")
    if header.are_equal and header.n_values not in (None, *lengths):
        raise ValueError(f"a channel has {lengths.pop()} values, expected {header.n_values} as @seriesLength says")
    return np.array(rows, np.float32).T, header.codes[label]


def _read_channel(channel: str) -> list[float]:
    return [_read_value(value.strip()) for value in channel.split(",")]


def _read_value(value: str) -> float:
    if value in ("?", ""):
        raise ValueError("a value is missing; fill it in or leave the case out")
    if value.startswith("("):
        raise ValueError(f"{short(value)} starts a time stamp; leave the stamps out")
    try:
        number = float(value) if "_" not in value else math.nan
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST:
        raise ValueError(f"{short(value)} is no number that a single-precision float can hold")
    return number
