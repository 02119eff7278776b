"""FITS files with a frame, its mask, and possibly a probability: the iris layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.frames.names import frame_stem, is_fits_name
from napari_iris.importers.folders import by_name, files_in, find_root
from napari_iris.importers.image_pair import ImagePair
from napari_iris.io.fits_reader import open_fits

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def fits_pairs(source: Path, problems: list[FileError]) -> list[ImagePair]:
    """List the FITS files that hold a frame and its mask.

    Parameters
    ----------
    source : Path
        The folder, or one around it.
    problems : list of FileError
        Extended by one for each frame without a mask, unless its mask file is in the folder too,
        and each second file of a name.

    Returns
    -------
    list of ImagePair
        Each with one file as image and truth.

    Raises
    ------
    SetError
        If `source` does not hold such files.
    """
    missing = "no FITS file with a mask in HDU 1, the iris layout"
    root = find_root(source, lambda root: any(map(_holds_mask, _fits_files(root))), missing)
    masked = {path: _holds_mask(path) for path in _fits_files(root)}
    found = by_name((path for path in masked if masked[path]), _frame_name, problems)
    problems += [
        FileError(path, "holds no mask in HDU 1", "add its mask, or remove it")
        for path in masked
        if not masked[path] and _frame_name(path).casefold() not in found
    ]
    return [ImagePair(_frame_name(path), path, path, None) for path in found.values()]


def published_probability(path: Path) -> NDArray[np.float32] | None:
    """Read the cloud probability in HDU 2 of a published FITS file.

    Parameters
    ----------
    path : Path
        A file of the iris layout.

    Returns
    -------
    ndarray of float32, shape (rows, columns), or None
        Probability of cloud, 0 to 1; None where the file has none.

    Raises
    ------
    FileError
        If the file cannot be read, or HDU 2 is not a probability for each pixel.
    """
    try:
        with open_fits(path) as units:
            has_any = len(units) > 2 and units[2].is_image and units[2].name in ("", "PROB")
            if not has_any or units[2].data is None:
                return None
            frame, found = units[0].shape, np.asarray(units[2].data)
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        raise FileError(path, f"cannot be read ({error})", "copy it again") from error
    probability = found.squeeze().astype(np.float32)
    fits_frame = found.shape == frame and probability.ndim == 2
    if not fits_frame or not np.all((probability >= 0) & (probability <= 1)):
        raise FileError(
            path,
            f"HDU 2 {found.shape} is not a probability for each pixel of the frame {frame}",
            "remove HDU 2, or copy the file again",
        )
    return probability


def _fits_files(folder: Path) -> list[Path]:
    return [path for path in files_in(folder) if is_fits_name(path.name)]


def _frame_name(path: Path) -> str:
    return frame_stem(path).removesuffix("_mask")


def _holds_mask(path: Path) -> bool:
    """Whether HDU 1 is a mask: by its name, or without a name by the frame's shape.

    The published files have no names in their headers; a prediction is named PROB.
    """
    try:
        with open_fits(path) as units:
            if "MASK" in units:
                return True
            header, shapes = units[1].header, [units[number].shape for number in (0, 1)]
            named = header.get("EXTNAME", "") or header.get("IMGTYPE", "")
    except Exception:  # astropy raises a dozen types on damaged bytes: no mask in any case
        return False
    return named in ("", "GROUND-TRUTH") and len(shapes[0]) >= 2 and shapes[0] == shapes[1]
