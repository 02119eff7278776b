"""The summary of the current mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFormLayout, QLabel, QProgressBar, QWidget

from napari_iris.app.mask_summary import NO_VALUE
from napari_iris.desk.forms.controls import TextLine

if TYPE_CHECKING:
    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.mask_preview import MaskPreview

COLORS = {"clear": "#2a9d8f", "cloudy": "#f4a261", "overcast": "#8d99ae", None: "#8a949c"}
"""Color of each sky condition, and of none."""

REFERENCE_TIP = "Clear-sky reference that applies, its uncertainty, and what it rests on"


class MaskSummaryView(QWidget):
    """Sky condition, cloud fraction, threshold and trust of the current mask.

    Parameters
    ----------
    preview : MaskPreview
        The mask.
    clear_sky : ClearSky
        The clear-sky references.
    """

    def __init__(self, preview: MaskPreview, clear_sky: ClearSky) -> None:
        super().__init__()
        self._preview, self._clear_sky = preview, clear_sky
        self.sky, self.cloud, self.threshold, self.method = (QLabel() for _ in range(4))
        self.clear_sky, self.reference, self.site = TextLine(), TextLine(), TextLine()
        self.method.setWordWrap(True)
        self.trust = QProgressBar()
        self.trust.setRange(0, 100)
        self._rows = rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        for label, widget, tip in (
            ("Sky", self.sky, "Sky condition found by the sky gate"),
            ("Cloud", self.cloud, "Cloud fraction of the mask, and in eighths of the sky"),
            ("Threshold", self.threshold, "Otsu threshold of the recipe, in the frame's own unit"),
            ("Method", self.method, "How the mask was made"),
            ("Clear sky", self.clear_sky, "Level of the camera's clear sky in this frame"),
            ("Reference", self.reference, REFERENCE_TIP),
            ("Site mask", self.site, "Pixels that never show the sky, which masks ignore"),
            ("Trust", self.trust, "Trust of the sky gate in this mask; also in masks.csv"),
        ):
            widget.setToolTip(tip)
            rows.addRow(label, widget)

    def refresh(self) -> None:
        """Show the summary."""
        summary = self._preview.summary
        self.sky.setText(summary.title)
        style = f"background: {COLORS[summary.sky]}; color: #10141a; font-weight: bold;"
        self.sky.setStyleSheet(f"QLabel {{ {style} padding: 2px 8px; border-radius: 4px; }}")
        self.cloud.setText(summary.cloud)
        self.threshold.setText(summary.threshold)
        self._rows.labelForField(self.method).setText("Reason" if summary.reason else "Method")
        self.method.setText(summary.reason or summary.method)
        self.clear_sky.setText(summary.clear_sky)
        self.reference.setText(self._clear_sky.text)
        self.site.setText(str(self._clear_sky.site or "none"))
        self.trust.setValue(0 if summary.trust is None else round(100 * summary.trust))
        self.trust.setFormat(NO_VALUE if summary.trust is None else "%p%")
