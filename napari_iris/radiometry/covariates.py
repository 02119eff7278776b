"""Clear-sky level as a linear function of what a header says, with prior knowledge of physics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.planck import GAIN, air_mass, shutter_offset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.statistics import FrameStatistics

NIGHT_GAP = np.timedelta64(5, "h")
"""Gap between frames that separates two nights."""

POINTING_DEG = 1.0
"""Pointings closer than this are one."""

AIR_MASS_ADU = 230.0
"""Expected rise of the clear sky for one air mass, in ADU."""


@dataclass(frozen=True, eq=False)
class Covariates:
    """Terms of the level, their prior and their coefficients.

    Attributes
    ----------
    centre : ndarray of float64, shape (3,)
        Values that shutter term, focal-plane temperature and air mass are counted from.
    pointings : ndarray of float64, shape (n, 2)
        Elevation and azimuth of the known pointings, in degrees.
    nights : ndarray of datetime64, shape (m,)
        Start of each known night.
    coefficients : ndarray of float64
        Intercept, shutter, focal plane, air mass, pointings, nights.
    """

    centre: NDArray[np.float64]
    pointings: NDArray[np.float64]
    nights: NDArray[np.datetime64]
    coefficients: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @staticmethod
    def of(frames: Sequence[FrameStatistics]) -> Covariates:
        """Define the terms for some frames."""
        values = _physical(frames)
        known = np.isfinite(values).any(axis=0)
        centre = np.where(known, np.nanmedian(np.where(known, values, 0.0), axis=0), np.nan)
        return Covariates(centre, _pointings(frames), _nights(frames), np.zeros(0))

    @property
    def prior(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and standard deviations of the coefficients, in ADU per unit of each term."""
        elevations_known = np.isfinite(self.pointings[:, 0]).any() if len(self.pointings) else False
        means = [0.0, -1.0, 0.0, AIR_MASS_ADU]
        widths = [1e4, 0.5, 4.0, 120.0]
        means += [0.0] * (len(self.pointings) + len(self.nights))
        widths += [20.0 if elevations_known else 80.0] * len(self.pointings)
        widths += [35.0] * len(self.nights)
        return np.array(means), np.array(widths)

    def design(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
        """Give the terms of some frames, shape (frames, coefficients)."""
        values = _physical(frames)
        physical = np.nan_to_num(values - self.centre, nan=0.0)
        ones = np.ones((len(frames), 1))
        return np.hstack([ones, physical, self._pointing(frames), self._night(frames)])

    def levels(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
        """Clear-sky level of some frames, in ADU."""
        levels: NDArray[np.float64] = self.design(frames) @ self.coefficients
        return levels

    @property
    def is_physical(self) -> bool:
        """Whether headers give a temperature or a time to model the level with."""
        return bool(np.isfinite(self.centre[:2]).any() or len(self.nights))

    def zenith_level(self, unit: float = 1.0) -> float:
        """Level at the zenith for a shutter at 0 degrees Celsius, in ADU; -inf where not known.

        Reduced by the physics of the shutter and of the air mass, not by the fitted slopes: those
        of a night of which only decks are known are not the clear sky's.

        Parameters
        ----------
        unit : float
            ADU in one unit of the coefficients.
        """
        if not np.isfinite(self.centre[0]):
            return -np.inf
        level = unit * self.coefficients[0] + self.centre[0]
        if np.isfinite(self.centre[2]):
            level += AIR_MASS_ADU * (1 - self.centre[2])
        return float(level)

    def _pointing(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
        found = np.zeros((len(frames), len(self.pointings)))
        for row, frame in enumerate(frames):
            here = np.array([frame.elevation, frame.azimuth])
            if len(self.pointings) and np.isfinite(here).any():
                away = np.nan_to_num(np.abs(self.pointings - here)).max(axis=1)
                nearest = int(np.argmin(away))
                found[row, nearest] = away[nearest] <= POINTING_DEG
        return found

    def _night(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
        found = np.zeros((len(frames), len(self.nights)))
        for row, frame in enumerate(frames):
            if not np.isnat(frame.time) and len(self.nights):
                number = int(np.searchsorted(self.nights, frame.time, side="right")) - 1
                if number >= 0 and frame.time - self.nights[number] < np.timedelta64(20, "h"):
                    found[row, number] = 1
        return found


def _physical(frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
    """Shutter term in ADU, focal-plane temperature, air mass; NaN where not known."""
    shutter = shutter_offset(np.array([frame.shutter for frame in frames]), GAIN)
    focal_plane = np.array([frame.focal_plane for frame in frames])
    mass = air_mass(np.array([frame.elevation for frame in frames]))
    return np.stack([shutter, focal_plane, mass], axis=1)


def _pointings(frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
    """Find the distinct pointings, if there is more than one."""
    found: list[tuple[float, float]] = []
    for frame in frames:
        here = (frame.elevation, frame.azimuth)
        if np.isfinite(here).any() and not any(
            np.nan_to_num(np.abs(np.subtract(here, one))).max() <= POINTING_DEG for one in found
        ):
            found.append(here)
    # frames that all point elsewhere, as of a survey: the air mass is all that can be learned
    if not 1 < len(found) <= max(1, len(frames) // 4):
        found = []
    return np.array(found, np.float64).reshape(-1, 2)


def _nights(frames: Sequence[FrameStatistics]) -> NDArray[np.datetime64]:
    """Find the starts of the nights, if there is more than one."""
    times = np.sort(
        np.array([frame.time for frame in frames if not np.isnat(frame.time)], "M8[us]")
    )
    if not len(times):
        return times
    starts = np.concatenate([[times[0]], times[1:][np.diff(times) > NIGHT_GAP]])
    return starts if len(starts) > 1 else starts[:0]
