"""A pyqtgraph plot that looks like the window and is read by mouse and arrow keys."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QSizePolicy, QToolTip

from napari_iris.desk.plots.backend import pg
from napari_iris.desk.plots.colors import text_color

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

    from napari_iris.app.curves import Step

STEPS: dict[Qt.Key, Step] = {
    Qt.Key.Key_Left: "previous",
    Qt.Key.Key_Right: "next",
    Qt.Key.Key_Home: "first",
    Qt.Key.Key_End: "last",
}
"""Keys that read a plot."""

LINE, TEXT, GRID = 0.5, 0.85, 0.15
"""Opacity of axes, of their numbers, and of the grid."""

MARGIN = 8
"""Room for the half of the last number that is beyond the end of the x axis [pixels]."""


class Chart(pg.PlotWidget):
    """A plot without zoom and menu: the wheel scrolls its dock; subclasses draw and read.

    Parameters
    ----------
    axes : mapping of str to pyqtgraph.AxisItem, optional
        Axes in place of the usual ones.
    """

    _is_built = False

    def __init__(self, axes: dict[str, pg.AxisItem] | None = None) -> None:
        super().__init__(background=None, axisItems=axes or {})
        self.item = self.getPlotItem()
        self.item.layout.setContentsMargins(0, 0, MARGIN, 0)
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        self.item.setMouseEnabled(x=False, y=False)
        self.marker = pg.InfiniteLine(angle=90)
        self.marker.hide()
        self.empty = pg.LabelItem()
        self.empty.setParentItem(self.item.vb)
        self.empty.anchor((0.5, 0.5), (0.5, 0.5))
        self.item.addItem(self.marker, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._is_built = True

    # --- what a subclass does

    @abstractmethod
    def draw(self) -> None:
        """Draw everything, in the colours of the theme."""

    @abstractmethod
    def read(self, x: float) -> str:
        """Read the values at a position of the x axis, and give them."""

    @abstractmethod
    def step(self, step: Step) -> bool:
        """Read the values a step further; False where there are none."""

    def stop_reading(self) -> None:
        """Stop reading values."""

    # --- appearance

    def redraw(self) -> None:
        """Draw everything anew."""
        self.setBackground(self.palette().color(QPalette.ColorRole.Window))
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            axis.setPen(text_color(self, LINE))
            axis.setTextPen(text_color(self, TEXT))
            axis.setTickFont(self.font())
        self.marker.setPen(text_color(self, LINE))
        self.draw()

    def show_empty(self, text: str) -> None:
        """Show a text in place of curves; empty for none."""
        if text:
            self.empty.setText(text, color=text_color(self, TEXT))
        if self.empty.isVisible() != bool(text):  # either lays the plot out anew
            self.empty.setVisible(bool(text))
            for name in ("left", "bottom"):
                self.item.showAxis(name, not text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw in the colours of another theme."""
        super().changeEvent(event)
        themed = event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
        if themed and self._is_built:
            self.redraw()

    def place(self, x: float, y: float) -> QPointF:
        """Give the position of a point on the widget [pixels]."""
        return QPointF(self.mapFromScene(self.item.vb.mapViewToScene(QPointF(x, y))))

    def position(self, place: QPoint) -> float:
        """Give the position on the x axis of a place on the widget [pixels]."""
        return float(self.item.vb.mapSceneToView(self.mapToScene(place)).x())

    # --- reading

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Read the values under the mouse."""
        self.show_values(self.read(self.position(event.pos())), event.pos())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Read nothing when the mouse has gone."""
        self.stop_reading()
        super().leaveEvent(event)

    def focusOutEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Read nothing when the focus has gone."""
        self.stop_reading()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Step through the values with the arrow keys."""
        step = STEPS.get(event.key())
        if step is None or not self.step(step):
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave the wheel to the dock."""
        event.ignore()

    def show_values(self, text: str, place: QPoint) -> None:
        """Show values that were read in a tooltip."""
        if text:
            QToolTip.showText(self.mapToGlobal(place), text, self)
