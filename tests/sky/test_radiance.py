"""The clear sky's gradient, and the laws of compositing cloud layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.sky.radiance import Gradient, clear_radiance, composite

SHAPE = (9, 13)
PLAIN = Gradient(start=100, stop=160, zoom=1, rotation=0, shear=0, flip=False)

TAUS = st.lists(st.floats(0, 30), min_size=3, max_size=3)
BRIGHTNESS = st.lists(st.floats(0, 1000), min_size=3, max_size=3).map(sorted)


def excess(taus: list[float], brightness: list[float]) -> float:
    layers = [np.full((1, 1), tau, np.float32) for tau in taus]
    return float(composite(zip(layers, brightness, strict=True), (1, 1))[0, 0])


@pytest.mark.parametrize(
    ("transform", "corners"),
    [
        ({}, (100, 160, 100, 160)),
        ({"flip": True}, (160, 100, 160, 100)),
        ({"zoom": 2}, (115, 145, 115, 145)),
        ({"rotation": 90}, (110, 110, 150, 150)),
        ({"rotation": -90}, (150, 150, 110, 110)),
        ({"shear": 0.5}, (110, 170, 90, 150)),
    ],
)
def test_the_gradient_is_transformed_exactly(
    transform: dict[str, Any], corners: tuple[float, ...]
) -> None:
    """Corners: top left, top right, bottom left, bottom right; 5 ADU a pixel before transform."""
    radiance = clear_radiance(replace(PLAIN, **transform), SHAPE)
    assert radiance.dtype == np.float32
    found = (radiance[0, 0], radiance[0, -1], radiance[-1, 0], radiance[-1, -1])
    assert found == pytest.approx(corners, rel=1e-5)
    assert radiance[4, 6] == pytest.approx(130)


@pytest.mark.parametrize(
    ("taus", "brightness", "expected"),
    [
        ([0, 0, 0], [100, 200, 300], 0),
        ([np.log(2), 0, 0], [100, 200, 300], 50),
        ([0, 0, 30], [100, 200, 300], 300),
        ([30, 0, np.log(2)], [100, 200, 300], 200),
        ([30, 30, 30], [100, 200, 300], 300),
    ],
)
def test_layers_composite_by_emissivity(
    taus: list[float], brightness: list[float], expected: float
) -> None:
    assert excess(taus, brightness) == pytest.approx(expected, abs=1e-3)


@given(taus=TAUS, brightness=BRIGHTNESS, layer=st.integers(0, 2), more=st.floats(0, 10))
def test_more_cloud_is_never_darker(
    taus: list[float], brightness: list[float], layer: int, more: float
) -> None:
    thicker = [tau + more * (number == layer) for number, tau in enumerate(taus)]
    before, after = excess(taus, brightness), excess(thicker, brightness)
    assert -1e-3 <= before <= after + 1e-3 <= brightness[-1] + 2e-3
