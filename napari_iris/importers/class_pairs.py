"""Sets of image patches with a class each (SWIMCAT)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_iris.importers.folders import by_name, find_root, pictures_in, subfolders
from napari_iris.importers.image_pair import ImagePair

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.errors import FileError

_CLASS = re.compile(r"([a-e])(sky|pattern|thickdark|thickwhite|veil)?")
"""Name of a class folder, without case and dashes."""


def class_pairs(source: Path, problems: list[FileError]) -> list[ImagePair]:
    """List the images of a set of classes: of the folders A-sky to E-veil.

    Parameters
    ----------
    source : Path
        The set's folder, or one around it.
    problems : list of FileError
        Extended by one for each second file of a name.

    Returns
    -------
    list of ImagePair
        Without truths; A-sky is clear, the others cloudy.

    Raises
    ------
    SetError
        If `source` does not hold such a set.
    """

    def patches(root: Path) -> dict[Path, str]:
        folders = {name: path for name, path in subfolders(root).items() if _CLASS.fullmatch(name)}
        return {file: name[0].upper() for name in folders for file in _patches(folders[name])}

    missing = "no folders A-sky to E-veil with pictures, the swimcat layout"
    letters = patches(find_root(source, lambda root: bool(patches(root)), missing))
    found = by_name(letters, lambda path: _patch_name(path, letters[path]), problems)
    return [
        ImagePair(_patch_name(path, letter), path, None, "clear" if letter == "A" else "cloudy")
        for path, letter in letters.items()
        if path in found.values()
    ]


def _patches(folder: Path) -> list[Path]:
    return pictures_in(subfolders(folder).get("images", folder))


def _patch_name(path: Path, letter: str) -> str:
    """Name of a patch, with the letter of its class in front."""
    return path.stem if path.stem.upper().startswith(f"{letter}_") else f"{letter}_{path.stem}"
