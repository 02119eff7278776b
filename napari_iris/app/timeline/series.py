"""The night as the timeline shows it: every frame at its time, with levels, cover and status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.frame_series import FrameSeries
from napari_iris.labels import STATUS_NAMES, STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.app.timeline.levels import NightLevels

MOST_TIMED = 0.9
"""Part of the frames that must have a time for an axis of times; the others are left out."""

BAND_POINTS = 2000
"""Points of the band of the clear sky, at most: it is smooth, and slow to fill."""

LEAST_CONTRAST = 40.0
"""Difference between black and white in the keogram, at least [ADU]."""

MOST_BINNED = 4
"""Frames that a cell of the keogram is the mean of, at most; of more, some are left out evenly."""


@dataclass(frozen=True, eq=False)
class NightSeries(FrameSeries):
    """The frames of a sequence in order of time.

    Attributes
    ----------
    numbers : ndarray of int64, shape (frames,)
        Number of each frame in the sequence, from 0.
    floor, median, reference, sigma, cover : ndarray of float32, shape (frames,)
        As in `NightLevels`; the cover of a project is that of its active masks.
    status : ndarray of int8, shape (frames,), or None
        Codes of the statuses, as in a project's table; None without a project.
    measured : NightLevels
        All that was measured, in order of frame numbers.
    """

    numbers: NDArray[np.int64]
    floor: NDArray[np.float32]
    median: NDArray[np.float32]
    reference: NDArray[np.float32]
    sigma: NDArray[np.float32]
    cover: NDArray[np.float32]
    status: NDArray[np.int8] | None
    measured: NightLevels

    @classmethod
    def of(
        cls,
        times: NDArray[np.datetime64],
        levels: NightLevels,
        cover: NDArray[np.float32],
        status: NDArray[np.int8] | None,
    ) -> NightSeries:
        """Make it of columns in order of frame numbers.

        Parameters
        ----------
        times : ndarray of datetime64, shape (frames,)
            Observation times, UTC; NaT where not known.
        levels : NightLevels
            What was measured.
        cover : ndarray of float32, shape (frames,)
            Cloud fractions; NaN where not known.
        status : ndarray of int8, shape (frames,), or None
            Codes of the statuses.
        """
        known = ~np.isnat(times)
        is_timed = bool(known.any() and known.mean() >= MOST_TIMED)
        if is_timed:
            order = np.argsort(times, kind="stable")[: np.count_nonzero(known)]  # NaT sorts last
            x = times[order].astype("M8[us]").astype(np.int64)
        else:
            order = np.arange(len(times))
            x = order + 1
        return cls(
            x,
            is_timed,
            order,
            levels.floor[order],
            levels.median[order],
            levels.reference[order],
            levels.sigma[order],
            cover[order],
            None if status is None else status[order],
            levels,
        )

    @property
    def ends(self) -> tuple[float, float]:
        """First and last place on the axis, in its unit."""
        first, last = (float(self.x[row] / self.unit) for row in (0, -1))
        return first, last

    def row_of(self, number: int) -> int | None:
        """Give the row of a frame of the sequence; None for one that is not on the axis."""
        rows = np.flatnonzero(self.numbers == number)
        return int(rows[0]) if len(rows) else None

    @property
    def limits(self) -> tuple[float, float] | None:
        """Lowest and highest level to draw [ADU]; None where no level is known.

        A few odd frames, as with the shutter closed, are left outside.
        """
        clear = np.concatenate([self.reference - self.sigma, self.reference + self.sigma])
        if np.isnan(self.floor).all():
            return None
        low, high = np.nanpercentile(self.floor, 0.5), np.nanpercentile(self.median, 99.5)
        if not np.isnan(clear).all():
            low, high = min(low, np.nanmin(clear)), max(high, np.nanmax(clear))
        return float(low), float(max(high, low + 1))

    def band(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
        """Give the band of the clear sky: `x`, lower and upper edge of each part, thinned out."""
        group = -(-len(self) // BAND_POINTS)
        parts = zip(
            self.parts(self.reference - self.sigma),
            self.parts(self.reference + self.sigma),
            strict=True,
        )
        return [
            (_means(x.astype(np.float64), group), _means(low, group), _means(high, group))
            for (x, low), (_, high) in parts
        ]

    def status_at(self, x: NDArray[np.floating]) -> NDArray[np.int8]:
        """Give the status of the frame at each of some places on the axis.

        Parameters
        ----------
        x : ndarray of float
            Times or numbers, ascending.

        Returns
        -------
        ndarray of int8, shape of `x`
            Codes; -1 where no frame is near.
        """
        if self.status is None or not len(self):
            return np.full(len(x), -1, np.int8)
        nearest, is_near = _nearest(self.x, x, self.unit)
        return np.where(is_near, self.status[nearest], -1).astype(np.int8)

    def keogram(self, edges: NDArray[np.float64]) -> NDArray[np.float32]:
        """Give a keogram: the profiles of the frames side by side.

        Parameters
        ----------
        edges : ndarray of float64, shape (cells + 1,)
            Edges of the cells, in the unit of the plot's axis, ascending.

        Returns
        -------
        ndarray of float32, shape (`PROFILE_ROWS`, cells)
            Mean profile of the frames in each cell, their top first [ADU]; that of the nearest
            frame where none is within; NaN where none is near.
        """
        profile, edges = self.measured.profile, edges * self.unit
        cells = np.full((len(edges) - 1, profile.shape[1]), np.nan, np.float32)
        rows = np.flatnonzero(~np.isnan(profile[self.numbers, 0]))
        rows = rows[:: max(1, len(rows) // (MOST_BINNED * len(cells)))]
        if not len(rows):
            return cells.T
        values = profile[self.numbers[rows]].astype(np.float32)
        x = self.x[rows]
        nearest, is_near = _nearest(x, (edges[:-1] + edges[1:]) / 2, self.unit)
        cells[is_near] = values[nearest[is_near]]
        place = np.searchsorted(edges, x, side="right") - 1
        is_within = (place >= 0) & (place < len(cells))
        found, starts, counts = np.unique(place[is_within], return_index=True, return_counts=True)
        if len(found):
            sums = np.add.reduceat(values[is_within], starts, axis=0)
            cells[found] = sums / counts[:, None].astype(np.float32)
        return cells.T

    def is_any(self, numbers: NDArray[np.int64], edges: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say in which cells between some edges there is one of some frames.

        Parameters
        ----------
        numbers : ndarray of int64
            Numbers of the frames in the sequence.
        edges : ndarray of float64, shape (cells + 1,)
            As for `keogram`.

        Returns
        -------
        ndarray of bool, shape (cells,)
            A frame fills the cells up to the middle between it and its neighbours.
        """
        if not len(self):
            return np.zeros(len(edges) - 1, bool)
        is_one = np.isin(self.numbers, numbers)
        middles = (edges[:-1] + edges[1:]) / 2 * self.unit
        nearest, is_near = _nearest(self.x, middles, self.unit)
        found = is_near & is_one[nearest]
        places = np.searchsorted(edges * self.unit, self.x[is_one], side="right") - 1
        found[places[(places >= 0) & (places < len(found))]] = True
        return found

    def description(self, row: int | None) -> str:
        """Write what is known of a frame, a line each; empty for None.

        Parameters
        ----------
        row : int or None
            Row of the frame.
        """
        if row is None or row >= len(self):
            return ""
        lines = [self.when(row)]
        if not np.isnan(self.floor[row]):
            lines.append(f"floor: {self.floor[row]:.0f} ADU, median: {self.median[row]:.0f} ADU")
        if not np.isnan(self.reference[row]):
            lines.append(f"clear sky: {self.reference[row]:.0f} ± {self.sigma[row]:.0f} ADU")
        if not np.isnan(self.cover[row]):
            cover = self.cover[row]
            lines.append(f"cloud cover: {cover:.0%} ({8 * cover:.1f} oktas)")
        if self.status is not None:
            lines.append(f"status: {STATUS_NAMES[STATUSES[int(self.status[row])]].lower()}")
        return "\n".join(lines)


def keogram_grey(adu: NDArray[np.float32]) -> NDArray[np.ubyte]:
    """Give the colours of a keogram: cold black, warm white, transparent where not known.

    Parameters
    ----------
    adu : ndarray of float32, shape (rows, cells)
        As `NightSeries.keogram` gives it.

    Returns
    -------
    ndarray of uint8, shape (rows, cells, 4)
        Red, green, blue, opacity.
    """
    known = adu[~np.isnan(adu)]
    low, high = np.percentile(known, (1, 99)) if known.size else (0.0, 1.0)
    share = np.nan_to_num((adu - low) / max(high - low, LEAST_CONTRAST))
    grey = (255 * share.clip(0, 1)).astype(np.ubyte)
    return np.stack([grey, grey, grey, np.where(np.isnan(adu), 0, 255).astype(np.ubyte)], axis=-1)


def _nearest(
    x: NDArray[np.int64], places: NDArray[np.floating], unit: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Index of the value nearest to each place, and whether it is as near as neighbours are."""
    last = len(x) - 1
    after = np.clip(np.searchsorted(x, places), min(1, last), last)
    before = np.maximum(after - 1, 0)
    nearest = np.where(x[after] - places < places - x[before], after, before)
    reach = 0.75 * (np.median(np.diff(x)) if last else unit)
    return nearest, np.abs(x[nearest] - places) <= reach


def _means(values: NDArray[np.floating], group: int) -> NDArray[np.float64]:
    """Means of consecutive groups; the ends stay where they are."""
    if group < 2 or len(values) <= 2 * group:
        return np.asarray(values, np.float64)
    whole = len(values) // group * group
    means = values[:whole].reshape(-1, group).mean(axis=1)
    return np.concatenate([values[:1], means, values[-1:]]).astype(np.float64)
