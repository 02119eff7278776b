"""Edit a cloud mask: one function for each key or brush stroke.

Every edit returns a new mask; the given one is not changed. Only `paint` changes ignored pixels.
All arrays of a call have one shape, (rows, columns), in pixels:

- mask: ndarray of uint8, 0 sky, 1 cloud, 2 ignore;
- region: ndarray of bool, where to edit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]
    Region = NDArray[np.bool_]


def disc(shape: tuple[int, int], center: tuple[float, float], radius: float) -> Region:
    """Select the pixels of a disc.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the image, in pixels.
    center : (float, float)
        Row and column, in pixels; may lie outside of the image.
    radius : float
        In pixels, 0 or more.

    Returns
    -------
    ndarray of bool, shape `shape`
        Pixels whose centre is at most `radius` from `center`.
    """
    return stroke(shape, center, center, radius)


def stroke(
    shape: tuple[int, int], start: tuple[float, float], end: tuple[float, float], radius: float
) -> Region:
    """Select the pixels that a disc covers while it moves along a line.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the image, in pixels.
    start, end : (float, float)
        Row and column of the line's ends, in pixels; they may lie outside of the image.
    radius : float
        Radius of the disc, in pixels, 0 or more.

    Returns
    -------
    ndarray of bool, shape `shape`
        Pixels whose centre is at most `radius` from the line.
    """
    near = np.zeros(shape, dtype=bool)
    box = tuple(
        slice(max(0, int(np.ceil(min(ends) - radius))), max(0, int(max(ends) + radius) + 1))
        for ends in zip(start, end, strict=True)
    )
    y = np.arange(shape[0], dtype=np.float32)[box[0], None] - np.float32(start[0])
    x = np.arange(shape[1], dtype=np.float32)[box[1]] - np.float32(start[1])
    length = math.dist(start, end)
    dy, dx = ((last - first) / (length or 1.0) for first, last in zip(start, end, strict=True))
    along = np.clip(y * dy + x * dx, 0, length)
    near[box] = (y - along * dy) ** 2 + (x - along * dx) ** 2 <= radius**2
    return near


def paint(mask: Mask, region: Region, value: int) -> Mask:
    """Set every pixel of a region, also ignored ones.

    Parameters
    ----------
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore.
    region : ndarray of bool
        Pixels to set.
    value : int
        0 sky, 1 cloud, 2 ignore.

    Returns
    -------
    ndarray of uint8
        The new mask.
    """
    return np.where(region, np.uint8(value), mask)


def whole(mask: Mask, value: int) -> Mask:
    """Set all pixels that are not ignored.

    Parameters
    ----------
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore.
    value : int
        0 sky or 1 cloud.

    Returns
    -------
    ndarray of uint8
        The new mask.
    """
    return np.where(mask == IGNORE, mask, np.uint8(value))


def grow(mask: Mask, pixels: int = 1) -> Mask:
    """Grow the cloud by a disc.

    Parameters
    ----------
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore.
    pixels : int
        Radius of the disc, in pixels, 0 or more.

    Returns
    -------
    ndarray of uint8
        The mask where all sky at most `pixels` from a cloud pixel is cloud, also across ignored
        pixels.
    """
    return _spread(mask, CLOUD, pixels)


def shrink(mask: Mask, pixels: int = 1) -> Mask:
    """Shrink the cloud by a disc: the inverse of `grow`.

    The cloud shrinks from sky pixels only, not from the border or from ignored pixels.

    Parameters
    ----------
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore.
    pixels : int
        Radius of the disc, in pixels, 0 or more.

    Returns
    -------
    ndarray of uint8
        The mask where all cloud at most `pixels` from a sky pixel is sky.
    """
    return _spread(mask, SKY, pixels)


def fill_holes(mask: Mask, largest: int | None = None) -> Mask:
    """Fill holes in the cloud: sky that is not connected to the border.

    Ignored pixels count as connections: sky around a dead pixel is filled, sky beside a building
    at the border is not.

    Parameters
    ----------
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore.
    largest : int, optional
        Largest hole that is filled, in pixels; by default any.

    Returns
    -------
    ndarray of uint8
        The mask with its holes filled.
    """
    from scipy.ndimage import label

    patches, count = label(mask != CLOUD)
    fill = np.ones(count + 1, dtype=bool)
    if largest is not None:
        fill = np.bincount(patches[mask == SKY], minlength=count + 1) <= largest
    for border in (patches[0], patches[-1], patches[:, 0], patches[:, -1]):
        fill[border] = False
    return paint(mask, fill[patches] & (mask == SKY), CLOUD)


def smooth(mask: Mask, radius: float = 2) -> Mask:
    """Round ragged edges and drop specks and pinholes, by a vote around every pixel.

    The votes are weighted by a Gaussian that just drops a disc of `radius`: half of its weight
    lies within. Ignored pixels and what lies outside of the image have no vote.

    Parameters
    ----------
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore.
    radius : float
        Radius of the largest speck to drop, in pixels, 0 or more.

    Returns
    -------
    ndarray of uint8
        The mask with every pixel as most around it have it.
    """
    from scipy.ndimage import gaussian_filter

    votes = np.array([-1, 1, 0], np.float32)[mask]
    sigma = radius / np.sqrt(2 * np.log(2))
    votes = gaussian_filter(votes, sigma, mode="constant", truncate=3)
    return np.where(mask == IGNORE, mask, (votes > 0).astype(np.uint8))


def _spread(mask: Mask, value: int, pixels: int) -> Mask:
    """Spread sky over cloud, or cloud over sky, by a disc."""
    from scipy.ndimage import binary_dilation
    from skimage.morphology import disk

    reached = binary_dilation(mask == value, disk(pixels))
    return paint(mask, reached & (mask != IGNORE), value)
