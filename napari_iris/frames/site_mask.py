"""Site masks: the pixels of a camera that never show the sky, such as trees or a fisheye's rim.

These pixels become blank as a frame is read: whatever follows leaves blank pixels out already.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.frames.masked import filled
from napari_iris.frames.rebin import rebin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.frames.frame import Frame

    Hidden = NDArray[np.bool_]

CARD = "SITEMASK"
"""Header card of a frame whose hidden pixels were made blank: the digest of its site mask."""


@dataclass(frozen=True, eq=False)
class SiteMask:
    """The pixels of a camera that never show the sky.

    Attributes
    ----------
    images : tuple of ndarray of bool, shape (rows, columns)
        True where there is never sky; one for each shape of frame.
    origin : str
        Where it comes from, in words.
    strict : bool
        Whether a frame that no image fits is an error, or is left as it is.
    found : bool
        Whether it was found in the frames, rather than made by a person.
    """

    images: tuple[Hidden, ...]
    origin: str
    strict: bool = True
    found: bool = False
    _scaled: dict[tuple[int, int], Hidden] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        sizes = (f"{one.mean():.1%} of {one.shape[0]}x{one.shape[1]}" for one in self.images)
        return f"{self.origin} ({', '.join(sizes)} pixels never sky)"

    @cached_property
    def digest(self) -> str:
        """Tell site masks apart: 16 hexadecimal digits."""
        content = blake2b(digest_size=8)
        for one in self.images:
            content.update(repr(one.shape).encode() + np.packbits(one).tobytes())
        return content.hexdigest()

    def of(self, shape: tuple[int, int]) -> Hidden | None:
        """Give the hidden pixels of frames of a shape.

        Parameters
        ----------
        shape : (int, int)
            Rows and columns of the frame, in pixels.

        Returns
        -------
        ndarray of bool, shape `shape`, or None
            The image of this shape, else one of the same proportions, rebinned by majority; None
            where there is none.

        Raises
        ------
        IrisError
            If there is none, and the mask is strict.
        """
        if shape not in self._scaled:
            fitting = [one for one in self.images if _proportions_differ(one.shape, shape) < 0.01]
            if not fitting:
                if self.strict:
                    raise IrisError(_misfit(self.images, shape))
                return None
            nearest = min(fitting, key=lambda one: abs(one.shape[0] - shape[0]))
            is_same = nearest.shape == shape
            self._scaled[shape] = nearest if is_same else rebin(nearest, shape) > 0.5
        return self._scaled[shape]

    def hide(self, frame: NDArray[np.generic]) -> NDArray[np.float32]:
        """Make the hidden pixels of a frame blank.

        Parameters
        ----------
        frame : ndarray or masked array, shape (rows, columns) or (rows, columns, 3)
            The frame, in any unit.

        Returns
        -------
        ndarray of float32, same shape
            A copy, NaN where hidden; the frame as it is where no image fits.

        Raises
        ------
        IrisError
            As `of`.
        """
        hidden, values = self.of((frame.shape[0], frame.shape[1])), filled(frame, np.float32)
        if hidden is None:
            return values
        values = np.array(values)
        values[hidden] = np.nan
        return values

    def note_in(self, header: fits.Header) -> fits.Header:
        """Copy a header, with the card that tells of the site mask."""
        noted = header.copy()
        noted[CARD] = (self.digest, "digest of the site mask; its pixels are blank")
        return noted


def hide(frame: Frame, site: SiteMask | None) -> Frame:
    """Make the pixels of a frame blank that never show the sky.

    Parameters
    ----------
    frame : Frame
        The frame.
    site : SiteMask or None
        Its site mask; None for none.

    Returns
    -------
    Frame
        With the card `CARD` where pixels were hidden.

    Raises
    ------
    IrisError
        If the site mask is strict, and for frames of other proportions.
    """
    if site is None or site.of((frame.data.shape[0], frame.data.shape[1])) is None:
        return frame
    return replace(frame, data=site.hide(frame.data), header=site.note_in(frame.header))


def _proportions_differ(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """How much the proportions of two images differ: 0 for the same."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1)


def _misfit(images: Sequence[Hidden], shape: tuple[int, int]) -> str:
    known = " and ".join(f"{one.shape[0]}x{one.shape[1]}" for one in images)
    return f"has {shape[0]}x{shape[1]} pixels, but the site mask is for frames of {known}"
