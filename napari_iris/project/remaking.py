"""Make the automatic masks of a project again, with other settings."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from napari_iris.errors import FileError
from napari_iris.frames.batch import each_frame
from napari_iris.project.auto_mask import MASK_CONFIG
from napari_iris.project.folder import MASKS
from napari_iris.project.frame_table import FrameTable
from napari_iris.project.indexing import BATCH_S
from napari_iris.project.night_references import NightReferences
from napari_iris.project.relearning import is_other_mask, new_mask
from napari_iris.project.repository import Repository
from napari_iris.project.site_mask import project_site_mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.masks.config import MaskConfig
    from napari_iris.project.records import NewMask


def remake_masks(folder: Path, config: MaskConfig, *, jobs: int = 0) -> Iterator[bool | FileError]:
    """Make the automatic masks again that nobody has touched.

    Masks that a person has drawn, approved or rejected stay, also where that happens meanwhile.
    Frames that are added later get masks with the same settings.

    Parameters
    ----------
    folder : Path
        The project folder.
    config : MaskConfig
        How to make the masks.
    jobs : int
        Worker processes; 0 for one per core.

    Yields
    ------
    bool or FileError
        For each frame whether its mask is another one now, or what is wrong with it.

    Raises
    ------
    ProjectError
        If the project cannot be read.
    FileError
        If it cannot be written.
    """
    references = NightReferences(folder) if config.gate else None
    with Repository(folder) as repository:
        with repository.transaction() as transaction:
            transaction.set_setting(MASK_CONFIG, config.model_dump_json())
        table, untouched = FrameTable.load(repository), repository.untouched()
        present = repository.active_masks("auto")
        rows = [row for row, frame in enumerate(table.id.tolist()) if frame in untouched]
        site = project_site_mask(folder)
        work = partial(
            new_mask, store=folder / MASKS, config=config, references=references, site=site
        )
        made: dict[int, NewMask] = {}
        started = time.monotonic()
        outcomes = each_frame([table.paths[row] for row in rows], work, jobs)
        for row, outcome in zip(rows, outcomes, strict=True):
            frame = int(table.id[row])
            is_other = False
            if outcome is not None and not isinstance(outcome, FileError):
                is_other = is_other_mask(outcome, present[frame])
                made |= {frame: outcome} if is_other else {}
            if time.monotonic() - started > BATCH_S:
                _add(repository, made)
                made, started = {}, time.monotonic()
            yield outcome if isinstance(outcome, FileError) else is_other
        _add(repository, made)


def count_untouched(folder: Path) -> int:
    """Count the frames whose automatic mask nobody has touched.

    Parameters
    ----------
    folder : Path
        The project folder.
    """
    with Repository(folder, read_only=True) as repository:
        return len(repository.untouched())


def _add(repository: Repository, made: dict[int, NewMask]) -> None:
    if made:
        with repository.transaction() as transaction:
            untouched = repository.untouched()
            for frame in made.keys() & untouched.keys():
                transaction.add_mask(frame, "auto", made[frame], "napari-iris")
