"""Mask files as one lazy array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.frames.sequence import FrameSequence
from napari_iris.labels import IGNORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.frames.paths import FramePaths


class MaskSequence(FrameSequence):
    """The masks of mask files, of shape (frames, rows, columns): 0 sky, 1 cloud, 2 ignore.

    A mask that cannot be read is 2.

    Parameters
    ----------
    paths : FramePaths
        The mask files, at least one.

    Raises
    ------
    FrameError
        If none of the first ones can be read.
    """

    dtype: np.dtype[Any] = np.dtype(np.uint8)

    def __init__(self, paths: FramePaths) -> None:
        super().__init__(paths, hdu=1)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what opens it again."""
        return MaskSequence, (self.paths,)

    def pixels(self, number: int) -> NDArray[np.uint8]:  # type: ignore[override]
        """Give the mask of a file by its number, from 0."""
        found = super().pixels(number)
        return np.where(np.isnan(found), np.float32(IGNORE), found).astype(np.uint8)
