"""Labelled frames: their files, their metadata, and how they are read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from napari_iris.dataset.mask_shape import rebin_sample
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.read import read_colour, read_frame
from napari_iris.masks.mask_file import read_mask

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.dataset.sample_table import SampleTable
    from napari_iris.errors import FileError
    from napari_iris.project.mask_store import MaskStore


class Sample(NamedTuple):
    """A frame and what is known of it; all arrays have the same rows and columns.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns), in colour (rows, columns, 3)
        In its own unit; NaN where blank.
    mask : ndarray of uint8, shape (rows, columns), or None
        0 sky, 1 cloud, 2 ignore.
    excess : ndarray of float32, shape (rows, columns), or None
        `Excess.relative`, NaN where blank; None where nothing is known of the clear sky.
    """

    frame: NDArray[np.float32]
    mask: NDArray[np.uint8] | None
    excess: NDArray[np.float32] | None = None


class SampleSource(Protocol):
    """A source of labelled frames: files, a project, the simulator."""

    @property
    def table(self) -> SampleTable:
        """Metadata of the samples."""

    def __len__(self) -> int: ...

    def path(self, row: int) -> Path:
        """Give the file of a frame, or the name of a simulated one."""

    def prepare(self, rows: Iterable[int], shape: tuple[int, int]) -> None:
        """Begin to make samples that will be read next, where that takes long; thread-safe."""

    def read(self, row: int, shape: tuple[int, int]) -> Sample:
        """Read a sample at `shape`; thread-safe."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Labelled frames of a project or folder, as columns: some 300 bytes per frame.

    Attributes
    ----------
    table : SampleTable
        Metadata.
    paths : FramePaths
        Files of the frames.
    keys : ndarray of bytes, shape (samples,)
        Names of the masks in `store`, or their files without a store; empty for no mask.
    store : MaskStore or None
        The project's masks.
    problems : tuple of FileError
        Frames and masks that cannot be used; they are not samples.
    independent : bool
        Whether each frame was simulated on its own: consecutive frames are then unrelated.
    colour : bool
        Whether to read the colours of the frames, which must have them.
    """

    table: SampleTable
    paths: FramePaths
    keys: NDArray[np.bytes_]
    store: MaskStore | None = None
    problems: tuple[FileError, ...] = field(default=())
    independent: bool = False
    colour: bool = False

    def __len__(self) -> int:
        return len(self.paths)

    def path(self, row: int) -> Path:
        """Give the file of a frame."""
        return self.paths[row]

    def take(self, rows: NDArray[np.intp]) -> Samples:
        """Select samples by row number."""
        paths = FramePaths(self.paths.packed[rows])
        return replace(self, table=self.table.take(rows), paths=paths, keys=self.keys[rows])

    def prepare(self, rows: Iterable[int], shape: tuple[int, int]) -> None:
        """Do nothing: a file is read in less time than it takes to ask for it."""

    def read(self, row: int, shape: tuple[int, int]) -> Sample:
        """Read a frame and its mask, and rebin both to `shape`.

        Parameters
        ----------
        row : int
            Row of the sample, from 0.
        shape : (int, int)
            Rows and columns [pixels].

        Returns
        -------
        Sample
            The area mean of the frame, and the majority of the mask's area, 2 (ignore) also where
            the frame is blank.

        Raises
        ------
        FileError
            If the frame or its mask is missing, damaged or blank.
        """
        path, key = self.paths[row], os.fsdecode(self.keys[row])
        mask: NDArray[np.uint8] | None
        if (
            self.store is None and Path(key) == path and not self.colour
        ):  # a mask file holds its frame: open it once
            both = read_mask(path)
            return Sample(*rebin_sample(path, both.frame, both.mask, shape))
        if not key:
            mask = None
        else:
            mask = self.store.read(key) if self.store else read_mask(Path(key)).mask
        frame = read_colour(path)[0] if self.colour else read_frame(path).data
        return Sample(*rebin_sample(path, frame, mask, shape))
