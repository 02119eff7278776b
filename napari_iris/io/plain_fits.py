"""Read the image of a plain FITS file at once: most frames are such files, and astropy is slow.

astropy parses and checks each card several times, which takes longer than the mask of the frame.
Only what it would read unchanged is read here, and it reads the rest.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.io.blocks import BLOCK, CARD
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
"""First card, as far as it is fixed, and last one."""

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
    try:
        refuse_special(path)
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (a million of them)
            content = file.read() if os.fstat(file.fileno()).st_size <= LARGEST else b""
    except OSError:
        return None
    header = _header(content)
    return header and _image(content, header)


def _header(content: bytes) -> StoredHeader | None:
    """Header at the beginning of a file; None if any card is unusual."""
    end = content.find(END, 0, (MAX_CARDS + 1) * CARD)
    if end < 0 or end % CARD or not content.startswith(SIMPLE) or not content[:end].isascii():
        return None
    text = content[:end].decode("ascii")
    values: dict[str, str] = {}
    for place in range(0, end, CARD):
        card = _CARD.fullmatch(text, place, place + CARD)
        if card is None:
            return None
        keyword, value = card.groups()
        if keyword:  # of several cards of a keyword, the first one counts
            values.setdefault(keyword, value)
    from napari_iris.io.stored_header import StoredHeader

    return StoredHeader.of(text, values)


def _image(content: bytes, header: StoredHeader) -> PlainImage | None:
    """Pixels behind a header, if all are there."""
    import numpy as np

    cards = header.stored_cards
    dtype = _TYPES.get(_integer(cards, 1, "BITPIX"))
    axes = _integer(cards, 2, "NAXIS")
    if dtype is None or not 2 <= axes <= MOST_AXES:
        return None
    shape = tuple(_integer(cards, 2 + axis, f"NAXIS{axis}") for axis in range(axes, 0, -1))
    count, start = math.prod(shape), _whole_blocks(len(cards) + CARD)
    end = _whole_blocks(start + count * np.dtype(dtype).itemsize)
    if min(shape) < 1 or len(content) < end or content[len(cards) + CARD : start].strip(b" "):
        return None
    return PlainImage(np.frombuffer(content, dtype, count, start).reshape(shape), header)


def _integer(cards: str, number: int, keyword: str) -> int:
    """Value of a card that must be the one of this number; 0 if it is not."""
    card = cards[number * CARD : (number + 1) * CARD]
    value = card[10:30].strip()
    is_there = card.startswith(f"{keyword:8}= ") and value.lstrip("-").isdecimal()
    return int(value) if is_there else 0


def _whole_blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
