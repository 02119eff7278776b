"""Write files that are whole or not there at all."""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from typing import IO, TYPE_CHECKING

from napari_iris.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from astropy.io import fits
    from numpy.typing import NDArray


LEFT_S = 3600.0
"""Age from which a part file is nobody's any more [s]."""

BLOCK = 2880
"""Bytes in a FITS block."""

BITPIX = {"uint8": 8, "int16": 16, "float32": -32}

CARD = 80
"""Characters of a header card."""

_LAYOUT = re.compile(
    r"(?:SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|[PG]COUNT|GROUPS|BSCALE|BZERO|BLANK) *="
)
"""A card that describes how the pixels are laid out."""


@contextmanager
def atomic_open(path: Path, *, durable: bool = False) -> Iterator[IO[bytes]]:
    """Open a temporary neighbour of `path` that takes its name when the block ends well.

    Parameters
    ----------
    path : Path
        File to write; its folder must exist. Until the block ends well an older file stays.
    durable : bool
        Whether to wait until the bytes are on the disk, so that they outlast a power cut.

    Raises
    ------
    FileError
        If the folder is read-only, missing or full; no part file is left behind.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        try:
            with part.open("wb") as file:
                yield file
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
            if durable:
                sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})"
        raise FileError(path, reason, "make room there or choose another folder") from error


def sweep(folder: Path) -> None:
    """Remove what killed processes left half written right in a folder.

    A part file of a process that is no more goes at once; one whose process's number is in use (in
    a container always by us) when nothing has been written to it for an hour.
    """
    for path in folder.glob(".*.part"):
        words = path.name.split(".")
        if len(words) < 4 or not words[-3].isdecimal():  # not of `atomic_open`
            continue
        with suppress(OSError):  # gone already, or not ours to remove: nothing is lost by it
            if not _is_alive(int(words[-3])) or time.time() - path.stat().st_mtime > LEFT_S:
                path.unlink()


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # who knows
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, if need be.

    Raises
    ------
    FileError
        If it cannot be made, or is a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made a folder ({error.strerror})"
        raise FileError(folder, reason, "choose another folder") from error


def write_fits(
    path: Path,
    images: Sequence[tuple[NDArray[np.generic], fits.Header]],
    *,
    durable: bool = False,
) -> None:
    """Write images, the first as primary HDU, to one FITS file, atomically.

    The file is put together here from astropy's headers, because astropy's own HDUs check and
    copy each card several times, which takes longer than all the rest of masking a frame.

    Parameters
    ----------
    path : Path
        File to write, in place of an older one.
    images : sequence of (ndarray, astropy.io.fits.Header)
        Pixels (uint8, int16 or float32) and cards of each; the cards that describe the pixels'
        layout are made anew.
    durable : bool
        Whether to wait until the bytes are on the disk.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(path, durable=durable) as file:
        file.writelines(fits_blocks(images))


def fits_blocks(images: Sequence[tuple[NDArray[np.generic], fits.Header]]) -> Iterator[bytes]:
    """Give the bytes of a FITS file, block by block; see `write_fits`."""
    for number, (data, header) in enumerate(images):
        yield _header_block(data, header, primary=number == 0)
        yield _data_block(data)


def _header_block(data: NDArray[np.generic], header: fits.Header, *, primary: bool) -> bytes:
    """Header of one image, padded to whole FITS blocks."""
    layout = _layout_cards(data.shape, data.dtype.name, primary=primary)
    kept = [image for image in map(str, header.cards) if not _LAYOUT.match(image)]
    text = "".join([layout, *kept, "END".ljust(CARD)])
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii", "replace")


@cache
def _layout_cards(shape: tuple[int, ...], dtype: str, *, primary: bool) -> str:
    """Cards that say how an image's pixels are laid out."""
    from astropy.io import fits

    cards = [
        ("SIMPLE", True, "conforms to FITS standard")
        if primary
        else ("XTENSION", "IMAGE", "image extension"),
        ("BITPIX", BITPIX[dtype], "array data type"),
        ("NAXIS", len(shape), "number of array dimensions"),
        *((f"NAXIS{axis}", side) for axis, side in enumerate(reversed(shape), start=1)),
        *([("EXTEND", True)] if primary else [("PCOUNT", 0), ("GCOUNT", 1)]),
    ]
    return "".join(str(fits.Card(*card)) for card in cards)


def _data_block(data: NDArray[np.generic]) -> bytes:
    """Pixels of one image, big-endian, padded to whole FITS blocks."""
    pixels: bytes = data.astype(data.dtype.newbyteorder(">"), copy=False).tobytes()
    return pixels + bytes(-len(pixels) % BLOCK)


def sync_folder(folder: Path) -> None:
    """Put the folder's new entry on the disk, where the system can (POSIX)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
