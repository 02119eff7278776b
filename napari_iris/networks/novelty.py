"""How unlike the training frames of a model a frame is: a distance between descriptions of them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

UNLIKE_ABOVE = 1.0
"""Novelty above which a frame is unlike the training frames."""

EXCEEDED = 0.01
"""Part of the training frames that a novelty of 1 leaves above itself."""

FEWEST, MOST = 100, 1000
"""Training frames that are needed, and used at most."""

SMALLEST = 64
"""Least rows and columns of a frame, for structure of all sizes to be seen."""

FOLDS = 5
"""Parts of the training frames: the distances of each are measured by what the others show."""

SHRINKAGE = 0.05
"""Part of the correlation matrix that is replaced by the identity, so that descriptors which hardly
vary in training do not decide alone."""

LEAST_SPREAD = 0.05
"""Added to the standard deviation of each descriptor, for the same reason."""

OCTAVES = 6
"""Sizes of structure: differences of neighbours in copies at 1, 1/2, ... of the resolution."""

TILE = 8
"""Side of the tiles whose structure is compared with their level, in pixels."""

LITTLE = 1e-4
"""Part of the spread that is added to the structure of a size, which may be none at all."""

DESCRIPTORS = 21
"""Number of values that `describe` gives."""


class Novelty(BaseModel):
    """What the training frames of a model are like, as its card stores it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: int = Field(ge=1, description="Training frames that it was fitted on")
    centre: tuple[float, ...] = Field(description="Mean of each descriptor")
    whitening: tuple[float, ...] = Field(
        description="Lower triangle, by rows, that maps differences from the centre to a vector "
        "whose length is the novelty"
    )

    @model_validator(mode="after")
    def _has_all_numbers(self) -> Self:
        wanted = DESCRIPTORS, DESCRIPTORS * (DESCRIPTORS + 1) // 2
        if (len(self.centre), len(self.whitening)) != wanted:
            raise ValueError(f"expected {wanted[0]} and {wanted[1]} numbers")
        if not np.isfinite([*self.centre, *self.whitening]).all():
            raise ValueError("expected finite numbers")
        return self

    def of(self, plane: Plane) -> float:
        """Compute how unlike the training frames a frame is.

        Parameters
        ----------
        plane : ndarray of float32, shape (rows, columns)
            First plane of the network's input.

        Returns
        -------
        float
            0 or more; above `UNLIKE_ABOVE` it is unlike them. It is the Mahalanobis distance of
            the frame's description, in units of the distance that `EXCEEDED` of the training
            frames exceed.
        """
        triangle = np.zeros((DESCRIPTORS, DESCRIPTORS))
        triangle[np.tril_indices(DESCRIPTORS)] = self.whitening
        return float(np.linalg.norm(triangle @ (describe(plane) - np.array(self.centre))))


def fit_novelty(planes: Iterable[Plane]) -> Novelty | None:
    """Learn what training frames are like.

    Parameters
    ----------
    planes : iterable of ndarray of float32, shape (rows, columns)
        First planes of inputs that a network is trained on; at most `MOST` are used.

    Returns
    -------
    Novelty or None
        None for fewer than `FEWEST`, or frames below `SMALLEST`.
    """
    used = islice(planes, MOST)
    described = [describe(plane) for plane in used if min(plane.shape) >= SMALLEST]
    if len(described) < FEWEST:
        return None
    values = np.stack(described)
    # a frame is nearer to a distribution that was fitted on itself than any new one
    fold = np.arange(len(values)) % FOLDS
    distances = np.concatenate(
        [
            _distances(values[fold == one], *_distribution(values[fold != one]))
            for one in range(FOLDS)
        ]
    )
    centre, whitening = _distribution(values)
    whitening /= np.quantile(distances, 1 - EXCEEDED)
    triangle = whitening[np.tril_indices(DESCRIPTORS)]
    return Novelty(frames=len(values), centre=_short(centre), whitening=_short(triangle))


def describe(plane: Plane) -> NDArray[np.float64]:
    """Describe a frame by numbers that depend on what is in it, not on its level or orientation.

    Parameters
    ----------
    plane : ndarray of float32, shape (rows, columns)
        First plane of a network's input, each side `SMALLEST` or more.

    Returns
    -------
    ndarray of float64, shape (DESCRIPTORS,)
        Spread, skewness and tails of the values; part of the pixels at the lowest or highest one
        (saturation); corners and edges over the middle; structure at each size relative to the
        next finer one, which is the noise at the finest (the slope of the spectrum, octave by
        octave), between columns relative to rows (stripes), and its tails (edges of drawn things);
        level of the smoothest and of the roughest tiles, and how far these differ (in a sky, cloud
        is warm and has structure).
    """
    places = (np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]) * (plane.size - 1)).astype(int)
    ordered = np.partition(plane, places, axis=None)
    lowest, low, first, middle, third, high, highest = (float(one) for one in ordered[places])
    spread = high - low + 1e-6
    ends = np.count_nonzero((plane == plane.min()) | (plane == plane.max()))
    values = [
        np.log(spread),
        (high + low - 2 * middle) / spread,
        (third - first) / spread,
        spread / (highest - lowest + 1e-6),
        np.sqrt(ends / plane.size),
        *_tiles(plane, spread),
    ]
    before, image = spread, plane
    for octave in range(OCTAVES):
        across, down = image[:, 1:] - image[:, :-1], image[1:] - image[:-1]
        size = _mean(np.abs(across)) + LITTLE * spread, _mean(np.abs(down)) + LITTLE * spread
        total = float(sum(size))
        values.append(np.log(total / before))
        if octave in (0, 1, 3):
            values.append((size[0] - size[1]) / total)
        if octave < 2:
            square = np.vdot(across, across) / across.size + np.vdot(down, down) / down.size
            values.append(total / np.sqrt(square + (LITTLE * spread) ** 2))
        if octave == 4:
            values += _borders(image, spread)
        before, image = total, _half(image)
    return np.array(values, np.float64)


def _half(image: Plane) -> Plane:
    """Average blocks of two by two pixels."""
    rows, columns = (side // 2 * 2 for side in image.shape)
    pairs = image[:rows:2, :columns] + image[1:rows:2, :columns]
    return np.multiply(pairs[:, ::2] + pairs[:, 1::2], np.float32(0.25))


def _tiles(plane: Plane, spread: float) -> tuple[float, float, float]:
    """Level of the smoothest and of the roughest fifth of tiles over the mean; their structure."""
    height, width = (side // TILE for side in plane.shape)
    cut = plane[: height * TILE, : width * TILE]
    fine = np.abs(cut[:, ::2] - cut[:, 1::2])
    rough = fine.reshape(height, TILE, width, TILE // 2).mean(axis=(1, 3)).ravel()
    level = cut.reshape(height, TILE, width, TILE).mean(axis=(1, 3)).ravel()
    order, count = np.argsort(rough), max(rough.size // 5, 1)
    least, most = rough[order[count]], rough[order[-count]]
    mean = float(level.mean())
    return (
        (float(level[order[:count]].mean()) - mean) / spread,
        (float(level[order[-count:]].mean()) - mean) / spread,
        float(np.sqrt(least / (most + LITTLE * spread))),
    )


def _borders(image: Plane, spread: float) -> tuple[float, float]:
    """Level of the corners, and of the edges, over the middle of a small copy."""
    rows, columns = (max(side // 4, 1) for side in image.shape)
    middle = _mean(image[rows:-rows, columns:-columns])
    corners = _mean(image[[0, 0, -1, -1], [0, -1, 0, -1]])
    edges = np.mean([_mean(one) for one in (image[0], image[-1], image[:, 0], image[:, -1])])
    return float(corners - middle) / spread, float(edges - middle) / spread


def _mean(values: Plane) -> np.float32:
    """Compute the mean, as `numpy.mean`, whose checks take longer than the sum of a few values."""
    return np.float32(np.add.reduce(values, axis=None) / np.intp(values.size))


def _distribution(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre of some descriptions, and the lower triangle that whitens them."""
    centre, spread = values.mean(axis=0), values.std(axis=0) + LEAST_SPREAD
    scaled = (values - centre) / spread
    correlation = (1 - SHRINKAGE) * (scaled.T @ scaled) / len(values)
    correlation += SHRINKAGE * np.eye(values.shape[1])
    whitening: NDArray[np.float64] = np.linalg.inv(np.linalg.cholesky(correlation)) / spread
    return centre, whitening


def _distances(
    values: NDArray[np.float64], centre: NDArray[np.float64], whitening: NDArray[np.float64]
) -> NDArray[np.float64]:
    distances: NDArray[np.float64] = np.linalg.norm((values - centre) @ whitening.T, axis=1)
    return distances


def _short(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Round to five digits, which is what a card needs."""
    return tuple(float(f"{value:.5g}") for value in values)
