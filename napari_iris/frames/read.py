"""Read one sky frame from any FITS file that a camera or an archive may write."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError, MissingPackageError
from napari_iris.frames.frame import Frame
from napari_iris.io.fits_reader import MAX_CARDS, LongHeaderError, open_fits, repair_cards
from napari_iris.io.plain_fits import read_plain
from napari_iris.io.regular import NotRegularError
from napari_iris.io.remote import RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from astropy.io import fits
    from numpy.typing import NDArray

GREY = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""


def read_frame(path: Path | str, *, hdu: int | None = None, plane: int | None = None) -> Frame:
    """Read one frame as native float32; the file is closed afterwards.

    Parameters
    ----------
    path : Path or str
        A FITS file: plain, ``.gz``, ``.bz2``, ``.Z`` or tile-compressed ``.fz``; or a `RemotePath`.
    hdu : int, optional
        Header-data unit to read, from 0. By default the first one that holds an image.
    plane : int, optional
        Plane of a cube, from 0; required for a cube, and for nothing else. Without it a colour
        image (three planes, ``COLORSPC = 'RGB'``) is read as grey.

    Returns
    -------
    Frame
        Pixels, header, and where they were read from.

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no such two-dimensional image.
    """
    if not hdu and plane is None and (plain := read_plain(path)):
        return Frame(_as_image(Path(path), plain.data, None), plain.header, Path(path), 0)
    with open_image(path, hdu) as (units, number):
        data = np.asarray(units[number].data)
        header = full_header(units, number)
        if header.get("COLORSPC") == "RGB" and plane is None and data.shape[:1] == (3,):
            data = np.tensordot(GREY, data, axes=1)
    where = path if isinstance(path, Path) else Path(path)
    return Frame(_as_image(where, data, plane), header, where, number, plane)


def read_colour(
    path: Path | str, *, hdu: int | None = None
) -> tuple[NDArray[np.float32], fits.Header]:
    """Read a colour image, as `import --rgb` writes it; the file is closed afterwards.

    Parameters
    ----------
    path : Path or str
        A FITS file, as for `read_frame`, of three planes with ``COLORSPC = 'RGB'``.
    hdu : int, optional
        Header-data unit to read, from 0. By default the first one that holds an image.

    Returns
    -------
    colour : ndarray of float32, shape (rows, columns, 3)
        Red, green and blue, in the file's own unit.
    header : astropy.io.fits.Header
        Header of the image.

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no colour image.
    """
    with open_image(path, hdu) as (units, number):
        data = np.asarray(units[number].data)
        header = full_header(units, number)
    if header.get("COLORSPC") != "RGB" or data.ndim != 3 or len(data) != 3:
        reason = "is not a colour image (three planes, COLORSPC = 'RGB')"
        raise FrameError(
            Path(path), reason, "import its set with --rgb, or take a model of 1 plane"
        )
    return np.moveaxis(data, 0, -1).astype(np.float32), header


def read_header(path: Path | str, *, hdu: int | None = None) -> fits.Header:
    """Read the header of a frame without its pixels.

    Parameters
    ----------
    path : Path or str
        A FITS file, as for `read_frame`.
    hdu : int, optional
        Header-data unit to read, from 0. By default the first one that holds an image.

    Returns
    -------
    astropy.io.fits.Header
        Header of the image, completed with the primary header.

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no such image.
    """
    with open_image(path, hdu) as (units, number):
        return full_header(units, number)


def count_planes(path: Path | str, *, hdu: int | None = None) -> int:
    """Count the frames in one image: 1, or the planes of a cube.

    Parameters
    ----------
    path : Path or str
        A FITS file, as for `read_frame`.
    hdu : int, optional
        Header-data unit to read, from 0. By default the first one that holds an image.

    Returns
    -------
    int
        1 or more.

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no image.
    """
    with open_image(path, hdu) as (units, number):
        sides = [side for side in units[number].shape if side > 1]
    return sides[0] if len(sides) == 3 else 1


@contextmanager
def open_image(path: Path | str, hdu: int | None) -> Iterator[tuple[fits.HDUList, int]]:
    """Open a FITS file at its image; errors inside the block become a `FrameError`.

    Parameters
    ----------
    path : Path or str
        A FITS file.
    hdu : int or None
        Header-data unit of the image; None for the first one that holds an image.

    Yields
    ------
    units : astropy.io.fits.HDUList
        The open file.
    number : int
        Number of the header-data unit.

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no such image.
    """
    with fits_errors(path), open_fits(path) as units:
        yield units, _image_number(Path(path), units, hdu)


@contextmanager
def fits_errors(path: Path | str) -> Iterator[None]:
    """Re-raise whatever astropy raises inside the block as a `FrameError` of one line.

    Parameters
    ----------
    path : Path or str
        The file that is read.
    """
    try:
        yield
    except (FrameError, MissingPackageError):
        raise
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        raise _unreadable(path, error) from error


def full_header(units: fits.HDUList, number: int) -> fits.Header:
    """Header of an image, completed with the primary header where it is in an extension.

    Parameters
    ----------
    units : astropy.io.fits.HDUList
        An open file.
    number : int
        Number of the image's header-data unit.

    Returns
    -------
    astropy.io.fits.Header
        Cards that are not valid FITS are repaired or, where that is impossible, left out.

    Raises
    ------
    LongHeaderError
        If it has more than `MAX_CARDS`.
    """
    header: fits.Header = units[number].header
    if number:
        header.extend(units[0].header, unique=True, update=False, strip=True)
    if len(header) > MAX_CARDS:
        raise LongHeaderError
    repair_cards(header)
    return header


def _image_number(path: Path, units: fits.HDUList, hdu: int | None) -> int:
    """Find the unit to read: the given one, else the first that holds an image."""
    for number, unit in enumerate(units):  # lazily: len(units) reads the file to its end
        wanted = hdu is None or number == hdu
        if wanted and unit.is_image and len(unit.shape) >= 2 and 0 not in unit.shape:
            return number
    if hdu is None:
        raise FrameError(path, "holds no image, only tables or empty units", "leave it out")
    raise FrameError(
        path, f"holds no image in HDU {hdu} (it has {len(units)})", "choose another with --hdu"
    )


def _as_image(path: Path, data: NDArray[np.generic], plane: int | None) -> NDArray[np.float32]:
    """Drop axes of length one, pick the plane of a cube, and convert to native float32."""
    shape = data.shape
    image = data.squeeze() if data.ndim > 2 else data
    if image.ndim == 3:
        if plane is None or not 0 <= plane < len(image):
            raise FrameError(
                path,
                f"is a cube of {len(image)} frames {image.shape[1:]}",
                f"choose one with --plane 0 to {len(image) - 1}",
            )
        image = image[plane]
    elif plane:
        raise FrameError(path, f"is a single frame and has no plane {plane}", "leave out --plane")
    if image.ndim != 2:
        raise FrameError(path, f"has shape {shape}", "give a two-dimensional image or a cube")
    if not np.issubdtype(image.dtype, np.number) or np.iscomplexobj(image):
        raise FrameError(path, f"holds {image.dtype} values", "give an image of real numbers")
    return image.astype(np.float32)


_KNOWN: dict[type[Exception], tuple[str, str]] = {
    FileNotFoundError: ("does not exist", "check the name"),
    PermissionError: ("is not readable", "ask for permission to read it"),
    IsADirectoryError: ("is a folder", "give the files in it"),
    LongHeaderError: (f"has a header of more than {MAX_CARDS:,} cards", "remove those not needed"),
    NotRegularError: ("is not a regular file", "give a FITS file"),
}
"""Reason and fix, by the kind of error."""


def _unreadable(path: Path | str, error: Exception) -> FrameError:
    """Describe in one line why astropy could not read a file."""
    for kind, (reason, fix) in _KNOWN.items():
        if isinstance(error, kind):
            return FrameError(path, reason, fix)
    if isinstance(error, RemoteError):
        reason = f"cannot be read ({error.strerror})"
        return FrameError(path, reason, "check the URL and the network")
    if isinstance(error, ModuleNotFoundError):
        return FrameError(path, str(error).rstrip("."), "pip install uncompresspy")
    if isinstance(error, OSError) and _is_empty(Path(path)):
        return FrameError(path, "is empty (0 bytes)", "copy it again from the camera")
    reason = str(error).split(". ")[0].rstrip(".") or type(error).__name__
    return FrameError(path, f"is damaged or not FITS ({reason})", "copy it again from the camera")


def _is_empty(path: Path) -> bool:
    try:
        return not path.stat().st_size
    except OSError:  # the disk was removed in the meantime
        return False
