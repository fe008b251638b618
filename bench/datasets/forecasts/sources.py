"""Datasets of time series, by the names that ``--dataset`` takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from bench.datasets.base import RowsDataset
from bench.datasets.forecasts import from_pmdarima, from_statsmodels, from_vega_datasets
from bench.datasets.forecasts.series import TimeSeries
from bench.datasets.package_files import PackageFile
from bench.datasets.package_source import PackageSource
from bench.datasets.rows.forecasts import make_forecast_dataset
from bench.records import TaskName


class _TimeSeriesSource(PackageSource):
    """One series, and forecasts of it from rolling origins at its end."""

    task: TaskName = "forecast"
    file: ClassVar[PackageFile | str]
    """A file of an extra's package, or of statsmodels."""
    read_series: ClassVar[Callable[[], TimeSeries]]

    def find(self) -> Path:
        """As PackageSource's."""
        return from_statsmodels.find_file(self.file) if isinstance(self.file, str) else self.file.find()

    def read(self) -> RowsDataset:
        """As PackageSource's."""
        series = type(self).read_series()
        return make_forecast_dataset(
            self.name,
            [series.values],
            [series.origins],
            series.horizon,
            series.season_length,
            origin=series.origin,
            notes=(f"Values are in {series.unit}.", *series.notes),
        )


class CO2(_TimeSeriesSource):
    """Carbon dioxide in the air."""

    name = "co2"
    summary = "carbon dioxide at Mauna Loa by month, 1958 to 2001: 12 months ahead from 13 origins"
    file = "co2/co2.csv"
    read_series = staticmethod(from_statsmodels.read_co2)


class ElNino(_TimeSeriesSource):
    """Temperature of the Pacific's surface."""

    name = "el-nino"
    summary = "temperature of the Pacific off Peru by month, 1950 to 2010: 12 months ahead from 18 origins"
    file = "elnino/elnino.csv"
    read_series = staticmethod(from_statsmodels.read_el_nino)


class ElectricalEquipment(_TimeSeriesSource):
    """Turnover of an industry."""

    name = "electrical-equipment"
    summary = "turnover of makers of electrical equipment by month, 1995 to 2016: 6 months ahead from 12 origins"
    file = "elec_equip/elec_equip.csv"
    read_series = staticmethod(from_statsmodels.read_electrical_equipment)


class Sunspots(_TimeSeriesSource):
    """Sunspots, which come and go without a fixed season."""

    name = "sunspots"
    summary = "sunspots by year, 1700 to 2008: 5 years ahead from 18 origins"
    file = "sunspots/sunspots.csv"
    read_series = staticmethod(from_statsmodels.read_sunspots)


class Beer(_TimeSeriesSource):
    """Production of beer."""

    name = "beer"
    summary = "beer brewed in Australia by quarter, 1956 to 2008: 4 quarters ahead from 15 origins"
    file = from_pmdarima.BEER
    read_series = staticmethod(from_pmdarima.read_beer)


class ElectricityDemand(_TimeSeriesSource):
    """Demand for electricity."""

    name = "electricity-demand"
    summary = "demand for electricity in England and Wales by half hour, 2000: a day ahead from 25 origins"
    file = from_pmdarima.DEMAND
    read_series = staticmethod(from_pmdarima.read_electricity_demand)


class SeattleTemperature(_TimeSeriesSource):
    """Highest temperature of each day."""

    name = "seattle-temperature"
    summary = "highest temperature of each day in Seattle, 2012 to 2015: 14 days ahead from 31 origins"
    file = from_vega_datasets.WEATHER
    read_series = staticmethod(from_vega_datasets.read_seattle_temperature)
