"""A lazy sequence of frames: any number of files as one array."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_iris.errors import FrameError
from napari_iris.frames.read import read_frame
from napari_iris.frames.stack import FrameStack

if TYPE_CHECKING:
    from napari_iris.frames.frame import Frame
    from napari_iris.frames.paths import FramePaths

TRIED = 20
"""Files that are tried for the shape of the frames before the sequence is refused."""


class FrameSequence(FrameStack):
    """Frames in files of their own, as one array; no file stays open.

    Parameters
    ----------
    paths : FramePaths
        The frames' files, at least one.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    shape : (int, int), optional
        Rows and columns of the array; frames of another shape are resized to it. By default the
        shape of the first frame, and frames of another shape are blank.

    Raises
    ------
    FrameError
        If none of the first frames can be read.
    """

    def __init__(
        self,
        paths: FramePaths,
        *,
        hdu: int | None = None,
        plane: int | None = None,
        shape: tuple[int, int] | None = None,
    ) -> None:
        self.paths = paths
        self.hdu, self.plane = hdu, plane
        self._any_shape = shape is not None
        super().__init__(shape or self._first_shape())

    def __len__(self) -> int:
        return len(self.paths)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what opens it again, as dask sends it to other processes."""
        shape = self._frame_shape if self._any_shape else None
        opener = partial(FrameSequence, hdu=self.hdu, plane=self.plane, shape=shape)
        return opener, (self.paths,)

    def _first_shape(self) -> tuple[int, int]:
        """Shape of the first frame that can be read."""
        problem: FrameError | None = None
        for number in range(min(TRIED, len(self.paths))):
            try:
                rows, columns = self._read_file(number).data.shape
            except FrameError as error:
                problem = problem or error
            else:
                return rows, columns
        if problem is None:
            raise FrameError("no frames", "the list is empty", "give at least one FITS file")
        raise problem

    def _read(self, number: int) -> Frame | FrameError:
        try:
            frame = self._read_file(number)
        except FrameError as error:
            return error
        if frame.data.shape != self._frame_shape and not self._any_shape:
            reason = f"has shape {frame.data.shape}, the other frames {self._frame_shape}"
            return FrameError(self.paths[number], reason, "open it on its own")
        return frame

    def _read_file(self, number: int) -> Frame:
        return read_frame(self.paths[number], hdu=self.hdu, plane=self.plane)
