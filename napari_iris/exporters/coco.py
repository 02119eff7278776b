"""``annotations.json`` in the COCO format: run lengths of cloud, and of what to ignore."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from napari_iris import __version__
from napari_iris.exporters.existing_files import refuse_foreign
from napari_iris.io.atomic import atomic_open
from napari_iris.labels import CLOUD, IGNORE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

ANNOTATIONS = "annotations.json"

CATEGORIES = (
    {"id": 1, "name": "cloud", "supercategory": "sky"},
    {"id": 2, "name": "ignore", "supercategory": "sky"},
)

_HEAD = b'{"info":{"description":"Cloud labels of napari-iris"'


def run_lengths(selected: NDArray[np.bool_]) -> list[int]:
    """Encode selected pixels as alternating run lengths, down each column.

    This is the uncompressed run-length encoding of COCO (Lin et al. 2014; ``counts`` of its mask
    format): the first run is of unselected pixels, and may have the length 0.

    Parameters
    ----------
    selected : ndarray of bool, shape (rows, columns)
        The pixels to encode.

    Returns
    -------
    list of int
        Lengths in pixels, which add up to all pixels.
    """
    pixels = selected.ravel(order="F")
    turns = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    counts: list[int] = np.diff(turns, prepend=0, append=pixels.size).tolist()
    return [0, *counts] if pixels[0] else counts


def bounding_box(selected: NDArray[np.bool_]) -> list[int]:
    """Find the smallest box around the selected pixels.

    Parameters
    ----------
    selected : ndarray of bool, shape (rows, columns)
        The pixels; at least one is selected.

    Returns
    -------
    list of int
        Left, top, width, height [pixels].
    """
    rows, columns = np.flatnonzero(selected.any(axis=1)), np.flatnonzero(selected.any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    return [left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1]


class CocoFile:
    """The images and annotations of one file, written as they come.

    Parameters
    ----------
    annotations, images : binary files
        Where the annotations are written, and a temporary file for the images.
    """

    def __init__(self, annotations: IO[bytes], images: IO[bytes]) -> None:
        self._annotations = annotations
        self._images = images
        self._image_count = 0
        self._annotation_count = 0

    def add(self, image: int, name: str, date: str, mask: NDArray[np.uint8]) -> None:
        """Add an image and its mask.

        Parameters
        ----------
        image : int
            Its number.
        name : str
            Its file, relative to the annotations.
        date : str
            Observation time, ISO 8601; empty where unknown.
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        """
        height, width = mask.shape
        entry = {"id": image, "file_name": name, "height": height, "width": width}
        self._image_count += 1
        entry |= {"date_captured": date} if date else {}
        _append(self._images, entry, first=self._image_count == 1)
        for category, value in ((1, CLOUD), (2, IGNORE)):
            selected = mask == value
            if selected.any():
                self._annotate(image, category, selected)

    def _annotate(self, image: int, category: int, selected: NDArray[np.bool_]) -> None:
        self._annotation_count += 1
        annotation = {
            "id": self._annotation_count,
            "image_id": image,
            "category_id": category,
            "iscrowd": int(category == 2),
            "area": int(np.count_nonzero(selected)),
            "bbox": bounding_box(selected),
            "segmentation": {"size": list(selected.shape), "counts": run_lengths(selected)},
        }
        _append(self._annotations, annotation, first=self._annotation_count == 1)


@contextmanager
def open_coco(path: Path) -> Iterator[CocoFile]:
    """Write a new file, which replaces an older one when the block ends without an error.

    Parameters
    ----------
    path : Path
        File to write.

    Yields
    ------
    CocoFile
        Where to add the images.

    Raises
    ------
    FileError
        If a file of another kind has its name, or it cannot be written.
    """
    refuse_foreign(path, _HEAD)
    with atomic_open(path) as file, TemporaryFile(dir=path.parent) as images:
        file.write(_HEAD + f',"version":"{__version__}"}},\n'.encode())
        file.write(b'"categories":' + _json(CATEGORIES) + b',\n"annotations":[\n')
        yield CocoFile(file, images)
        file.write(b'\n],\n"images":[\n')
        images.seek(0)
        shutil.copyfileobj(images, file)
        file.write(b"\n]}\n")


def _append(file: IO[bytes], entry: dict[str, Any], *, first: bool) -> None:
    """Append an entry to a JSON list."""
    file.write((b"" if first else b",\n") + _json(entry))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
