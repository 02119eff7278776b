"""Rebin frames by block mean, and normalise them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError, IrisError
from napari_iris.frames.masked import filled
from napari_iris.frames.names import frame_stem
from napari_iris.frames.read import read_frame
from napari_iris.frames.wcs import rebinned_header
from napari_iris.io.atomic import exists_as_file
from napari_iris.io.fits_files import write_fits
from napari_iris.io.outputs import check_output
from napari_iris.io.remote import url_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FULL_SCALE_ADU = 2.0**14
"""Full scale of the 14-bit camera; normalised frames are ADU divided by it."""

MINIMUM_SIDE = 8
"""Smallest number of rows or columns of a frame, in pixels."""


def rebin(frame: NDArray[np.generic], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Rebin a frame to `shape` by the mean over each new pixel's area.

    Integer ratios give the plain block mean; for other ratios, pixels on the border of a block
    are weighted by the fraction of their area inside it. Blank pixels (NaN, or masked) are left
    out of the mean; a new pixel is NaN only where all of its area is blank.

    Parameters
    ----------
    frame : ndarray or masked array, shape (rows, columns)
        Pixel values in any unit, NaN or masked where blank.
    shape : (int, int)
        Rows and columns of the result, in pixels.

    Returns
    -------
    ndarray of float32, shape `shape`
        In the same unit.

    Raises
    ------
    IrisError
        If the frame or `shape` has fewer than `MINIMUM_SIDE` rows or columns.
    """
    if min(*frame.shape, *shape) < MINIMUM_SIDE:
        raise IrisError(
            f"cannot rebin {frame.shape} to {shape} pixels: each side needs at least {MINIMUM_SIDE}"
        )
    values = filled(frame, np.float32)
    with np.errstate(invalid="ignore"):  # infinite pixels are blank, see below
        mean = _area_mean(values, shape)
    if np.isfinite(mean).all():  # a single blank pixel makes the mean of its block blank
        return mean
    valid = np.isfinite(values)
    weight = _area_mean(valid.astype(np.float32), shape)
    total = _area_mean(np.where(valid, values, np.float32(0)), shape)
    blank = np.full(shape, np.nan, dtype=np.float32)
    return np.divide(total, weight, out=blank, where=weight > 0)


def rebin_colour(colour: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Rebin each plane of a colour image, see `rebin`.

    Parameters
    ----------
    colour : ndarray of float32, shape (rows, columns, 3)
        Red, green and blue, NaN where blank.
    shape : (int, int)
        Rows and columns of the result, in pixels.

    Returns
    -------
    ndarray of float32, shape (rows, columns, 3)
        In the same unit.

    Raises
    ------
    IrisError
        As `rebin`.
    """
    return np.stack([rebin(plane, shape) for plane in np.moveaxis(colour, -1, 0)], axis=-1)


def rebin_file(
    path: Path,
    out: Path,
    shape: tuple[int, int],
    hdu: int | None = None,
    plane: int | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Rebin one file's frame to ``out/<stem>.fits``, float32 with its header.

    Parameters
    ----------
    path : Path
        The frame's file.
    out : Path
        Folder to write to; it must exist.
    shape : (int, int)
        Rows and columns of the result, in pixels.
    hdu, plane : int, optional
        Header-data unit and plane of a cube to read, as for `read_frame`.
    overwrite : bool
        Whether to replace a rebinned copy of another frame, see `check_output`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    FileError
        If the frame cannot be read, or the file would replace a frame, or a file that was not made
        from this frame.
    """
    target = out / f"{frame_stem(path)}.fits"
    if exists_as_file(target) and not url_of(path) and target.samefile(path):
        raise FrameError(path, "would be replaced by its rebinned copy", "choose another --out")
    frame = read_frame(path, hdu=hdu, plane=plane)
    header = rebinned_header(frame.header, frame.data.shape, shape)
    binned, mark = rebin(frame.data, shape), frame.mark("rebin")
    check_output(target, mark, overwrite=overwrite, pixels=binned)
    write_fits(target, [(binned, header)], mark=mark)
    return target


def normalise(frame: NDArray[np.generic]) -> NDArray[np.float32]:
    """Divide ADU by the camera's full scale of 2**14; frames already within 0..1 stay as they are.

    Parameters
    ----------
    frame : ndarray, shape (rows, columns)
        Pixel values in ADU, or already normalised.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Values about 0.03 to 0.1 for a raw sky frame.
    """
    values = filled(frame, np.float32)
    return values if is_normalised(values) else values / np.float32(FULL_SCALE_ADU)


def is_normalised(frame: NDArray[np.generic]) -> bool:
    """Whether a frame's values are fractions of full scale already (all within 0..1).

    Parameters
    ----------
    frame : ndarray, any shape
        Pixel values; NaN where blank.

    Returns
    -------
    bool
        False for a frame without finite pixels.
    """
    seen = frame[np.isfinite(frame)]
    return bool(seen.size and seen.min() >= 0 and seen.max() <= 1)


def _area_mean(values: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Mean over each new pixel's area of a frame without blanks."""
    if values.shape == shape:
        return values
    rows, columns = values.shape[0] / shape[0], values.shape[1] / shape[1]
    if rows.is_integer() and columns.is_integer():
        return _block_mean(values, int(rows), int(columns))
    from skimage.transform import resize_local_mean

    mean: NDArray[np.float32] = resize_local_mean(values, shape).astype(np.float32)
    return mean


def _block_mean(values: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Mean over blocks.

    Strided slices are summed, first along the rows, then along the columns: ten times as fast as
    ``reshape(...).mean(...)``, whose inner loops run over a few pixels each.
    """
    total = _sum(*(values[start % rows :: rows] for start in range(1, rows + 1)))
    total = _sum(*(total[:, start % columns :: columns] for start in range(1, columns + 1)))
    return total / np.float32(rows * columns)


def _sum(*parts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum in the order of the parts."""
    if len(parts) == 1:
        return parts[0]
    total = parts[0] + parts[1]
    for part in parts[2:]:
        total += part
    return total
