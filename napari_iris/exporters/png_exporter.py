"""Export a frame and its mask as PNG pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, MaskError
from napari_iris.exporters.existing_files import human_mask_error, read_errors, tags_of_mask
from napari_iris.exporters.frame_label import WrittenFiles
from napari_iris.frames.contrast import percentile_limits
from napari_iris.io.atomic import atomic_open
from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.exporters.frame_label import FrameLabel, LabelledFrame
    from napari_iris.project.project import Project

GREYS = np.array([0, 255, 127], np.uint8)
"""Grey values of sky, cloud and ignore in a PNG mask."""

SOFTWARE = "napari-iris"
"""Text ``Software`` of the PNG files written here."""


def write_png_label(project: Project, found: LabelledFrame, stem: Path) -> WrittenFiles:
    """Write ``<stem>.png``, a picture of the frame, and ``<stem>_mask.png`` of the same shape.

    Parameters
    ----------
    project : Project
        The project.
    found : LabelledFrame
        The frame and its mask.
    stem : Path
        The files to write, without what their names end with.

    Returns
    -------
    WrittenFiles
        The files.

    Raises
    ------
    FileError
        If they cannot be written, or something else is in their place.
    """
    image, target = (stem.with_name(f"{stem.name}{end}") for end in (".png", "_mask.png"))
    _check_replaceable(project, target, found.label, found.mask)
    write_image(image, found.binned)
    _write_png(target, GREYS[found.mask])
    return WrittenFiles(mask=target.name, image=image.name, files=(image, target))


def _check_replaceable(
    project: Project, path: Path, label: FrameLabel, mask: NDArray[np.uint8]
) -> None:
    """Refuse to replace a mask that the project does not have, or a human by a machine mask."""
    with read_errors(path):
        if not path.exists():
            return
    found = _read_mask(path)
    if found is None:
        raise MaskError(path, "exists and is not a mask of napari-iris", "choose another --out")
    if np.array_equal(found, mask):
        return
    tags = tags_of_mask(project, label.frame, found)
    if not tags or ("human" in tags and not label.is_human):
        raise human_mask_error(path)


def write_image(path: Path, frame: NDArray[np.float32]) -> None:
    """Write a frame as a PNG picture, unless a picture from elsewhere is there.

    Parameters
    ----------
    path : Path
        File to write.
    frame : ndarray of float32, shape (rows, columns)
        In any unit; NaN where blank.

    Raises
    ------
    FileError
        If a picture from elsewhere is there, or the file cannot be written.
    """
    with read_errors(path):
        if path.exists() and not _is_ours(path):
            fix = "choose another --out"
            raise FileError(path, "exists and was not written by napari-iris", fix)
    _write_png(path, stretch(frame))


def stretch(frame: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Stretch a frame linearly between two of its percentiles.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        In any unit; NaN where blank.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        Grey values, 0 to 255; 0 where blank.
    """
    values = frame.astype(np.float64)
    low, high = percentile_limits(values)
    scaled = (values - low) / (high - low)
    greys: NDArray[np.uint8] = np.rint(np.nan_to_num(scaled).clip(0, 1) * 255).astype(np.uint8)
    return greys


def _is_ours(path: Path) -> bool:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return bool(picture.info.get("Software") == SOFTWARE)
    except Exception:  # Pillow raises a dozen types on damaged bytes: not ours in any case
        return False


def _read_mask(path: Path) -> NDArray[np.uint8] | None:
    """Read a PNG mask; None where it has other values than ours."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            greys = np.asarray(picture)
    except Exception:  # Pillow raises a dozen types on damaged bytes: no mask in any case
        return None
    if greys.ndim != 2 or not np.isin(greys, GREYS).all():
        return None
    values = np.select([greys == GREYS[CLOUD], greys == GREYS[IGNORE]], [CLOUD, IGNORE], SKY)
    return values.astype(np.uint8)


def _write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write grey values, losslessly."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Software", SOFTWARE)
    with atomic_open(path) as file:
        Image.fromarray(pixels).save(file, "PNG", pnginfo=text)
