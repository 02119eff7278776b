"""The prediction of the current frame, described in some rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFormLayout, QLabel, QSizePolicy, QWidget
from superqt import QElidingLabel

from napari_iris.app.prediction.summary import LABELS, summarize
from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.prediction.current import CurrentPrediction


class SummaryView(QWidget):
    """Model, cloud fraction, the classifier's probability, uncertainty, reference, source.

    Parameters
    ----------
    prediction : CurrentPrediction
        The prediction.
    """

    def __init__(self, prediction: CurrentPrediction) -> None:
        super().__init__()
        self._prediction = prediction
        self.model = QElidingLabel()
        self.model.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.model.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.cloud, self.p_cloud = QLabel(), QLabel()
        self.uncertainty, self.reference, self.novelty = QLabel(), QLabel(), QLabel()
        self.source = TextLine()
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, (label, tip) in LABELS.items():
            widget = getattr(self, name)
            widget.setToolTip(tip)
            rows.addRow(label, widget)
        connect(prediction.changed, self.refresh)
        connect(prediction.requested, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the texts as they are now."""
        summary = summarize(self._prediction)
        for name, text in summary.items():
            getattr(self, name).setText(text)
        self.model.setToolTip(summary["model"])
