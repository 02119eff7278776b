"""What a folder offers to learn from: how many frames have which labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from napari_iris.errors import IrisError
from napari_iris.frames.names import frame_stem
from napari_iris.masks.mask_file import read_mask
from napari_iris.matching.data_folder import FRAMES, TRUTH, data_kind, mask_names
from napari_iris.project.folder import DATABASE
from napari_iris.project.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

What = Literal["nothing", "project", "masks", "simulation"]
Stamp = tuple[int, ...]

IN_PROJECT = (DATABASE, f"{DATABASE}-wal")
IN_FOLDER = ("", FRAMES, TRUTH)
"""What changes in a project, or in another folder, when its labels do."""


@dataclass(frozen=True)
class Supply:
    """What there is to learn from.

    Attributes
    ----------
    folder : Path or None
        Where.
    what : str
        What the folder is.
    text : str
        The same in words, with the counts; or why it is nothing.
    masks : dict of str to int
        Frames by the choice of ``--masks``; the same for all but a project.
    classes : int
        Frames that are known to be clear or cloudy, whatever their masks.
    stamp : tuple of int
        When what is looked at had last changed.
    """

    folder: Path | None
    what: What
    text: str
    masks: Mapping[str, int] = field(default_factory=dict)
    classes: int = 0
    stamp: Stamp = ()


def look_at(folder: Path, known: Supply | None = None) -> Supply:
    """Look at what a folder offers; files are counted, and hardly any is read.

    Parameters
    ----------
    folder : Path
        A project, a folder of mask files, or one with ``frames/`` and ``truth/``.
    known : Supply, optional
        What was found before; given again where nothing has changed since.

    Returns
    -------
    Supply
        What there is.
    """
    stamp = _stamp(folder)
    if known is not None and known.folder == folder and known.stamp == stamp:
        return known
    try:
        what, text, masks, classes = _count(folder)
    except IrisError as error:
        what, text, masks, classes = "nothing", str(error), {}, 0
    except OSError as error:
        what, text, masks, classes = "nothing", f"{folder}: {error.strerror}", {}, 0
    return Supply(folder, what, text, masks, classes, stamp)


def _count(folder: Path) -> tuple[What, str, dict[str, int], int]:
    kind = data_kind(folder)
    if kind == "project":
        return _project(folder)
    if kind is None:
        return "nothing", "This folder does not exist.", {}, 0
    if kind == "simulation":
        count = sum(frame_stem(name).endswith("_mask") for name in mask_names(folder / TRUTH))
        return "simulation", f"{count:,} simulated frames with their truth", _alike(count), count
    names = mask_names(folder)
    if not names:
        return "nothing", "No mask is in this folder.", {}, 0
    read_mask(folder / names[0])  # frames without masks have the same names as frames with them
    count = len(names)
    return "masks", f"{count:,} frames with their masks", _alike(count), count


def _project(folder: Path) -> tuple[What, str, dict[str, int], int]:
    with Repository(folder, read_only=True) as repository:
        frames, approved, best, auto, model, classes = repository.label_counts()
    text = f"{frames:,} frames: {approved:,} approved, {auto:,} auto masks, {model:,} model masks"
    masks = {"approved": approved, "best": best, "auto": auto, "model": model}
    return "project", text, masks, classes


def _alike(count: int) -> dict[str, int]:
    return dict.fromkeys(("approved", "best", "auto", "model"), count)


def _stamp(folder: Path) -> Stamp:
    """When what is counted had last changed; an empty log is one that a mere look has made."""
    found: list[int] = []
    for name in IN_PROJECT if data_kind(folder) == "project" else IN_FOLDER:
        try:
            there = (folder / name).stat()
        except OSError:
            found += 0, 0
        else:
            found += there.st_size, there.st_mtime_ns if there.st_size else 0
    return tuple(found)
