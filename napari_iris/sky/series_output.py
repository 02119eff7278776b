"""The files of a simulated series: frames and their truth, without loss of what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from napari_iris.errors import FileError, MaskError
from napari_iris.io.atomic import exists_as_file, make_folder
from napari_iris.io.fits_files import write_fits
from napari_iris.io.outputs import ELSEWHERE, Mark, check_output
from napari_iris.masks.mask_file import is_drawn_by_person, mask_path, write_mask

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.masks.mask_file import Cards

    Frame: TypeAlias = tuple[NDArray[np.generic], fits.Header]
    Truth: TypeAlias = tuple[NDArray[np.float32], NDArray[np.uint8], fits.Header, Cards]


@dataclass(frozen=True)
class SeriesOutput:
    """Where a series is written: ``OUT/frames/sim_*.fits`` and ``OUT/truth/sim_*_mask.fits``.

    Attributes
    ----------
    folder : Path
        The folder, made where missing.
    settings : str
        Identifier of all settings that a frame depends on.
    overwrite : bool
        Whether to replace frames of other settings, and truth that was changed since.
    """

    folder: Path
    settings: str
    overwrite: bool = False

    def write(self, index: int, frame: Frame, truth: Truth) -> Path | FileError:
        """Write a frame and its truth, unless one of the files must not be replaced.

        Parameters
        ----------
        index : int
            Number of the frame, from 0.
        frame : (ndarray, astropy.io.fits.Header)
            Its pixels and header.
        truth : tuple
            What `write_mask` writes.

        Returns
        -------
        Path or FileError
            The frame's file; or the error of the file in the way, and neither is written.

        Raises
        ------
        FileError
            If a file or folder cannot be written.
        """
        if index == 0:
            for name in ("frames", "truth"):
                make_folder(self.folder / name)
        path = self.folder / "frames" / f"sim_{index:06d}.fits"
        truth_path = mask_path(path, self.folder / "truth")
        mark = Mark("simulate", f"{self.settings}/{index}")
        try:
            self._check(truth_path, mark)
            self._check(path, mark)
        except FileError as error:
            return error
        write_mask(truth_path, *truth, mark=mark)
        write_fits(path, [frame], mark=mark)
        return path

    def _check(self, path: Path, mark: Mark) -> None:
        if exists_as_file(path) and is_drawn_by_person(path):
            raise MaskError(path, "is a human mask, which is never replaced", ELSEWHERE)
        check_output(path, mark, overwrite=self.overwrite)
