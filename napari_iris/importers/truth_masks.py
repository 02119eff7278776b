"""Published truths, as mask values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.importers.pictures import to_grey
from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.importers.image_pair import Layout

LOSSY_THRESHOLD = 127
"""Grey value above which a lossy two-level truth is cloud."""

EXTREME, EXTREME_SHARE, FEW_VALUES = 32, 0.9, 4
"""A picture looks like a mask if EXTREME_SHARE of its pixels are within EXTREME of black or white,
or if it has at most FEW_VALUES grey values. In the sets' masks the share is 0.999; of 650 of their
photographs none has more than 0.72, or fewer than 12 values.
"""

_LEVELS = {
    "swimseg": {0: SKY, 255: CLOUD},
    "wsiseg": {0: IGNORE, 100: SKY, 255: CLOUD},
    "3GT": {0: SKY, 126: CLOUD, 255: CLOUD},
}
_NO_LEVEL = 255


def truth_mask(path: Path, pixels: NDArray[np.float32], layout: Layout) -> NDArray[np.uint8]:
    """Convert the pixels of a truth, drawn by people, to mask values.

    ==========  ===============================================================
    swimseg     255 is cloud, 0 sky
    swinseg     lossy JPG: cloud above 127
    hyta        two levels (2GT), lossy JPG: cloud above 127; three levels (3GT):
                126 (thin cloud) and 255 (thick) are cloud, 0 sky
    wsiseg      255 is cloud, 100 sky, 0 undefined, which is ignored
    ==========  ===============================================================

    Thin cloud counts as cloud, as in the two-level masks of the same images, which agree with
    thin and thick cloud in 93.6 % of all pixels, and with thick cloud only in 89.5 %.

    Parameters
    ----------
    path : Path
        The truth's file: its name distinguishes 2GT and 3GT.
    pixels : ndarray of float32, shape (rows, columns) or (rows, columns, 3)
        From `read_picture`.
    layout : Layout
        The set it is from.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.

    Raises
    ------
    FileError
        If it holds other values than its set's.
    """
    if layout == "hyta" and "3GT" in (path.stem[-3:].upper(), path.parent.name.upper()):
        return _by_level(path, pixels, _LEVELS["3GT"])
    if layout in _LEVELS:
        return _by_level(path, pixels, _LEVELS[layout])
    grey = to_grey(pixels)
    if not looks_like_mask(grey):
        reason = "is not a two-level mask: many of its pixels are neither black nor white"
        raise FileError(path, reason, "check that it is a truth and not an image")
    return np.where(grey > LOSSY_THRESHOLD, CLOUD, SKY).astype(np.uint8)


def looks_like_mask(grey: NDArray[np.float32]) -> bool:
    """Whether a picture is almost black and white, or has only a few grey values.

    Parameters
    ----------
    grey : ndarray of float32, shape (rows, columns)
        Grey values, 0 to 255.

    Returns
    -------
    bool
        True for the masks of the published sets, False for their photographs.
    """
    counts = np.bincount(grey.astype(np.uint8).ravel(), minlength=256)
    extreme = counts[:EXTREME].sum() + counts[-EXTREME:].sum()
    return bool(np.count_nonzero(counts) <= FEW_VALUES or extreme >= EXTREME_SHARE * grey.size)


def _by_level(path: Path, pixels: NDArray[np.float32], levels: dict[int, int]) -> NDArray[np.uint8]:
    """Look up the values of a lossless truth; no others may occur."""
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
