"""Colours that colour-blind readers can tell apart, on light paper and on dark."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bench.report.figures.palette import COLORS, model_styles

# Machado, G. M., Oliveira, M. M. & Fernandes, L. A. F. (2009), table 1, severity 1.0; in linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
PAPERS = ("#ffffff", "#14171a")


def _linear(color: str) -> np.ndarray:
    values = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _luminance(color: str) -> float:
    return float(np.array([0.2126, 0.7152, 0.0722]) @ _linear(color))


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_colours_are_clearly_apart(vision: str) -> None:
    seen = [_lab(np.array(VISIONS[vision]) @ _linear(color)) for color in COLORS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20  # 2.3 can just be noticed


@pytest.mark.parametrize("paper", PAPERS)
def test_each_colour_stands_out_on_the_paper(paper: str) -> None:
    for color in COLORS:
        darker, lighter = sorted([_luminance(color), _luminance(paper)])
        assert (lighter + 0.05) / (darker + 0.05) >= 3  # WCAG 2.2, 1.4.11


def test_many_models_differ_in_colour_or_marker() -> None:
    found = model_styles([f"m{i}" for i in range(30)])
    assert len({(look.color, look.marker) for look in found.values()}) == 30
