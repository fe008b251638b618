"""A long season as a smooth figure that is added to the rest, chosen and estimated from the past alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import FloatArray, IntArray


class Adjusted(NamedTuple):
    """A past without its season, and the season of the steps that follow it."""

    values: FloatArray
    """Shape (n_values,)."""
    next_season: FloatArray
    """Shape (horizon,)."""


def choose_width(past: FloatArray, season_length: int) -> int:
    """Choose over how many neighbouring steps of the season to average its figure.

    Each season in turn is forecast by the smoothed mean of the others, and the width with the least squared error is
    taken. The season's own length as a width means that the figure is flat, that is, there is none; so it is in a past
    of less than two seasons.

    Examples
    --------
    >>> steps = np.arange(4 * 365)
    >>> choose_width(np.cos(2 * np.pi * steps / 365), 365), choose_width(1.0 * (steps % 365 == 7), 365)
    (1, 1)
    """
    n_seasons = len(past) // season_length
    if n_seasons < 2:
        return season_length
    detrended = _without_trend(past, season_length)
    widths = [1]
    while 2 * widths[-1] + 1 < season_length:
        widths.append(2 * widths[-1] + 1)
    widths.append(season_length)
    phases = np.arange(len(past)) % season_length
    seasons = np.arange(len(past)) // season_length
    losses = np.zeros(len(widths))
    for season in range(int(seasons[-1]) + 1):
        left_out = seasons == season
        means = _phase_means(detrended[~left_out], phases[~left_out], season_length)
        for place, width in enumerate(widths):
            losses[place] += ((detrended[left_out] - _smoothed(means, width)[phases[left_out]]) ** 2).sum()
    return widths[int(losses.argmin())]


def season_figure(past: FloatArray, season_length: int, width: int) -> FloatArray:
    """Mean of each step of the season about the line of trend, smoothed; step 0 is the first value's.

    Returns
    -------
    float64 array, shape (season_length,)

    Examples
    --------
    >>> season_figure(np.tile([1.0, 2.0, 6.0], 4), season_length=3, width=1).round(9).tolist()
    [-2.0, -1.0, 3.0]
    """
    if width >= season_length:
        return np.zeros(season_length)
    phases = np.arange(len(past)) % season_length
    return _smoothed(_phase_means(_without_trend(past, season_length), phases, season_length), width)


def repeated(figure: FloatArray, start: int, n_steps: int) -> FloatArray:
    """Repeat a figure from a position in time on, shape (n_steps,)."""
    return figure[np.arange(start, start + n_steps) % len(figure)]


def adjust(past: FloatArray, season_length: int, width: int, horizon: int) -> Adjusted:
    """Take the season off a past.

    Examples
    --------
    >>> adjusted = adjust(np.tile([1.0, 2.0, 6.0], 4), season_length=3, width=1, horizon=2)
    >>> adjusted.values[:3].round(9).tolist(), adjusted.next_season.round(9).tolist()
    ([3.0, 3.0, 3.0], [-2.0, -1.0])
    """
    figure = season_figure(past, season_length, width)
    return Adjusted(past - repeated(figure, 0, len(past)), repeated(figure, len(past), horizon))


def _phase_means(values: FloatArray, phases: IntArray, season_length: int) -> FloatArray:
    """Mean at each step of the season."""
    means: FloatArray = np.bincount(phases, values, minlength=season_length) / np.bincount(
        phases, minlength=season_length
    )
    return means


def _without_trend(past: FloatArray, season_length: int) -> FloatArray:
    """Subtract a straight line: of a regression on time and on the step of the season, the part on time."""
    steps = np.arange(len(past), dtype=np.float64)
    phases = np.arange(len(past)) % season_length
    times = steps - _phase_means(steps, phases, season_length)[phases]
    values = past - _phase_means(past, phases, season_length)[phases]
    slope = float(times @ values) / max(float(times @ times), 1.0)
    rest: FloatArray = past - past.mean() - slope * (steps - steps.mean())
    return rest


def _smoothed(means: FloatArray, width: int) -> FloatArray:
    """Average around the circle of the season, about a mean of 0; flat if the width is the season's."""
    if width >= len(means):
        return np.zeros_like(means)
    side = width // 2
    means = means - means.mean()
    padded = np.concatenate([means[len(means) - side :], means, means[:side]])
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")
