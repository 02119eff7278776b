"""Export a frame and its mask as PNG; what a person has there is not overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, MaskError
from napari_iris.exporters.guard import looking_at, persons_mask, tags_of
from napari_iris.exporters.label import Written, read_pair
from napari_iris.frames.contrast import PERCENTILES
from napari_iris.io.atomic import atomic_open
from napari_iris.labels import CLOUD, IGNORE, SKY

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.exporters.label import Label
    from napari_iris.project.project import Project

GREYS = np.array([0, 255, 127], np.uint8)
"""Grey value of sky, cloud and ignore in a PNG mask."""

SOFTWARE = "napari-iris"
"""Text ``Software`` of the PNG files made here."""


def save_png(project: Project, out: Path, name: str, label: Label) -> Written:
    """Write ``<name>.png``, the frame for the eye, and ``<name>_mask.png`` of the same shape.

    Raises
    ------
    FileError
        If the frame or its mask cannot be read, the files cannot be written, a mask is there that
        the project has not, or a picture that was not made here.
    """
    pair = read_pair(project, label)
    image, target = out / f"{name}.png", out / f"{name}_mask.png"
    _refuse_foreign_mask(project, target, label, pair.mask)
    write_image(image, pair.binned)
    _write_png(target, GREYS[pair.mask])
    return Written(mask=target.name, image=image.name, files=(image, target))


def write_image(path: Path, frame: NDArray[np.float32]) -> None:
    """Write a frame as a PNG picture for the eye, unless a picture not made here is there.

    Raises
    ------
    FileError
        If one is, or it cannot be written.
    """
    with looking_at(path):
        if path.exists() and not _is_made_here(path):
            raise FileError(path, "is there already and was not made here", "choose another --out")
    _write_png(path, stretch(frame))


def stretch(frame: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Stretch a frame linearly between two of its percentiles, to 0 to 255; blank pixels are 0.

    Parameters
    ----------
    frame : ndarray of float32, shape (rows, columns)
        In any unit; NaN where blank.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        Grey values.
    """
    seen = frame[np.isfinite(frame)].astype(np.float64)
    low, high = np.percentile(seen, PERCENTILES) if seen.size else (0.0, 1.0)
    scaled = (frame.astype(np.float64) - low) / (high - low if high > low else 1.0)
    greys: NDArray[np.uint8] = np.rint(np.nan_to_num(scaled).clip(0, 1) * 255).astype(np.uint8)
    return greys


def _is_made_here(path: Path) -> bool:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return bool(picture.info.get("Software") == SOFTWARE)
    except Exception:  # Pillow raises a dozen types on damaged bytes: not ours in any case
        return False


def _refuse_foreign_mask(
    project: Project, target: Path, label: Label, mask: NDArray[np.uint8]
) -> None:
    """Refuse to replace a mask that the project has not, or a person's by a program's."""
    with looking_at(target):
        if not target.exists():
            return
    found = _read_mask(target)
    if found is None:
        raise MaskError(target, "is there already and is no mask of ours", "choose another --out")
    if np.array_equal(found, mask):
        return
    tags = tags_of(project, label.frame, found)
    if not tags or ("human" in tags and not label.by_person):
        raise persons_mask(target)


def _read_mask(path: Path) -> NDArray[np.uint8] | None:
    """Read a PNG mask; None where it holds other values than ours do."""
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
