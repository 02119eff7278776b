"""The ROC curve of the model's pixels, with the baselines as points."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.app.review.report import METHODS
from napari_iris.numbers import format_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_iris.app.review.report import StoredReport
    from napari_iris.metrics.ranking import Curve

X_LABEL, Y_LABEL = "False-positive rate", "True-positive rate"


@dataclass(frozen=True, eq=False)
class Roc:
    """What a ROC plot shows.

    Attributes
    ----------
    curve : Curve or None
        The model's; None unless the truth has both classes.
    points : mapping of str to (float, float)
        False-positive and true-positive rate of each method; NaN where not defined.
    area : float
        Area under the curve; NaN where not defined.
    """

    curve: Curve | None = None
    points: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    area: float = nan

    @classmethod
    def of(cls, report: StoredReport | None) -> Roc:
        """Read it from a report; empty without one.

        Parameters
        ----------
        report : StoredReport or None
            The report.
        """
        curve = None if report is None else report.curves.get("pixels", {}).get("model")
        if report is None or curve is None or not _has_both_classes(curve):
            return cls()
        confusion = report.content.get("confusion", {})
        points = {name: _rates(confusion[name]) for name in METHODS if name in confusion}
        return cls(curve, points, report.content.get("model", {}).get("auc") or nan)

    def at(self, threshold: float | None) -> tuple[float, float] | None:
        """Give the point of the curve at a threshold.

        Parameters
        ----------
        threshold : float or None
            The threshold, 0 to 1.

        Returns
        -------
        (float, float) or None
            False-positive and true-positive rate; None without a curve or a threshold.
        """
        curve = self.curve
        if curve is None or threshold is None:
            return None
        above = np.flatnonzero(curve.threshold >= np.float32(threshold))
        if not len(above):
            return 0.0, 0.0
        return float(curve.false_positive_rate[above[-1]]), float(curve.recall[above[-1]])

    @property
    def description(self) -> str:
        """The area and the points in lines; empty without a curve."""
        if self.curve is None:
            return ""
        lines = [
            f"{METHODS[name]}: true-positive rate {y:.1%}, false-positive rate {x:.1%}"
            for name, (x, y) in self.points.items()
        ]
        return "\n".join([f"Area under the curve (AUC) {format_number(self.area, 3)}", *lines])


def _has_both_classes(curve: Curve) -> bool:
    return len(curve.hit) > 0 and bool(curve.hit[-1] > 0) and bool(curve.false[-1] > 0)


def _rates(confusion: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """False-positive and true-positive rate of a confusion matrix."""
    clear, cloud = confusion["true_clear"], confusion["true_cloud"]
    negatives, positives = sum(clear.values()), sum(cloud.values())
    return (
        clear["cloud"] / negatives if negatives else nan,
        cloud["cloud"] / positives if positives else nan,
    )
