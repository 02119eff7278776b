"""A cube of frames in one FITS image, read plane by plane from one open file."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from weakref import finalize

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.frame import Frame
from napari_iris.frames.read import fits_errors, full_header, open_image
from napari_iris.frames.stack import FrameStack

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FrameCube(FrameStack):
    """The planes of a cube as one array; the file stays open until `close`.

    Only the planes that are indexed are read, so memory does not grow with the cube. In a file
    compressed as a whole (``.gz``, ``.bz2``) each step forward decompresses one plane, a step back
    all planes before it, unless they are still in memory.

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

    Raises
    ------
    FrameError
        If the file is missing, damaged, or holds no cube.
    """

    def __init__(self, path: Path | str, *, hdu: int | None = None) -> None:
        self.path = Path(path)
        self._reading = Lock()
        with ExitStack() as opening:
            units, self._hdu = opening.enter_context(open_image(path, hdu))
            self._image, self._header = units[self._hdu], full_header(units, self._hdu)
            shape = self._image.shape
            self._axes = [axis for axis, side in enumerate(shape) if side > 1]
            if len(self._axes) != 3:
                raise FrameError(path, f"has shape {shape}", "give a cube of frames")
            self._close_file = finalize(self, opening.pop_all().close)
        self._count, rows, columns = (int(shape[axis]) for axis in self._axes)
        super().__init__((rows, columns))

    def __len__(self) -> int:
        return self._count

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
        return Frame(data, self._header, self.path, self._hdu, number)

    def _plane(self, number: int) -> NDArray[np.float32]:
        """Pixels of one plane, from their bytes in the file alone."""
        index = [slice(None)] * len(self._image.shape)
        index[self._axes[0]] = slice(number, number + 1)
        pixels = np.asarray(self._image.section[tuple(index)], dtype=np.float32)
        return pixels.reshape(self._frame_shape)
