"""References that are learned while frames arrive, in bounded memory."""

from __future__ import annotations

import time
from threading import Lock, Thread
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.radiometry.archive import SAMPLE, evenly, references_of
from napari_iris.radiometry.certainty import FEWEST
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.radiometry.statistics import frame_statistics
from napari_iris.radiometry.statistics_cache import read_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.radiometry.excess import Excess
    from napari_iris.radiometry.statistics import FrameStatistics, Header

GROWTH = 1.5
"""Factor by which the number of frames grows between two times of learning."""

MOST_BETWEEN = 60
"""Frames between two times of learning at most."""

AT_ONCE, LEAST_S = 60, 60.0
"""Frames up to which each learning is waited for; and from then on, seconds between two of them at
least: one takes a core for half a second, which a camera of many frames a second notices."""


class LiveReferences:
    """The clear sky of cameras, as far as the frames seen so far show it.

    A sample of at most `SAMPLE` frames is kept, denser for recent ones; the references are learned
    again as it grows; after the first ones, in a thread of its own, so that no frame waits for it.
    It can be used in several threads.

    Attributes
    ----------
    references : ReferenceSet
        What is known so far.
    """

    def __init__(self) -> None:
        self.references = ReferenceSet((), ("no frames yet",))
        self._sample: list[FrameStatistics] = []
        self._seen, self._next = 0, FEWEST
        self._learning = Lock()
        self._learner: Thread | None = None
        self._learned_s = 0.0

    def excess(self, frame: NDArray[np.floating], header: Header | None = None) -> Excess | None:
        """Learn from a frame, and compute its excess; see `ReferenceSet.excess`.

        Parameters
        ----------
        frame : ndarray of float, shape (rows, columns)
            In ADU, or ADU / 2**14; NaN where blank.
        header : mapping, optional
            Its header.

        Returns
        -------
        Excess or None
            None where nothing is known of its clear sky yet.
        """
        if not np.less(frame.shape, FINGERPRINT_SHAPE).any():
            try:
                known = self._add([frame_statistics(frame, header, with_fingerprint=True)])
            except IrisError:  # it can teach nothing
                return None
            return known.excess(frame, header)
        return self.references.excess(frame, header)

    def read(self, paths: Sequence[Path]) -> None:
        """Learn from frames that were handled before.

        Parameters
        ----------
        paths : sequence of Path
            The frames, in order of time; a sample of them is read.
        """
        some = [paths[place] for place in evenly(len(paths), SAMPLE).tolist()] if paths else []
        self._add([one for one in read_statistics(some) if one is not None])

    def _add(self, frames: Sequence[FrameStatistics]) -> ReferenceSet:
        """Learn from some frames; give what is known with them, and not with any later one."""
        with self._learning:
            self._learn(frames)
            return self.references

    def _learn(self, frames: Sequence[FrameStatistics]) -> None:
        self._sample += frames
        self._seen += len(frames)
        if len(self._sample) > SAMPLE:  # every second of the older ones is forgotten
            older = 2 * SAMPLE // 3
            self._sample = self._sample[:older:2] + self._sample[older:]
        if self._seen < self._next or self._is_soon:
            return
        is_first = self._next == FEWEST
        self._next = min(int(self._seen * GROWTH), self._seen + MOST_BETWEEN)
        if is_first or self._seen <= AT_ONCE:
            self._renew(self._sample)
        else:
            self._learned_s = time.monotonic()
            self._learner = Thread(target=self._renew, args=(list(self._sample),), daemon=True)
            self._learner.start()

    @property
    def _is_soon(self) -> bool:
        """Whether it is too soon to learn again."""
        if self._learner is None:
            return False
        return self._learner.is_alive() or time.monotonic() - self._learned_s < LEAST_S

    def _renew(self, sample: Sequence[FrameStatistics]) -> None:
        self.references = references_of(sample)
