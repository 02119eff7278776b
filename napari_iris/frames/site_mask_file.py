"""Site masks in files, and the choice of one for a command."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.frames.fisheye import find_fisheye
from napari_iris.frames.read import read_frame
from napari_iris.frames.region_file import read_regions
from napari_iris.frames.site_mask import SiteMask
from napari_iris.io.atomic import exists_as_file
from napari_iris.io.fits_files import write_fits
from napari_iris.io.fits_reader import open_fits
from napari_iris.labels import IGNORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.frames.paths import FramePaths
    from napari_iris.frames.site_mask import Hidden

IMAGE_TYPE = "SITE-MASK"
"""IMGTYPE of the images of a site mask file."""

REGIONS = ".reg"
"""Ending of the names of DS9 region files."""


EXPECTED = "give a FITS image, 1 where there is never sky"


class SiteMaskError(FileError):
    """A site mask cannot be read or used."""


def resolve_site_mask(
    choice: str,
    paths: Sequence[Path] | FramePaths = (),
    *,
    hdu: int | None = None,
    plane: int | None = None,
) -> SiteMask | None:
    """Give the site mask that an option names.

    Parameters
    ----------
    choice : str
        'auto' for what lies outside of a fisheye's circle, see `find_fisheye`; 'none'; or a file,
        see `read_site_mask` and, for ``.reg``, `read_regions`.
    paths : sequence of Path
        The frames.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.

    Returns
    -------
    SiteMask or None
        The site mask; None for none.

    Raises
    ------
    SiteMaskError
        If a file is named that cannot be used.
    """
    if choice == "none":
        return None
    if choice == "auto":
        return find_fisheye(paths, hdu=hdu, plane=plane)
    path = Path(choice)
    if path.suffix.lower() != REGIONS:
        return read_site_mask(path)
    shape = _shape_of_first(paths, hdu, plane)
    if shape is None:
        raise SiteMaskError(path, "is of regions, which need frames", "give a FITS image instead")
    return _checked(path, read_regions(path, shape))


def _shape_of_first(
    paths: Sequence[Path] | FramePaths, hdu: int | None, plane: int | None
) -> tuple[int, int] | None:
    """Rows and columns of the first frame that can be read."""
    for place in range(len(paths)):
        with suppress(FileError):
            data = read_frame(paths[place], hdu=hdu, plane=plane).data
            return data.shape[0], data.shape[1]
    return None


def read_site_mask(path: Path) -> SiteMask:
    """Read a site mask from a FITS file.

    Parameters
    ----------
    path : Path
        A file of `write_site_mask`; any FITS image of 0 and one other value, which is never sky; or
        a mask file, whose ignored pixels are never sky.

    Returns
    -------
    SiteMask
        One image for each HDU.

    Raises
    ------
    SiteMaskError
        If the file is missing, damaged, or no site mask.
    """
    try:
        with open_fits(path) as units:
            masks = [one for one in units if one.header.get("EXTNAME") == "MASK"]
            images = [(one.data, bool(masks)) for one in masks or units if one.data is not None]
    except FileNotFoundError as error:
        raise SiteMaskError(path, "does not exist", "check the name") from error
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        reason = f"cannot be read as a site mask ({error})"
        raise SiteMaskError(path, reason, EXPECTED) from error
    if not images:
        raise SiteMaskError(path, "holds no image", EXPECTED)
    return _checked(path, *(_hidden(path, data, is_mask=is_mask) for data, is_mask in images))


def _checked(path: Path, *images: Hidden) -> SiteMask:
    """Make the site mask of a file, unless it leaves no sky."""
    if any(one.all() for one in images):
        raise SiteMaskError(path, "hides every pixel", "leave some sky")
    return SiteMask(images, str(path))


def _hidden(path: Path, data: NDArray[np.generic], *, is_mask: bool) -> Hidden:
    """Check an image of a site mask; True where there is never sky."""
    image = np.squeeze(np.asarray(data))
    values = np.unique(image) if image.ndim == 2 and image.dtype.names is None else ()
    if not is_mask and (len(values) > 2 or 0 not in values):
        reason = (
            "is not a site mask: expected an image of 0, and another value where there is never"
        )
        raise SiteMaskError(path, f"{reason} sky", "make one, or give --site-mask none")
    hidden: Hidden = (image == IGNORE) if is_mask else (image != 0)
    return hidden


def write_site_mask(path: Path, site: SiteMask) -> None:
    """Write a site mask to a FITS file, one HDU for each shape of frame.

    Parameters
    ----------
    path : Path
        File to write; an older site mask is replaced.
    site : SiteMask
        The site mask.

    Raises
    ------
    FileError
        If it cannot be written, or is another file than a site mask.
    """
    from astropy.io import fits

    if exists_as_file(path) and _image_type(path) != IMAGE_TYPE:
        reason = "is not a site mask, and is not replaced"
        raise SiteMaskError(path, reason, "choose another name, or move it away")

    def header(hidden: Hidden) -> fits.Header:
        return fits.Header(
            [
                ("IMGTYPE", IMAGE_TYPE, "0 may be sky, 1 is never sky"),
                ("HIDDEN", round(float(hidden.mean()), 6), "part of the pixels that is never sky"),
                ("COMMENT", "Site mask of a sky camera, for frames of this shape: the pixels that"),
                ("COMMENT", "never show the sky (trees, domes, outside a fisheye's circle)."),
            ]
        )

    write_fits(path, [(one.astype(np.uint8), header(one)) for one in site.images], durable=True)


def _image_type(path: Path) -> str:
    """Say what the first image of a FITS file is; empty for what is not a FITS file."""
    try:
        with open_fits(path) as units:
            return str(units[0].header.get("IMGTYPE", ""))
    except Exception:  # astropy raises a dozen types on damaged bytes
        return ""
