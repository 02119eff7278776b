"""Mask files: the binned frame and its mask in one FITS file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import MaskError
from napari_iris.frames.facts import without_scaling
from napari_iris.frames.names import frame_stem
from napari_iris.io.fits_files import card, write_fits
from napari_iris.io.fits_reader import open_fits
from napari_iris.io.images import read_images
from napari_iris.io.regular import refuse_special
from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.io.fits_files import Images
    from napari_iris.io.images import Image
    from napari_iris.io.outputs import Mark

HUMAN = "HUMAN"
"""Value of the METHOD card of a mask that a person drew or corrected."""

_BY_PERSON = re.compile(rb"(?i:METHOD  = '\s*human)|LABEL(?:ER |DAT)= *'\s*[^'\s]")
"""A card that only the mask of a person has, in the bytes of a file."""

Card = tuple[str | int | float | bool, str]
"""Value and comment of a header card."""

Cards = Mapping[str, Card]
"""Header cards by keyword."""

MASK_CARDS: Cards = {
    "EXTNAME": ("MASK", "extension name"),
    "IMGTYPE": ("GROUND-TRUTH", "0 sky, 1 cloud, 2 ignore"),
}
"""The cards by which the HDU of a mask is known."""

CARD_TEXT = 40
"""Most characters of a text in a header card, so that its comment fits in too."""


_AGAIN = "make it again from its frame"


@dataclass(frozen=True, eq=False)
class MaskFile:
    """A mask file's content.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The binned frame, in ADU.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.
    header, mask_header : astropy.io.fits.Header
        The frame's own header, and the mask's with its method, parameters and author.
    """

    frame: NDArray[np.float32]
    mask: NDArray[np.uint8]
    header: fits.Header
    mask_header: fits.Header


def author_cards(name: str, when: datetime) -> dict[str, Card]:
    """Make the cards of a human mask: the method, who made it, and when.

    Parameters
    ----------
    name : str
        Who drew, corrected or approved it; see `card_text`.
    when : datetime
        When, UTC.

    Returns
    -------
    dict
        ``METHOD``, ``LABELER`` and ``LABELDAT``.
    """
    return {
        "METHOD": (HUMAN, "how the mask was made"),
        "LABELER": (card_text(name), "who drew or approved it"),
        "LABELDAT": (when.isoformat(timespec="seconds"), "when, UTC"),
    }


def card_text(text: str) -> str:
    """Reduce a text to what fits in a header card.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Printable ASCII, with ``?`` for other characters, of at most 40 characters.
    """
    shown = (char if char.isascii() and char.isprintable() else "?" for char in text)
    return "".join(shown)[:CARD_TEXT]


def cloud_fraction(mask: NDArray[np.uint8]) -> float:
    """Compute the fraction of the valid pixels that is cloud.

    Parameters
    ----------
    mask : ndarray of uint8
        0 sky, 1 cloud, 2 ignore.

    Returns
    -------
    float
        From 0 to 1; NaN where all pixels are ignored.
    """
    seen = int(np.count_nonzero(mask != IGNORE))
    return int(np.count_nonzero(mask == CLOUD)) / seen if seen else float("nan")


def mask_path(frame: Path, out: Path) -> Path:
    """Give the path of a frame's mask file, ``OUT/<stem>_mask.fits``.

    Parameters
    ----------
    frame : Path
        The frame's file.
    out : Path
        Folder of the masks.
    """
    return out / f"{frame_stem(frame)}_mask.fits"


def write_mask(
    path: Path,
    frame: NDArray[np.float32],
    mask: NDArray[np.uint8],
    header: fits.Header,
    cards: Cards,
    *,
    durable: bool = False,
    mark: Mark | None = None,
) -> None:
    """Write a binned frame and its mask to one FITS file, atomically.

    HDU 0 is the frame with its original header, HDU 1 the mask with ``EXTNAME='MASK'`` and
    ``IMGTYPE='GROUND-TRUTH'``.

    Parameters
    ----------
    path : Path
        File to write.
    frame : ndarray of float32, shape (rows, columns)
        The binned frame, in ADU.
    mask : ndarray of uint8, shape (rows, columns)
        0 sky, 1 cloud, 2 ignore.
    header : astropy.io.fits.Header
        Header of the rebinned frame, see `rebinned_header`.
    cards : mapping of str to (value, comment)
        How the mask was made: method, parameters, threshold, or who drew it and when.
    durable : bool
        Whether to wait until the bytes are on the disk: for a person's work.
    mark : Mark, optional
        Which command makes it, and from what.

    Raises
    ------
    MaskError
        If the shapes differ, or the mask holds other values.
    FileError
        If the file cannot be written.
    """
    write_fits(path, mask_images(path, frame, mask, header, cards), durable=durable, mark=mark)


def mask_images(
    path: Path,
    frame: NDArray[np.float32],
    mask: NDArray[np.uint8],
    header: fits.Header,
    cards: Cards,
) -> Images:
    """Give the images of a mask file, as `write_fits` takes them.

    Parameters
    ----------
    path, frame, mask, header, cards
        As for `write_mask`.

    Raises
    ------
    MaskError
        If the shapes differ, or the mask holds other values.
    """
    if frame.shape != mask.shape:
        fix = "rebin the frame to the mask's shape"
        raise MaskError(path, f"frame {frame.shape} and mask {mask.shape} differ in shape", fix)
    if mask.max() > IGNORE:
        raise MaskError(path, f"mask holds the value {mask.max()}", "use 0 sky, 1 cloud, 2 ignore")
    mask_cards = {**MASK_CARDS, **cards}
    text = "".join(card(keyword, *value) for keyword, value in mask_cards.items())
    binned = np.asarray(frame, np.float32), without_scaling(header)
    pixels = np.asarray(mask, np.uint8), text
    return [binned, pixels]


def read_mask(path: Path) -> MaskFile:
    """Read a mask file, ours or a published one with its mask in HDU 1.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    MaskError
        If the file is damaged or holds no mask.
    """
    try:
        frame, mask = read_images(path, (0,), ("MASK", 1))
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        raise MaskError(path, f"holds no mask ({error})", _AGAIN) from error
    if frame is None or mask is None:
        raise MaskError(path, "holds no mask (there is no HDU 1)", _AGAIN)
    pixels = _pixels(path, "frame", frame), _pixels(path, "mask", mask)
    values = pixels[1]
    if np.issubdtype(values.dtype, np.floating):
        values = values > 0.5
    if values.size and not SKY <= values.min() <= values.max() <= IGNORE:
        found = f"its mask holds values from {values.min()} to {values.max()}"
        raise MaskError(path, found, "use 0 sky, 1 cloud, 2 ignore")
    return MaskFile(
        pixels[0].astype(np.float32), values.astype(np.uint8), frame.header, mask.header
    )


def _pixels(path: Path, name: str, image: Image) -> NDArray[Any]:
    """Pixels of an image that must have some, without axes of length 1."""
    if image.data is None:
        raise MaskError(path, f"has no {name}: HDU {image.number} is empty", _AGAIN)
    return image.data.squeeze()


def is_mask_file(path: Path) -> bool:
    """Check whether a file is a FITS file with a mask in HDU 1.

    Parameters
    ----------
    path : Path
        The file; may be missing or damaged.
    """
    try:
        with open_fits(path) as units:
            header = units[1].header
            named = header.get("EXTNAME") == "MASK" or header.get("IMGTYPE") == "GROUND-TRUTH"
    except Exception:  # astropy raises a dozen types on damaged bytes: no mask in any case
        return False
    return bool(named)


def is_drawn_by_person(path: Path) -> bool:
    """Check whether a file is a human mask, which is never replaced automatically.

    It is one by its METHOD (in any case of letters), or by a name or a date of who labelled it.

    Parameters
    ----------
    path : Path
        The file; may be missing.
    """
    try:
        refuse_special(path)
        return _BY_PERSON.search(path.read_bytes()) is not None
    except FileNotFoundError:
        return False
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise MaskError(path, reason, "choose another --out") from error
