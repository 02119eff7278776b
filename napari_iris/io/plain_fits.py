"""Read the images of a plain FITS file at once: most frames are such files, and astropy is slow.

astropy parses and checks each card several times, which takes longer than the mask of the frame.
Only what it would read unchanged is read here, and it reads the rest.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from napari_iris.io.blocks import BLOCK, CARD, CARDS
from napari_iris.io.fits_reader import MAX_CARDS
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.io.stored_header import StoredHeader

LARGEST = 16 << 20
"""Size of a file, in bytes, above which astropy reads it, and only the part that is wanted."""

SIMPLE, END = b"SIMPLE  =                    T ", b"END".ljust(CARD)
"""First card of a file, as far as it is fixed, and last one of a header."""

EXTENSION = b"XTENSION= 'IMAGE   ' "
"""First card of an image extension, as far as it is fixed."""

MOST_AXES = 9
"""Most axes of an image: trailing ones of length 1 are common."""

_TYPES = {8: "u1", 16: ">i2", 32: ">i4", -32: ">f4", -64: ">f8"}
"""Type of the pixels by the value of BITPIX."""

_CARD = re.compile(
    r"""(?:COMMENT|HISTORY)[ ][ -~]{72}|
    (?!(?:BSCALE|BZERO|BLANK|GROUPS|[PG]COUNT|COLORSPC|CONTINUE|HIERARCH|XTENSION|END)[ ]*=)
    (?=([A-Z0-9_-]+)[ ]*=[ ])[A-Z0-9_ -]{8}=[ ][ ]*
    ('(?:[ -&(-9;-~]|:(?![ ]))*'|[TF]|[+-]?\d+(?:\.\d*)?(?:E[+-]?\d+)?)[ ]*(?:/[ -~]*)?""",
    re.VERBOSE,
)
"""A card that astropy neither changes nor refuses, and that does not change the pixels."""

_CONTINUE = re.compile(r"CONTINUE  ('[ -&(-9;-~]*') *(?:/[ -~]*)?")
"""A card that continues the text of the one before."""

_FIXED = (("XTENSION", "'IMAGE   '"), ("PCOUNT", "0"), ("GCOUNT", "1"))
_COUNTS = re.compile(r"PCOUNT  = {20}0 [ -~]{49}GCOUNT  = {20}1 [ -~]{49}")
"""The cards that follow the axes of an image extension."""


@dataclass(frozen=True, eq=False)
class PlainImage:
    """An image as it is stored.

    Attributes
    ----------
    data : ndarray
        The pixels, in the byte order of the file; read-only.
    header : StoredHeader
        The header.
    """

    data: NDArray[np.generic]
    header: StoredHeader


def read_plain(path: Path | str) -> PlainImage | None:
    """Read the image in the primary HDU of a plain FITS file.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    PlainImage or None
        None if astropy must read it, or say what is wrong: a file that is packed, damaged, large
        or missing, whose image is scaled or elsewhere, or whose header has any unusual card.
    """
    return plain_image(_content(path))


def plain_image(content: bytes) -> PlainImage | None:
    """Give the image in the primary HDU of a plain FITS file.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    PlainImage or None
        As for `read_plain`.
    """
    found = _image(content, 0)
    return found and found[0]


def read_plain_images(path: Path | str) -> list[PlainImage] | None:
    """Read the images in all HDUs of a plain FITS file.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    list of PlainImage, or None
        One an HDU; None if astropy must read it, as for `read_plain`.
    """
    content = _content(path)
    images, start = [], 0
    while found := _image(content, start):
        images.append(found[0])
        start = found[1]
        if start == len(content):
            return images
    return None


def _content(path: Path | str) -> bytes:
    """Bytes of a file; none of one that is not a regular file, missing or large."""
    try:
        refuse_special(path)
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (a million of them)
            return file.read() if os.fstat(file.fileno()).st_size <= LARGEST else b""
    except OSError:
        return b""


def _header(content: bytes, begin: int) -> StoredHeader | None:
    """Header that begins at a place of a file; None if any card is unusual."""
    end = content.find(END, begin, begin + (MAX_CARDS + 1) * CARD)
    first = EXTENSION if begin else SIMPLE
    if end < 0 or (end - begin) % CARD or not content.startswith(first, begin):
        return None
    if not content[begin:end].isascii():
        return None
    text = content[begin:end].decode("ascii")
    values = _values(text, is_extension=begin > 0)
    if values is None:
        return None
    from napari_iris.io.stored_header import StoredHeader

    return StoredHeader.of(text, values)


def _values(text: str, *, is_extension: bool) -> dict[str, str] | None:
    """Values of the cards by keyword, as they are written; None if any card is unusual."""
    counts = 3 + _integer(text, 2, "NAXIS")
    if is_extension and not _COUNTS.match(text, counts * CARD):
        return None
    fixed = (0, counts, counts + 1) if is_extension else ()
    written = list(_FIXED) if is_extension else []
    for number, image in enumerate(CARDS.findall(text)):
        if number in fixed:
            continue
        card = _parsed(image[:CARD])
        if card is None:
            return None
        keyword, value = card
        if len(image) > CARD and not (value := _long_text(value, image)):
            return None
        written.append((keyword or "", value or ""))
    return dict(reversed(written))  # of several cards of a keyword, the first one counts


@lru_cache(maxsize=4096)
def _parsed(image: str) -> tuple[str | None, str | None] | None:
    """Keyword and value of a card, None if it is unusual; most recur from frame to frame."""
    card = _CARD.fullmatch(image)
    return None if card is None else (card[1], card[2])


def _long_text(begun: str | None, image: str) -> str | None:
    """Text of several cards, as if one card could hold it; None if any is unusual."""
    found = [_CONTINUE.fullmatch(image[at : at + CARD]) for at in range(CARD, len(image), CARD)]
    parts = [begun or "", *(card[1] if card else "" for card in found)]
    texts = [part[1:-1].rstrip() for part in parts]
    if not all(parts) or not all(text.endswith("&") for text in texts[:-1]):
        return None
    return f"'{''.join(text.removesuffix('&') for text in texts)}'"


def _image(content: bytes, begin: int) -> tuple[PlainImage, int] | None:
    """Read the HDU that begins at a place of a file, if all of it is there; and where it ends."""
    header = _header(content, begin)
    if header is None:
        return None
    import numpy as np

    cards = header.stored_cards
    dtype = _TYPES.get(_integer(cards, 1, "BITPIX"))
    axes = _integer(cards, 2, "NAXIS")
    if dtype is None or not 2 <= axes <= MOST_AXES:
        return None
    shape = tuple(_integer(cards, 2 + axis, f"NAXIS{axis}") for axis in range(axes, 0, -1))
    count, start = math.prod(shape), begin + _whole_blocks(len(cards) + CARD)
    end = start + _whole_blocks(count * np.dtype(dtype).itemsize)
    padding = content[begin + len(cards) + CARD : start]
    if min(shape) < 1 or len(content) < end or padding.strip(b" "):
        return None
    data = np.frombuffer(content, dtype, count, start).reshape(shape)
    return PlainImage(data, header), end


def _integer(cards: str, number: int, keyword: str) -> int:
    """Value of a card that must be the one of this number; 0 if it is not."""
    card = cards[number * CARD : (number + 1) * CARD]
    value = card[10:30].strip()
    is_there = card.startswith(f"{keyword:8}= ") and value.lstrip("-").isdecimal()
    return int(value) if is_there else 0


def _whole_blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
