"""Pictures of published cloud sets as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_iris.errors import FileError
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

Colour = Literal["grey", "ratio", "rgb"]
"""What colour becomes: its luminance, the ratio of red and blue, or three planes."""

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a grey value (ITU-R BT.601)."""


def read_picture(path: Path) -> NDArray[np.float32]:
    """Read the pixels of a picture as they are stored.

    Palette, 16-bit and CMYK pictures come out alike, without their alpha channel. The orientation
    noted by a camera (EXIF) is not applied, as masks have none.

    Parameters
    ----------
    path : Path
        A PNG, JPG or BMP file, whatever its ending.

    Returns
    -------
    ndarray of float32, shape (rows, columns) or (rows, columns, 3)
        Grey values, or red, green and blue, 0 to 255.

    Raises
    ------
    FileError
        If the file is missing, damaged or not a picture.
    """
    from PIL import Image

    try:
        refuse_special(path)
        with Image.open(path) as picture:
            return _pixels(picture)
    except FileNotFoundError as error:
        raise FileError(path, "does not exist", "check the name") from error
    except Exception as error:  # Pillow raises a dozen types on damaged bytes
        reason = f"is damaged or not a picture ({error})"
        raise FileError(path, reason, "copy it again from its set") from error


def _pixels(picture: Image) -> NDArray[np.float32]:
    if picture.mode.startswith("I"):  # 16 bit; 65535 = 257 * 255
        return np.asarray(picture, np.float32) / np.float32(257)
    if picture.mode in ("1", "L", "LA"):
        return np.asarray(picture.convert("L"), np.float32)
    with_alpha = picture.convert("RGBA") if picture.mode == "P" else picture
    return np.asarray(with_alpha.convert("RGB"), np.float32)


def to_grey(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert pixels to grey values: 0.299 red + 0.587 green + 0.114 blue.

    Parameters
    ----------
    pixels : ndarray of float32, shape (rows, columns) or (rows, columns, 3)
        From `read_picture`.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        0 to 255.
    """
    if pixels.ndim == 2:
        return pixels
    return np.minimum(pixels @ np.array(LUMA, np.float32), np.float32(255))


def to_ratio(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert pixels to the ratio of red and blue, 255 R / (R + B): by day, cloud is bright.

    Cloud is grey and lies near 127, blue sky lies below, whatever their brightness. The ratio
    follows from the normalized one, (B - R) / (B + R), that separates cloud and sky best of the
    ratios and differences of colours that were compared by Li et al. (2011), J. Atmos. Oceanic
    Technol. 28, 1286, https://doi.org/10.1175/JTECH-D-11-00009.1

    Parameters
    ----------
    pixels : ndarray of float32, shape (rows, columns, 3)
        From `read_picture`.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        0 to 255; 127.5 where red and blue are equal.
    """
    red, both = pixels[..., 0], pixels[..., 0] + pixels[..., 2]
    return np.where(both > 0, 255 * red / np.maximum(both, 1), 127.5).astype(np.float32)


def to_planes(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert pixels to three planes of colour.

    Parameters
    ----------
    pixels : ndarray of float32, shape (rows, columns) or (rows, columns, 3)
        From `read_picture`.

    Returns
    -------
    ndarray of float32, shape (3, rows, columns)
        Red, green and blue, 0 to 255.
    """
    if pixels.ndim == 2:
        return np.repeat(pixels[np.newaxis], 3, axis=0)
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


CONVERSIONS: dict[Colour, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "grey": to_grey,
    "ratio": to_ratio,
    "rgb": to_planes,
}
