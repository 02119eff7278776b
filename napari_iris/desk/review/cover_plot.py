"""Cloud cover against time, as predicted and in truth; a click goes to a frame."""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import QSize
from qtpy.QtWidgets import QSizePolicy

from napari_iris.app.review.cover import CoverSeries
from napari_iris.desk.plots.frame_plot import FramePlot

COLORS = {"predicted": 1, "truth": 0}
"""Curves, and the number of the colour of each."""

PERCENT = [[(value, f"{value:.0%}") for value in (0.0, 0.5, 1.0)]]


class CoverPlot(FramePlot[CoverSeries]):
    """A plot of the cloud cover."""

    nothing = "No predictions yet"

    def __init__(self) -> None:
        super().__init__()
        self.item.getAxis("left").setTicks(PERCENT)
        self.item.setYRange(0, 1, padding=0.1)  # room for the outer labels
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Cloud cover; the arrow keys step through the frames")
        self.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Preferred size."""
        return QSize(340, 150)

    def draw_series(self, series: CoverSeries) -> list[str]:
        """Draw both curves."""
        curves = {name: (getattr(series, name), color) for name, color in COLORS.items()}
        return [
            self.draw_curve(series, values, name, color)
            for name, (values, color) in curves.items()
            if not np.isnan(values).all()
        ]

    def values_at(self, series: CoverSeries, row: int) -> list[tuple[float, int]]:
        """Give the cloud fractions of a frame."""
        return [(float(getattr(series, name)[row]), color) for name, color in COLORS.items()]
