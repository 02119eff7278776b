"""Pair the images of a published cloud set with their truths."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from napari_iris.errors import FileError
from napari_iris.frames.paths import natural_key
from napari_iris.importers.class_pairs import class_pairs
from napari_iris.importers.fits_pairs import fits_pairs
from napari_iris.importers.folders import (
    PICTURES,
    SetError,
    by_name,
    find_root,
    named_in,
    pictures_in,
)
from napari_iris.importers.image_pair import ImagePair, Layout

if TYPE_CHECKING:
    from pathlib import Path

_LOSSY = (".jpg", ".jpeg")
_TRUTH_ENDING = re.compile(r"[ _-][23]?gt$", re.IGNORECASE)


@dataclass(frozen=True)
class _Folders:
    """Names of a set's folders, and whether its masks are lossy.

    Where several folders have a truth for the same image, the first one is used.
    """

    images: tuple[str, ...]
    truths: tuple[str, ...]
    lossy: bool | None = None
    bare: bool = False  # pictures without a file ending


_FOLDERS: dict[Layout, _Folders] = {
    "swimseg": _Folders(("images",), ("GTmaps", "GT", "masks"), lossy=False),
    "swinseg": _Folders(("images",), ("GTmaps", "GT", "masks"), lossy=True),
    "hyta": _Folders(("images",), ("2GT", "3GT")),
    "wsiseg": _Folders(("images", "whole sky images"), ("annotation", "annotations"), bare=True),
}


def find_pairs(source: Path, layout: Layout) -> tuple[list[ImagePair], list[FileError]]:
    """Pair the images of a published set with their truths, by name.

    ==========  ====================================================================
    swimseg     ``images/0001.png`` with ``GTmaps/0001_GT.png``
    swinseg     ``images/001.jpg`` with ``GTmaps/001_GT.jpg``
    hyta        ``images/B1.jpg`` with ``2GT/B1_GT.jpg``, else ``3GT/B1_3GT.png``
    wsiseg      ``images/`` or ``whole sky images/ASC100-1006_001`` with the same name
                in ``annotation/``; both PNG without a file ending
    swimcat     ``A-sky/images/A_1img.png`` is clear, ``B-...`` to ``E-...`` cloudy
    iris        FITS files with the frame in HDU 0 and its mask in HDU 1
    ==========  ====================================================================

    Case, spaces and dashes in folder names are ignored, and the set may be one or two folders
    below `source`. Files that are not pictures are ignored.

    Parameters
    ----------
    source : Path
        The set's folder, or one around it.
    layout : Layout
        Which set it is.

    Returns
    -------
    pairs : list of ImagePair
        In natural order of their names: ``B2`` before ``B10``.
    problems : list of FileError
        One for each image without truth, truth without image, and second file of a name.

    Raises
    ------
    SetError
        If the folder does not exist or does not hold that set.
    """
    problems: list[FileError] = []
    if layout == "iris":
        pairs = fits_pairs(source, problems)
    elif layout == "swimcat":
        pairs = class_pairs(source, problems)
    else:
        pairs = _pairs_in_folders(source, layout, problems)
    return sorted(pairs, key=lambda pair: natural_key(os.fsencode(pair.name))), problems


def _pairs_in_folders(source: Path, layout: Layout, problems: list[FileError]) -> list[ImagePair]:
    """Pair the files of an images folder with those of one or more folders of truths."""
    known = _FOLDERS[layout]
    missing = f"no folders {known.images[0]}/ and {known.truths[0]}/, the {layout} layout"
    root = find_root(
        source,
        lambda root: bool(named_in(root, known.images) and named_in(root, known.truths)),
        missing,
    )
    pictures = pictures_in(named_in(root, known.images)[0], bare=known.bare)
    images = by_name(pictures, _pair_name, problems)
    truths: dict[str, Path] = {}
    for folder in named_in(root, known.truths):
        found = by_name(pictures_in(folder, bare=known.bare), _pair_name, problems)
        problems += [
            _unpaired(truth, "image") for name, truth in found.items() if name not in images
        ]
        truths = found | truths
    _refuse_another_set(root, layout, images, truths)
    problems += [_unpaired(image, "truth") for name, image in images.items() if name not in truths]
    both = (name for name in images if name in truths)
    return [ImagePair(_pair_name(images[name]), images[name], truths[name], None) for name in both]


def _refuse_another_set(
    root: Path, layout: Layout, images: dict[str, Path], truths: dict[str, Path]
) -> None:
    """Refuse a folder where no image has a truth, or with the masks of a similar set."""
    if not images.keys() & truths.keys():
        counts = f"{len(images)} images and {len(truths)} truths"
        reason = f"holds {counts} without a common name"
        raise SetError(root, reason, f"give the {layout} set as it was published")
    lossy = {truth.suffix.lower() in _LOSSY for truth in truths.values()}
    if lossy == {not _FOLDERS[layout].lossy} and _FOLDERS[layout].lossy is not None:
        kind, other = ("PNG", "swinseg") if layout == "swimseg" else ("JPG", "swimseg")
        raise SetError(root, f"is not {layout}, whose masks are {kind}", f"is it {other}?")


def _unpaired(path: Path, missing: Literal["image", "truth"]) -> FileError:
    return FileError(path, f"has no {missing} of the same name", f"add its {missing}, or remove it")


def _pair_name(path: Path) -> str:
    """Part of its name that an image has in common with its truth."""
    stem = path.stem if path.suffix.lower() in PICTURES else path.name
    return _TRUTH_ENDING.sub("", stem)
