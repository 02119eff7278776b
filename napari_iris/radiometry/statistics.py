"""Statistics of a frame that the clear-sky reference is learned from: computed once, small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.facts import observed_at
from napari_iris.frames.rebin import FULL_SCALE_ADU, rebin
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE, fingerprint
from napari_iris.radiometry.noise import frame_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

Header = Mapping[str, Any]

STATISTICS_SHAPE = (64, 80)
"""Rows and columns of the copy of a frame that its statistics are taken from."""

FOCAL_PLANE = ("FPA-TEMP", "FPATEMP")
SHUTTER = ("SHU-TEMP", "SHUTEMP")
"""Cards of temperatures in degrees Celsius, in order of preference."""

ELEVATION = ("ELEVATIO", "ELEVATION", "ALT", "EL", "TELALT")
AZIMUTH = ("AZIMUTH", "AZ", "TELAZ")
"""Cards of the pointing in degrees, in order of preference."""

IDENTITY = ("SERIAL", "SERIALNO", "CAMSER", "DETSER", "CAMERA", "INSTRUME", "DETECTOR")
"""Cards that name the camera, the most specific first."""

NORMALISED_NOISE = 2.5e-3
"""Noise at `STATISTICS_SHAPE` below which a frame is normalised: one of ADU has some 0.5, and
one of ADU / 2**14 some 3e-5."""

LARGEST = 1e9
"""ADU above which nothing is learned from a frame, and no value of a reference lies."""

LARGEST_NORMALISED = 16.0
"""Value above which no frame is normalised, whatever its noise."""

STACKED = ("STACKED", "NCOMBINE", "COADDS", "NSTACK")
"""Cards of the number of exposures in a frame, in order of preference."""


@dataclass(frozen=True, eq=False)
class FrameStatistics:
    """What is kept of a frame: about 20 kB.

    Attributes
    ----------
    small : ndarray of float32, shape `STATISTICS_SHAPE`
        The frame, rebinned, in ADU; NaN where blank.
    fingerprint : ndarray of float16 or None, shape `FINGERPRINT_SHAPE`
        High frequencies of the frame, where they were asked for.
    time : datetime64[us]
        Observation time, UTC; NaT where not known.
    focal_plane, shutter : float
        Temperatures in degrees Celsius; NaN where not known.
    elevation, azimuth : float
        Pointing in degrees; NaN where not known.
    camera : str
        Identity of the camera; empty where the header names none.
    model : str
        Model of the camera; empty where not known.
    noise : float
        White noise of `small`, of a single exposure, in ADU; NaN where it was not asked for.
    """

    small: NDArray[np.float32]
    fingerprint: NDArray[np.float16] | None
    time: np.datetime64
    focal_plane: float
    shutter: float
    elevation: float
    azimuth: float
    camera: str
    model: str
    noise: float = float("nan")


def frame_statistics(
    frame: NDArray[np.floating], header: Header | None = None, *, with_fingerprint: bool = False
) -> FrameStatistics:
    """Compute the statistics of a frame.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        In ADU, or ADU / 2**14; NaN where blank.
    header : mapping, optional
        Its header.
    with_fingerprint : bool
        Whether to extract fingerprint and noise, which only learning needs.

    Returns
    -------
    FrameStatistics
        The statistics, in ADU.

    Raises
    ------
    IrisError
        If the frame is too small, or has values to learn from that no camera gives.
    """
    header = {} if header is None else header
    small = rebin(frame, STATISTICS_SHAPE).astype(np.float32)
    is_raw = np.nanmax(small, initial=-np.inf) > LARGEST_NORMALISED  # so is then the whole frame's
    adu = 1.0 if is_raw else adu_per_unit(frame)
    small *= np.float32(adu)
    is_fine = with_fingerprint and np.greater_equal(frame.shape, FINGERPRINT_SHAPE).all()
    fine = rebin(frame, FINGERPRINT_SHAPE) if is_fine else frame
    if with_fingerprint and not 0 <= np.nanmax(np.abs(small), initial=-1) <= LARGEST:
        raise IrisError("the frame has no values to learn from, or far too large ones")
    stacked = max(1.0, _number(header, STACKED))  # 1 where it is not known (NaN)
    return FrameStatistics(
        small=small,
        fingerprint=fingerprint(fine) if with_fingerprint else None,
        noise=frame_noise(frame, fine) * adu * float(stacked**0.5) if with_fingerprint else np.nan,
        time=observed_at(header),
        focal_plane=_number(header, FOCAL_PLANE),
        shutter=_number(header, SHUTTER),
        elevation=_number(header, ELEVATION),
        azimuth=_number(header, AZIMUTH),
        camera=_name(header),
        model=str(header.get("CAMERA", "")),
    )


def adu_per_unit(frame: NDArray[np.floating]) -> float:
    """Give the ADU in one unit of a frame: 2**14 for a normalised frame, else 1.

    It is decided by the noise, which the frames of a night share. Their range does not do: in some
    unit, clear frames would lie within 0 to 1 and cloudy frames above.

    Parameters
    ----------
    frame : ndarray of float, shape (rows, columns)
        The frame; NaN where blank.
    """
    if np.nanmax(frame, initial=-np.inf) > LARGEST_NORMALISED:
        return 1.0
    return FULL_SCALE_ADU if frame_noise(frame) < NORMALISED_NOISE else 1.0


def quadratic_surface(small: NDArray[np.floating]) -> NDArray[np.float32]:
    """Fit a quadratic surface to a frame by least squares.

    Parameters
    ----------
    small : ndarray of float, shape (rows, columns)
        The frame; NaN where blank.

    Returns
    -------
    ndarray of float32, shape of `small`
        The surface.
    """
    terms, inverse = _quadratic((small.shape[0], small.shape[1]))
    seen = np.isfinite(small)
    filled = np.where(seen, small, np.median(small[seen]) if seen.any() else 0)
    surface = (terms @ (inverse @ filled.ravel())).reshape(small.shape)
    return np.asarray(surface, np.float32)


@cache
def _quadratic(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x**2, y**2], -1).reshape(-1, 6)
    return terms, np.linalg.pinv(terms)


def _number(header: Header, cards: tuple[str, ...]) -> float:
    for card in cards:
        value = header.get(card)
        if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
            return float(value)
    return float("nan")


def _name(header: Header) -> str:
    for card in IDENTITY:
        value = header.get(card)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()[:40]
    return ""
