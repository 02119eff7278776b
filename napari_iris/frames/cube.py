"""A cube of frames in one FITS image, read plane by plane from one open file."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.frame import Frame
from napari_iris.frames.read import fits_errors, full_header, open_image
from napari_iris.frames.stack import FrameStack
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from numpy.typing import NDArray


FITS_BEGIN = b"SIMPLE"
"""First bytes of a FITS file that is not compressed as a whole."""


class FrameCube(FrameStack):
    """The planes of a cube as one array; the file stays open until `close`.

    Only the planes that are indexed are read, so memory does not grow with the cube. A file that is
    compressed as a whole (``.gz``, ``.bz2``, ``.Z``) can only be read from its beginning: it is
    decompressed once, when the first plane is read, and its planes stay in memory.

    Parameters
    ----------
    path : Path or str
        A FITS file, as for `read_frame`.
    hdu : int, optional
        Header-data unit to read, from 0. By default the first one that holds an image.

    Attributes
    ----------
    path : Path
        The file.
    hdu : int
        Number of the header-data unit of the cube.
    header : astropy.io.fits.Header
        Its header.

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no cube.
    """

    def __init__(self, path: Path | str, *, hdu: int | None = None) -> None:
        self.path = Path(path)
        self._reading = Lock()
        with fits_errors(path):
            refuse_special(path)
            with self.path.open("rb") as file:
                self._is_plain = file.read(len(FITS_BEGIN)) == FITS_BEGIN
        with ExitStack() as opening:
            units, self.hdu = opening.enter_context(open_image(path, hdu))
            self._image, self.header = units[self.hdu], full_header(units, self.hdu)
            shape = self._image.shape
            self._axes = [axis for axis, side in enumerate(shape) if side > 1]
            if len(self._axes) != 3:
                raise FrameError(path, f"has shape {shape}", "give a cube of frames")
            self._close_file = finalize(self, opening.pop_all().close)
        self._count, rows, columns = (int(shape[axis]) for axis in self._axes)
        super().__init__((rows, columns))

    def __len__(self) -> int:
        return self._count

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what opens it again, as dask sends it to other processes."""
        return partial(FrameCube, hdu=self.hdu), (self.path,)

    def close(self) -> None:
        """Stop reading ahead, and close the file: only planes in memory can still be read."""
        self._ahead.shutdown(wait=True, cancel_futures=True)
        self._close_file()

    def _read(self, number: int) -> Frame | FrameError:
        if not self._close_file.alive:
            return FrameError(self.path, "is closed", "open it again")
        try:
            with self._reading, fits_errors(self.path):
                data = self._plane(number)
        except FrameError as error:
            return error
        return Frame(data, self.header, self.path, self.hdu, number)

    def _plane(self, number: int) -> NDArray[np.float32]:
        """Pixels of one plane, from their bytes in the file alone where it is not compressed."""
        index = [slice(None)] * len(self._image.shape)
        index[self._axes[0]] = slice(number, number + 1)
        stored = self._image.section if self._is_plain else self._image.data
        return np.asarray(stored[tuple(index)], dtype=np.float32).reshape(self._frame_shape)
