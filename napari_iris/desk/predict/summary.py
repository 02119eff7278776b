"""What a model says of the frame in view, in words and numbers."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFormLayout, QLabel, QSizePolicy, QWidget
from superqt import QElidingLabel

from napari_iris.desk.forms.line import text_line

if TYPE_CHECKING:
    from napari_iris.desk.predict.prediction import PredictionInView
    from napari_iris.desk.predict.source import Seen

NOTHING = "–"
"""What stands where there is nothing to tell."""

TIPS = {
    "model": "Name and fingerprint of the model, and of the classifier",
    "cloud": "Part of the sky that is cloud at the threshold",
    "p(cloud)": "The classifier's probability that there is cloud in the frame",
    "uncertainty": "Mean entropy of the pixels' probabilities: 0 sure, 1 undecided everywhere",
    "made": "Whether it was made now or lies in a file",
}


class PredictionView(QWidget):
    """Model, cloud fraction, classifier's word and uncertainty of one prediction.

    Parameters
    ----------
    view : PredictionInView
        The prediction in view.
    """

    def __init__(self, view: PredictionInView) -> None:
        super().__init__()
        self._view = view
        self.model = QElidingLabel()
        self.model.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.model.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.cloud, self.p_cloud, self.uncertainty = QLabel(), QLabel(), QLabel()
        self.made = text_line()
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        widgets = (self.model, self.cloud, self.p_cloud, self.uncertainty, self.made)
        for (name, tip), widget in zip(TIPS.items(), widgets, strict=True):
            widget.setToolTip(tip)
            rows.addRow(name, widget)
        view.changed.connect(self.refresh)
        view.source_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known."""
        seen = self._view.seen
        if seen is None:
            for label in (self.model, self.cloud, self.p_cloud, self.uncertainty):
                label.setText(NOTHING)
            self.made.setText(self._why_not())
            return
        prediction, fraction = seen.prediction, self._view.cloud_fraction
        self.model.setText(prediction.model)
        self.model.setToolTip(prediction.model)
        self.cloud.setText(f"{fraction:.1%}  ({8 * fraction:.1f} okta)")
        self.p_cloud.setText(_number(prediction.p_cloud))
        self.uncertainty.setText(_number(prediction.uncertainty))
        self.made.setText(_how(seen))

    def _why_not(self) -> str:
        """Say why there is no prediction."""
        if self._view.problem:
            return self._view.problem
        if self._view.session.sequence is None:
            return "Open a night first."
        if self._view.source is None:
            return NOTHING
        return "the model is being asked ..."


def _number(value: float) -> str:
    return NOTHING if isnan(value) else f"{value:.3f}"


def _how(seen: Seen) -> str:
    if seen.stored is not None:
        return f"read from {seen.stored.parent.name}/{seen.stored.name}"
    return f"now, in {1000 * seen.seconds:.0f} ms"
