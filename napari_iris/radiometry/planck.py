"""Thermal radiance in the camera's band, and what a shutter correction and air mass do to it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BAND_UM = (8.0, 14.0)
"""Band of an uncooled long-wave-infrared camera, in micrometres."""

GAIN = 35.0
"""Response of a Tau2 640 (f/1.25, high gain) in ADU per W m-2 sr-1, known to 15 %."""

SHUTTER_K = 273.15
"""Shutter temperature that levels are reduced to, in kelvin."""

KELVIN = 273.15

_C1L = 1.191042972e8
"""First radiation constant for spectral radiance, in W m-2 sr-1 um4 (CODATA 2018)."""

_C2 = 1.438776877e4
"""Second radiation constant, in um K (CODATA 2018)."""


def band_radiance(
    temperature_k: ArrayLike, band_um: tuple[float, float] = BAND_UM
) -> NDArray[np.float64]:
    """Compute the radiance of a black body over a band.

    Planck's law, integrated by Gauss-Legendre quadrature with 32 nodes, which is exact to 1e-9
    over this band.

    Parameters
    ----------
    temperature_k : array_like of float
        Temperatures in kelvin, above 0; any shape.
    band_um : (float, float)
        Limits of the band, in micrometres.

    Returns
    -------
    ndarray of float64, shape of `temperature_k`
        Radiance in W m-2 sr-1.
    """
    nodes, fifth_powers, weights = _nodes(band_um)
    temperature = np.asarray(temperature_k, np.float64)[..., None]
    spectral = _C1L / (fifth_powers * np.expm1(_C2 / (nodes * temperature)))
    radiance: NDArray[np.float64] = spectral @ weights
    return radiance


def band_temperature(
    radiance: ArrayLike, band_um: tuple[float, float] = BAND_UM
) -> NDArray[np.float64]:
    """Compute the temperature of a black body from its radiance over a band.

    The inverse of `band_radiance`, by Newton's method for the logarithm of the radiance against
    the inverse temperature, which is nearly a straight line: exact to 1e-6 K from 50 to 2000 K.

    Parameters
    ----------
    radiance : array_like of float
        Radiance in W m-2 sr-1, above 0; any shape.
    band_um : (float, float)
        Limits of the band, in micrometres.

    Returns
    -------
    ndarray of float64, shape of `radiance`
        Brightness temperature in kelvin; NaN where the radiance is not above 0.
    """
    wanted = np.asarray(radiance, np.float64)
    wanted = np.log(np.where(wanted > 0, wanted, np.nan))
    inverse = np.full_like(wanted, 1 / SHUTTER_K)
    step = 1e-4
    for _ in range(12):
        here = np.log(band_radiance(1 / inverse, band_um))
        slope = (np.log(band_radiance(1 / (inverse * (1 + step)), band_um)) - here) / (
            step * inverse
        )
        inverse = np.maximum(inverse + (wanted - here) / slope, inverse / 4)
    return 1 / inverse


def shutter_offset(shutter_c: ArrayLike, gain: float = GAIN) -> NDArray[np.float64]:
    """Compute the ADU to add to a frame so that it is as if corrected at `SHUTTER_K`.

    A flat-field correction sets the output to the same value for the shutter, so a frame measures
    the scene relative to the shutter: ADU = gain * (L(scene) - L(shutter)) + constant.

    Parameters
    ----------
    shutter_c : array_like of float
        Shutter temperature in degrees Celsius; NaN where not known.
    gain : float
        Response in ADU per W m-2 sr-1.

    Returns
    -------
    ndarray of float64
        ``gain * (L(shutter) - L(SHUTTER_K))``, in ADU; NaN where the temperature is not known.
    """
    shutter = np.asarray(shutter_c, np.float64) + KELVIN
    offset: NDArray[np.float64] = gain * (band_radiance(shutter) - _shutter_radiance())
    return offset


def air_mass(elevation_deg: ArrayLike) -> NDArray[np.float64]:
    """Compute the relative air mass (Kasten & Young, Appl. Opt. 28, 4735, 1989).

    Parameters
    ----------
    elevation_deg : array_like of float
        Elevation above the horizon in degrees, 0 to 90.

    Returns
    -------
    ndarray of float64
        Air mass relative to the zenith.
    """
    elevation = np.clip(np.asarray(elevation_deg, np.float64), 0, 90)
    sine = np.sin(np.radians(elevation))
    mass: NDArray[np.float64] = 1 / (sine + 0.50572 * (elevation + 6.07995) ** -1.6364)
    return mass


@cache
def _shutter_radiance() -> NDArray[np.float64]:
    """Radiance of a shutter at `SHUTTER_K`, in W m-2 sr-1."""
    return band_radiance(SHUTTER_K)


@cache
def _nodes(
    band_um: tuple[float, float],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Nodes of the quadrature, their fifth powers, and its weights, in micrometres."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    low, high = band_um
    nodes = (high - low) / 2 * nodes + (high + low) / 2
    return nodes, nodes**5, (high - low) / 2 * weights
