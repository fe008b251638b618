"""Time series of the user's own: a file in the long format, tested on forecasts of its last values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import RowsDataset
from bench.datasets.files.detected import refuse_unused
from bench.datasets.files.long_rows import LongRows, read_long
from bench.datasets.files.numbers import number_parser
from bench.datasets.files.times import Steps, measure_steps, refuse_dates_in_digits, write_time
from bench.datasets.rows.forecasts import make_forecast_dataset
from bench.errors import DataError
from bench.records import FileOptions
from bench.tasks.base import BoolArray, Float64Array
from bench.utils.text import counted, listed, shown

ORIGINS = 20
TEST_SHARE = 0.3
"""Of a series' values, those that the tests may take, unless an option asks for more."""
SEASONS = 3
"""A season is guessed only where each series has as many of them: two to learn from, and one to forecast."""
FEWEST = 6
"""With fewer forecasts a test of signs finds nothing at 5 %, whatever the errors: twice 1/2 to the power of 5."""
LARGEST_PASTS = 200_000_000
"""Values of all pasts of one series, 8 bytes each, that are handed to models."""
LARGEST_GAP = 10
"""Filled series have at most so many times as many steps as the file has rows."""


def read_forecast_file(path: Path, options: FileOptions) -> RowsDataset:
    """Read one series, or several by an id, to be forecast from origins at their ends.

    Raises
    ------
    DataError
        It cannot be read exactly, steps are unequal, or a series is too short.
    UsageError
        An option does not fit it.
    """
    rows = read_long(path, "forecast", options, number_parser(options.missing))
    refuse_unused(options, [rows.table])
    filled = _fill(rows, options)
    names = [shown(key) for key in rows.ids] if rows.columns.id is not None else ["of the file"]
    season_length, season_note = _choose_season(filled, options)
    horizon, horizon_note = _choose_horizon(path, filled, names, season_length, options)
    origins = [
        _choose_origins(path, name, len(values), horizon, season_length, options.origins)
        for name, values in zip(names, filled.series, strict=True)
    ]
    found = rows.found(options).model_copy(update={"horizon": horizon, "season_length": season_length})
    try:
        return make_forecast_dataset(
            path.name or path.resolve().name,
            filled.series,
            origins,
            horizon,
            season_length,
            series_names=names,
            origin=f"{rows.origin}, the last values for testing",
            notes=(
                *rows.notes(options),
                *([f"{len(rows):,} series: {listed(rows.ids)}"] if rows.columns.id is not None else []),
                season_note,
                horizon_note,
                _origins_note(origins, horizon),
                *filled.notes(origins),
            ),
            options=found,
        )
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


@dataclass(frozen=True)
class _Filled:
    """Series at equal steps, without gaps."""

    series: list[Float64Array]
    are_filled: list[BoolArray]
    """Which values repeat the one before, since there was none."""
    n_dropped: int
    steps: Steps | None
    """None: there are no times, or they do not count."""

    def notes(self, origins: Sequence[Int64Array]) -> list[str]:
        """Return what was filled in and left out."""
        n_filled = sum(int(filled.sum()) for filled in self.are_filled)
        n_tested = sum(int(f[places[0] :].sum()) for f, places in zip(self.are_filled, origins, strict=True))
        notes = []
        if n_filled:
            where = f", {n_tested:,} of them among the values to forecast" if n_tested else ""
            notes.append(f"{counted(n_filled, 'missing value')} filled in with the value before{where}")
        if self.n_dropped:
            notes.append(f"{counted(self.n_dropped, 'step')} without a value left out: the others count as consecutive")
        return notes


def _fill(rows: LongRows, options: FileOptions) -> _Filled:
    """Put values at equal steps, and fill in or leave out what is missing; nothing later is used for that."""
    values, offsets = rows.values[:, 0], rows.offsets
    steps = None
    if rows.times is not None and (np.diff(offsets) > 1).any():
        steps = measure_steps(rows.times, offsets, are_dates=rows.are_dates)
        if not rows.are_dates and (steps.places is None or _gaps(rows, steps).any()):
            refuse_dates_in_digits(rows.table.path, rows.times)
        if options.missing != "drop":
            _refuse_gaps(rows, steps, options)
    series, are_filled, n_dropped, n_within = [], [], 0, 0
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        of_series = values[start:stop]
        places = None if steps is None else steps.places
        if options.missing == "interpolate" and places is not None:
            places = places[start:stop] - places[start]
            of_series = np.full(places[-1] + 1, np.nan)
            of_series[places] = values[start:stop]
        is_known = ~np.isnan(of_series)
        if not is_known.any():
            which = "the file" if rows.columns.id is None else f"series {rows.series_of(start)}"
            raise DataError(f"{rows.table.path}: {which} has no value at all; expected numbers")
        if options.missing == "drop":
            n_dropped += int(np.sum(~is_known))
            within = slice(int(np.argmax(is_known)), len(is_known) - int(np.argmax(is_known[::-1])))
            n_within += int(np.sum(~is_known[within]))
            series.append(of_series[is_known])
            are_filled.append(np.zeros(int(is_known.sum()), np.bool_))
            continue
        first = int(np.argmax(is_known))
        last_known = np.maximum.accumulate(np.where(is_known, np.arange(len(is_known)), 0))
        series.append(of_series[last_known][first:])
        are_filled.append(~is_known[first:])
        n_dropped += first
    has_gaps = steps is not None and (steps.places is None or _gaps(rows, steps).any() or n_within > 0)
    return _Filled(series, are_filled, n_dropped, None if options.missing == "drop" and has_gaps else steps)


def _gaps(rows: LongRows, steps: Steps) -> Int64Array:
    """Return how many steps are absent before each row but the first, shape (n_rows - 1,)."""
    assert steps.places is not None
    absent: Int64Array = np.diff(steps.places) - 1
    absent[rows.offsets[1:-1] - 1] = 0
    return absent


def _refuse_gaps(rows: LongRows, steps: Steps, options: FileOptions) -> None:
    assert rows.times is not None
    drop = "or choose --missing drop, which takes the rows as consecutive"
    if steps.places is None:
        raise DataError(
            f"{rows.table.path}: times are at unequal steps, which are no multiples of the smallest, {steps.name}; "
            f"expected equal steps: make them so, {drop}"
        )
    absent = _gaps(rows, steps)
    if options.missing == "interpolate":
        if absent.sum() > LARGEST_GAP * len(rows.values):
            raise DataError(
                f"{rows.table.path}: {absent.sum():,} steps of {steps.name} are absent between {len(rows.values):,} "
                f"rows, too many to fill in; is --time-column the right one? Else {drop.removeprefix('or ')}"
            )
        return
    if absent.any():
        row = int(np.argmax(absent > 0)) + 1
        time = write_time(rows.times[row], are_dates=rows.are_dates)
        of_series = f" of series {rows.series_of(row)}" if rows.columns.id is not None else ""
        raise rows.error(
            row,
            f"{counted(int(absent[row - 1]), 'step')} of {steps.name} absent before the time {time}{of_series}; "
            "expected equal steps: add the rows, choose --missing interpolate, which repeats the value before, "
            f"{drop}",
        )


def _choose_season(filled: _Filled, options: FileOptions) -> tuple[int, str]:
    if options.season_length is not None:
        return options.season_length, f"a season is {counted(options.season_length, 'step')}, as --season-length says"
    season = filled.steps.season_length if filled.steps else 1
    shortest = min(map(len, filled.series))
    if filled.steps is None or season == 1:
        why = f"a step is {filled.steps.name}" if filled.steps else "no times tell it"
        return 1, f"there is no season, since {why}; --season-length names one"
    if shortest < SEASONS * season:
        return 1, (
            f"there is no season: a step is {filled.steps.name}, but {counted(shortest, 'value')} are too few for "
            f"{SEASONS} seasons of {season} steps; --season-length names one"
        )
    return season, f"a season is {season} steps, since a step is {filled.steps.name}; --season-length says otherwise"


def _choose_horizon(
    path: Path, filled: _Filled, names: Sequence[str], season_length: int, options: FileOptions
) -> tuple[int, str]:
    lengths = [len(values) for values in filled.series]
    shortest = int(np.argmin(lengths))
    # One difference over a season is left to scale errors by.
    largest = lengths[shortest] - season_length - 1
    horizon = options.horizon or max(1, min(season_length, largest))
    if horizon > largest:
        asked = f"--horizon {horizon}" if options.horizon else f"a horizon of {horizon}"
        raise DataError(
            f"{path}: series {names[shortest]} has {counted(lengths[shortest], 'value')}, too few for {asked} and a "
            f"season of {season_length}; expected {season_length + 1 + horizon} at least: give a longer series, or "
            "shorten --horizon or --season-length"
        )
    if options.horizon:
        return horizon, f"forecasts are of {counted(horizon, 'step')}, as --horizon says"
    of_season = ", a season" if horizon == season_length > 1 else ""
    return horizon, f"forecasts are of {counted(horizon, 'step')}{of_season}; --horizon says otherwise"


def _choose_origins(
    path: Path, name: str, n_values: int, horizon: int, season_length: int, asked: int | None
) -> Int64Array:
    """Return the positions of the first values to forecast, the last of which ends with the series.

    They are a horizon apart, so that no value is forecast twice, unless the number that is asked for needs less.
    """
    room = n_values - horizon - (season_length + 1)
    share = int(TEST_SHARE * n_values)
    if asked is None:
        n_origins, step = min(ORIGINS, max(1, share // horizon), 1 + room // horizon), horizon
    else:
        if asked * n_values > LARGEST_PASTS:
            raise DataError(
                f"{path}: --origins {asked} of series {name} with {counted(n_values, 'value')} make too many pasts to "
                f"hold in memory; expected {max(1, LARGEST_PASTS // n_values):,} at most"
            )
        if asked - 1 > room:
            raise DataError(
                f"{path}: --origins {asked} are too many for series {name} of {counted(n_values, 'value')}, a horizon "
                f"of {horizon} and a season of {season_length}; expected 1 to {room + 1}"
            )
        n_origins = asked
        step = min(horizon, max(1, (share - horizon) // max(1, asked - 1)), room // max(1, asked - 1) or horizon)
    origins: Int64Array = n_values - horizon - step * np.arange(n_origins - 1, -1, -1, dtype=np.int64)
    return origins


def _origins_note(origins: Sequence[Int64Array], horizon: int) -> str:
    counts = sorted({len(places) for places in origins})
    number = counted(counts[0], "forecast") if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,} forecasts"
    steps = [int(places[1] - places[0]) for places in origins if len(places) > 1]
    overlap = "; some overlap, so that errors are not independent" if steps and min(steps) < horizon else ""
    apart = f", {counted(min(steps), 'step')} apart" if steps else ""
    n_rows = sum(map(len, origins))
    few = f"; with fewer than {FEWEST} no difference can be significant" if n_rows < FEWEST else ""
    return f"each series is tested on {number} of its last values{apart}{overlap}{few}; --origins says otherwise"
