"""Find the circle that an all-sky fisheye images, from what stays the same around it all night.

Outside of the circle a camera sees its own lens: that is steady, or of one level, while the sky
inside changes. A circle is only believed where the whole outside is of one kind, the edge is sharp
all around, and all four corners lie outside: no site mask is better than a wrong one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.frames.site_mask import SiteMask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.frames.paths import FramePaths

    Image = NDArray[np.float32]
    Region = NDArray[np.bool_]

FEWEST, MOST = 8, 24
"""Frames that it takes, and that are read at most, spread evenly."""

SIDE = 96
"""Pixels of the shorter side at which it is looked for."""

STEADY, CHANGING = 3.0, 3.0
"""Largest spread outside, in units of that of the corners, and least at the edge inside, in units
of that at the edge outside."""

SECTORS = 24
"""Parts of the edge, in nearly all of which it must be sharp."""


class Circle(NamedTuple):
    """A circle in an image, in pixels of it, from the centre of the first one."""

    row: float
    column: float
    radius: float

    def distance(self, shape: tuple[int, int]) -> Image:
        """Distance of each pixel outside of the circle, negative inside, in pixels."""
        rows, columns = np.ogrid[: shape[0], : shape[1]]
        away = np.hypot(rows - self.row, columns - self.column) - self.radius
        return away.astype(np.float32)


def find_fisheye(
    paths: Sequence[Path] | FramePaths, *, hdu: int | None = None, plane: int | None = None
) -> SiteMask | None:
    """Find what lies outside of an all-sky fisheye's circle, from a sample of its frames.

    Parameters
    ----------
    paths : sequence of Path
        Frames of one camera.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.

    Returns
    -------
    SiteMask or None
        None where there is no such circle, or it cannot be determined from `FEWEST` frames or
        more of one shape.
    """
    if len(paths) < FEWEST:
        return None
    frames: list[Image] = []
    shape: tuple[int, int] | None = None
    for place in np.unique(np.linspace(0, len(paths) - 1, MOST).astype(int)).tolist():
        try:
            data = read_frame(paths[place], hdu=hdu, plane=plane).data
            found = (data.shape[0], data.shape[1])
            frames.append(rebin(data, _small(found)))
        except IrisError:  # the command that uses the frame names it
            continue
        if found != (shape := shape or found):
            return None
    circle = fisheye_circle(np.stack(frames)) if len(frames) >= FEWEST else None
    if circle is None or shape is None:
        return None
    scale = shape[0] / frames[0].shape[0]
    row, column = (scale * (place + 0.5) - 0.5 for place in (circle.row, circle.column))
    radius = scale * (circle.radius - 0.5)  # the edge is blurred
    outside = Circle(row, column, radius).distance(shape) > 0
    return SiteMask((outside,), "outside the circle of a fisheye", strict=False, found=True)


def fisheye_circle(frames: NDArray[np.floating]) -> Circle | None:
    """Find the circle that an all-sky fisheye images.

    Parameters
    ----------
    frames : ndarray of float, shape (frames, rows, columns)
        Frames of one camera, in any unit; NaN where blank.

    Returns
    -------
    Circle or None
        None where there is none.
    """
    if not np.isfinite(frames).all():
        return None
    shape = frames.shape[1:]
    corners = _corners((shape[0], shape[1]))
    relative = frames - np.median(frames[:, corners], axis=1)[:, None, None]
    level = np.median(relative, axis=0)
    spread = 1.4826 * np.median(np.abs(relative - level), axis=0)
    noise = float(np.percentile(spread[corners], 90)) + 1e-6 * float(np.ptp(level))
    tolerance = 4 * float(level[corners].std()) + 3 * noise
    for image, steady in (
        (spread, spread <= STEADY * noise),
        (np.abs(level), np.abs(level) <= tolerance),
    ):
        circle = _circle_around(steady, corners)
        least = CHANGING * (noise if image is spread else tolerance)
        if circle is not None and _is_sharp(image, circle, least):
            return circle
    return None


def _small(shape: tuple[int, int]) -> tuple[int, int]:
    """Shape at which a frame is looked at: its proportions, and `SIDE` rows or columns."""
    factor = SIDE / min(shape)
    return round(shape[0] * factor), round(shape[1] * factor)


def _corners(shape: tuple[int, int]) -> Region:
    size = max(3, min(shape) // 20)
    corners = np.zeros(shape, bool)
    for rows in (slice(size), slice(-size, None)):
        for columns in (slice(size), slice(-size, None)):
            corners[rows, columns] = True
    return corners


def _circle_around(outside: Region, corners: Region) -> Circle | None:
    """Fit a circle to the edge of a region that holds the corners, and the circle alone not."""
    from scipy.ndimage import binary_erosion, binary_fill_holes, label, median_filter

    outside = median_filter(outside, 3, mode="nearest")
    if outside[corners].mean() < 0.9:
        return None
    patches, _ = label(~outside)
    sizes = np.bincount(patches.ravel())[1:]
    if not sizes.size:
        return None
    inside = binary_fill_holes(patches == 1 + sizes.argmax())
    rows, columns = np.nonzero(inside & ~binary_erosion(inside, border_value=1))
    if rows.size < SECTORS:
        return None
    circle = _fit(rows, columns)
    away = circle.distance((outside.shape[0], outside.shape[1]))
    error = np.abs(away[rows, columns])
    middle = np.array(outside.shape) / 2
    fits = (
        np.percentile(error, 90) <= max(1.5, 0.03 * circle.radius)
        and np.abs(np.array(circle[:2]) - middle).max() < 0.15 * min(outside.shape)
        and circle.radius > 0.3 * min(outside.shape)
        and away[corners].min() > 2
        and outside[away > 2].mean() > 0.97
        and inside[away < -2].mean() > 0.99
    )
    return circle if fits else None


def _fit(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Circle:
    """Fit a circle to the outermost pixels in it, whose centres lie half a pixel within.

    By algebraic least squares (Kasa, IEEE Trans. IM 25, 8, 1976).
    """
    terms = np.stack([rows, columns, np.ones_like(rows)], axis=1).astype(float)
    solution, *_ = np.linalg.lstsq(terms, (rows**2 + columns**2).astype(float), rcond=None)
    row, column = solution[0] / 2, solution[1] / 2
    return Circle(row, column, float(np.sqrt(solution[2] + row**2 + column**2)) + 0.5)


def _is_sharp(image: NDArray[np.floating], circle: Circle, least: float) -> bool:
    """Whether an image rises at the circle by `least`, and over what it is outside, all around."""
    shape = (image.shape[0], image.shape[1])
    away = circle.distance(shape)
    rows, columns = np.indices(shape)
    angle = np.arctan2(rows - circle.row, columns - circle.column)
    sector = ((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    within, without = (away > -5) & (away < -2), (away > 2) & (away < 5)
    sharp = seen = 0
    for number in range(SECTORS):
        here = sector == number
        if (here & without).sum() >= 3 and (here & within).sum() >= 3:
            seen += 1
            inner, outer = np.median(image[here & within]), np.median(image[here & without])
            sharp += bool(inner > CHANGING * outer and inner > least)
    return seen >= SECTORS // 3 and sharp >= 0.8 * seen
