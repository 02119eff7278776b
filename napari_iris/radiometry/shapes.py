"""The shape of the clear sky, by which a wide view tells it from a deck at any level.

Clear sky brightens with the air mass, so that a wide or low view of it has a gradient, and a deck
hides most of it. Where an archive has both, its clear frames are known by their shape, and show how
far the level really moves: water vapour may raise it by more than temperatures and time explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.quantiles import nan_medians

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Images = NDArray[np.float32]

FEW = 3
"""Frames at least of which each must be known: clear ones, and decks."""

DECK_ADU = 150.0
"""Height of a frame above the level from which it may be a deck."""

HIDDEN = 0.3
"""Part of the shape of the clear sky that decks must hide."""

APART = 4.0
"""Distance between the contrasts of decks and of clear frames, in scatters of the latter."""


@dataclass(frozen=True, eq=False)
class ShapeViews:
    """What some frames show of the shape of the clear sky.

    Attributes
    ----------
    height : ndarray of float64, shape (frames,)
        Median height of each frame above the level, in ADU.
    whole : ndarray of bool, shape (frames,)
        Whether most of the frame has the shape.
    contrast : ndarray of float64, shape (frames,)
        Slope of the frame on the shape: 1 for clear sky, less for a deck.
    """

    height: Floats
    whole: Bools
    contrast: Floats

    @classmethod
    def of(cls, above: Images, shapes: Images, pixel_sigma: float) -> ShapeViews:
        """Compare frames with the shape of the clear sky.

        Parameters
        ----------
        above : ndarray of float32, shape (frames, rows, columns)
            Frames less pattern, tilt and level, in ADU; NaN where blank.
        shapes : ndarray of float32, shape (frames, rows, columns)
            Their patterns, with the tilt of their pointings, in ADU.
        pixel_sigma : float
            Standard deviation of clear sky about the pattern, in ADU.
        """
        flat = above.reshape(len(above), -1)
        height = nan_medians(flat, axis=1)
        scatter = 1.4826 * nan_medians(np.abs(flat - height[:, None]), axis=1)
        contrast = _contrast(flat, shapes.reshape(len(above), -1))
        return cls(height.astype(np.float64), scatter < 2 * pixel_sigma, contrast)

    @property
    def decks(self) -> Bools:
        """Frames far above the level."""
        decks: Bools = self.height > max(DECK_ADU, float(np.nanmax(self.height)) / 2)
        return decks

    def clear(self, shown: Bools) -> Bools:
        """Find the frames that are clear sky by their shape, at whatever level.

        Parameters
        ----------
        shown : ndarray of bool, shape (frames,)
            Frames that show clear sky near the level.

        Returns
        -------
        ndarray of bool, shape (frames,)
            None where decks have the same shape, or too few frames tell.
        """
        known, decks = shown & self.whole, self.decks
        if min(np.count_nonzero(known), np.count_nonzero(decks)) < FEW:
            return np.zeros_like(known)
        sigma = 1.4826 * float(np.median(np.abs(self.contrast[known] - 1)))
        kept = float(np.median(self.contrast[decks]))
        if 1 - kept < max(HIDDEN, APART * sigma):
            return np.zeros_like(known)
        clear: Bools = self.whole & (self.contrast > (1 + kept) / 2) & ~decks
        return clear

    def limit(self, shown: Bools, gaps: Floats) -> float:
        """Find how far above the level there is clear sky.

        Parameters
        ----------
        shown : ndarray of bool, shape (frames,)
            Frames that show clear sky near the level.
        gaps : ndarray of float64, shape (gaps,)
            Heights above the level of gaps between clouds, in ADU.

        Returns
        -------
        float
            Three standard deviations of the level of the frames that are clear by their shape, but
            at most half of the height of decks, in ADU; 0 where shape does not tell.
        """
        clear = self.clear(shown)
        if not clear.any():
            return 0.0
        spread = np.sqrt(np.mean(np.append(self.height[clear], gaps) ** 2))
        return float(min(3 * spread, np.median(self.height[self.decks]) / 2))


def _contrast(above: Images, shapes: Images) -> Floats:
    """Slope of each frame on its shape: 1 for clear sky, less for a deck."""
    seen = np.isfinite(above)
    weight = np.maximum(seen.sum(axis=1, keepdims=True), 1)
    left = np.where(seen, above, 0)
    left -= left.sum(axis=1, keepdims=True) / weight
    shape = np.where(seen, shapes, 0)
    shape -= shape.sum(axis=1, keepdims=True) / weight
    shape[~seen] = left[~seen] = 0
    power = np.maximum((shape**2).sum(axis=1), 1e-6)
    return np.asarray(1 + (left * shape).sum(axis=1) / power, np.float64)
