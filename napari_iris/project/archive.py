"""The frames of a project by night, to learn the clear sky of each."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.facts import observed_at
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.read import read_header
from napari_iris.labels import FRAME_CLASSES
from napari_iris.project.frame_table import FrameTable, is_status
from napari_iris.project.night_references import nights_of
from napari_iris.radiometry.archive import SAMPLE, evenly, references_of
from napari_iris.radiometry.statistics_cache import READERS, read_statistics

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.radiometry.reference_set import ReferenceSet

OF_THE_NIGHT = 2 * SAMPLE // 3
"""Frames of the night itself in the sample that its reference is learned from; the rest of the
sample is spread over all nights: a night that never cleared has its level from the others."""


@dataclass(frozen=True, eq=False)
class Archive:
    """The frames of a project and those to be indexed, in order of time.

    Attributes
    ----------
    paths : FramePaths
        Their files.
    nights : ndarray of str, shape (frames,)
        Their nights, as `nights_of` gives them.
    clear : ndarray of bool
        Whether a person called the frame clear.
    pending : ndarray of bool
        Whether it is to be indexed.
    site : SiteMask or None
        Pixels that never show the sky, of which nothing is learned.
    """

    paths: FramePaths
    nights: NDArray[np.str_]
    clear: NDArray[np.bool_]
    pending: NDArray[np.bool_]
    site: SiteMask | None = None

    @classmethod
    def of(
        cls,
        table: FrameTable,
        pending: Sequence[Path],
        clear: Collection[int] = (),
        site: SiteMask | None = None,
    ) -> Archive:
        """Collect the frames.

        Parameters
        ----------
        table : FrameTable
            The frames of the project; those approved as clear count as called clear.
        pending : sequence of Path
            Frames that are to be indexed; the times of new ones are read.
        clear : collection of int
            Numbers of further frames that a person called clear.
        site : SiteMask, optional
            Pixels that never show the sky.
        """
        known = set(table.packed.tolist())
        fresh = [path for path in pending if os.fsencode(path) not in known]
        with ThreadPoolExecutor(READERS, thread_name_prefix="iris-times") as readers:
            times = np.array(list(readers.map(_time, fresh)), "M8[us]")
        packed = np.concatenate([table.packed, FramePaths.of(fresh).packed])
        called = is_status(table, "approved") & (table.frame_class == FRAME_CLASSES.index("clear"))
        called |= np.isin(table.id, list(clear))
        order = np.argsort(np.concatenate([table.time, times]), kind="stable")
        waiting = np.isin(packed, FramePaths.of(pending).packed)
        return cls(
            FramePaths(packed[order]),
            nights_of(np.concatenate([table.time, times])[order]),
            np.concatenate([called, np.zeros(len(fresh), bool)])[order],
            waiting[order],
            site,
        )

    def learn(self, night: str | None = None) -> ReferenceSet:
        """Learn the references of a night, from a sample of its frames and of all others.

        Parameters
        ----------
        night : str, optional
            The night; by default all nights count alike.
        """
        own, called = np.flatnonzero(self.nights == night), np.flatnonzero(self.clear)
        some = evenly(len(self.paths), max(SAMPLE - len(own), SAMPLE - OF_THE_NIGHT))
        called = called[evenly(len(called), SAMPLE)]
        places = np.unique(np.concatenate([own[evenly(len(own), OF_THE_NIGHT)], some, called]))
        wanted = [self.paths[place] for place in places.tolist()]
        read = read_statistics(wanted, site=self.site)
        sample = [one for one in read if one is not None]
        is_clear = [self.clear[place] for place, one in zip(places, read, strict=True) if one]
        return references_of(sample, np.flatnonzero(is_clear).tolist())


def _time(path: Path) -> np.datetime64:
    try:
        return observed_at(read_header(path))
    except FrameError:  # indexing names it
        return np.datetime64("NaT", "us")
