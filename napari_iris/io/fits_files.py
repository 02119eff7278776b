"""Write FITS files block by block, with astropy headers."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from napari_iris.io.atomic import atomic_open
from napari_iris.io.blocks import BITPIX, CARD, CARDS, data_block, header_block
from napari_iris.io.outputs import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.io.outputs import Mark, MarkCard

    Images = Sequence[tuple[NDArray[np.generic], fits.Header | str]]

VALUE = 20
"""Characters of a short value."""

_SIMPLE = re.compile(
    r"[A-Z0-9_-]{1,8} *= (?:'(?:[ -9;-~]|:(?! ))*' *|(?= *[TF\d.E+-]+(?: /|$)).{20})"
    r"(?: / [!-~](?:[ -~]*[!-~])?)?"
)
"""A card of a text or a short value, which astropy neither refuses nor divides."""

_LAYOUT = re.compile(
    r"(?:SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|[PG]COUNT|GROUPS|BSCALE|BZERO|BLANK"
    rf"|{'|'.join(MARK)}) *="
)
"""Cards that describe the layout of the pixels, and the mark of another file that was the input."""


def write_fits(
    path: Path,
    images: Images,
    *,
    durable: bool = False,
    mark: Mark | None = None,
) -> None:
    """Write images to a FITS file, atomically; the first becomes the primary HDU.

    astropy's HDU classes check and copy each card several times, which takes longer than masking
    a frame does; so the blocks are assembled here, and tests compare them with astropy's.

    Parameters
    ----------
    path : Path
        File to write; an older one is replaced.
    images : sequence of (ndarray, astropy.io.fits.Header or str)
        Pixels (uint8, int16 or float32) and header of each HDU, or its cards as they are to be
        written, 80 characters each. Cards that describe the layout of the pixels, such as BITPIX
        and NAXIS, are written from the pixels.
    durable : bool
        Whether to wait until the bytes are on the disk.
    mark : Mark, optional
        Which command makes it, and from what; its cards are put into the last header.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(path, durable=durable) as file:
        file.write(b"".join(fits_blocks(images, mark)))


def fits_blocks(images: Images, mark: Mark | None = None) -> Iterator[bytes]:
    """Assemble the bytes of a FITS file.

    Parameters
    ----------
    images : sequence of (ndarray, astropy.io.fits.Header or str)
        As for `write_fits`.
    mark : Mark, optional
        As for `write_fits`.

    Yields
    ------
    bytes
        Header and pixels of each HDU in turn, padded to blocks of 2880 bytes.
    """
    for number, (data, header) in enumerate(images):
        pixels = data_block(data)
        cards = mark.cards(pixels) if mark and number == len(images) - 1 else []
        yield _image_header(data, header, cards, primary=number == 0)
        yield pixels


def card(keyword: str, value: str | int | float | bool, comment: str = "") -> str:
    """Format a header card, as astropy does.

    Parameters
    ----------
    keyword : str
        At most 8 characters.
    value : str, int, float or bool
        Its value.
    comment : str
        What it means.

    Returns
    -------
    str
        80 characters; more for a text that needs several cards.
    """
    if isinstance(value, str):
        return _text_card(keyword, value, comment)
    if isinstance(value, bool):
        shown = f"{'T' if value else 'F':>20}"
    else:
        shown = f"{str(value).replace('e', 'E'):>20}"
    return _card(keyword, value, shown, comment)


@lru_cache(maxsize=256)
def _text_card(keyword: str, value: str, comment: str) -> str:
    """Format the card of a text; most recur from frame to frame."""
    quoted = value.replace("'", "''")
    shown = f"'{quoted:8}'".ljust(VALUE) if value else "''"
    return _card(keyword, value, shown, comment)


def _card(keyword: str, value: str | float | bool, shown: str, comment: str) -> str:
    """Format a card whose value is shown so; astropy does the unusual ones."""
    text = f"{keyword:8}= {shown}{' / ' if comment else ''}{comment}"
    if len(text) <= CARD and _SIMPLE.fullmatch(text):
        return text.ljust(CARD)
    from astropy.io import fits

    return str(fits.Card(keyword, value, comment))


def _image_header(
    data: NDArray[np.generic], header: fits.Header | str, more: Sequence[MarkCard], *, primary: bool
) -> bytes:
    """Header of one HDU with some more cards, padded to whole blocks."""
    layout = _layout_cards(data.shape, data.dtype.name, primary=primary)
    kept = [image for image in _images(header) if not _LAYOUT.match(image)]
    return header_block("".join([layout, *kept, *(card(*one) for one in more)]))


def _images(header: fits.Header | str) -> list[str]:
    """Cards of a header as they are written."""
    text = header if isinstance(header, str) else getattr(header, "stored_cards", "")
    if text or isinstance(header, str):
        return CARDS.findall(text)
    return [_image(one) for one in header.cards]


def _image(card: fits.Card) -> str:
    """Give a card as it is written; nothing for an invalid one that cannot be repaired."""
    from astropy.io.fits.verify import VerifyError

    try:
        return str(card)
    except (VerifyError, ValueError):
        return ""


@cache
def _layout_cards(shape: tuple[int, ...], dtype: str, *, primary: bool) -> str:
    """Cards that describe the layout of the pixels."""
    cards: list[tuple[str, str | int, str]] = [
        ("SIMPLE", True, "conforms to FITS standard")
        if primary
        else ("XTENSION", "IMAGE", "image extension"),
        ("BITPIX", BITPIX[dtype], "array data type"),
        ("NAXIS", len(shape), "number of array dimensions"),
        *((f"NAXIS{axis}", side, "") for axis, side in enumerate(reversed(shape), start=1)),
        *([("EXTEND", True, "")] if primary else [("PCOUNT", 0, ""), ("GCOUNT", 1, "")]),
    ]
    return "".join(card(*one) for one in cards)
