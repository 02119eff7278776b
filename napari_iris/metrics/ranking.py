"""Every probability in its order with its truth: ROC, precision-recall, the area under a curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISTINCT = 2**21
"""Different probabilities that are told apart; with more, the nearest are put together."""

POINTS = 512
"""Points of a curve that is drawn or written down."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What each threshold would have found, from the highest down.

    Attributes
    ----------
    threshold : ndarray of float32, shape (points,)
        Probability from which a pixel is called cloud.
    hit, false : ndarray of int64, shape (points,)
        Cloud called cloud, and sky called cloud, at that threshold.
    apart : bool
        Whether every probability was told apart from every other.
    """

    threshold: NDArray[np.float32]
    hit: NDArray[np.int64]
    false: NDArray[np.int64]
    apart: bool = True

    @property
    def recall(self) -> NDArray[np.float64]:
        """Part of the cloud that was found (true positive rate); NaN without cloud."""
        return _part(self.hit, self.hit[-1:])

    @property
    def fall_out(self) -> NDArray[np.float64]:
        """Part of the sky that was called cloud (false positive rate); NaN without sky."""
        return _part(self.false, self.false[-1:])

    @property
    def precision(self) -> NDArray[np.float64]:
        """Part of what was called cloud that is."""
        return _part(self.hit, self.hit + self.false)

    def steps(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many cloud and sky pixels have each probability."""
        return np.diff(self.hit, prepend=0), np.diff(self.false, prepend=0)

    def area(self) -> float:
        """Area under the ROC curve: the chance that cloud has a higher probability than sky.

        Equal probabilities count half (Hanley & McNeil, Radiology 143, 29, 1982). NaN where the
        truth has one class only.
        """
        cloud, sky = self.steps()
        pairs = _pairs(self)
        return float(np.dot(sky, self.hit - cloud / 2)) / pairs if pairs else nan

    def area_error(self) -> float:
        """How far the area may be off because probabilities were put together; 0 if none were."""
        pairs = _pairs(self)
        if self.apart or not pairs:
            return 0.0
        cloud, sky = self.steps()
        return float(np.dot(sky.astype(np.float64), cloud)) / 2 / pairs

    def best_threshold(self) -> float:
        """Threshold with the largest recall less fall-out (Youden, Cancer 3, 32, 1950).

        NaN where the truth has one class only.
        """
        if not _pairs(self):
            return nan
        return float(self.threshold[np.argmax(self.recall - self.fall_out)])

    def thinned(self, points: int = POINTS) -> Curve:
        """Keep about so many points, evenly along the ROC curve, the last one always."""
        if len(self.threshold) <= points:
            return self
        way = (self.hit / max(self.hit[-1], 1) + self.false / max(self.false[-1], 1)) / 2
        wanted = np.linspace(way[0], way[-1], points)
        kept = np.unique(np.append(np.searchsorted(way, wanted), 0).clip(max=len(way) - 1))
        kept[-1] = len(way) - 1
        return Curve(self.threshold[kept], self.hit[kept], self.false[kept], self.apart)


class Ranking:
    """Collect probabilities frame by frame, in flat memory.

    Up to `distinct` different probabilities the curve is exact. Beyond, neighbours are put together
    by leaving out the last bits of the float32, and the curve says how much that may matter.

    Parameters
    ----------
    distinct : int
        Different probabilities that are told apart: some 60 bytes each.
    """

    def __init__(self, distinct: int = DISTINCT) -> None:
        self.distinct, self.shift = distinct, 0
        self._values = np.empty(0, np.uint32)
        self._numbers = np.empty((2, 0), np.int64)
        self._waiting: list[NDArray[np.uint32]] = []
        self._count = 0
        self._curve: Curve | None = None

    def add(self, ranks: NDArray[np.uint32]) -> None:
        """Take the probabilities of one more frame, as `ranks_of` gives them."""
        self._curve = None
        self._waiting.append(ranks)
        self._count += ranks.size
        if self._count >= self.distinct:
            self._settle()

    def curve(self) -> Curve:
        """Tell what each threshold would have found so far."""
        if self._curve is None:
            self._settle()
            found = (self._values[::-1] << np.uint32(self.shift)).view(np.float32)
            sky, cloud = np.cumsum(self._numbers[:, ::-1], axis=1)
            self._curve = Curve(found, cloud, sky, apart=self.shift == 0)
        return self._curve

    def _settle(self) -> None:
        """Put what waits to the rest, and neighbours together as often as it takes."""
        if not self._waiting:
            return
        ranks = np.concatenate(self._waiting)
        ranks.sort()
        self._waiting, self._count = [], 0
        truth, values = ranks & np.uint32(1), ranks >> np.uint32(1 + self.shift)
        numbers = np.stack([1 - truth.astype(np.int64), truth])
        values, numbers = _together(values, numbers)
        values = np.concatenate([self._values, values])
        numbers = np.concatenate([self._numbers, numbers], axis=1)
        order = np.argsort(values, kind="stable")
        values, numbers = _together(values[order], numbers[:, order])
        while len(values) > self.distinct:
            self.shift += 1
            values, numbers = _together(values >> np.uint32(1), numbers)
        self._values, self._numbers = values, numbers


def _together(
    values: NDArray[np.uint32], numbers: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Add up the numbers of equal values, which are in order."""
    if not values.size:
        return values, numbers
    first = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    return values[first], np.add.reduceat(numbers, first, axis=1)


def _pairs(curve: Curve) -> float:
    """Pairs of a cloud and a sky pixel."""
    return float(curve.hit[-1]) * float(curve.false[-1]) if len(curve.hit) else 0.0


def _part(some: NDArray[np.int64], of_all: NDArray[np.int64]) -> NDArray[np.float64]:
    whole = np.broadcast_to(of_all, some.shape)
    part: NDArray[np.float64] = np.divide(
        some, whole, out=np.full(some.shape, nan), where=whole > 0
    )
    return part
