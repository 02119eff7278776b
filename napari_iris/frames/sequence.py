"""A lazy stack of frames: any number of files as one array, one read a step."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.read import Frame, read_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.frames.paths import FramePaths

CACHE_BYTES = 128 * 2**20
"""Memory that one sequence may keep frames in."""


class FrameSequence:
    """Frames of one shape as an array of shape (frames, rows, columns), read as they are asked for.

    It has what napari asks of an array: ``dtype``, ``shape``, ``ndim``, ``size`` and indexing. The
    frames last seen stay in memory, the next one in the direction of travel is read ahead, and
    no file stays open. A frame that cannot be read, or has another shape, is blank (NaN), and
    `frame` says why.

    Parameters
    ----------
    paths : FramePaths
        The frames' files, at least one.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    shape : (int, int), optional
        Rows and columns that every frame is shown with; one of another shape is resized to it.
        By default the shape of the first frame, and one of another shape is blank.

    Raises
    ------
    FrameError
        If none of the first frames can be read.
    """

    dtype = np.dtype(np.float32)
    ndim = 3

    def __init__(
        self,
        paths: FramePaths,
        *,
        hdu: int | None = None,
        plane: int | None = None,
        shape: tuple[int, int] | None = None,
    ) -> None:
        self.paths = paths
        self._fits = shape is not None
        self._hdu, self._plane = hdu, plane
        self._cache: OrderedDict[int, Frame | FrameError] = OrderedDict()
        self._lock = Lock()
        self._last = 0
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="iris-read-ahead")
        self._frame_shape = shape or self._first_shape()
        pixels = self._frame_shape[0] * self._frame_shape[1]
        self._capacity = max(4, CACHE_BYTES // (4 * pixels))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, rows and columns."""
        return (len(self.paths), *self._frame_shape)

    @property
    def size(self) -> int:
        """Number of pixels in all frames."""
        return len(self.paths) * self._frame_shape[0] * self._frame_shape[1]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, key: Any) -> NDArray[np.float32]:
        first, *rest = _spelt_out(key if isinstance(key, tuple) else (key,))
        if isinstance(first, int | np.integer):
            pixels: NDArray[np.float32] = self.pixels(int(first))[tuple(rest)]
            return pixels
        numbers = np.arange(len(self))[first]
        stack = np.empty((len(numbers), *self._frame_shape), np.float32)
        for row, number in enumerate(numbers):
            stack[row] = self.pixels(int(number))
        return stack[(slice(None), *rest)]

    def pixels(self, number: int) -> NDArray[np.float32]:
        """Pixels of one frame; blank where it cannot be read.

        Parameters
        ----------
        number : int
            Which frame, from 0; negative numbers count from the end.

        Returns
        -------
        ndarray of float32, shape (rows, columns)
            In the frame's unit.
        """
        found = self._get(number)
        if isinstance(found, FrameError):
            return np.full(self._frame_shape, np.nan, np.float32)
        if found.data.shape != self._frame_shape:
            return _resized(found.data, self._frame_shape)
        return found.data

    def frame(self, number: int) -> Frame:
        """Give one frame with its header.

        Raises
        ------
        FrameError
            If it cannot be read, or its shape differs from the first frame's where that counts.
        """
        found = self._get(number)
        if isinstance(found, FrameError):
            raise found
        return found

    def close(self) -> None:
        """Stop reading ahead."""
        self._ahead.shutdown(wait=False, cancel_futures=True)

    def _first_shape(self) -> tuple[int, int]:
        """Shape of the first frame that can be read, among the first twenty."""
        problem: FrameError | None = None
        for number in range(min(20, len(self.paths))):
            try:
                rows, columns = self._read(number).data.shape
            except FrameError as error:
                problem = problem or error
            else:
                return rows, columns
        if problem is None:
            raise FrameError("no frames", "the list is empty", "give at least one FITS file")
        raise problem

    def _get(self, number: int) -> Frame | FrameError:
        """One frame from memory or file; the next one in the same direction is read ahead."""
        if not -len(self) <= number < len(self):
            raise IndexError(f"expected a frame from 0 to {len(self) - 1}, got {number}")
        number %= len(self)
        found = self._load(number)
        step = int(np.sign(number - self._last)) or 1
        self._last = number
        if 0 <= number + step < len(self) and number + step not in self._cache:
            self._read_ahead(number + step)
        return found

    def _read_ahead(self, number: int) -> None:
        try:
            self._ahead.submit(self._load, number)
        except RuntimeError:  # closed: nothing is read ahead any more
            return

    def _load(self, number: int) -> Frame | FrameError:
        """One frame from memory, else from its file into memory."""
        with self._lock:
            if number in self._cache:
                self._cache.move_to_end(number)
                return self._cache[number]
        found = self._read_checked(number)
        with self._lock:
            self._cache[number] = found
            while len(self._cache) > self._capacity:
                self._cache.popitem(last=False)
        return found

    def _read_checked(self, number: int) -> Frame | FrameError:
        try:
            frame = self._read(number)
        except FrameError as error:
            return error
        if frame.data.shape != self._frame_shape and not self._fits:
            reason = f"has shape {frame.data.shape}, the other frames {self._frame_shape}"
            return FrameError(frame.path, reason, "open it on its own")
        return frame

    def _read(self, number: int) -> Frame:
        return read_frame(self.paths[number], hdu=self._hdu, plane=self._plane)


def _resized(frame: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Frame at another shape, for the eye."""
    from skimage.transform import resize

    shown: NDArray[np.float32] = resize(frame, shape, order=1).astype(np.float32)
    return shown


def _spelt_out(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Replace ``...`` in an index by the slices it stands for."""
    for place, part in enumerate(key):
        if part is Ellipsis:
            slices = (slice(None),) * (FrameSequence.ndim - len(key) + 1)
            return key[:place] + slices + key[place + 1 :]
    return key
