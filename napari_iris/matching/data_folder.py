"""What a folder of labelled frames is, and which of its masks belongs to a frame."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from napari_iris.frames.names import PRODUCTS, frame_stem, is_fits_name
from napari_iris.io.packs import find_file, find_packed
from napari_iris.masks.mask_file import mask_path
from napari_iris.project.folder import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

DataKind = Literal["project", "simulation", "masks"]

FRAMES, TRUTH = "frames", "truth"
"""Folders that ``napari-iris simulate`` writes: the frames, and their exact masks."""


def data_kind(folder: Path) -> DataKind | None:
    """Classify a folder of labelled frames; no file is read.

    Parameters
    ----------
    folder : Path
        What was given as DATA or TRUTH.

    Returns
    -------
    {'project', 'simulation', 'masks'} or None
        A curation project; a folder with ``frames/`` and ``truth/``; any other folder, which may
        hold mask files (see `mask_names`); None where it is not a folder.
    """
    if (folder / DATABASE).is_file():
        return "project"
    if not folder.is_dir():
        return None
    has_both = (folder / FRAMES).is_dir() and (folder / TRUTH).is_dir()
    return "simulation" if has_both else "masks"


def mask_names(folder: Path) -> list[str]:
    """List the mask files directly in a folder: those named so, else all other FITS files.

    Parameters
    ----------
    folder : Path
        A folder of masks.

    Returns
    -------
    list of str
        File names of ``*_mask.fits``, also in packs. Without any, of all FITS files that are not
        predictions, as published frames carry their mask in HDU 1. In no particular order.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if is_fits_name(entry.name)]
    stems = {name: frame_stem(name) for name in names if name[0] != "."}
    masks = [name for name, stem in stems.items() if stem.endswith("_mask")]
    masks += find_packed(folder, names, "_mask.fits")
    return masks or [name for name, stem in stems.items() if not stem.endswith(PRODUCTS)]


def mask_of_frame(frame: Path, folder: Path) -> Path | None:
    """Find the mask file of a frame in a folder.

    Parameters
    ----------
    frame : Path
        The frame's file.
    folder : Path
        A folder of masks, or one with ``truth/``.

    Returns
    -------
    Path or None
        ``<stem>_mask.fits`` in ``truth/`` or in the folder itself, else the file in the folder with
        the frame's own name, which may carry its mask in HDU 1; None where there is neither.
    """
    truth = folder / TRUTH
    masks, same = truth if truth.is_dir() else folder, folder / frame.name
    found = find_file(masks, mask_path(frame, masks).name)
    return found or (same if same.is_file() else None)


def folder_of_truth(frame: Path) -> Path | None:
    """Find the folder with ``frames/`` and ``truth/`` that a simulated frame is in.

    Parameters
    ----------
    frame : Path
        A frame's file.

    Returns
    -------
    Path or None
        None where there is no such folder.
    """
    folder = frame.parent.parent
    inside = frame.parent.name == FRAMES and (folder / TRUTH).is_dir()
    return folder if inside else None
