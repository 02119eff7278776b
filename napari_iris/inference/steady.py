"""The networks' last answer serves again for a frame that differs by its noise alone.

A camera of several frames a second sees the same sky many times.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.noise import white_noise
from napari_iris.radiometry.statistics import adu_per_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_iris.inference.network_data import NetworkInput, NetworkOutput
    from napari_iris.inference.predictor import Predictor
    from napari_iris.radiometry.excess import Excess

BLOCK = 8
"""Side of the blocks in which two frames are compared, in pixels."""

SIGMAS, VARIANCE = 4.0, 2.0
"""Most that the mean of the difference in a block is away from 0, in its standard deviations; and
most that its variance is, over that of the noise: noise alone exceeds one of these in any of 320
blocks in one frame in twenty."""

QUIETER = 1.13
"""Noise over that of the quietest tiles, which `white_noise` gives."""


class LastAnswer:
    """The frame that the networks were asked about last, and their answer."""

    def __init__(self) -> None:
        self._last: tuple[NetworkInput, NetworkOutput] | None = None

    def run(self, frames: Sequence[NetworkInput], predictor: Predictor) -> list[NetworkOutput]:
        """Give the networks' output for some frames, and ask about those alone that differ.

        A frame is compared with the last one that the networks were asked about, so that small
        changes do not add up.

        Parameters
        ----------
        frames : sequence of NetworkInput
            The frames, in order of time.
        predictor : Predictor
            The models.

        Returns
        -------
        list of NetworkOutput
            In order, as of `Predictor.run`.
        """
        last = None if self._last is None else self._last[0]
        asked: list[NetworkInput] = []
        places: list[int | None] = []  # among those asked; None for the answer from before
        newest: int | None = None
        for one in frames:
            is_decided = _needs_no_network(one, predictor)
            if not is_decided and last is not None and is_unchanged(one, last):
                places.append(newest)
                continue
            if not is_decided:
                last, newest = one, len(asked)
            places.append(len(asked))
            asked.append(one)
        outputs = predictor.run(asked) if asked else []
        known = [] if self._last is None else [self._last[1]]
        if newest is not None:
            self._last = asked[newest], outputs[newest]
        return [known[0] if place is None else outputs[place] for place in places]


def is_unchanged(one: NetworkInput, other: NetworkInput) -> bool:
    """Whether a frame differs from another by its noise alone, and so does its excess.

    The noise is that of the difference, but at most that of two frames. In every block of `BLOCK`
    pixels, mean and variance of the difference must be those of white noise, see `SIGMAS`; and the
    mean of the excess, too, which differs for another reference.

    Parameters
    ----------
    one, other : NetworkInput
        The frames.
    """
    if one.frame.shape != other.frame.shape or not _have_same_facts(one, other):
        return False
    difference = one.frame - other.frame
    seen = np.isfinite(difference)
    noise = QUIETER * min(white_noise(difference), 2**0.5 * white_noise(other.frame))
    means, squares = (_block_means(np.where(seen, part, 0)) for part in (difference, difference**2))
    highest = SIGMAS * noise / BLOCK
    if np.abs(means).max() > highest or squares.max() > VARIANCE * noise**2:
        return False
    if one.excess is None or other.excess is None:
        return True
    above = np.where(seen, one.excess.values - other.excess.values, 0)
    return bool(np.abs(_block_means(above)).max() <= highest * adu_per_unit(other.frame))


def _needs_no_network(one: NetworkInput, predictor: Predictor) -> bool:
    """Whether what is known of a frame decides it without a network."""
    class_known = one.evidence_beside(predictor.classifier)
    if predictor.classifier is not None and (class_known is None or isnan(class_known.sure_frame)):
        return False
    if class_known is not None and class_known.sure_frame < predictor.class_threshold:
        return True
    pixels_known = one.evidence_beside(predictor.unet)
    return predictor.unet is None or (pixels_known is not None and pixels_known.decides)


def _have_same_facts(one: NetworkInput, other: NetworkInput) -> bool:
    """Whether two frames have the same blank pixels, limits of the excess, and sure class."""
    return (
        np.array_equal(np.isfinite(one.frame), np.isfinite(other.frame))
        and _limits(one.excess) == _limits(other.excess)
        and _sure_frame(one) == _sure_frame(other)
    )


def _limits(excess: Excess | None) -> tuple[str, float, float] | None:
    return None if excess is None else (excess.kind, excess.clear_below, excess.cloud_above)


def _sure_frame(one: NetworkInput) -> str:
    return "" if one.evidence is None else str(one.evidence.sure_frame)  # NaN is itself


def _block_means(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over blocks; one at the border that is not whole is filled up with 0."""
    rows, columns = (-(-side // BLOCK) for side in image.shape)
    whole = np.zeros((rows * BLOCK, columns * BLOCK), np.float32)
    whole[: image.shape[0], : image.shape[1]] = image
    means: NDArray[np.float32] = whole.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3))
    return means
