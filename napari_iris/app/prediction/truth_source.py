"""The reference mask of a frame: from a project, or from a file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.dataset.find_project import TAGS_OF
from napari_iris.dataset.mask_shape import rebin_mask
from napari_iris.errors import MaskError
from napari_iris.frames.names import is_fits_name
from napari_iris.io.packs import find_file
from napari_iris.masks.mask_file import is_mask_file, mask_path, read_mask
from napari_iris.matching.data_folder import TRUTH, data_kind, folder_of_truth, mask_of_frame
from napari_iris.project.folder import MASKS
from napari_iris.project.mask_store import MaskStore
from napari_iris.project.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.labels import MaskChoice


@dataclass(frozen=True)
class TruthSource:
    """Reference masks; each is read again every time, as a user may be editing it.

    Attributes
    ----------
    folder : Path
        A project, a folder of mask files, or one with ``frames/`` and ``truth/``.
    masks : {'approved', 'best', 'auto', 'model'}
        Which masks of a project; 'approved' are human masks, approved or not yet.
    """

    folder: Path
    masks: MaskChoice = "approved"

    @property
    def is_project(self) -> bool:
        """Whether the folder is a project."""
        return data_kind(self.folder) == "project"

    @property
    def has_masks(self) -> bool:
        """Whether the folder may hold masks: no file is read, and few names."""
        if self.is_project:
            return True
        for folder in (self.folder / TRUTH, self.folder):
            with suppress(OSError):
                if any(is_fits_name(entry.name) for entry in folder.iterdir()):
                    return True
        return False

    def mask(self, frame: Path, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Read the mask of a frame, in any thread.

        Parameters
        ----------
        frame : Path
            The frame's file.
        shape : (int, int)
            Rows and columns wanted.

        Returns
        -------
        ndarray of uint8, shape `shape`, or None
            0 sky, 1 cloud, 2 ignore, by majority; None if the frame has no mask.

        Raises
        ------
        IrisError
            If it cannot be read or brought to the shape.
        """
        found = self._of_project(frame) if self.is_project else self._of_folder(frame)
        return None if found is None else rebin_mask(found, shape)

    def _of_project(self, frame: Path) -> NDArray[np.uint8] | None:
        with Repository(self.folder, read_only=True) as repository:
            name = repository.active_mask_name(frame, TAGS_OF[self.masks])
        return None if name is None else MaskStore(self.folder / MASKS).read(name)

    def _of_folder(self, frame: Path) -> NDArray[np.uint8] | None:
        path = mask_of_frame(frame, self.folder)
        if path is None:
            return None
        mask = read_mask(path).mask
        if mask.ndim != 2:
            raise MaskError(path, f"its mask has shape {mask.shape}", "create it again")
        return mask


def find_truth(frames: Sequence[Path], masks: Path) -> Path | None:
    """Find the reference masks that belong to some frames.

    Parameters
    ----------
    frames : sequence of Path
        The first frames of a sequence.
    masks : Path
        Where the Mask dock puts the masks of the sequence.

    Returns
    -------
    Path or None
        Folder of the simulation that the frames are of; `masks`; the frames' own folder, where
        they carry their masks in HDU 1; None if there are no masks.
    """
    first = frames[0]
    simulation = folder_of_truth(first)
    if simulation is not None:
        return simulation
    if any(find_file(masks, mask_path(frame, masks).name) for frame in frames):
        return masks
    return first.parent if is_mask_file(first) else None
