"""Thumbnails: small grey images of frames, with the outline of the mask."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import binary_erosion

from napari_iris.app.clear_sky import references_for
from napari_iris.errors import IrisError
from napari_iris.frames.contrast import percentile_limits
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import MINIMUM_SIDE, rebin
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.project.folder import MASKS
from napari_iris.project.mask_store import MaskStore
from napari_iris.project.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path
    from threading import Event

    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import References
    from napari_iris.frames.frame import Frame
    from napari_iris.frames.sequence import FrameSequence

    Mask = NDArray[np.uint8]
    MaskOf = Callable[[int, Frame], Mask | None]

SHAPE = (96, 120)
"""Rows and columns of a thumbnail, at most: as it is drawn, since scaling takes long."""

WHITE, CLOUD_EDGE, IGNORE_EDGE = 253, 254, 255
"""Values of a thumbnail: grey from 0 to the first, then the outlines of cloud and of ignored
pixels."""

LEAST_CONTRAST = 0.02
"""Difference between black and white, at least, as a part of the frame's level."""


def thumbnail(pixels: NDArray[np.float32], mask: Mask | None) -> NDArray[np.uint8]:
    """Make a thumbnail.

    Parameters
    ----------
    pixels : ndarray of float32, shape (rows, columns)
        The frame in any unit; NaN where blank.
    mask : ndarray of uint8, or None
        Its mask, of any shape: 0 sky, 1 cloud, 2 ignore.

    Returns
    -------
    ndarray of uint8, shape at most `SHAPE`
        In the frame's proportions: 0 to `WHITE`, `CLOUD_EDGE` and `IGNORE_EDGE`.

    Raises
    ------
    IrisError
        If the frame is too small.
    """
    ratio = max(1.0, *(full / side for full, side in zip(pixels.shape, SHAPE, strict=True)))
    rows, columns = (max(round(side / ratio), MINIMUM_SIDE) for side in pixels.shape)
    small = rebin(pixels, (rows, columns))
    low, high = percentile_limits(small)
    span = max(high - low, LEAST_CONTRAST * abs(high))
    grey = np.nan_to_num((small - low) / span).clip(0, 1)
    made: NDArray[np.uint8] = (WHITE * grey).astype(np.uint8)
    if mask is not None:
        sides = zip(made.shape, mask.shape, strict=True)
        mask = mask[np.ix_(*(np.arange(side) * full // side for side, full in sides))]
        for value, edge in ((CLOUD, CLOUD_EDGE), (IGNORE, IGNORE_EDGE)):
            region = mask == value
            made[region & ~binary_erosion(region, border_value=1)] = edge
    return made


def make_thumbnails(
    sequence: FrameSequence,
    numbers: list[int],
    masks: AbstractContextManager[MaskOf],
    stop: Event,
    seconds: float,
) -> dict[int, NDArray[np.uint8] | None]:
    """Make thumbnails until a time is over.

    Parameters
    ----------
    sequence : FrameSequence
        The frames.
    numbers : list of int
        Which of them, in this order.
    masks : context manager
        Gives a function that gives the mask of a frame, by its number.
    stop : threading.Event
        Set to stop at once.
    seconds : float
        Time after which it stops; one is made at least.

    Returns
    -------
    dict of int to ndarray of uint8, or None
        Thumbnails by number; None for a frame that cannot be read.
    """
    made: dict[int, NDArray[np.uint8] | None] = {}
    end = time.monotonic() + seconds
    with masks as mask_of:
        for number in numbers:
            try:
                # not by way of the sequence: that keeps the frames that a person looks at
                frame = read_frame(sequence.paths[number], hdu=sequence.hdu, plane=sequence.plane)
                made[number] = thumbnail(frame.data, _mask_or_none(mask_of, number, frame))
            except IrisError:  # the frame itself says so when it is in view
                made[number] = None
            if stop.is_set() or time.monotonic() > end:
                break
    return made


def _mask_or_none(mask_of: MaskOf, number: int, frame: Frame) -> Mask | None:
    """Mask of a frame; none where it is damaged, which the Curate dock says."""
    try:
        return mask_of(number, frame)
    except IrisError:
        return None


@contextmanager
def automatic_masks(references: References) -> Iterator[MaskOf]:
    """Make masks as ``mask`` makes them.

    Parameters
    ----------
    references : ReferenceSet or NightReferences
        Clear-sky references.
    """

    def mask_of(_: int, frame: Frame) -> Mask | None:
        known = references_for(references, frame.header)
        return make_mask(frame.data, MaskConfig(), frame.header, known).mask

    yield mask_of


@contextmanager
def project_masks(folder: Path, frames: Mapping[int, int]) -> Iterator[MaskOf]:
    """Read active masks of a project, as they are on the disk; for use in any thread.

    Parameters
    ----------
    folder : Path
        The project, which is open in the window: its rows are checked.
    frames : mapping of int to int
        Numbers of the frames in the database, by their numbers in the sequence.
    """
    store = MaskStore(folder / MASKS)
    with Repository(folder, read_only=True, is_checked=True) as repository:

        def mask_of(number: int, _: Frame) -> Mask | None:
            facts = repository.active_mask(frames[number])
            return None if facts is None else store.read(facts.name)

        yield mask_of
