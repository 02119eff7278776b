"""How far structure contradicts level: smooth haze for a deck, cloud's structure for clear sky."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from napari_iris.project.auto_mask import contradiction
from napari_iris.radiometry.excess import Excess


def excess(level: float, structure: float) -> Excess:
    noise = np.random.default_rng(0).normal(level, structure, (32, 40)).astype(np.float32)
    return Excess("measured", noise, 600.0, clear_sky_in_view=True, clear_below=12, cloud_above=20)


@pytest.mark.parametrize(
    ("sky", "level", "structure", "low", "high"),
    [
        ("clear", 0, 3, 0, 0),
        ("clear", 0, 20, 0.3, 0.6),
        ("clear", 0, 60, 1, 1),
        ("overcast", 250, 3, 0, 0),
        ("overcast", 40, 3, 0.4, 0.6),
        ("overcast", 40, 20, 0, 0),
        ("cloudy", 40, 20, 0, 0),
    ],
)
def test_structure_contradicts_level(
    sky: str, level: float, structure: float, low: float, high: float
) -> None:
    found = contradiction(SimpleNamespace(sky=sky), excess(level, structure))
    assert low <= found <= high


def test_a_blank_frame_contradicts_nothing() -> None:
    blank = Excess("measured", np.full((4, 4), np.nan, np.float32), 0.0, False, 12, 20)
    assert contradiction(SimpleNamespace(sky="clear"), blank) == 0
