"""Inputs of the API: a frame as a file, an array, an astropy object, or a `Frame`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

import numpy as np
from astropy.io import fits
from astropy.nddata import NDData
from astropy.units import Quantity

from napari_iris.errors import IrisError
from napari_iris.frames.ccddata import count_unit, from_nddata, header_unit
from napari_iris.frames.frame import Frame
from napari_iris.frames.masked import filled
from napari_iris.frames.read import read_frame
from napari_iris.sky.observe import SimulatedFrame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FrameLike: TypeAlias = (
        str | os.PathLike[str] | NDArray[np.generic] | NDData | Frame | SimulatedFrame
    )
    Frames: TypeAlias = Sequence[FrameLike] | Iterable[FrameLike]


def as_frame(source: FrameLike, hdu: int | None = None, plane: int | None = None) -> Frame:
    """Convert any kind of frame to a `Frame`.

    Parameters
    ----------
    source : str, Path, array, masked array, Quantity, NDData, Frame or SimulatedFrame
        One frame. An array has the shape (rows, columns); axes of length one are dropped.
    hdu, plane : int, optional
        Header-data unit and plane of a cube to read, of a file.

    Returns
    -------
    Frame
        Pixels as float32; masked ones are NaN.

    Raises
    ------
    FrameError
        If a file cannot be read.
    IrisError
        If an array is not one frame of real numbers.
    TypeError
        If `source` is none of these.
    """
    if isinstance(source, str | os.PathLike):
        return read_frame(Path(source), hdu=hdu, plane=plane)
    if hdu is not None or plane is not None:
        raise TypeError("hdu and plane choose an image of a file; this frame is in memory")
    if isinstance(source, Frame):
        return source
    if isinstance(source, SimulatedFrame):
        return Frame(filled(source.data, np.float32), source.header)
    if isinstance(source, Quantity):
        source = NDData(source.value, unit=source.unit)
    if isinstance(source, NDData):
        data, header = from_nddata(source)
        return Frame(_image(data), header)
    if isinstance(source, np.ndarray):
        return Frame(_image(source), fits.Header())
    raise TypeError(
        f"expected a file, an array, an NDData or CCDData, or a Frame, received {type(source)}"
    )


def as_counts(source: FrameLike) -> Frame:
    """Convert to a `Frame` in counts, as masks and networks need it.

    Parameters
    ----------
    source : str, Path, array, masked array, Quantity, NDData, Frame or SimulatedFrame
        One frame, as for `as_frame`.

    Returns
    -------
    Frame
        In adu, DN, counts, or without a unit; kadu becomes adu.

    Raises
    ------
    IrisError
        If the object's unit, or BUNIT in its header, is not one of counts.
    """
    frame = as_frame(source)
    unit = header_unit(frame.header)
    if unit is None:
        return frame
    factor, _ = count_unit(unit)
    return frame if factor == 1 else replace(frame, data=frame.data * np.float32(factor))


def is_many(source: FrameLike | Frames) -> TypeGuard[Frames]:
    """Whether a source is several frames: any iterable but a path, an array or a frame.

    Parameters
    ----------
    source : object
        Argument of a function of the API.

    Returns
    -------
    bool
        False for one frame.
    """
    one = (str, os.PathLike, np.ndarray, NDData, Frame, SimulatedFrame)
    return not isinstance(source, one) and isinstance(source, Iterable)


def _image(pixels: NDArray[np.generic]) -> NDArray[np.float32]:
    """Pixels of one frame of an array."""
    image = pixels.squeeze() if pixels.ndim > 2 else pixels
    if image.ndim != 2 or 0 in image.shape:
        fix = "give one frame (rows, columns), or list(array) for a sequence of them"
        raise IrisError(f"the array has shape {pixels.shape}; {fix}")
    if not np.issubdtype(image.dtype, np.number) or np.iscomplexobj(image):
        raise IrisError(f"the array holds {image.dtype} values; give real numbers")
    return filled(image, np.float32)
