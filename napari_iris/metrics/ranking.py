"""ROC and precision-recall curves of any number of probabilities, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISTINCT = 2**21
"""Distinct probabilities that are kept; of more, neighbours are merged."""

POINTS = 512
"""Points of a curve that is drawn or written to a file."""


@dataclass(frozen=True, eq=False)
class Curve:
    """True and false positives at each threshold, from the highest down.

    Attributes
    ----------
    threshold : ndarray of float32, shape (points,)
        Probability from which a pixel is called cloud.
    hit, false : ndarray of int64, shape (points,)
        True and false positives at that threshold: cloud, and sky, called cloud.
    exact : bool
        Whether no neighbouring probabilities were merged.
    """

    threshold: NDArray[np.float32]
    hit: NDArray[np.int64]
    false: NDArray[np.int64]
    exact: bool = True

    @property
    def recall(self) -> NDArray[np.float64]:
        """Part of the cloud that was found (true-positive rate); NaN without cloud."""
        return _ratio(self.hit, self.hit[-1:])

    @property
    def false_positive_rate(self) -> NDArray[np.float64]:
        """Part of the sky that was called cloud; NaN without sky."""
        return _ratio(self.false, self.false[-1:])

    @property
    def precision(self) -> NDArray[np.float64]:
        """Part of what was called cloud that is."""
        return _ratio(self.hit, self.hit + self.false)

    def steps(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Count the cloud pixels, and the sky pixels, of each probability."""
        return np.diff(self.hit, prepend=0), np.diff(self.false, prepend=0)

    def area(self) -> float:
        """Area under the ROC curve: how often cloud has a higher probability than sky.

        Equal probabilities count half (Hanley & McNeil, Radiology 143, 29, 1982). NaN where the
        truth has one class only.
        """
        cloud, sky = self.steps()
        pairs = _pairs(self)
        return float(np.dot(sky, self.hit - cloud / 2)) / pairs if pairs else nan

    def area_error(self) -> float:
        """Largest error of the area from merged probabilities; 0 where it is exact."""
        pairs = _pairs(self)
        if self.exact or not pairs:
            return 0.0
        # pairs within a group count half; in truth each may count 0 or 1
        cloud, sky = self.steps()
        return float(np.dot(sky.astype(np.float64), cloud)) / 2 / pairs

    def best_threshold(self) -> float:
        """Threshold with the largest recall - false-positive rate (Youden, Cancer 3, 32, 1950).

        The highest of several; NaN where the truth has one class only.
        """
        if not _pairs(self):
            return nan
        return float(self.threshold[np.argmax(self.recall - self.false_positive_rate)])

    def thinned(self, points: int = POINTS) -> Curve:
        """Keep about so many points, evenly along the ROC curve, and always the last one."""
        if len(self.threshold) <= points:
            return self
        # distance along the curve, in the city-block metric of its two axes
        distance = (self.hit / max(self.hit[-1], 1) + self.false / max(self.false[-1], 1)) / 2
        wanted = np.linspace(distance[0], distance[-1], points)
        kept = np.unique(
            np.append(np.searchsorted(distance, wanted), 0).clip(max=len(distance) - 1)
        )
        kept[-1] = len(distance) - 1
        return Curve(self.threshold[kept], self.hit[kept], self.false[kept], self.exact)


class Ranking:
    """Collect probabilities frame by frame, in bounded memory.

    Up to `distinct` different probabilities the curve is exact. With more, neighbours are merged by
    dropping the last bits of the float32, and the curve gives the largest error from that.

    Parameters
    ----------
    distinct : int
        Distinct probabilities that are kept: some 60 bytes each.
    """

    def __init__(self, distinct: int = DISTINCT) -> None:
        self.distinct, self.shift = distinct, 0
        self._values = np.empty(0, np.uint32)
        self._counts = np.empty((2, 0), np.int64)
        self._waiting: list[NDArray[np.uint32]] = []
        self._count = 0
        self._curve: Curve | None = None

    def add(self, ranks: NDArray[np.uint32]) -> None:
        """Add the probabilities of a frame, as `ranks_of` gives them."""
        self._curve = None
        self._waiting.append(ranks)
        self._count += ranks.size
        if self._count >= self.distinct:
            self._merge()

    def curve(self) -> Curve:
        """Compute the curve of everything added so far."""
        if self._curve is None:
            self._merge()
            # the lowest probability of each merged group, with its dropped bits as 0
            found = (self._values[::-1] << np.uint32(self.shift)).view(np.float32)
            sky, cloud = np.cumsum(self._counts[:, ::-1], axis=1)
            self._curve = Curve(found, cloud, sky, exact=self.shift == 0)
        return self._curve

    def _merge(self) -> None:
        """Merge the waiting frames into the counts, and neighbours until few enough are left."""
        if not self._waiting:
            return
        ranks = np.concatenate(self._waiting)
        ranks.sort()  # in place: this is the largest array
        self._waiting, self._count = [], 0
        truth, values = ranks & np.uint32(1), ranks >> np.uint32(1 + self.shift)
        counts = np.stack([1 - truth.astype(np.int64), truth])
        values, counts = _grouped(values, counts)
        values = np.concatenate([self._values, values])
        counts = np.concatenate([self._counts, counts], axis=1)
        order = np.argsort(values, kind="stable")
        values, counts = _grouped(values[order], counts[:, order])
        # each dropped bit merges pairs of neighbours, everywhere with the same relative error
        while len(values) > self.distinct:
            self.shift += 1
            values, counts = _grouped(values >> np.uint32(1), counts)
        self._values, self._counts = values, counts


def _grouped(
    values: NDArray[np.uint32], counts: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Add up the counts of equal values, which are sorted."""
    if not values.size:
        return values, counts
    first = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    return values[first], np.add.reduceat(counts, first, axis=1)


def _pairs(curve: Curve) -> float:
    """Count the pairs of a cloud and a sky pixel."""
    return float(curve.hit[-1]) * float(curve.false[-1]) if len(curve.hit) else 0.0


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    wholes = np.broadcast_to(whole, part.shape)
    ratio: NDArray[np.float64] = np.divide(
        part, wholes, out=np.full(part.shape, nan), where=wholes > 0
    )
    return ratio
