"""Site masks: the pixels of a camera that never show the sky, such as trees or a fisheye's rim.

These pixels become blank as a frame is read: whatever follows leaves blank pixels out already.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, IrisError
from napari_iris.frames.masked import filled
from napari_iris.frames.rebin import rebin
from napari_iris.io.fits_files import write_fits
from napari_iris.io.regular import refuse_special
from napari_iris.labels import IGNORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.frames.frame import Frame

    Hidden = NDArray[np.bool_]

CARD = "SITEMASK"
"""Header card of a frame whose hidden pixels were made blank: the digest of its site mask."""

IMAGE_TYPE = "SITE-MASK"
"""IMGTYPE of the images of a site mask file."""

CHOICE_TEXT = (
    "pixels that never show the sky, and are ignored: auto, as the project has it; none; or a FITS "
    "image, 1 where there is never sky"
)
"""Help of the option ``--site-mask``."""

EXPECTED = "give a FITS image, 1 where there is never sky"


class SiteMaskError(FileError):
    """A site mask cannot be read or used."""


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
    """

    images: tuple[Hidden, ...]
    origin: str
    strict: bool = True
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


def resolve_site_mask(choice: str) -> SiteMask | None:
    """Give the site mask that an option names.

    Parameters
    ----------
    choice : str
        'auto' or 'none' for none, or a file, see `read_site_mask`.

    Returns
    -------
    SiteMask or None
        The site mask.

    Raises
    ------
    SiteMaskError
        If a file is named that cannot be used.
    """
    return None if choice in ("auto", "none") else read_site_mask(Path(choice))


def read_site_mask(path: Path) -> SiteMask:
    """Read a site mask from a FITS file.

    Parameters
    ----------
    path : Path
        A file of `write_site_mask`; any FITS image of 0 and one other value, which is never sky; or
        a mask file, whose ignored pixels are never sky.

    Returns
    -------
    SiteMask
        One image for each HDU.

    Raises
    ------
    SiteMaskError
        If the file is missing, damaged, or no site mask.
    """
    from astropy.io import fits

    try:
        refuse_special(path)
        with fits.open(path, memmap=False) as units:
            masks = [one for one in units if one.header.get("EXTNAME") == "MASK"]
            images = [(one.data, bool(masks)) for one in masks or units if one.data is not None]
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        reason = f"cannot be read as a site mask ({error})"
        raise SiteMaskError(path, reason, EXPECTED) from error
    found = tuple(_hidden(path, data, is_mask=is_mask) for data, is_mask in images)
    if not found:
        raise SiteMaskError(path, "holds no image", EXPECTED)
    return SiteMask(found, str(path))


def _hidden(path: Path, data: NDArray[np.generic], *, is_mask: bool) -> Hidden:
    """Check an image of a site mask; True where there is never sky."""
    image = np.squeeze(np.asarray(data))
    values = np.unique(image) if image.ndim == 2 and image.dtype.names is None else ()
    if not is_mask and (len(values) > 2 or 0 not in values):
        reason = "is no site mask: expected an image of 0, and one other value where there is never"
        raise SiteMaskError(path, f"{reason} sky", "make one, or give --site-mask none")
    hidden: Hidden = (image == IGNORE) if is_mask else (image != 0)
    if hidden.all():
        raise SiteMaskError(path, "hides every pixel", "leave some sky")
    return hidden


def write_site_mask(path: Path, site: SiteMask) -> None:
    """Write a site mask to a FITS file, one HDU for each shape of frame.

    Parameters
    ----------
    path : Path
        File to write; an older one is replaced.
    site : SiteMask
        The site mask.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from astropy.io import fits

    def header(hidden: Hidden) -> fits.Header:
        return fits.Header(
            [
                ("IMGTYPE", IMAGE_TYPE, "0 may be sky, 1 is never sky"),
                ("HIDDEN", round(float(hidden.mean()), 6), "part of the pixels that is never sky"),
                ("COMMENT", "Site mask of a sky camera, for frames of this shape: the pixels that"),
                ("COMMENT", "never show the sky (trees, domes, outside a fisheye's circle)."),
            ]
        )

    write_fits(path, [(one.astype(np.uint8), header(one)) for one in site.images], durable=True)


def _proportions_differ(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """How much the proportions of two images differ: 0 for the same."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1)


def _misfit(images: Sequence[Hidden], shape: tuple[int, int]) -> str:
    known = " and ".join(f"{one.shape[0]}x{one.shape[1]}" for one in images)
    return f"has {shape[0]}x{shape[1]} pixels, but the site mask is for frames of {known}"
