"""Time series: their origins and training parts, what is read of each package, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.datasets.forecasts import from_statsmodels, sources
from bench.datasets.forecasts.from_pmdarima import numbers_in_source
from bench.datasets.forecasts.from_statsmodels import monthly_means
from bench.datasets.forecasts.series import TimeSeries
from bench.errors import DataError

READERS = {
    source.name: source.read_series
    for source in (
        sources.Beer,
        sources.CO2,
        sources.ElNino,
        sources.ElectricalEquipment,
        sources.ElectricityDemand,
        sources.SeattleTemperature,
        sources.Sunspots,
    )
}
N_VALUES = {
    "beer": 211,
    "co2": 526,
    "el-nino": 732,
    "electrical-equipment": 257,
    "electricity-demand": 4_032,
    "seattle-temperature": 1_461,
    "sunspots": 309,
}


def _series(**changes: Any) -> TimeSeries:
    fields: dict[str, Any] = {
        "name": "made-up",
        "values": np.arange(20.0),
        "horizon": 2,
        "season_length": 1,
        "n_origins": 3,
        "origin_step": 2,
        "unit": "one",
        "origin": "made up",
    }
    return TimeSeries(**fields | changes)


@pytest.fixture(scope="module", params=sorted(READERS))
def series(request: pytest.FixtureRequest) -> TimeSeries:
    return READERS[request.param]()


def test_the_last_forecast_ends_with_the_series() -> None:
    assert _series().origins.tolist() == [14, 16, 18]
    assert _series().training.tolist() == list(range(14))


def test_values_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        _series().values[0] = 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n_origins": 8}, "the first origin is 4 of 20 values, expected 70%"),
        ({"horizon": 0}, "horizon is 0, expected 1 or more"),
        ({"values": np.array([1.0, np.nan] * 10)}, "expected finite values"),
        ({"values": np.zeros((20, 1))}, "found shape"),
    ],
)
def test_impossible_series_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _series(**changes)


def test_every_series_is_read_whole_and_described(series: TimeSeries) -> None:
    assert READERS[series.name]().name == series.name
    assert len(series.values) == N_VALUES[series.name]
    assert all([series.unit, series.origin, series.notes])


def test_no_test_value_is_forecast_twice_or_learnt_from(series: TimeSeries) -> None:
    assert 10 <= series.n_origins <= 40
    assert series.origin_step >= series.horizon
    assert series.origins[0] == len(series.training) >= 0.7 * len(series.values)
    assert series.origins[-1] + series.horizon == len(series.values)


def test_training_has_two_seasons_or_more(series: TimeSeries) -> None:
    assert len(series.training) >= 2 * series.season_length


def test_values_are_those_of_the_sources() -> None:
    assert READERS["beer"]().values[[0, -1]].tolist() == [284, 410]
    assert READERS["sunspots"]().values[[0, -1]].tolist() == [5, 2.9]
    assert READERS["electricity-demand"]().values[[0, -1]].tolist() == [22_262, 23_132]
    assert READERS["seattle-temperature"]().values[[0, -1]].tolist() == [12.8, 5.6]


def test_no_code_of_the_packages_is_imported() -> None:
    for read in READERS.values():
        read()
    assert not {"pmdarima", "vega_datasets"} & set(sys.modules)


def test_only_training_months_of_co2_are_interpolated() -> None:
    rows = from_statsmodels._read("co2/co2.csv")
    all_months = sorted({row[0][:6] for row in rows})
    empty = set(all_months) - {row[0][:6] for row in rows if row[1]}
    assert len(empty) == 5
    assert max(all_months.index(month) for month in empty) + 1 < len(READERS["co2"]().training)


def test_a_month_is_the_mean_of_its_weeks_and_an_empty_one_lies_between_its_neighbours() -> None:
    weeks = np.array([1.0, 3.0, np.nan, np.nan, 8.0, np.nan])
    assert monthly_means(["a", "a", "b", "b", "c", "c"], weeks).tolist() == [2, 5, 8]


def test_source_is_parsed_and_not_run() -> None:
    assert numbers_in_source("raise SystemExit\nx = f([1, 2.5, None])").tolist() == [1, 2.5]
    with pytest.raises(ValueError, match="no list"):
        numbers_in_source("x = 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("YEAR,SUNACTIVITY\n1700,5\n", "found 1 values with sha256 .*, expected 309"),
        ("YEAR,SUNACTIVITY\n1700,five\n", "has a value that is no number"),
    ],
)
def test_other_values_in_statsmodels_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "sunspots.csv").write_text(text)
    monkeypatch.setattr(from_statsmodels, "find_file", lambda path: tmp_path / "sunspots.csv")
    with pytest.raises(DataError, match=said):
        READERS["sunspots"]()
