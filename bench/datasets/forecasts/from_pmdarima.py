"""Series from the package pmdarima. They stand in the source of its modules, which are parsed, not run."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from bench.datasets.forecasts.series import Float64Array, TimeSeries
from bench.datasets.package_files import PackageFile

DEMAND = PackageFile(
    package="pmdarima",
    version="2.1.1",
    path="pmdarima/datasets/taylor.py",
    n_bytes=35_522,
    sha256="3df2f44f654bfe4338ea39350912140c9710fa776270f50a2529b2f5c87a4e19",
    extra="forecast",
)
BEER = PackageFile(
    package="pmdarima",
    version="2.1.1",
    path="pmdarima/datasets/ausbeer.py",
    n_bytes=5_191,
    sha256="2cba66da3f4fa42a09411fd2a5dd582f8e2befc57e11d707b0bd1919e9ce8a69",
    extra="forecast",
)
LICENCE = "pmdarima is under the MIT licence."


def read_electricity_demand() -> TimeSeries:
    """Half-hourly demand for electricity in England and Wales, 5 June to 27 August 2000 (Taylor 2003)."""
    values = numbers_in_source(DEMAND.read().decode())
    return TimeSeries(
        name="electricity-demand",
        values=values,
        horizon=48,
        season_length=336,
        n_origins=25,
        origin_step=48,
        unit="megawatts",
        origin="the package pmdarima, datasets/taylor.py (J. W. Taylor, Journal of the Operational Research Society "
        "54, 2003)",
        notes=(
            "The season is a week, 336 half hours: a Saturday is nothing like the Friday before. Each forecast is of "
            "one day, from midnight on.",
            LICENCE,
        ),
    )


def read_beer() -> TimeSeries:
    """Beer brewed in Australia, quarterly, 1956 to the third quarter of 2008."""
    values = numbers_in_source(BEER.read().decode())
    return TimeSeries(
        name="beer",
        values=values,
        horizon=4,
        season_length=4,
        n_origins=15,
        origin_step=4,
        unit="megalitres",
        origin="the package pmdarima, datasets/ausbeer.py (Australian Bureau of Statistics)",
        notes=("The fourth quarter of 2008, which has no value, is left out.", LICENCE),
    )


def numbers_in_source(source: str) -> Float64Array:
    """Return the numbers of the longest list that stands in Python source; None at its end is left out.

    Raises
    ------
    ValueError
        There is no list, or something else stands in it.

    Examples
    --------
    >>> numbers_in_source("few = [1, 2]; many = array([3, 4.5, 6, None])").tolist()
    [3.0, 4.5, 6.0]
    """
    lists = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.List)]
    longest = max(lists, key=lambda node: len(node.elts), default=None)
    if longest is None:
        raise ValueError("no list stands in the source")
    numbers: list[Any] = ast.literal_eval(longest)
    while numbers and numbers[-1] is None:
        numbers.pop()
    return np.array(numbers, np.float64)
