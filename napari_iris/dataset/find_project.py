"""Find the labelled frames of a project, from its database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.dataset.sample_table import CLEAR, CLOUDY, SampleTable
from napari_iris.dataset.samples import Samples
from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.frames.paths import FramePaths
from napari_iris.project.frame_table import is_status
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from napari_iris.labels import Tag
    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.records import SampleRow

TAGS_OF: dict[str, tuple[Tag, ...]] = {
    "approved": ("human",),
    "best": ("human", "model", "auto"),
    "auto": ("auto",),
    "model": ("model",),
}
"""Origins of the masks for each choice, the best one first."""


def find_in_project(folder: Path, which: str) -> Samples:
    """Find the samples of a project: frames that are not rejected, with a mask or a class.

    Parameters
    ----------
    folder : Path
        The project; it is opened read-only.
    which : str
        Masks to use: see `find_samples`.

    Returns
    -------
    Samples
        In order of time; ``problems`` has the frames whose files are missing.

    Raises
    ------
    IrisError
        If there is no usable sample.
    ProjectError
        If the project cannot be opened.
    """
    with Project(folder, read_only=True) as project:
        table = project.table
        found = dict(_found(table, project.repository.sample_rows(TAGS_OF[which]), which))
    rows: list[tuple[Any, ...]] = []
    kept: list[int] = []
    problems: list[FileError] = []
    for place in sorted(found):
        problem = _problem(table.paths[place])
        if problem is None:
            kept.append(place)
            rows.append(found[place])
        else:
            problems.append(problem)
    if not rows:
        raise _none_usable(table, which, problems)
    samples, paths = SampleTable.of(rows), FramePaths(table.packed[np.array(kept)])
    keys = np.array(samples.mask_hash, np.bytes_)
    return Samples(samples, paths, keys, project.store, tuple(problems))


def _found(
    table: FrameTable, rows: Iterable[SampleRow], which: str
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield row number and `SampleTable` row of each frame with a mask or class."""
    usable = ~is_status(table, "rejected")
    masked = is_status(table, "approved") if which == "approved" else usable
    has_class = np.isin(table.frame_class, [CLEAR, CLOUDY])
    places = {frame: place for place, frame in enumerate(table.id.tolist()) if usable[place]}
    for row in rows:
        place = places.get(row.frame)
        if place is None:  # rejected, or added after the table was read
            continue
        name = row.mask if masked[place] and row.mask else ""
        if name or has_class[place]:
            known = name and row.cloud_fraction is not None
            cloud = row.cloud_fraction if known else np.nan
            codes = table.time[place], table.frame_class[place], table.part[place]
            yield place, (*codes, bool(name), cloud, row.likeness, row.hash, name.encode())


def _problem(path: Path) -> FileError | None:
    """Check that a frame's file exists and is not empty, without reading it."""
    try:
        size = path.stat().st_size
    except OSError as error:
        missing = not os.path.lexists(path)
        reason = f"is missing ({error.strerror})" if missing else str(error.strerror)
        return FrameError(path, reason, "bring it back, or mount its disk")
    return None if size else FrameError(path, "is empty (0 bytes)", "copy it again from the camera")


def _none_usable(table: FrameTable, which: str, problems: list[FileError]) -> IrisError:
    """Explain why there is no usable sample, and the fix."""
    if problems:
        return IrisError(f"none of {len(problems)} labelled frames can be read: {problems[0]}")
    if not len(table):
        return IrisError("the project has no frames; index some")
    if which == "approved":
        count = (
            f"{np.count_nonzero(is_status(table, 'approved'))} of {len(table)} frames are approved"
        )
        return IrisError(f"{count}; approve some, or give --masks auto")
    what = "a mask" if which == "best" else f"a mask with the tag {which}"
    fix = "make them: napari-iris project PROJECT index FRAMES --masks"
    return IrisError(f"0 of {len(table)} frames have {what}; {fix}")
