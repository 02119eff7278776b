"""Open a FITS file that anybody may have made: a regular file, whose headers are not endless."""

from __future__ import annotations

from bz2 import BZ2File
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedIOBase, BufferedReader, BytesIO, FileIO
from typing import TYPE_CHECKING

from napari_iris.io.blocks import BLOCK
from napari_iris.io.packs import read_packed
from napari_iris.io.regular import refuse_special
from napari_iris.io.remote import RemotePath, read_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from astropy.io import fits

MAX_CARDS = 3500
"""Most cards of the header of a frame."""

_MAX_BLOCKS = 100
"""Most blocks of any header that are read: room for some cards that a command adds."""


class LongHeaderError(Exception):  # no OSError: that of a .gz file would be taken for its end
    """A header has more than `MAX_CARDS` cards."""

    def __init__(self) -> None:
        super().__init__(f"its header has more than {MAX_CARDS:,} cards")


_MAX_ALL_BLOCKS = 10 * _MAX_BLOCKS
"""Most blocks of all headers: a data unit of negative size leads back to its own header."""


class EndlessHeadersError(Exception):
    """The headers of a file have more than `_MAX_ALL_BLOCKS` blocks."""

    def __init__(self) -> None:
        super().__init__("its headers do not end")


class _Bounded(BufferedIOBase):
    """A file with headers of limited length; astropy reads these, and nothing else, in blocks."""

    _blocks = _all_blocks = 0

    def read(self, size: int | None = -1, /) -> bytes:
        is_header = size == BLOCK
        self._blocks = self._blocks + 1 if is_header else 0
        self._all_blocks += is_header
        if self._blocks > _MAX_BLOCKS:
            raise LongHeaderError
        if self._all_blocks > _MAX_ALL_BLOCKS:
            raise EndlessHeadersError
        return super().read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._blocks = 0
        return super().seek(offset, whence)


class _PlainFile(_Bounded, BufferedReader):
    mode = "rb"  # what astropy asks for; that of the file below would be looked up


class _GzipFile(_Bounded, GzipFile):
    pass


class _Bzip2File(_Bounded, BZ2File):
    mode = "rb"


@contextmanager
def open_fits(path: Path | str) -> Iterator[fits.HDUList]:
    """Open a FITS file to read it; the pixels are not mapped into memory.

    Parameters
    ----------
    path : Path or str
        A FITS file: plain, ``.gz``, ``.bz2``, ``.Z`` or tile-compressed ``.fz``; a file in a pack;
        or a `RemotePath`.

    Yields
    ------
    astropy.io.fits.HDUList
        The open file.

    Raises
    ------
    LongHeaderError
        If a header of it is far longer than `MAX_CARDS`; in a ``.Z`` file, it is read.
    EndlessHeadersError
        If its headers lead back to one another, or are far too many.
    OSError
        If it is not a regular file, is missing, or is not a FITS file.
    PackError
        If its pack is damaged.
    """
    from astropy.io import fits

    with _open(path) as file, fits.open(file, mode="readonly", memmap=False) as units:
        yield units


def _content(path: Path | str) -> BytesIO | None:
    """Read what lies at a URL or in a pack; None for a file of its own."""
    if isinstance(path, RemotePath):
        return read_url(str(path))
    try:
        refuse_special(path)
    except NotADirectoryError:
        return read_packed(path)
    return None


def _open(path: Path | str) -> _PlainFile | _GzipFile | _Bzip2File:
    content = _content(path)
    file = _PlainFile(content or FileIO(path))
    begin = file.peek(2)[:2]
    if begin not in (b"\x1f\x8b", b"BZ"):
        return file
    if content is None:
        file.close()
        return _GzipFile(path, "rb") if begin == b"\x1f\x8b" else _Bzip2File(path)
    return _GzipFile(fileobj=file) if begin == b"\x1f\x8b" else _Bzip2File(file)


def repair_cards(header: fits.Header) -> None:
    """Repair cards that are not valid FITS; remove the others, as astropy cannot read them.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Is changed.
    """
    from astropy.io.fits.verify import VerifyError

    broken = []
    for number, card in enumerate(header.cards):
        try:
            card.verify("silentfix")
        except (VerifyError, ValueError):
            broken.append(number)
    for number in reversed(broken):
        del header[number]
