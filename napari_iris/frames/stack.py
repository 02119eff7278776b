"""Frames of one shape as a lazy array: each is read when it is indexed, the last ones are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

    from napari_iris.frames.frame import Frame

CACHE_BYTES = 128 * 2**20
"""Memory for the frames that one stack keeps."""


class FrameStack(ABC):
    """Frames of one shape as an array of shape (frames, rows, columns).

    It has the part of numpy's interface that napari needs: ``dtype``, ``shape``, ``ndim``,
    ``size``, indexing, and conversion by `numpy.asarray`. The frames read last stay in memory, and
    the next one in the direction of travel is read ahead in a thread. A frame that cannot be read
    is blank (NaN); `frame` raises the reason.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of every frame, in pixels.
    """

    dtype: np.dtype[Any] = np.dtype(np.float32)
    ndim = 3

    def __init__(self, shape: tuple[int, int]) -> None:
        self._frame_shape = shape
        self._cache: OrderedDict[int, Frame | FrameError] = OrderedDict()
        self._capacity = max(4, CACHE_BYTES // (4 * shape[0] * shape[1]))
        self._lock = Lock()
        self._last = 0
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="iris-read-ahead")

    @abstractmethod
    def __len__(self) -> int:
        """Count the frames."""

    @abstractmethod
    def _read(self, number: int) -> Frame | FrameError:
        """Read one frame; the error where that fails. Called from two threads."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, rows and columns."""
        return (len(self), *self._frame_shape)

    @property
    def size(self) -> int:
        """Number of pixels in all frames."""
        return len(self) * self._frame_shape[0] * self._frame_shape[1]

    def __getitem__(self, key: Any) -> NDArray[np.float32]:
        first, *rest = _expand_ellipsis(key if isinstance(key, tuple) else (key,))
        if isinstance(first, int | np.integer):
            pixels: NDArray[np.float32] = self.pixels(int(first))[tuple(rest)]
            return pixels
        numbers = self._numbers(first)
        if len(numbers) == 1:  # as viewers slice: nothing to copy
            return self.pixels(int(numbers[0]))[np.newaxis][(slice(None), *rest)]
        stack = np.empty((len(numbers), *self._frame_shape), self.dtype)
        for row, number in enumerate(numbers):
            stack[row] = self.pixels(int(number))
        return stack[(slice(None), *rest)]

    def _numbers(self, chosen: Any) -> Sequence[int] | NDArray[np.int_]:
        """Numbers of the frames that a slice or an index array chooses."""
        if isinstance(chosen, slice):
            return range(len(self))[chosen]
        numbers: NDArray[np.int_] = np.arange(len(self))[chosen]
        return numbers

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[np.generic]:
        if copy is False:
            raise ValueError("a lazy stack is always copied: it is read from its files")
        return self[...].astype(self.dtype if dtype is None else dtype, copy=False)

    def pixels(self, number: int) -> NDArray[np.float32]:
        """Pixels of one frame; blank where it cannot be read.

        Parameters
        ----------
        number : int
            Number of the frame, from 0; negative numbers count from the end.

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
        """One frame with its header.

        Parameters
        ----------
        number : int
            Number of the frame, from 0; negative numbers count from the end.

        Returns
        -------
        Frame
            The frame as read.

        Raises
        ------
        FrameError
            If it cannot be read, or has another shape than the stack.
        """
        found = self._get(number)
        if isinstance(found, FrameError):
            raise found
        return found

    def close(self) -> None:
        """Stop reading ahead; frames can still be read."""
        self._ahead.shutdown(wait=False, cancel_futures=True)

    def _get(self, number: int) -> Frame | FrameError:
        """One frame, from memory or its file; the next in the direction of travel is read ahead."""
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
        except RuntimeError:  # closed
            return

    def _load(self, number: int) -> Frame | FrameError:
        """One frame from memory, else read into memory; the one unused longest makes room."""
        with self._lock:
            if number in self._cache:
                self._cache.move_to_end(number)
                return self._cache[number]
        found = self._read(number)
        with self._lock:
            self._cache[number] = found
            while len(self._cache) > self._capacity:
                self._cache.popitem(last=False)
        return found


def _resized(frame: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Frame resized to another shape, for display."""
    from skimage.transform import resize

    shown: NDArray[np.float32] = resize(frame, shape, order=1).astype(np.float32)
    return shown


def _expand_ellipsis(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Replace ``...`` in an index by the slices it stands for."""
    for place, part in enumerate(key):
        if part is Ellipsis:
            slices = (slice(None),) * (FrameStack.ndim - len(key) + 1)
            return key[:place] + slices + key[place + 1 :]
    return key
