"""Which files a command may replace: only those that it made itself, for the same input.

A FITS file that a command makes has a mark in the header of its last HDU: the command, the input,
and a checksum of the pixels, so that a file that a person has changed since is recognised. A frame
(a FITS file without the cards of a product) is never replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from zlib import crc32

from napari_iris.errors import FileError
from napari_iris.io.atomic import exists_as_file, writing
from napari_iris.io.blocks import path_card
from napari_iris.io.fits_reader import open_fits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from astropy.io import fits
    from numpy.typing import NDArray

COMMAND, INPUT, TIME, SUM = "IRISCMD", "IRISSRC", "IRISOBS", "IRISSUM"
"""Keywords of a mark: the command, its input, the time of the frame, checksum of the pixels."""

MARK = (COMMAND, INPUT, TIME, SUM)
MarkCard = tuple[str, str | int, str]
"""Keyword, value and comment of a card."""

PRODUCTS = ("MASK", "PROB", "SPREAD")
"""Names of the HDUs that make a FITS file a product."""

OLD = {"mask": ("METHOD", "ALOG")}
"""Cards of the products of version 0.1.0, which have no mark, by command."""

FRAMES = ("simulate",)
"""Commands that make frames, which no other command replaces."""

FITS = b"SIMPLE  ="
"""How a FITS file begins."""

ELSEWHERE = "choose another --out"
OVERWRITE = f"{ELSEWHERE}, or give --overwrite"


@dataclass(frozen=True)
class Mark:
    """What made a file.

    Attributes
    ----------
    command : str
        Name of the command, such as ``mask``.
    source : str
        Its input: the path of the frame, or the settings of a simulation.
    time : str
        When the frame was taken, ISO 8601; empty where not known.
    """

    command: str
    source: str
    time: str = ""

    def cards(self, data: bytes) -> list[MarkCard]:
        """Make the cards of the mark.

        Parameters
        ----------
        data : bytes
            The pixels as written, padded to whole blocks.

        Returns
        -------
        list of (keyword, value, comment)
            To be put into the header of these pixels.
        """
        return [
            (COMMAND, self.command, "napari-iris command that made this"),
            (INPUT, path_card(self.source), ""),
            (TIME, self.time, "when that frame was taken"),
            (SUM, crc32(data), "CRC-32 of the pixels as made"),
        ]


def check_output(
    path: Path,
    mark: Mark,
    *,
    overwrite: bool = False,
    pixels: NDArray[np.float32] | None = None,
) -> None:
    """Refuse to write a FITS file where there is one that must not be replaced.

    Parameters
    ----------
    path : Path
        The file to be written; it may not exist.
    mark : Mark
        The command that writes it, and its input.
    overwrite : bool
        Whether a product of other input, or one changed since, is replaced; a frame never is.
    pixels : ndarray of float32, optional
        What the first HDU will hold. A file that holds the same is of the same input, whatever the
        path of that was.

    Raises
    ------
    FileError
        If it must not be replaced; the message says why, and what to do.
    """
    if not exists_as_file(path):
        return
    found = _read(path)
    if found is None or (found.command in FRAMES and found.command != mark.command):
        raise FileError(path, "may be a frame, which is never replaced", ELSEWHERE)
    if overwrite:
        return
    if found.is_old and found.command == mark.command:
        if not _holds(path, pixels):
            raise FileError(path, "was made from other input", OVERWRITE)
        return
    if found.command != mark.command:
        raise FileError(path, f"was not made by napari-iris {mark.command}", OVERWRITE)
    if not found.is_unchanged:
        raise FileError(path, "has been changed since it was made", OVERWRITE)
    is_same = found.source == path_card(mark.source) or _holds(path, pixels)
    if found.time != mark.time or not is_same:
        raise FileError(path, "was made from other input", OVERWRITE)


def check_file(
    path: Path,
    command: str,
    is_ours: Callable[[IO[bytes]], bool],
    *,
    overwrite: bool = False,
) -> None:
    """Refuse to write a file that is not FITS where there is one that must not be replaced.

    Parameters
    ----------
    path : Path
        The file to be written; it may not exist.
    command : str
        Name of the command.
    is_ours : callable
        Whether the content of the open file is what the command has made from the same input.
    overwrite : bool
        Whether any file but a frame is replaced.

    Raises
    ------
    FileError
        If it must not be replaced; the message says why, and what to do.
    """
    if not exists_as_file(path) or not path.stat().st_size:
        return
    with writing(path), path.open("rb") as file:
        if file.read(len(FITS)) == FITS:
            raise FileError(path, "may be a frame, which is never replaced", ELSEWHERE)
        file.seek(0)
        if not (overwrite or is_ours(file)):
            reason = f"is not what napari-iris {command} made from this input"
            raise FileError(path, reason, OVERWRITE)


@dataclass(frozen=True)
class _Product:
    """A FITS file that napari-iris made: its mark, and whether its pixels are as they were.

    One of version 0.1.0 has no mark: nobody can say whether its pixels are as they were.
    """

    command: str
    source: str
    time: str
    is_unchanged: bool
    is_old: bool = False


def _read(path: Path) -> _Product | None:
    """Read the mark of a file; None for a frame, and for anything that cannot be recognised."""
    try:
        with open_fits(path) as units:
            last = units[-1]
            cards = last.header
            if COMMAND not in cards and not _is_product(cards):
                return None
            if old := _old_command(cards):
                return _Product(old, "", "", is_unchanged=True, is_old=True)
            command, source, time = (str(cards.get(name, "")) for name in (COMMAND, INPUT, TIME))
            place = last.fileinfo()
    except Exception:  # astropy raises a dozen types on damaged bytes
        return None
    with path.open("rb") as file:
        file.seek(place["datLoc"])
        unchanged = cards.get(SUM) == crc32(file.read(place["datSpan"]))
    return _Product(command, source, time, unchanged)


def _old_command(cards: fits.Header) -> str:
    """Name of the command of version 0.1.0 that made an HDU; empty if none did."""
    if COMMAND in cards:
        return ""
    return next((name for name, keys in OLD.items() if all(key in cards for key in keys)), "")


def _holds(path: Path, pixels: NDArray[np.float32] | None) -> bool:
    """Whether the first HDU of a product has these pixels."""
    import numpy as np

    if pixels is None:
        return False
    with open_fits(path) as units:
        return np.array_equal(units[0].data, pixels, equal_nan=True)


def _is_product(cards: fits.Header) -> bool:
    """Whether an HDU is a mask or a prediction, made by any program."""
    return cards.get("EXTNAME") in PRODUCTS or cards.get("IMGTYPE") == "GROUND-TRUTH"
