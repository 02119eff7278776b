"""Excess as radiance and as temperature, where a header says what the values of a frame mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.radiometry.archive import references_of
from napari_iris.radiometry.calibration import Calibration, calibration_of
from napari_iris.radiometry.planck import GAIN, band_radiance, band_temperature
from tests.radiometry.conftest import nights

TAU2 = {"CAMERA": "FLIR TAU2", "GAIN": "high", "TLINEAR": "disabled"}


@given(st.floats(50, 2000))
def test_the_temperature_of_a_radiance_is_the_one_it_has(temperature: float) -> None:
    assert band_temperature(band_radiance(temperature)) == pytest.approx(temperature, abs=1e-6)


def test_no_radiance_has_no_temperature() -> None:
    found = band_temperature([0.0, -1.0, np.nan, 35.1])
    assert np.isnan(found[:3]).all()
    assert found[3] == pytest.approx(273, abs=0.2)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Calibration()),
        ({}, Calibration()),
        (TAU2, Calibration(gain=GAIN)),
        (TAU2 | {"GAIN": "low"}, Calibration()),
        (TAU2 | {"TLINEAR": "enabled"}, Calibration()),
        (TAU2 | {"RADGAIN": 40}, Calibration(gain=40.0)),
        ({"RADGAIN": -3.0}, Calibration()),
        ({"RADGAIN": "many"}, Calibration()),
        ({"BUNIT": "K"}, Calibration(zero=0.0)),
        ({"BUNIT": "deg C"}, Calibration(zero=273.15)),
        ({"BUNIT": "adu"}, Calibration()),
    ],
)
def test_the_header_says_what_a_value_means(
    header: dict[str, object] | None, expected: Calibration
) -> None:
    found = calibration_of(header)
    np.testing.assert_equal((found.gain, found.zero), (expected.gain, expected.zero))


def test_kelvin_and_radiance_of_an_excess() -> None:
    kelvin, celsius = Calibration(zero=0.0), Calibration(zero=273.15)
    expected = band_radiance(250.0) - band_radiance(230.0)
    assert kelvin.radiance(20.0, 230.0) == pytest.approx(expected)
    assert celsius.radiance(20.0, -43.15) == pytest.approx(expected)
    assert celsius.kelvin(20.0) == 20
    assert Calibration(gain=35.0).radiance(70.0, 600.0) == 2
    assert np.isnan(Calibration(gain=35.0).kelvin(70.0))
    assert np.isnan(Calibration().radiance(70.0, 600.0))


def test_a_mask_states_its_median_excess_in_radiance() -> None:
    some = nights(5)
    references = references_of(some.statistics)
    header = some.frames[9].header.copy()
    made = make_mask(some.pixels[9], MaskConfig(), header, references)
    assert made.excess is not None
    assert made.cards()["EXCRAD"][0] == pytest.approx(made.excess.median / GAIN, abs=1e-3)
    assert "EXCKELV" not in made.cards()
    np.testing.assert_allclose(made.excess.radiance, made.excess.values / GAIN, rtol=1e-6)
    del header["CAMERA"]
    assert "EXCRAD" not in make_mask(some.pixels[9], MaskConfig(), header, references).cards()
