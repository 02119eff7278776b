"""``iris.read_frame``: one frame from a file, an array or an astropy object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.api.inputs import as_frame

if TYPE_CHECKING:
    from napari_iris.api.inputs import FrameLike
    from napari_iris.frames.frame import Frame


def read_frame(source: FrameLike, *, hdu: int | None = None, plane: int | None = None) -> Frame:
    """Read one frame from a FITS file, or convert one that is in memory.

    Parameters
    ----------
    source : str, Path, array, masked array, Quantity, NDData, Frame or SimulatedFrame
        A FITS file (plain, ``.gz``, ``.bz2``, ``.Z`` or ``.fz``), or a frame in memory. An array
        has the shape (rows, columns).
    hdu : int, optional
        Header-data unit of the file, from 0. By default the first one that holds an image.
    plane : int, optional
        Plane of a cube in a file, from 0; required for a cube. `open_night` opens all planes.

    Returns
    -------
    Frame
        Pixels as float32 in their own unit, with blank and masked pixels as NaN, and the header.

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no such image.
    IrisError
        If an array is not one frame of real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import napari_iris as iris
    >>> frame = iris.read_frame(iris.simulate(1, sky="clear")[0])
    >>> frame
    Frame(512x640, in memory, 2024-01-15T18:00:00)
    >>> frame.to_fits("sky.fits")
    >>> iris.read_frame("sky.fits")
    Frame(512x640, sky.fits, 2024-01-15T18:00:00)

    Masked pixels become NaN, and are ignored everywhere:

    >>> masked = np.ma.masked_greater(frame.data, 600)
    >>> bool(np.isnan(iris.read_frame(masked).data).any())
    True
    """
    return as_frame(source, hdu, plane)
