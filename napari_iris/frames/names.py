"""What FITS files are called, and what is made of their names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = (".fits", ".fit", ".fts", ".fz")
COMPRESSIONS = ("", ".gz", ".bz2", ".z")
MADE_HERE = ("_mask", "_pred")
"""How the stems of files end that are made from frames, and are no frames themselves."""

_ENDINGS = tuple(suffix + compression for suffix in SUFFIXES for compression in COMPRESSIONS)


def is_fits_name(name: str) -> bool:
    """Whether a file name ends like a FITS file's, compressed or not."""
    return name.lower().endswith(_ENDINGS)


def is_frame_name(name: str) -> bool:
    """Whether a file name may be a frame's: FITS, visible, and no mask or prediction."""
    return is_fits_name(name) and name[0] != "." and not frame_stem(name).endswith(MADE_HERE)


def frame_stem(path: Path | str) -> str:
    """Name of a frame without its FITS and compression suffixes.

    >>> frame_stem("night/sky_0001.fits.fz")
    'sky_0001'
    """
    name = Path(path).name
    for suffix in (*COMPRESSIONS[1:], *SUFFIXES[::-1]):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name


def without_namesakes(paths: Iterable[Path], namesakes: list[FrameError]) -> Iterator[Path]:
    """Pass on the frames whose stem is new, and note the others: what is made of them would clash.

    Parameters
    ----------
    paths : iterable of Path
        The frames.
    namesakes : list of FrameError
        Gets an error for each frame that is left out.

    Yields
    ------
    Path
        One frame a stem.
    """
    stems: set[str] = set()
    for path in paths:
        stem = frame_stem(path)
        if stem in stems:
            reason = f"another frame is called {stem} already"
            namesakes.append(FrameError(path, reason, "give it another --out folder"))
        else:
            stems.add(stem)
            yield path
