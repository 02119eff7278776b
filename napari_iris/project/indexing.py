"""Index frames into a project: header facts, hashes, automatic masks."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, FrameError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.facts import facts, observed_at
from napari_iris.frames.identity import content_hash, earlier_duplicates, perceptual_hash
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.project.auto_mask import MASK_CONFIG, auto_mask
from napari_iris.project.folder import stored_path
from napari_iris.project.records import FrameFacts
from napari_iris.project.site_mask import project_site_mask
from napari_iris.radiometry.envelope import LOW_PERCENT
from napari_iris.radiometry.statistics import adu_per_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.masks.config import MaskConfig
    from napari_iris.project.night_references import NightReferences
    from napari_iris.project.project import Project
    from napari_iris.radiometry.reference_set import ReferenceSet

CHANGES = 1000
"""Rows changed in one transaction, so that a window that saves meanwhile waits some ms."""

BLOCKS = (16, 20)
"""Rows and columns of blocks that a frame's floor and median are taken from."""

BATCH_S = 0.2
"""Time of work that is written to the database in one transaction [s]."""


def index(
    project: Project,
    paths: Iterable[Path],
    config: MaskConfig | None,
    *,
    jobs: int = 0,
    references: ReferenceSet | NightReferences | None = None,
) -> Iterator[Path | FileError]:
    """Add frames to a project, or update those whose files have changed.

    Parameters
    ----------
    project : Project
        The project.
    paths : iterable of Path
        The frames.
    config : MaskConfig or None
        How to make their automatic masks; None for none.
    jobs : int
        Worker processes; 0 for one per core.
    references : ReferenceSet or NightReferences, optional
        Clear-sky references of the cameras, for the automatic masks.

    Yields
    ------
    Path or FileError
        A frame that is in the project now, on the disk, or what is wrong with it. Labels stay,
        also those of a frame that has changed.

    Raises
    ------
    ProjectError
        If the project cannot be written.
    """
    if config is not None:
        with project.repository.transaction() as transaction:
            transaction.set_setting(MASK_CONFIG, config.model_dump_json())
    known = project.repository.frame_files(masked=config is not None)
    work = partial(
        read_facts,
        store=project.store.folder,
        config=config,
        references=references,
        site=project_site_mask(project.folder),
    )
    todo, done = split_known(project.folder, paths, known)
    yield from done
    batch: list[FrameFacts] = []
    started = time.monotonic()
    for outcome in each_frame(todo, work, jobs):
        if isinstance(outcome, FileError):
            yield outcome
            continue
        batch.append(outcome)
        if time.monotonic() - started > BATCH_S:
            yield from _add(project, batch)
            batch, started = [], time.monotonic()
    yield from _add(project, batch)
    mark_duplicates(project)
    project.reload()


def mark_duplicates(project: Project) -> None:
    """Mark the frames that have the same pixels, or the same look, as an earlier one.

    Parameters
    ----------
    project : Project
        The project; its table is not read again.

    Raises
    ------
    ProjectError
        If it cannot be written.
    """
    # the search takes seconds for a million frames: it is done before the database is locked
    rows = project.repository.frame_hashes()
    ids = np.array([row.frame for row in rows], np.int64)
    likenesses = np.array([row.likeness for row in rows], np.int64)
    same, like = earlier_duplicates([row.hash for row in rows], likenesses)
    changes = []
    for row, one, other in zip(rows, same.tolist(), like.tolist(), strict=True):
        found = int(ids[one]) if one >= 0 else None, int(ids[other]) if other >= 0 else None
        if found != (row.same_as, row.like):
            changes.append((*found, row.frame))
    for start in range(0, len(changes), CHANGES):
        with project.repository.transaction() as transaction:
            transaction.set_duplicates(changes[start : start + CHANGES])


def read_facts(
    path: Path,
    *,
    store: Path,
    config: MaskConfig | None,
    references: ReferenceSet | NightReferences | None = None,
    site: SiteMask | None = None,
) -> FrameFacts:
    """Read a frame once, for all that the project keeps of it.

    Parameters
    ----------
    path : Path
        The frame's file.
    store : Path
        Folder of the mask store.
    config : MaskConfig or None
        How to make its automatic mask, which is saved in the store; None for none.
    references : ReferenceSet or NightReferences, optional
        Clear-sky references of the cameras.
    site : SiteMask, optional
        Pixels that never show the sky, which its automatic mask ignores.

    Returns
    -------
    FrameFacts
        To be added to the database.

    Raises
    ------
    FrameError
        If it cannot be read.
    """
    try:
        stat = path.stat()  # before it is read: a file that changes meanwhile is read again later
    except OSError as error:
        raise FrameError(path, f"cannot be read ({error.strerror})", "check the name") from error
    frame = read_frame(path)
    observed = observed_at(frame.header)
    cards = {keyword: value for keyword, value, _ in facts(frame.header)}
    rows, columns = frame.data.shape
    return FrameFacts(
        path,
        stat.st_size,
        stat.st_mtime_ns,
        None if np.isnat(observed) else int(observed.astype("i8")),
        (rows, columns),
        json.dumps(cards),
        content_hash(frame.data),
        perceptual_hash(frame.data),
        None if config is None else auto_mask(frame, store, config, references, site),
        *_floor_and_median(frame.data),
    )


def _floor_and_median(data: NDArray[np.floating]) -> tuple[float | None, float | None]:
    """Low percentile and median of a frame's block means, in ADU; None for a blank frame."""
    coarse = data if min(data.shape) < max(BLOCKS) else rebin(data, BLOCKS)
    seen = coarse[np.isfinite(coarse)]
    if not seen.size:
        return None, None
    low, middle = np.percentile(seen, [LOW_PERCENT, 50]) * adu_per_unit(data)
    return float(low), float(middle)


def split_known(
    folder: Path, paths: Iterable[Path], known: dict[str, tuple[int, int]]
) -> tuple[list[Path], list[Path | FileError]]:
    """Split paths into those to read, and those that are up to date or cannot be indexed.

    Parameters
    ----------
    folder : Path
        The project folder.
    paths : iterable of Path
        The frames.
    known : dict
        From `Repository.frame_files`.

    Returns
    -------
    todo, done : list
        Paths to read; paths that are up to date, and errors.
    """
    todo: list[Path] = []
    done: list[Path | FileError] = []
    for path in paths:
        try:
            indexed = known.get(stored_path(folder, path))
            stat = path.stat()
        except FrameError as error:
            done.append(error)
        except OSError:  # the reader reports what is wrong
            todo.append(path)
        else:
            same = indexed == (stat.st_size, stat.st_mtime_ns)
            (done if same else todo).append(path)
    return todo, done


def _add(project: Project, batch: list[FrameFacts]) -> Iterator[Path]:
    """Write a batch to the database; its frames are yielded once they are on the disk."""
    with project.repository.transaction() as transaction:
        for found in batch:
            transaction.add_frame(found)
    yield from (found.path for found in batch)
