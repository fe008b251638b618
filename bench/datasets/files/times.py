"""Times of steps, numbers or ISO dates: read, checked to run forwards, and measured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.files.readers.table import Table
from bench.errors import DataError
from bench.utils.text import is_number, shown

Times = npt.NDArray[Any]
"""Numbers; or int64, microseconds since 1970."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_QUARTER = re.compile(r"([0-9]{4})-?Q([1-4])", re.IGNORECASE)
_MONTHS = {1.0: "a month", 3.0: "a quarter", 12.0: "a year"}
_SECONDS = {60.0: "a minute", 3600.0: "an hour", 86_400.0: "a day", 604_800.0: "a week"}
_SEASONS_OF_MONTHS = {1.0: 12, 3.0: 4}
_SEASONS_OF_SECONDS = {3600.0: 24, 86_400.0: 7}
LARGEST_TIME = 2**62
"""Numbers are below it, so that differences of whole ones are whole numbers of 64 bits."""
_DAY, _MONTH_IN_DIGITS = 19_000_101, 190_001
"""The first day and the first month of 1900."""
_TOLERANCE = 1e-3
"""Of a step, by which times in decimal fractions may be off."""


class TimeReader:
    """Reads the times of one file, which are all numbers or all dates, as the first one is.

    Dates are ISO 8601's, with or without a time of day; ``2001-03`` and ``2001Q2`` begin with their first day. A time
    without a zone is taken as it stands.
    """

    def __init__(self, table: Table, column: str) -> None:
        self._table = table
        self._column = column
        self.are_dates: bool | None = None

    def read(self, number: int, cell: str | None) -> float:
        """Return a time as a number; of a date, the microseconds since 1970.

        Raises
        ------
        DataError
            It is neither a number nor a date, or is missing.
        """
        text = (cell or "").strip()
        value = _number(text)
        if self.are_dates is None:
            self.are_dates = not is_number(text)
        if self.are_dates:
            value = _microseconds(text)
        if value is None:
            date = "an ISO date such as 2001-12-31 or 2001-12-31T18:00"
            kind = date if self.are_dates else f"a number below {LARGEST_TIME:.0e}" if len(text) > 15 else "a number"
            what = f"{self._column} is {shown(text)}" if text else f"{self._column} is empty"
            raise self._table.error(number, f"the time {what}; expected {kind} in each row")
        return value


def write_time(value: float, *, are_dates: bool) -> str:
    """Return a time as messages show it.

    >>> write_time(0, are_dates=True), write_time(2.5, are_dates=False)
    ('1970-01-01', '2.5')
    """
    if not are_dates:
        return f"{value}"
    moment = (_EPOCH + timedelta(microseconds=int(value))).replace(tzinfo=None)
    return moment.isoformat().removesuffix("T00:00:00")


@dataclass(frozen=True)
class Steps:
    """Where times lie, counted in steps.

    Parameters
    ----------
    places : int64 array, or None
        Of each time from any zero; the difference of neighbours in one series is 1 or more, and more than 1 where
        steps are absent. None: the times are at unequal steps.
    name : str
        How long a step is, in words.
    season_length : int
        1: the step is of no usual kind.
    """

    places: Int64Array | None
    name: str
    season_length: int


def measure_steps(times: Times, offsets: Int64Array, *, are_dates: bool) -> Steps:
    """Find the step that times are apart: the smallest difference, of which all others are multiples.

    Parameters
    ----------
    times : array, shape (n_steps,)
        Of each series in ascending order, one series after the other; one of them has two at least.
    offsets : int64 array, shape (n_series + 1,)
    are_dates : bool

    Examples
    --------
    >>> months = np.array(["2001-01-31", "2001-02-28", "2001-04-30"], "M8[us]").astype(np.int64)
    >>> found = measure_steps(months, np.array([0, 3]), are_dates=True)
    >>> np.diff(found.places).tolist(), found.name, found.season_length
    ([1, 2], 'a month', 12)
    """
    inner = np.ones(len(times) - 1, bool)
    inner[offsets[1:-1] - 1] = False
    if are_dates:
        months = _months(times)
        if months is not None and (np.diff(months)[inner] > 0).all():
            places, n_months = _places(months, inner)
            return Steps(places, _MONTHS.get(n_months, f"{n_months:g} months"), _SEASONS_OF_MONTHS.get(n_months, 1))
    places, step = _places(times, inner)
    if not are_dates:
        return Steps(places, f"{step:g}", 1)
    seconds = step / 1e6
    return Steps(places, _SECONDS.get(seconds, f"{seconds:g} seconds"), _SEASONS_OF_SECONDS.get(seconds, 1))


def refuse_dates_in_digits(path: Path, times: Times) -> None:
    """Refuse numbers that look like dates, where the differences between them count.

    Raises
    ------
    DataError
    """
    if date := find_date_in_digits(times):
        raise DataError(
            f"{path}: the times are numbers such as {times.min():.0f}, which look like dates; expected ISO dates such "
            f"as {date}"
        )


def find_date_in_digits(times: Times) -> str | None:
    """Return the smallest of times that all are dates in digits, as an ISO date; None: they need not be dates.

    >>> find_date_in_digits(np.array([20010228, 20010301])), find_date_in_digits(np.array([200112, 200201]))
    ('2001-02-28', '2001-12')
    >>> find_date_in_digits(np.array([200101, 200102, 200103]))
    """
    if not (times == np.rint(times)).all():
        return None
    for lowest, form, shape in ((_DAY, "%Y%m%d", "%Y-%m-%d"), (_MONTH_IN_DIGITS, "%Y%m", "%Y-%m")):
        if times.min() < lowest or times.max() >= 2 * lowest:
            continue
        if lowest == _MONTH_IN_DIGITS and times.max() - times.min() < 12:
            return None  # steps of 1, or months of one year, for which these are right
        try:
            moments = [datetime.strptime(f"{time:.0f}", form) for time in np.unique(times).tolist()]
        except ValueError:
            return None
        return moments[0].strftime(shape)
    return None


def _places(times: Times, inner: npt.NDArray[np.bool_]) -> tuple[Int64Array | None, float]:
    steps = np.diff(times).astype(np.float64)
    step = float(steps[inner].min())
    if steps[inner].max() / step > LARGEST_TIME:
        return None, step
    counts = np.rint(steps / step)
    if (np.abs(steps / step - counts)[inner] > _TOLERANCE).any():
        return None, step
    counts[~inner] = 1
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), step


def _months(times: Times) -> Int64Array | None:
    """Return the months of dates that all are the same moment of their month, or its last day."""
    moments = times.astype("M8[us]")
    months = moments.astype("M8[M]")
    since_start = (moments - months).astype(np.int64)
    until_end = ((months + 1).astype("M8[us]") - moments).astype(np.int64)
    if (since_start == since_start[0]).all() or (until_end == until_end[0]).all():
        return months.astype(np.int64)
    return None


def _number(text: str) -> float | None:
    """Return a whole or decimal number; whole ones stay exact."""
    try:
        value = int(text) if text.lstrip("+-").isdecimal() else float(text)
    except ValueError:  # no number, or one of thousands of digits
        return None
    return value if -LARGEST_TIME < value < LARGEST_TIME and "_" not in text else None


def _microseconds(text: str) -> int | None:
    quarter = _QUARTER.fullmatch(text)
    if quarter:
        text = f"{quarter[1]}-{3 * int(quarter[2]) - 2:02}-01"
    elif _MONTH.fullmatch(text):
        text = f"{text}-01"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # a year before 1 or after 9999
        return None
    return (moment - _EPOCH) // timedelta(microseconds=1)
