"""Time series that come with installed packages; READERS names the function that reads each."""

from __future__ import annotations

from collections.abc import Callable

from bench.datasets.forecasts import from_pmdarima, from_statsmodels, from_vega_datasets
from bench.datasets.forecasts.series import TimeSeries

READERS: dict[str, Callable[[], TimeSeries]] = {
    "beer": from_pmdarima.read_beer,
    "co2": from_statsmodels.read_co2,
    "el-nino": from_statsmodels.read_el_nino,
    "electrical-equipment": from_statsmodels.read_electrical_equipment,
    "electricity-demand": from_pmdarima.read_electricity_demand,
    "seattle-temperature": from_vega_datasets.read_seattle_temperature,
    "sunspots": from_statsmodels.read_sunspots,
}
