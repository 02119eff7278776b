"""Clear-sky level as a linear function of what a header says, with prior knowledge of physics."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite, isnan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.planck import GAIN, air_mass, shutter_offset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.radiometry.statistics import FrameStatistics

NIGHT_GAP = np.timedelta64(5, "h")
"""Gap between frames that separates two nights."""

KNOT = np.timedelta64(3, "h")
"""Time in which water vapour changes the clear sky: the level is a line between such knots."""

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
        Knots of each known night, from its first frame to its last.
    coefficients : ndarray of float64
        Intercept, shutter, focal plane, air mass, pointings, nights.
    tilts : ndarray of float64, shape (n, 2)
        Gradient of the clear sky at each pointing relative to the pattern, down and to the right,
        in ADU from the middle of the frame to its border.
    """

    centre: NDArray[np.float64]
    pointings: NDArray[np.float64]
    nights: NDArray[np.datetime64]
    coefficients: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    tilts: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    @staticmethod
    def of(frames: Sequence[FrameStatistics]) -> Covariates:
        """Define the terms for some frames."""
        values = _physical(frames)
        known = np.isfinite(values).any(axis=0)
        centre = np.where(known, np.nanmedian(np.where(known, values, 0.0), axis=0), np.nan)
        pointings = _pointings(frames)
        tilts = np.zeros((len(pointings), 2))
        return Covariates(centre, pointings, _nights(frames), np.zeros(0), tilts)

    @property
    def prior(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and standard deviations of the coefficients, in ADU per unit of each term."""
        elevations_known = np.isfinite(self.pointings[:, 0]).any() if len(self.pointings) else False
        means = [0.0, -1.0, 0.0, AIR_MASS_ADU]
        widths = [1e4, 0.5, 4.0, 120.0]
        means += [0.0] * (len(self.pointings) + len(self.nights))
        widths += [20.0 if elevations_known else 80.0] * len(self.pointings)
        widths += [self._drift] * len(self.nights)
        return np.array(means), np.array(widths)

    def raised(self, by: float) -> Covariates:
        """Give the terms with all levels raised, in ADU."""
        coefficients = self.coefficients.copy()
        coefficients[0] += by
        return replace(self, coefficients=coefficients)

    def steady(self) -> Covariates:
        """Give the terms with one offset for each night, and none for its drift."""
        first = np.append(True, np.diff(self.nights) > NIGHT_GAP)[: len(self.nights)]
        nights = self.nights[first] if np.count_nonzero(first) > 1 else self.nights[:0]
        return replace(self, nights=nights, tilts=np.zeros_like(self.tilts))

    @property
    def _drift(self) -> float:
        """Expected change of the level in a night that no temperature explains, in ADU."""
        return 20.0 if np.isfinite(self.centre[0]) else 120.0

    @property
    def night_count(self) -> int:
        """Number of known nights, at least 1."""
        return 1 + int(np.count_nonzero(np.diff(self.nights) > NIGHT_GAP))

    def tilted(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float32]:
        """Give the gradients of some frames relative to the pattern, in ADU."""
        return self.tilted_by(self.tilts, frames)

    def tilted_by(
        self,
        tilts: NDArray[np.float64],
        frames: Sequence[FrameStatistics],
    ) -> NDArray[np.float32]:
        """Give the gradients of some frames for other tilts, in ADU."""
        own = self.pointing(frames) @ tilts
        return planes(own, frames[0].small.shape)

    def design(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
        """Give the terms of some frames, shape (frames, coefficients)."""
        values = _physical(frames)
        away = values - self.centre
        physical = np.where(np.isnan(away), 0.0, away)
        ones = np.ones((len(frames), 1))
        return np.hstack([ones, physical, self.pointing(frames), self._night(frames)])

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

    def pointing(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
        """Give the known pointing of some frames: one 1 in each row of (frames, pointings)."""
        found = np.zeros((len(frames), len(self.pointings)))
        numbers: dict[tuple[float, float], int | None] = {}  # few pointings, of many frames each
        for row, frame in enumerate(frames):
            here = frame.elevation, frame.azimuth
            if here not in numbers:
                numbers[here] = self.pointing_of(frame)
            number = numbers[here]
            if number is not None:
                found[row, number] = 1
        return found

    def pointing_of(self, frame: FrameStatistics) -> int | None:
        """Give the number of a frame's pointing; None where it is not known."""
        here = frame.elevation, frame.azimuth
        if not any(map(isfinite, here)):
            return None
        away = [_away(here, one) for one in self.pointings.tolist()]
        nearest = min(away, default=np.inf)
        return away.index(nearest) if nearest <= POINTING_DEG else None

    def _night(self, frames: Sequence[FrameStatistics]) -> NDArray[np.float64]:
        found = np.zeros((len(frames), len(self.nights)))
        if not len(self.nights):
            return found
        time = np.array([frame.time for frame in frames], "M8[us]")
        after = np.searchsorted(self.nights, time, side="right")
        before, after = np.maximum(after - 1, 0), np.minimum(after, len(self.nights) - 1)
        since, gap = time - self.nights[before], self.nights[after] - self.nights[before]
        is_known = (since >= np.timedelta64(0)) & (since <= np.timedelta64(20, "h"))
        inside = is_known & (np.timedelta64(0) < gap) & (gap <= NIGHT_GAP)
        part = np.zeros(len(frames))
        part[inside] = since[inside] / gap[inside]
        rows = np.arange(len(frames))
        found[rows[is_known], before[is_known]] = 1 - part[is_known]
        found[rows[inside], after[inside]] = part[inside]
        return found


def _away(here: tuple[float, float], pointing: list[float]) -> float:
    """Distance of two pointings in degrees, the larger of both axes; an unknown one counts as 0."""
    one, other = abs(here[0] - pointing[0]), abs(here[1] - pointing[1])
    return max(0.0 if isnan(one) else one, 0.0 if isnan(other) else other)


def planes(slopes: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Compute planes through 0 in the middle of a frame.

    Parameters
    ----------
    slopes : ndarray of float64, shape (planes, 2)
        Rise from the middle to the border, down and to the right.
    shape : (int, int)
        Rows and columns, in pixels.

    Returns
    -------
    ndarray of float32, shape (planes, rows, columns)
        In the unit of `slopes`.
    """
    rows, columns = (np.linspace(-1, 1, side) for side in shape)
    down, right = slopes[:, 0, None, None], slopes[:, 1, None, None]
    return np.asarray(down * rows[:, None] + right * columns, np.float32)


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
    """Find the nights and place knots in each, evenly, if there is more than one."""
    times = np.sort(
        np.array([frame.time for frame in frames if not np.isnat(frame.time)], "M8[us]")
    )
    if not len(times):
        return times
    parts = np.split(times, np.flatnonzero(np.diff(times) > NIGHT_GAP) + 1)
    knots = []
    for night in parts:
        count = round(float((night[-1] - night[0]) / KNOT))
        knots.append(night[0] + (night[-1] - night[0]) * np.arange(count + 1) // max(count, 1))
    found = np.concatenate(knots)
    return found if len(found) > 1 else found[:0]
