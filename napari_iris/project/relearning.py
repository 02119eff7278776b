"""Learn the clear sky of a project's nights, and renew the masks that nobody has touched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, ReferenceFileError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.read import read_frame
from napari_iris.masks.config import MaskConfig
from napari_iris.project.archive import Archive
from napari_iris.project.auto_mask import MASK_CONFIG, auto_mask
from napari_iris.project.folder import MASKS
from napari_iris.project.frame_table import FrameTable, read_table
from napari_iris.project.indexing import split_known
from napari_iris.project.night_references import NightReferences, nights_of
from napari_iris.project.repository import Repository
from napari_iris.project.settings import read_setting
from napari_iris.project.site_mask import project_site_mask
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.project.records import MaskFacts, NewMask

    References = ReferenceSet | NightReferences | None


@dataclass(frozen=True)
class RenewedNight:
    """What a night looks like once its clear sky is learned again; nothing is changed yet.

    Attributes
    ----------
    night : str
        The night, as `nights_of` gives it.
    references : ReferenceSet
        What was learned.
    masks : dict of int to NewMask
        New automatic masks, by the numbers of their frames: those that differ from the present.
    failed : tuple of FileError
        Frames that could not be read.
    """

    night: str
    references: ReferenceSet
    masks: dict[int, NewMask]
    failed: tuple[FileError, ...]


@dataclass(frozen=True)
class EarlierNight:
    """What `apply_night` replaced, for `restore_night`.

    Attributes
    ----------
    night : str
        The night.
    references : ReferenceSet
        Its references before.
    masks : dict of int to (int, int)
        Numbers of the automatic masks before and now, by the numbers of their frames.
    """

    night: str
    references: ReferenceSet
    masks: dict[int, tuple[int, int]]


def learn_nights(
    folder: Path, paths: Iterable[Path], known: ReferenceSet | None = None
) -> NightReferences:
    """Learn the clear sky of the nights that some frames are of, before these are indexed.

    Parameters
    ----------
    folder : Path
        The project folder, with a database.
    paths : iterable of Path
        Frames that are to be indexed; a night of which none is to be read keeps its reference.
    known : ReferenceSet, optional
        References to keep for these nights, instead of learning them.

    Returns
    -------
    NightReferences
        The references of the project, on the disk.

    Raises
    ------
    ProjectError
        If the project cannot be read.
    FileError
        If a reference cannot be written.
    """
    with Repository(folder, read_only=True) as repository:
        references = NightReferences(folder)
        pending, _ = split_known(folder, paths, repository.frame_files(masked=True))
        if not pending:
            return references
        archive = Archive.of(FrameTable.load(repository), pending, site=project_site_mask(folder))
    for night in np.unique(archive.nights[archive.pending]).tolist():
        references.save(night, archive.learn(night) if known is None else known)
    return references


def learn_project(folder: Path) -> ReferenceSet:
    """Learn the clear sky of a project's cameras, from a sample of all its nights.

    Parameters
    ----------
    folder : Path
        The project folder.

    Returns
    -------
    ReferenceSet
        The references; frames approved as clear count as called clear.

    Raises
    ------
    ProjectError
        If the project cannot be read.
    """
    table = read_table(folder.absolute())
    return Archive.of(table, [], site=project_site_mask(folder)).learn()


def relearn_night(
    folder: Path,
    night: str,
    clear: Collection[int] = (),
    *,
    jobs: int = 1,
    on_frame: Callable[[int, int], object] | None = None,
) -> RenewedNight:
    """Learn the clear sky of a night again, and make the masks of its untouched frames.

    The frames of the project that are approved as clear count as called clear. Nothing in the
    project is changed: `apply_night` does so. May run in any thread.

    Parameters
    ----------
    folder : Path
        The project folder.
    night : str
        The night, as `nights_of` gives it for the time of a frame.
    clear : collection of int
        Numbers of further frames that a person calls clear.
    jobs : int
        Worker processes; 1 to work in this thread.
    on_frame : callable, optional
        Told after each frame how many are done, and of how many; it may raise to stop.

    Returns
    -------
    RenewedNight
        The references, and the masks that differ from the present ones.

    Raises
    ------
    ProjectError
        If the project cannot be read.
    """
    table, site = read_table(folder), project_site_mask(folder)
    references = Archive.of(table, [], clear, site).learn(night)
    with Repository(folder, read_only=True) as repository:
        config = read_setting(repository, MASK_CONFIG, MaskConfig, MaskConfig())
        untouched, present = repository.untouched(), repository.active_masks("auto")
    of_night = nights_of(table.time) == night
    rows = [row for row in np.flatnonzero(of_night).tolist() if int(table.id[row]) in untouched]
    frames, paths = table.id[rows].tolist(), [table.paths[row] for row in rows]
    work = partial(new_mask, store=folder / MASKS, config=config, references=references, site=site)
    masks: dict[int, NewMask] = {}
    failed: list[FileError] = []
    for done, outcome in enumerate(each_frame(paths, work, jobs), start=1):
        if isinstance(outcome, FileError):
            failed.append(outcome)
        elif outcome is not None and is_other_mask(outcome, present[frames[done - 1]]):
            masks[frames[done - 1]] = outcome
        if on_frame is not None:
            on_frame(done, len(paths))
    return RenewedNight(night, references, masks, tuple(failed))


def apply_night(folder: Path, renewed: RenewedNight) -> EarlierNight:
    """Keep the reference of a night, and make its new masks the automatic ones.

    Frames that a person has touched meanwhile keep theirs. May run in any thread.

    Parameters
    ----------
    folder : Path
        The project folder.
    renewed : RenewedNight
        From `relearn_night`.

    Returns
    -------
    EarlierNight
        What was there before.

    Raises
    ------
    FileError
        If the project cannot be written.
    """
    references = NightReferences(folder)
    try:
        earlier = references.of_night(renewed.night)
    except ReferenceFileError:  # it is replaced
        earlier = ReferenceSet()
    masks: dict[int, tuple[int, int]] = {}
    with Repository(folder) as repository, repository.transaction() as transaction:
        untouched = repository.untouched()
        for frame, mask in renewed.masks.items():
            if frame in untouched:
                number = transaction.add_mask(frame, "auto", mask, "napari-iris")
                masks[frame] = untouched[frame], number
        references.save(renewed.night, renewed.references)  # an error takes the masks back too
    return EarlierNight(renewed.night, earlier, masks)


def restore_night(folder: Path, earlier: EarlierNight) -> None:
    """Undo `apply_night`: the earlier reference and automatic masks are back.

    Parameters
    ----------
    folder : Path
        The project folder.
    earlier : EarlierNight
        From `apply_night`.

    Raises
    ------
    FileError
        If the project cannot be written.
    """
    with Repository(folder) as repository, repository.transaction() as transaction:
        for frame, (before, now) in earlier.masks.items():
            transaction.restore_auto(frame, before, instead_of=now)
        NightReferences(folder).save(earlier.night, earlier.references)


def new_mask(
    path: Path,
    *,
    store: Path,
    config: MaskConfig,
    references: References,
    site: SiteMask | None = None,
) -> NewMask | None:
    """Make the automatic mask of the frame in a file; None for a blank frame.

    Parameters
    ----------
    path : Path
        The frame.
    store : Path
        Folder of the mask store.
    config : MaskConfig
        How to make the mask.
    references : ReferenceSet or NightReferences or None
        Clear-sky references.
    site : SiteMask, optional
        Pixels that never show the sky.

    Raises
    ------
    FileError
        If the frame or its reference cannot be read.
    """
    return auto_mask(read_frame(path), store, config, references, site)


def is_other_mask(one: NewMask, present: MaskFacts) -> bool:
    """Whether a new mask is not the present one.

    Parameters
    ----------
    one : NewMask
        The new mask.
    present : MaskFacts
        The mask that the frame has.
    """
    names = ("name", "reference", "level", "trust")
    return any(getattr(one, name) != getattr(present, name) for name in names)
