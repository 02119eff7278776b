"""Radiance, shutter correction and air mass against published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.radiometry.planck import air_mass, band_radiance, shutter_offset


@pytest.mark.parametrize(
    ("kelvin", "radiance"),
    [(210, 8.2), (230, 14.1), (250, 22.3), (273, 35.1), (285, 43.2), (300, 54.9)],
)
def test_radiance_of_a_black_body_from_8_to_14_um(kelvin: float, radiance: float) -> None:
    assert band_radiance(kelvin) == pytest.approx(radiance, abs=0.06)


def test_radiance_equals_a_fine_sum_over_planck_s_law() -> None:
    from astropy import constants, units
    from astropy.modeling.physical_models import BlackBody

    wavelength = np.linspace(8, 14, 6001) * units.um
    law = BlackBody(280 * units.K, scale=1 * units.W / units.m**2 / units.um / units.sr)
    assert constants.h is not None
    fine = np.trapezoid(law(wavelength).value, wavelength.value)
    assert band_radiance(280.0) == pytest.approx(fine, rel=1e-6)


def test_a_warm_shutter_makes_the_sky_look_colder() -> None:
    """Two raw frames, shutter at -0.81 and +4.32 C: 117 ADU were seen between them."""
    cold, warm = shutter_offset([-0.81, 4.32])
    assert warm - cold == pytest.approx(117, abs=5)
    assert np.isnan(shutter_offset(np.nan))


def test_air_mass() -> None:
    assert air_mass([90, 30, 10]) == pytest.approx([1.0, 1.994, 5.59], abs=0.01)
