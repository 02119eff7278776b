"""What the tests of the Curate dock share: a current frame with cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from tests.desk.conftest import Desk

ROW, CLOUD_COLUMNS = 2, 32
"""A frame with cloud in its first columns."""


def drag_threshold(desk: Desk, *shares: float) -> None:
    """Drag the line in the histogram to shares of its range, with the mouse."""
    plot, tools = desk.dock.tools.histogram, desk.dock.tools
    tools.refresh()
    if plot.histogram is None:
        return
    low, high = plot.histogram.edges[0], plot.histogram.edges[-1]
    places = [plot.place(low + share * (high - low), 0).toPoint() for share in shares]
    places = [QPoint(place.x(), plot.height() // 2) for place in places]
    view, button = plot.viewport(), Qt.MouseButton.LeftButton
    desk.qtbot.mousePress(view, button, pos=places[0])
    for place in places[1:]:
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(place),
            QPointF(view.mapToGlobal(place)),
            Qt.MouseButton.NoButton,
            button,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(view, move)
    desk.qtbot.mouseRelease(view, button, pos=places[-1])


@pytest.fixture
def at_cloud(desk: Desk) -> Desk:
    """The current frame, with its cloud and nothing else marked."""
    desk.press("N", "N")
    assert desk.row == ROW
    cloudy = np.zeros_like(desk.mask)
    cloudy[:, :CLOUD_COLUMNS] = 1
    desk.layer.data = cloudy
    assert desk.curation.save()
    desk.curation.changed.emit()
    return desk
