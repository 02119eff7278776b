"""The published cloud sets as they are downloaded: which image belongs to which truth."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from napari_iris.errors import FileError
from napari_iris.frames.names import frame_stem, is_fits_name
from napari_iris.frames.paths import natural_key
from napari_iris.importers.folders import (
    PICTURES,
    SetError,
    by_name,
    files_in,
    find_root,
    named_in,
    pictures_in,
    subfolders,
)

if TYPE_CHECKING:
    from pathlib import Path

Layout = Literal["swimseg", "swinseg", "hyta", "wsiseg", "swimcat", "iris"]

_LOSSY = (".jpg", ".jpeg")
_TRUTH_ENDING = re.compile(r"[ _-][23]?gt$", re.IGNORECASE)
_CLASS = re.compile(r"([a-e])(sky|pattern|thickdark|thickwhite|veil)?")


@dataclass(frozen=True)
class Pair:
    """One image of a set and what is known of its clouds.

    Attributes
    ----------
    name : str
        Unique in its set, and fit for the stem of a file.
    image : Path
        The image; in the iris layout a FITS file, which is its truth as well.
    truth : Path or None
        The mask; None in a set of classes.
    sky : {"clear", "cloudy"} or None
        The class; None where the mask tells.
    """

    name: str
    image: Path
    truth: Path | None
    sky: Literal["clear", "cloudy"] | None


@dataclass(frozen=True)
class _Folders:
    """How a set calls its folders, and whether its masks are lossy.

    Of several folders of truths that hold one for the same image, the first counts.
    """

    images: tuple[str, ...]
    truths: tuple[str, ...]
    lossy: bool | None = None
    bare: bool = False  # files without an ending are pictures


_FOLDERS: dict[Layout, _Folders] = {
    "swimseg": _Folders(("images",), ("GTmaps", "GT", "masks"), lossy=False),
    "swinseg": _Folders(("images",), ("GTmaps", "GT", "masks"), lossy=True),
    "hyta": _Folders(("images",), ("2GT", "3GT")),
    "wsiseg": _Folders(("images", "whole sky images"), ("annotation", "annotations"), bare=True),
}


def find_pairs(source: Path, layout: Layout) -> tuple[list[Pair], list[FileError]]:
    """Pair the images of a published set with their truths, by name.

    ==========  ====================================================================
    swimseg     ``images/0001.png`` with ``GTmaps/0001_GT.png``
    swinseg     ``images/001.jpg`` with ``GTmaps/001_GT.jpg``
    hyta        ``images/B1.jpg`` with ``2GT/B1_GT.jpg``, else ``3GT/B1_3GT.png``
    wsiseg      ``images/`` or ``whole sky images/ASC100-1006_001`` with its namesake
                in ``annotation/``; both PNG without a file ending
    swimcat     ``A-sky/images/A_1img.png`` is clear, ``B-...`` to ``E-...`` cloudy
    iris        FITS files with the frame in HDU 0 and its mask in HDU 1
    ==========  ====================================================================

    Upper and lower case, spaces and dashes in folder names do not matter, nor does a folder or
    two around the set. Files that are no pictures are left alone.

    Parameters
    ----------
    source : Path
        The set's folder, or one around it.
    layout : Layout
        Which set it is.

    Returns
    -------
    pairs : list of Pair
        In natural order of their names: ``B2`` before ``B10``.
    problems : list of FileError
        One for each image without truth, each truth without image, each second file of a name.

    Raises
    ------
    SetError
        If the folder is not there or does not hold that set.
    """
    problems: list[FileError] = []
    if layout == "iris":
        pairs = _pairs_in_fits(source, problems)
    elif layout == "swimcat":
        pairs = _pairs_in_classes(source, problems)
    else:
        pairs = _pairs_in_folders(source, layout, problems)
    return sorted(pairs, key=lambda pair: natural_key(os.fsencode(pair.name))), problems


def _pairs_in_folders(source: Path, layout: Layout, problems: list[FileError]) -> list[Pair]:
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
        problems += [_alone(truth, "image") for name, truth in found.items() if name not in images]
        truths = found | truths
    _refuse_another_set(root, layout, images, truths)
    problems += [_alone(image, "truth") for name, image in images.items() if name not in truths]
    both = (name for name in images if name in truths)
    return [Pair(_pair_name(images[name]), images[name], truths[name], None) for name in both]


def _refuse_another_set(
    root: Path, layout: Layout, images: dict[str, Path], truths: dict[str, Path]
) -> None:
    """Refuse a folder where no image has a truth, or that holds the sister set's masks."""
    if not images.keys() & truths.keys():
        counts = f"{len(images)} images and {len(truths)} truths"
        reason = f"holds {counts}, and none has the name of another"
        raise SetError(root, reason, f"give the {layout} set as it was published")
    lossy = {truth.suffix.lower() in _LOSSY for truth in truths.values()}
    if lossy == {not _FOLDERS[layout].lossy} and _FOLDERS[layout].lossy is not None:
        kind, other = ("PNG", "swinseg") if layout == "swimseg" else ("JPG", "swimseg")
        raise SetError(root, f"is not {layout}, whose masks are {kind}", f"is it {other}?")


def _pairs_in_classes(source: Path, problems: list[FileError]) -> list[Pair]:
    """List the patches of the class folders, A-sky to E-veil."""

    def patches(root: Path) -> dict[Path, str]:
        folders = {name: path for name, path in subfolders(root).items() if _CLASS.fullmatch(name)}
        return {file: name[0].upper() for name in folders for file in _patches(folders[name])}

    missing = "no folders A-sky to E-veil with pictures, the swimcat layout"
    letters = patches(find_root(source, lambda root: bool(patches(root)), missing))
    found = by_name(letters, lambda path: _patch_name(path, letters[path]), problems)
    return [
        Pair(_patch_name(path, letter), path, None, "clear" if letter == "A" else "cloudy")
        for path, letter in letters.items()
        if path in found.values()
    ]


def _patches(folder: Path) -> list[Path]:
    return pictures_in(subfolders(folder).get("images", folder))


def _patch_name(path: Path, letter: str) -> str:
    """Name of a patch, which starts with its class in any case."""
    return path.stem if path.stem.upper().startswith(f"{letter}_") else f"{letter}_{path.stem}"


def _pairs_in_fits(source: Path, problems: list[FileError]) -> list[Pair]:
    """List the FITS files that hold a mask beside their frame.

    A frame without one is no problem where its mask file lies beside it.
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
    return [Pair(_frame_name(path), path, path, None) for path in found.values()]


def _fits_files(folder: Path) -> list[Path]:
    return [path for path in files_in(folder) if is_fits_name(path.name)]


def _frame_name(path: Path) -> str:
    return frame_stem(path).removesuffix("_mask")


def _holds_mask(path: Path) -> bool:
    """Whether HDU 1 is a mask: named so, or nameless and of the frame's shape.

    The published files have no name in their headers; a prediction is named PROB.
    """
    from astropy.io import fits

    try:
        with fits.open(path, memmap=False) as units:
            if "MASK" in units:
                return True
            header, shapes = units[1].header, [units[number].shape for number in (0, 1)]
    except Exception:  # astropy raises a dozen types on damaged bytes: no mask in any case
        return False
    named = header.get("EXTNAME", "") or header.get("IMGTYPE", "")
    return named in ("", "GROUND-TRUTH") and len(shapes[0]) >= 2 and shapes[0] == shapes[1]


def _alone(path: Path, missing: Literal["image", "truth"]) -> FileError:
    return FileError(path, f"has no {missing} of its name", f"add its {missing}, or remove it")


def _pair_name(path: Path) -> str:
    """Give what an image and its truth have in common in their names."""
    stem = path.stem if path.suffix.lower() in PICTURES else path.name
    return _TRUTH_ENDING.sub("", stem)
