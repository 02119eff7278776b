"""The labelled frames of a folder: how many there are, with which labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from napari_iris.errors import IrisError
from napari_iris.frames.names import frame_stem
from napari_iris.masks.mask_file import read_mask
from napari_iris.matching.data_folder import FRAMES, TRUTH, data_kind, mask_names
from napari_iris.numbers import format_count
from napari_iris.project.folder import DATABASE
from napari_iris.project.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SupplyKind = Literal["none", "project", "masks", "simulation"]

IN_PROJECT = (DATABASE, f"{DATABASE}-wal")
IN_FOLDER = ("", FRAMES, TRUTH)
"""Files of a project, and folders of another folder, that change when its labels do."""


@dataclass(frozen=True)
class Supply:
    """The labelled frames of a folder.

    Attributes
    ----------
    folder : Path or None
        The folder.
    kind : {'none', 'project', 'masks', 'simulation'}
        What the folder is.
    text : str
        Description with counts; or why there are no labelled frames.
    masks : mapping of str to int
        Labelled frames by the choice of ``--masks``; all alike if it is not a project.
    classes : int
        Frames that are known to be clear or cloudy, with a mask or without.
    frames, rejected, duplicates : int
        All frames of a project, those rejected, and those with the pixels of an earlier one.
    stamp : tuple of int
        Sizes and times of the files that were counted.
    """

    folder: Path | None
    kind: SupplyKind
    text: str
    masks: Mapping[str, int] = field(default_factory=dict)
    classes: int = 0
    frames: int = 0
    rejected: int = 0
    duplicates: int = 0
    stamp: tuple[int, ...] = ()


def read_supply(folder: Path, known: Supply | None = None) -> Supply:
    """Count the labelled frames of a folder, without reading them.

    Parameters
    ----------
    folder : Path
        A project, a folder of mask files, or one with ``frames/`` and ``truth/``.
    known : Supply, optional
        What was found before; returned if nothing has changed since.

    Returns
    -------
    Supply
        The labelled frames; of kind 'none', with the reason, where there are none.
    """
    stamp = _stamp(folder)
    if known is not None and known.folder == folder and known.stamp == stamp:
        return known
    try:
        supply = _count(folder)
    except IrisError as error:
        supply = Supply(folder, "none", str(error))
    except OSError as error:
        supply = Supply(folder, "none", f"{folder}: {error.strerror}")
    return replace(supply, stamp=stamp)


def _count(folder: Path) -> Supply:
    kind = data_kind(folder)
    if kind == "project":
        return _project(folder)
    if kind is None:
        return Supply(folder, "none", "This folder does not exist.")
    if kind == "simulation":
        count = sum(frame_stem(name).endswith("_mask") for name in mask_names(folder / TRUTH))
        text = f"{format_count(count, 'simulated frame')} with truth"
        return Supply(folder, "simulation", text, _same(count), count)
    names = mask_names(folder)
    if not names:
        return Supply(folder, "none", "This folder contains no masks.")
    read_mask(folder / names[0])  # frames without masks have the same names as frames with them
    count = len(names)
    text = f"{format_count(count, 'frame')} with masks"
    return Supply(folder, "masks", text, _same(count), count)


def _project(folder: Path) -> Supply:
    with Repository(folder, read_only=True) as repository:
        found = repository.label_counts()
    text = (
        f"{format_count(found.frames, 'frame')}: {found.approved:,} approved, "
        f"{found.auto:,} with automatic masks, {found.model:,} with model masks"
    )
    masks = {name: getattr(found, name) for name in ("approved", "best", "auto", "model")}
    counts = {name: getattr(found, name) for name in ("frames", "rejected", "duplicates")}
    return Supply(folder, "project", text, masks, found.classes, **counts)


def _same(count: int) -> dict[str, int]:
    return dict.fromkeys(("approved", "best", "auto", "model"), count)


def _stamp(folder: Path) -> tuple[int, ...]:
    """Sizes and times of what is counted; opening a database alone creates an empty log."""
    found: list[int] = []
    for name in IN_PROJECT if data_kind(folder) == "project" else IN_FOLDER:
        try:
            status = (folder / name).stat()
        except OSError:
            found += 0, 0
        else:
            found += status.st_size, status.st_mtime_ns if status.st_size else 0
    return tuple(found)
