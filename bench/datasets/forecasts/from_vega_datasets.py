"""Weather from the package vega_datasets.

Its hourly temperatures of Seattle and San Francisco are no observations but averages over 30 years, says its list of
sources, and its monthly employment is adjusted for the season with later values; neither is used.
"""

from __future__ import annotations

import csv

import numpy as np

from bench.datasets.forecasts.series import TimeSeries
from bench.datasets.package_files import PackageFile

WEATHER = PackageFile(
    package="vega_datasets",
    version="0.9.0",
    path="vega_datasets/_data/seattle-weather.csv",
    n_bytes=47_838,
    sha256="62f0609f787158128aa2bd102967173a4953122dd4f872bf1d502cae1037df0b",
    extra="forecast",
)


def read_seattle_temperature() -> TimeSeries:
    """Highest temperature of each day in Seattle, 2012 to 2015."""
    rows = csv.DictReader(WEATHER.read().decode().splitlines())
    return TimeSeries(
        name="seattle-temperature",
        values=np.array([float(row["temp_max"]) for row in rows]),
        horizon=14,
        season_length=365,
        n_origins=31,
        origin_step=14,
        unit="degrees Celsius",
        origin="the package vega_datasets, _data/seattle-weather.csv (NOAA)",
        notes=(
            "The season is a year, of which training has not quite three.",
            "In the public domain, says vega_datasets.",
        ),
    )
