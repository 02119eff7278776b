"""Images and truths of the published cloud sets, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.mask_file import read_mask

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

    from napari_iris.importers.sets import Layout, Pair

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a grey value (ITU-R BT.601)."""

CUT = 127
"""A lossy two-level mask is cloud above this."""

NEAR, MOST, FEW = 32, 0.9, 4
"""A picture looks like a mask where MOST of its pixels lie within NEAR of black or white, or it
has at most FEW grey values. The masks of the sets have 0.999 of theirs there; of 650 of their
photographs none has more than 0.72, or fewer than 12 values.
"""

_LEVELS = {
    "swimseg": {0: SKY, 255: CLOUD},
    "wsiseg": {0: IGNORE, 100: SKY, 255: CLOUD},
    "3GT": {0: SKY, 126: CLOUD, 255: CLOUD},
}
_NO_LEVEL = 255


def read_image(path: Path, *, grey: bool) -> NDArray[np.float32]:
    """Read a picture as numbers from 0 to 255.

    Grey, palette, 16 bit and CMYK pictures all come out alike; an alpha channel is left out.
    Pixels lie as they are stored: masks know nothing of the orientation that a camera notes
    beside them (EXIF), so it is not applied.

    Parameters
    ----------
    path : Path
        A PNG, JPG or BMP file, whatever its ending.
    grey : bool
        Whether to give 0.299 red + 0.587 green + 0.114 blue.

    Returns
    -------
    ndarray of float32, shape (rows, columns) or (3, rows, columns)
        The grey values, or red, green and blue.

    Raises
    ------
    FileError
        If the file is missing, damaged or no picture.
    """
    return _as_image(_pixels(path), grey=grey)


def read_truth(pair: Pair, layout: Layout) -> NDArray[np.uint8]:
    """Read the mask that people drew of an image.

    ==========  ===============================================================
    swimseg     255 is cloud, 0 sky
    swinseg     lossy JPG: cloud above 127
    hyta        two levels (2GT), lossy JPG: cloud above 127; three levels (3GT):
                126 (thin cloud) and 255 (thick) are cloud, 0 sky
    wsiseg      255 is cloud, 100 sky, 0 undefined, which is to be ignored
    iris        HDU 1, cut at 0.5 where it holds interpolated values
    ==========  ===============================================================

    Thin cloud counts as cloud, as in the two-level masks of the same images: they agree with that
    in 93.6 % of all pixels, and with thick cloud alone in 89.5 %.

    Parameters
    ----------
    pair : Pair
        An image with a truth.
    layout : Layout
        The set it is from.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.

    Raises
    ------
    FileError
        If the pair has no truth, or its file is damaged or holds other values than its set's.
    """
    if pair.truth is None:
        raise FileError(pair.image, f"has a class ({pair.sky}) but no mask", "use its class")
    if layout == "iris":
        return read_mask(pair.truth).mask
    return _as_mask(pair.truth, _pixels(pair.truth), layout)


def read_pair(
    pair: Pair, layout: Layout, *, grey: bool
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
    """Read an image and its mask, and check that they belong together.

    Parameters
    ----------
    pair : Pair
        The image and its truth.
    layout : Layout
        The set it is from.
    grey : bool
        As for `read_image`. A frame of the iris layout has one value a pixel in any case.

    Returns
    -------
    image : ndarray of float32, shape (rows, columns) or (3, rows, columns)
        0 to 255; a frame of the iris layout in its own unit.
    mask : ndarray of uint8, shape (rows, columns), or None
        0 sky, 1 cloud, 2 ignore; None where the pair has only a class.

    Raises
    ------
    FileError
        If a file cannot be read, the two differ in shape, or they look swapped.
    """
    if layout == "iris":
        found = read_mask(pair.image)
        _refuse_unlike(pair, found.frame.shape, found.mask.shape)
        return found.frame, found.mask
    picture = _pixels(pair.image)
    image = _as_image(picture, grey=grey)
    if pair.truth is None:
        return image, None
    truth = _pixels(pair.truth)
    if _looks_like_mask(_as_grey(picture)) and not _looks_like_mask(_as_grey(truth)):
        reason = f"looks like a mask, and its truth {pair.truth} like a photograph"
        raise FileError(pair.image, reason, "swap the images and the truths")
    _refuse_unlike(pair, picture.shape[:2], truth.shape[:2])
    return image, _as_mask(pair.truth, truth, layout)


def published_probability(path: Path) -> NDArray[np.float32] | None:
    """Read the probability of cloud that a published FITS file of three units holds in HDU 2.

    Parameters
    ----------
    path : Path
        A file of the iris layout.

    Returns
    -------
    ndarray of float32, shape (rows, columns), or None
        Probability of cloud, 0 to 1; None where the file holds none.

    Raises
    ------
    FileError
        If the file cannot be read, or its values are no probabilities of its pixels.
    """
    from astropy.io import fits

    try:
        with fits.open(path, memmap=False) as units:
            has_any = len(units) > 2 and units[2].is_image and units[2].name in ("", "PROB")
            if not has_any or units[2].data is None:
                return None
            frame, found = units[0].shape, np.asarray(units[2].data)
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        raise FileError(path, f"cannot be read ({error})", "copy it again") from error
    probability = found.squeeze().astype(np.float32)
    fits_frame = found.shape == frame and probability.ndim == 2
    if not fits_frame or not np.all((probability >= 0) & (probability <= 1)):
        raise FileError(
            path,
            f"HDU 2 {found.shape} holds no probability for each pixel of the frame {frame}",
            "remove HDU 2, or copy the file again",
        )
    return probability


def _pixels(path: Path) -> NDArray[np.float32]:
    """Read pixels as stored, 0 to 255: (rows, columns) where grey, else (rows, columns, 3)."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return _as_stored(picture)
    except FileNotFoundError as error:
        raise FileError(path, "does not exist", "check the name") from error
    except Exception as error:  # Pillow raises a dozen types on damaged bytes
        reason = f"is damaged or no picture ({error})"
        raise FileError(path, reason, "copy it again from its set") from error


def _as_stored(picture: Image) -> NDArray[np.float32]:
    if picture.mode.startswith("I"):  # 16 bit; 65535 = 257 * 255
        return np.asarray(picture, np.float32) / np.float32(257)
    if picture.mode in ("1", "L", "LA"):
        return np.asarray(picture.convert("L"), np.float32)
    with_alpha = picture.convert("RGBA") if picture.mode == "P" else picture
    return np.asarray(with_alpha.convert("RGB"), np.float32)


def _as_grey(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    if pixels.ndim == 2:
        return pixels
    return np.minimum(pixels @ np.array(LUMA, np.float32), np.float32(255))


def _as_image(pixels: NDArray[np.float32], *, grey: bool) -> NDArray[np.float32]:
    if grey:
        return _as_grey(pixels)
    if pixels.ndim == 2:
        return np.repeat(pixels[np.newaxis], 3, axis=0)
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def _as_mask(path: Path, pixels: NDArray[np.float32], layout: Layout) -> NDArray[np.uint8]:
    """Turn the grey values of a truth into mask values."""
    if layout == "hyta" and "3GT" in (path.stem[-3:].upper(), path.parent.name.upper()):
        return _by_level(path, pixels, _LEVELS["3GT"])
    if layout in _LEVELS:
        return _by_level(path, pixels, _LEVELS[layout])
    grey = _as_grey(pixels)
    if not _looks_like_mask(grey):
        reason = "is no mask of two levels, as many of its pixels are neither black nor white"
        raise FileError(path, reason, "check that it is a truth and not an image")
    return np.where(grey > CUT, CLOUD, SKY).astype(np.uint8)


def _by_level(path: Path, pixels: NDArray[np.float32], levels: dict[int, int]) -> NDArray[np.uint8]:
    """Look up the values of a lossless truth, of which no other may occur."""
    grey = pixels if pixels.ndim == 2 else pixels[..., 0]
    table = np.full(256, _NO_LEVEL, np.uint8)
    table[list(levels)] = list(levels.values())
    mask = table[grey.astype(np.uint8)]
    wrong = (mask == _NO_LEVEL) | (grey != np.rint(grey))
    if pixels.ndim == 3:
        wrong |= np.ptp(pixels, axis=-1) > 0
    if wrong.any():
        first = np.round(pixels[wrong][0].astype(float), 1).tolist()
        reason = f"holds the value {first} ({np.count_nonzero(wrong)} pixels are wrong)"
        expected = ", ".join(map(str, levels))
        raise FileError(path, reason, f"take the set's own file, whose values are {expected}")
    return mask


def _looks_like_mask(grey: NDArray[np.float32]) -> bool:
    """Whether a picture is all but black and white, or has a few grey values only."""
    counts = np.bincount(grey.astype(np.uint8).ravel(), minlength=256)
    extreme = counts[:NEAR].sum() + counts[-NEAR:].sum()
    return bool(np.count_nonzero(counts) <= FEW or extreme >= MOST * grey.size)


def _refuse_unlike(pair: Pair, image: tuple[int, ...], mask: tuple[int, ...]) -> None:
    if image != mask or len(mask) != 2:
        reason = f"has shape {image}, and its truth {pair.truth} has {mask}"
        raise FileError(pair.image, reason, "take both from the same copy of the set")
