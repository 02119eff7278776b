"""Labelled frames: their files, their metadata, and how they are read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from napari_iris.dataset.mask_shape import rebin_sample
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.read import read_colour, read_frame
from napari_iris.frames.wcs import rebinned_header
from napari_iris.masks.mask_file import read_mask

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.dataset.clear_sky import SampleReferences
    from napari_iris.dataset.sample_table import SampleTable
    from napari_iris.errors import FileError
    from napari_iris.frames.site_mask import SiteMask
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
    references : SampleReferences or None
        Clear-sky references that the excess of the frames is taken from; None to read no excess.
    site : SiteMask or None
        Pixels that never show the sky: they are blank, and ignored in the masks.
    """

    table: SampleTable
    paths: FramePaths
    keys: NDArray[np.bytes_]
    store: MaskStore | None = None
    problems: tuple[FileError, ...] = field(default=())
    independent: bool = False
    colour: bool = False
    references: SampleReferences | None = None
    site: SiteMask | None = None

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
            the frame is blank; the excess, where there is a reference.

        Raises
        ------
        FileError
            If the frame or its mask is missing, damaged or blank.
        """
        path, key = self.paths[row], os.fsdecode(self.keys[row])
        mask: NDArray[np.uint8] | None
        if self.colour:
            mask = self._mask(key)
            frame, header = read_colour(path)
        elif self.store is None and Path(key) == path:  # a mask file holds its frame: open it once
            both = read_mask(path)
            frame, header, mask = both.frame, both.header, both.mask
        else:
            mask, found = self._mask(key), read_frame(path)
            frame, header = found.data, found.header
        if self.site is not None:
            frame = self.site.hide(frame)
        small, mask = rebin_sample(path, frame, mask, shape)
        if self.references is None:
            return Sample(small, mask)
        excess = self.references.excess(small, rebinned_header(header, frame.shape, shape))
        return Sample(small, mask, None if excess is None else excess.relative)

    def _mask(self, key: str) -> NDArray[np.uint8] | None:
        if not key:
            return None
        return self.store.read(key) if self.store else read_mask(Path(key)).mask
