"""Split a project into train, validation and test, and count duplicates across the parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.identity import earlier_duplicates
from napari_iris.labels import PARTS
from napari_iris.project.assign_parts import assign_parts
from napari_iris.project.frame_table import UNKNOWN, is_status
from napari_iris.project.indexing import mark_duplicates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project
    from napari_iris.project.split_config import SplitConfig


def split(project: Project, config: SplitConfig) -> dict[str, int]:
    """Split the frames of a project into train, validation and test, and save the split.

    Rejected frames and copies of another frame's pixels are left out.

    Parameters
    ----------
    project : Project
        The project; the part of each frame is overwritten.
    config : SplitConfig
        How to split.

    Returns
    -------
    dict
        Number of frames by part, ``left_out``, and of duplicates in another part: ``same`` by
        pixels, ``alike`` by look.

    Raises
    ------
    IrisError
        If there are too few frames, nights or times for it, or a part would be empty.
    """
    mark_duplicates(project)  # an indexing run that was stopped has left them unmarked
    project.reload()
    table = project.table
    parts = table_parts(table, config)
    with project.repository.transaction() as transaction:
        transaction.set_parts(
            (None if part == UNKNOWN else PARTS[part], frame)
            for frame, part in zip(table.id.tolist(), parts.tolist(), strict=True)
        )
        transaction.set_setting("split", config.model_dump_json())
    table.part[:] = parts
    counts = {name: int(np.count_nonzero(parts == code)) for code, name in enumerate(PARTS)}
    return {**counts, "left_out": int(np.count_nonzero(parts == UNKNOWN)), **overlap(project)}


def table_parts(table: FrameTable, config: SplitConfig) -> NDArray[np.int8]:
    """Assign the frames of a table to parts.

    Parameters
    ----------
    table : FrameTable
        The frames.
    config : SplitConfig
        How to split.

    Returns
    -------
    ndarray of int8, shape (frames,)
        Index into ``PARTS``; -1 for frames left out.

    Raises
    ------
    IrisError
        As `split`.
    """
    return assign_parts(table.time, ~is_status(table, "rejected") & ~table.is_copy, config)


def overlap(project: Project) -> dict[str, int]:
    """Count the frames with a duplicate in another part.

    Parameters
    ----------
    project : Project
        A project that has been split.

    Returns
    -------
    dict
        ``same`` by pixels, and ``alike`` by look only.
    """
    rows = [row for row in project.repository.frame_hashes() if row.part is not None]
    parts = np.array([PARTS.index(row.part or "") for row in rows], np.int8)
    likenesses = np.array([row.likeness for row in rows], np.int64)
    same, alike = duplicates_across([row.hash for row in rows], likenesses, parts)
    return {"same": int(same.sum()), "alike": int((alike & ~same).sum())}


def duplicates_across(
    hashes: list[bytes], likenesses: NDArray[np.int64], parts: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Find the frames with a duplicate in another part.

    Parameters
    ----------
    hashes : list of bytes
        Content hash of each frame.
    likenesses : ndarray of int64, shape (frames,)
        Perceptual hash of each.
    parts : ndarray of int8, shape (frames,)
        Part of each.

    Returns
    -------
    ndarray of bool, shape (2, frames)
        Whether another part has the same pixels, and whether it has the same look.
    """
    found = np.zeros((2, len(hashes)), bool)
    # sorted by part, the earliest duplicate is in an earlier part if any is; then the other way
    for order in (np.argsort(parts, kind="stable"), np.argsort(-parts, kind="stable")):
        earlier = earlier_duplicates([hashes[place] for place in order], likenesses[order])
        for is_found, first in zip(found, earlier, strict=True):
            is_found[order] |= (first >= 0) & (parts[order[first]] != parts[order])
    return found
