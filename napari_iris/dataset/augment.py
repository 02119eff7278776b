"""Turn, flip, shear, zoom and shift a frame and its mask alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from numpy.typing import NDArray


class AugmentConfig(BaseModel):
    """Ranges that each augmented copy is drawn from, uniformly; the defaults are the published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotate_deg: float = Field(45.0, ge=0, le=180, description="rotation, either way [degrees]")
    flip: bool = Field(default=True, description="mirror every other copy left to right")
    shear: float = Field(0.2, ge=0, le=1, description="horizontal shift per row, either way [px]")
    zoom: tuple[float, float] = Field((1.0, 1.8), description="magnification, from and to")
    shift: float = Field(0.1, ge=0, le=0.5, description="shift, either way, as a part of each side")

    @model_validator(mode="after")
    def _zooms(self) -> Self:
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
    """Transform a frame and its mask by one affine map drawn at random, reflected at the border.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The frame, in any unit; NaN where blank. Interpolated linearly.
    mask : ndarray of uint8, shape (rows, columns), or None
        0 sky, 1 cloud, 2 ignore. Its nearest values are taken, so none comes between.
    config : AugmentConfig
        Ranges.
    rng : numpy.random.Generator
        Draws six numbers, whatever the ranges.

    Returns
    -------
    frame : ndarray of float32, shape (rows, columns)
    mask : ndarray of uint8, shape (rows, columns), or None
    """
    from scipy.ndimage import affine_transform

    matrix, offset = draw_map(config, frame.shape, rng)

    def warped(values: NDArray[Any], order: int) -> NDArray[Any]:
        found: NDArray[Any] = affine_transform(
            values, matrix, offset, order=order, mode="reflect", prefilter=False
        )
        return found

    blank = ~np.isfinite(frame)
    whole = frame
    if blank.any() and not blank.all():  # NaN would spread over its neighbours
        whole = np.where(blank, np.median(frame[~blank]), frame)
    turned = warped(whole, 1).astype(np.float32)
    if blank.any():
        turned[warped(blank.astype(np.uint8), 0) > 0] = np.nan
    return turned, None if mask is None else warped(mask, 0).astype(np.uint8)


def draw_map(
    config: AugmentConfig, shape: tuple[int, ...], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the map from a pixel of the augmented frame to the one of the frame it comes from.

    Parameters
    ----------
    config : AugmentConfig
        Ranges.
    shape : (int, int)
        Rows and columns, in pixels.
    rng : numpy.random.Generator
        Draws six numbers.

    Returns
    -------
    matrix : ndarray of float64, shape (2, 2)
        ``source = matrix @ (row, column) + offset``.
    offset : ndarray of float64, shape (2,)
        In pixels.
    """
    turn, shear, down, right = rng.uniform(-1, 1, 4)
    zoom = rng.uniform(*config.zoom)
    mirror = -1.0 if rng.random() < 0.5 and config.flip else 1.0
    angle = np.deg2rad(turn * config.rotate_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    sheared = np.array([[1.0, 0.0], [shear * config.shear, 1.0]])
    rotation = np.array([[cos, -sin], [sin, cos]])
    matrix = rotation @ sheared @ np.diag([1.0, mirror]) / zoom
    middle = (np.array(shape, np.float64) - 1) / 2
    shift = np.array([down, right]) * config.shift * np.array(shape)
    return matrix, middle - matrix @ (middle + shift)
