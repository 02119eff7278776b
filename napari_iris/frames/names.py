"""Names of FITS files, and of the files made from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = (".fits", ".fit", ".fts", ".fz")
COMPRESSIONS = ("", ".gz", ".bz2", ".z")
PRODUCTS = ("_mask", "_pred", "_pack")
"""Endings of the stems of files with masks or predictions, which are not frames."""

_STRIPPED = (*COMPRESSIONS[1:], *SUFFIXES[::-1])
_ENDINGS = tuple(suffix + compression for suffix in SUFFIXES for compression in COMPRESSIONS)


def is_fits_name(name: str) -> bool:
    """Whether a file name has the suffix of a FITS file, compressed or not.

    Parameters
    ----------
    name : str
        Name of a file, without its folder.

    Returns
    -------
    bool
        True for ``sky.fits``, ``SKY.FIT``, ``sky.fts.gz``, ``sky.fits.fz``.
    """
    return name.lower().endswith(_ENDINGS)


def is_frame_name(name: str) -> bool:
    """Whether a file may be a frame by its name: FITS, not hidden, not a mask or prediction.

    Parameters
    ----------
    name : str
        Name of a file, without its folder.

    Returns
    -------
    bool
        False for ``sky_mask.fits``, ``sky_pred.fits``, ``.sky.fits``.
    """
    return is_fits_name(name) and name[0] != "." and not frame_stem(name).endswith(PRODUCTS)


def frame_stem(path: Path | str) -> str:
    """Name of a frame without its FITS and compression suffixes.

    Parameters
    ----------
    path : Path or str
        The frame's file.

    Returns
    -------
    str
        The name that mask and prediction files begin with.

    Examples
    --------
    >>> frame_stem("night/sky_0001.fits.fz")
    'sky_0001'
    """
    name = path.name if isinstance(path, Path) else Path(path).name
    for suffix in _STRIPPED:
        if name[-len(suffix) :].lower() == suffix:
            name = name[: -len(suffix)]
    return name


def unique_stems(paths: Iterable[Path], duplicates: list[FrameError]) -> Iterator[Path]:
    """Pass on one frame of each stem; the files made from the others would have the same name.

    Parameters
    ----------
    paths : iterable of Path
        The frames.
    duplicates : list of FrameError
        Receives an error for each frame that is left out.

    Yields
    ------
    Path
        The first frame of each stem.
    """
    stems: set[str] = set()
    for path in paths:
        stem = frame_stem(path)
        if stem in stems:
            duplicates.append(same_name(path))
        else:
            stems.add(stem)
            yield path


def same_name(path: Path) -> FrameError:
    """Say that a frame is left out, since one before it has its name.

    Parameters
    ----------
    path : Path
        The frame.
    """
    reason = f"another frame is already called {frame_stem(path)}"
    return FrameError(path, reason, "give it another --out folder")
