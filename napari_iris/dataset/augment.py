"""Augmentation: one random affine map for all planes of a frame and its mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from numpy.typing import NDArray


class AugmentConfig(BaseModel):
    """Ranges of the uniform distributions of an augmentation; the defaults are published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotate_deg: float = Field(45.0, ge=0, le=180, description="Largest rotation [degrees]")
    flip: bool = Field(default=True, description="Flip every second copy left to right")
    shear: float = Field(0.2, ge=0, le=1, description="Largest horizontal shear [pixels per row]")
    zoom: tuple[float, float] = Field((1.0, 1.8), description="Smallest and largest zoom")
    shift: float = Field(0.1, ge=0, le=0.5, description="Largest shift [fraction of each side]")

    @model_validator(mode="after")
    def _check_zoom(self) -> Self:
        low, high = self.zoom
        if not 0.1 <= low <= high <= 10:
            raise ValueError(f"zoom must be (low, high) within 0.1 to 10, received {self.zoom}")
        return self


def augment(
    frame: NDArray[np.float32],
    mask: NDArray[np.uint8] | None,
    config: AugmentConfig,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
    """Transform a frame and its mask by one random affine map, reflected at the border.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns) or (rows, columns, planes)
        The frame, in any unit; NaN where blank.
    mask : ndarray of uint8, shape (rows, columns), or None
        0 sky, 1 cloud, 2 ignore.
    config : AugmentConfig
        Ranges.
    rng : numpy.random.Generator
        Six numbers are drawn, whatever the ranges are.

    Returns
    -------
    frame : ndarray of float32, shape of `frame`
        Interpolated linearly, plane by plane.
    mask : ndarray of uint8, shape (rows, columns), or None
        Nearest neighbours: no other values than those of the input.
    """
    matrix, offset = draw_map(config, frame.shape[:2], rng)
    planes = frame.reshape(*frame.shape[:2], -1)
    warped = np.empty(planes.shape, np.float32)
    for plane in range(planes.shape[2]):
        warped[..., plane] = _warp_plane(planes[..., plane], matrix, offset)
    # order 0 (nearest neighbour) for every mask: interpolation between sky (0) and ignore (2)
    # would make up cloud (1), and cubic splines overshoot to -0.4 and 1.4.
    visible = None if mask is None else _warp(mask, matrix, offset, 0).astype(np.uint8)
    return warped.reshape(frame.shape), visible


def _warp_plane(
    plane: NDArray[np.float32], matrix: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float32]:
    blank = ~np.isfinite(plane)
    if not blank.any() or blank.all():
        return _warp(plane, matrix, offset, 1)
    # A NaN would spread to every pixel interpolated from it: fill, warp, and blank again.
    filled = np.where(blank, np.median(plane[~blank]), plane)
    warped = _warp(filled, matrix, offset, 1)
    warped[_warp(blank.astype(np.uint8), matrix, offset, 0) > 0] = np.nan
    return warped


def _warp(
    values: NDArray[Any], matrix: NDArray[np.float64], offset: NDArray[np.float64], order: int
) -> NDArray[Any]:
    from scipy.ndimage import affine_transform

    warped: NDArray[Any] = affine_transform(
        values, matrix, offset, order=order, mode="reflect", prefilter=False
    )
    return warped


def draw_map(
    config: AugmentConfig, shape: tuple[int, ...], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the map from pixels of the augmented frame to pixels of the original frame.

    Parameters
    ----------
    config : AugmentConfig
        Ranges.
    shape : (int, int)
        Rows and columns [pixels].
    rng : numpy.random.Generator
        Six numbers are drawn.

    Returns
    -------
    matrix : ndarray of float64, shape (2, 2)
        ``source = matrix @ (row, column) + offset``.
    offset : ndarray of float64, shape (2,)
        Offset [pixels].
    """
    turn, shear, down, right = rng.uniform(-1, 1, 4)
    zoom = rng.uniform(*config.zoom)
    # Draw even if not needed: the same seed then gives the same rotation with and without flips.
    mirror = -1.0 if rng.random() < 0.5 and config.flip else 1.0
    angle = np.deg2rad(turn * config.rotate_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    sheared = np.array([[1.0, 0.0], [shear * config.shear, 1.0]])
    rotation = np.array([[cos, -sin], [sin, cos]])
    # The map goes from output to input, hence the division: zooming in samples a smaller area.
    matrix = rotation @ sheared @ np.diag([1.0, mirror]) / zoom
    # Rotate about the centre of the frame, which pixel coordinates put at (n - 1) / 2.
    centre = (np.array(shape, np.float64) - 1) / 2
    shift = np.array([down, right]) * config.shift * np.array(shape)
    return matrix, centre - matrix @ (centre + shift)
