"""Levels and cloud cover of the frames of a sequence, measured a few at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.app.clear_sky import references_for
from napari_iris.errors import IrisError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.radiometry.envelope import base_levels
from napari_iris.radiometry.statistics import frame_statistics

if TYPE_CHECKING:
    from threading import Event

    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import References
    from napari_iris.frames.frame import Frame
    from napari_iris.frames.sequence import FrameSequence


PROFILE_ROWS = 32
"""Values of the profile of a frame, from its top to its bottom."""


@dataclass(frozen=True, eq=False)
class NightLevels:
    """What is measured of frames, a column each.

    Attributes
    ----------
    floor, median : ndarray of float32, shape (frames,)
        Level of the coldest part of the frame, and its median, less the camera's pattern [ADU];
        NaN where not known.
    reference, sigma : ndarray of float32, shape (frames,)
        Level of the clear sky, and its standard deviation [ADU]; NaN where not known.
    cover : ndarray of float32, shape (frames,)
        Cloud fraction of the automatic mask, 0 to 1; NaN where not made.
    profile : ndarray of float16, shape (frames, `PROFILE_ROWS`)
        Median of each row of the frame, less the camera's pattern [ADU]; NaN where not known. It
        takes 64 bytes a frame, as its path does.
    """

    floor: NDArray[np.float32]
    median: NDArray[np.float32]
    reference: NDArray[np.float32]
    sigma: NDArray[np.float32]
    cover: NDArray[np.float32]
    profile: NDArray[np.float16]

    @classmethod
    def unknown(cls, count: int) -> NightLevels:
        """Give columns of unknown values for some frames."""
        columns = {name: np.full(count, np.nan, np.float32) for name in LEVELS}
        return cls(**columns, profile=np.full((count, PROFILE_ROWS), np.nan, np.float16))

    def grown(self, kept: int, count: int) -> NightLevels:
        """Give columns for some frames, of which the first ones are kept."""
        grown = NightLevels.unknown(count)
        for field in fields(self):
            getattr(grown, field.name)[:kept] = getattr(self, field.name)[:kept]
        return grown

    def put(self, numbers: NDArray[np.int64], found: NDArray[np.float32]) -> None:
        """Put in what was found of some frames, as `measure_some` gives it."""
        rows = numbers[: len(found)]
        for values, name in zip(found.T, LEVELS, strict=False):
            getattr(self, name)[rows] = values
        self.profile[rows] = found[:, len(LEVELS) :]

    def completed(
        self,
        floor: NDArray[np.float32],
        median: NDArray[np.float32],
        reference: NDArray[np.float32],
    ) -> NightLevels:
        """Give columns in which other values stand for those not known."""
        return replace(
            self,
            floor=np.where(np.isnan(self.floor), floor, self.floor),
            median=np.where(np.isnan(self.median), median, self.median),
            reference=np.where(np.isnan(self.reference), reference, self.reference),
        )


LEVELS = tuple(field.name for field in fields(NightLevels) if field.name != "profile")


_UNKNOWN = (np.nan,) * (len(LEVELS) + PROFILE_ROWS)


def coarse_first(count: int) -> NDArray[np.int64]:
    """Order frames so that the first few are spread evenly over all, then the gaps are halved.

    Parameters
    ----------
    count : int
        Number of frames.

    Returns
    -------
    ndarray of int64, shape (count,)
        Each number once (the van der Corput sequence in base 2).
    """
    bits = max(count - 1, 1).bit_length()
    ascending, reverse = np.arange(2**bits), np.zeros(2**bits, np.int64)
    for bit in range(bits):
        reverse |= ((ascending >> bit) & 1) << (bits - 1 - bit)
    return reverse[reverse < count]


def measure_some(
    sequence: FrameSequence,
    numbers: NDArray[np.int64],
    references: References,
    stop: Event,
    *,
    with_cover: bool,
    seconds: float,
) -> NDArray[np.float32]:
    """Measure frames until a time is over.

    Parameters
    ----------
    sequence : FrameSequence
        The frames.
    numbers : ndarray of int64
        Which of them, in this order.
    references : ReferenceSet or NightReferences
        Clear-sky references.
    stop : threading.Event
        Set to stop at once.
    with_cover : bool
        Whether to make the automatic mask too.
    seconds : float
        Time after which it stops; one frame is measured at least.

    Returns
    -------
    ndarray of float32, shape (frames, 5 + `PROFILE_ROWS`)
        Values of the first frames, in the order of `NightLevels`; NaN for one that is unreadable.
    """
    found: list[tuple[float, ...]] = []
    end = time.monotonic() + seconds
    for number in numbers.tolist():
        try:
            # not by way of the sequence: that keeps the frames that a person looks at
            frame = read_frame(sequence.paths[number], hdu=sequence.hdu, plane=sequence.plane)
            found.append(_measured(frame, references, with_cover=with_cover))
        except IrisError:  # the frame itself says so when it is in view
            found.append(_UNKNOWN)
        if stop.is_set() or time.monotonic() > end:
            break
    return np.array(found, np.float32).reshape(-1, len(_UNKNOWN))


def _measured(frame: Frame, known: References, *, with_cover: bool) -> tuple[float, ...]:
    references = references_for(known, frame.header)
    statistics = frame_statistics(frame.data, frame.header)
    reference = references.of(statistics, frame.data)
    small = statistics.small
    if reference is not None:
        small = small - reference.shape(statistics)
    if not np.isfinite(small).any():
        return _UNKNOWN
    cover = np.nan
    if with_cover:
        cover = make_mask(frame.data, MaskConfig(), frame.header, references).cloud_fraction
    return (
        float(base_levels(small[None])[0]),
        float(np.nanmedian(small)),
        np.nan if reference is None else reference.level(statistics),
        np.nan if reference is None else reference.level_sigma,
        cover,
        *np.nanmedian(rebin(small, (PROFILE_ROWS, small.shape[1])), axis=1),
    )
