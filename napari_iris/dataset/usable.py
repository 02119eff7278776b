"""Read all labelled frames of a project once, to drop those that cannot be used."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.dataset.mask_shape import check_frame
from napari_iris.errors import FileError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.read import read_colour, read_frame

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.dataset.samples import Samples
    from napari_iris.project.mask_store import MaskStore


@dataclass(frozen=True)
class _Labelled:
    path: Path
    key: str

    def __fspath__(self) -> str:
        return str(self.path)


def drop_unusable(samples: Samples, jobs: int = 0) -> Samples:
    """Drop the samples of a project that cannot be used, as `find_samples` does for a folder.

    Parameters
    ----------
    samples : Samples
        The samples; those of a folder have been read already and are returned unchanged.
    jobs : int
        Worker processes; 0 for one per core.

    Returns
    -------
    Samples
        Those whose frame and mask can be read and whose frame is not blank; ``problems`` has the
        others.
    """
    store = samples.store
    if store is None:
        return samples
    every = (
        _Labelled(samples.paths[row], os.fsdecode(samples.keys[row])) for row in range(len(samples))
    )
    # A damaged frame would otherwise stop the run hours later, when its batch is read.
    outcomes = list(each_frame(every, partial(_check, store=store, colour=samples.colour), jobs))
    problems = [one for one in outcomes if isinstance(one, FileError)]
    if not problems:
        return samples
    usable = samples.take(np.flatnonzero([one is None for one in outcomes]))
    return replace(usable, problems=(*samples.problems, *problems))


def _check(one: _Labelled, store: MaskStore, *, colour: bool) -> None:
    check_frame(one.path, read_colour(one.path)[0] if colour else read_frame(one.path).data)
    if one.key:
        store.read(one.key)
