"""Labelled frames: where they lie, what is known of them, and how one is read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from napari_iris.dataset.mask_shape import fit
from napari_iris.frames.names import frame_stem
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.read import read_frame
from napari_iris.labels import FRAME_CLASSES, FrameClass
from napari_iris.masks.mask_file import read_mask
from napari_iris.project.frame_table import UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.dataset.facts import Facts
    from napari_iris.errors import FileError
    from napari_iris.project.mask_store import MaskStore

Pair = tuple["NDArray[np.float32]", "NDArray[np.uint8] | None"]
"""A frame, in its own unit and NaN where blank, and its mask: 0 sky, 1 cloud, 2 ignore."""


@dataclass(frozen=True)
class Sample:
    """One labelled frame.

    Attributes
    ----------
    name : str
        Its stem.
    path : Path
        Its file.
    time : numpy.datetime64
        When it was taken, UTC; NaT where not known.
    sky : {'clear', 'cloudy', 'unsure'} or None
        Class that was said of it; None where its mask tells it.
    key : str
        Where its mask is found: name in the project's store, or file; empty for none.
    """

    name: str
    path: Path
    time: np.datetime64
    sky: FrameClass | None
    key: str


class Source(Protocol):
    """Where labelled frames come from: files, a project, the simulator."""

    @property
    def facts(self) -> Facts:
        """What is known of the samples without reading them."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int) -> Sample: ...

    def read(self, row: int, shape: tuple[int, int]) -> Pair:
        """Frame and mask of a sample at `shape`; in any thread."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Labelled frames of a project or folder, as columns: some 300 bytes a frame.

    Attributes
    ----------
    facts : Facts
        What is known of them.
    paths : FramePaths
        The frames' files.
    keys : ndarray of bytes, shape (samples,)
        Names of the masks in `store`, or their files without one; empty for no mask.
    store : MaskStore or None
        The project's masks.
    problems : tuple of FileError
        Frames and masks that cannot be used and are left out.
    independent : bool
        Whether each frame was simulated on its own: then those near in time are no neighbours.
    """

    facts: Facts
    paths: FramePaths
    keys: NDArray[np.bytes_]
    store: MaskStore | None = None
    problems: tuple[FileError, ...] = field(default=())
    independent: bool = False

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> Sample:
        path, code = self.paths[row], int(self.facts.sky[row])
        sky = None if code == UNKNOWN else FRAME_CLASSES[code]
        return Sample(
            frame_stem(path), path, self.facts.time[row], sky, os.fsdecode(self.keys[row])
        )

    def take(self, rows: NDArray[np.intp]) -> Samples:
        """Give some of the samples, by their numbers."""
        paths = FramePaths(self.paths.packed[rows])
        return replace(self, facts=self.facts.take(rows), paths=paths, keys=self.keys[rows])

    def read(self, row: int, shape: tuple[int, int]) -> Pair:
        """Read a frame and its mask, and bring both to `shape`.

        Parameters
        ----------
        row : int
            Number of the sample, from 0.
        shape : (int, int)
            Rows and columns wanted, in pixels.

        Returns
        -------
        frame : ndarray of float32, shape `shape`
            By area mean, in its own unit; NaN where blank.
        mask : ndarray of uint8, shape `shape`, or None
            By majority: 0 sky, 1 cloud, 2 ignore (also where the frame is blank).

        Raises
        ------
        FileError
            If the frame or its mask is gone, damaged or blank.
        """
        path, key = self.paths[row], os.fsdecode(self.keys[row])
        mask: NDArray[np.uint8] | None
        if self.store is None and Path(key) == path:
            both = read_mask(path)
            return fit(path, both.frame, both.mask, shape)
        if not key:
            mask = None
        else:
            mask = self.store.read(key) if self.store else read_mask(Path(key)).mask
        return fit(path, read_frame(path).data, mask, shape)
