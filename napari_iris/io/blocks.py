"""What FITS files consist of: cards of 80 characters, and blocks of 2880 bytes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 2880
"""Bytes in a FITS block."""

CARD = 80
"""Characters per header card."""

CARDS = re.compile(r".{80}(?:CONTINUE  .{70})*", re.DOTALL)
"""Each card of a header, together with those that continue its text."""

BITPIX = {"uint8": 8, "int16": 16, "float32": -32}
"""Value of BITPIX by type of the pixels."""

PLAIN = "".join(map(chr, range(32, 127))).replace("%", "")
"""Characters of a path that a header card has as they are; the others are percent-encoded."""


def header_block(cards: str) -> bytes:
    """End a header, and pad it to whole blocks.

    Parameters
    ----------
    cards : str
        Its cards, 80 characters each.
    """
    text = cards + "END".ljust(CARD)
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii", "replace")


def data_block(data: NDArray[np.generic]) -> bytes:
    """Give the pixels of an HDU as they are written, big-endian, padded to whole blocks.

    Parameters
    ----------
    data : ndarray
        The pixels.
    """
    pixels: bytes = data.astype(data.dtype.newbyteorder(">"), copy=False).tobytes()
    return pixels + bytes(-len(pixels) % BLOCK)


def path_card(path: str) -> str:
    """Write a path as ASCII, for a header card.

    Parameters
    ----------
    path : str
        Any path, of any bytes.

    Returns
    -------
    str
        With percent-encoding of all but printable ASCII.
    """
    return quote(os.fsencode(path), safe=PLAIN)
