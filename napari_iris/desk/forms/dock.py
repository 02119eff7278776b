"""Base classes of the docks: they scroll, and clean up when they are removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QVBoxLayout, QWidget

from napari_iris.desk.forms.keyboard import Enterable
from napari_iris.desk.forms.layout import filled

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent, QShowEvent

    from napari_iris.app.view.shown import Shown
    from napari_iris.app.view.stretch import FrameStretch
    from napari_iris.desk.forms.layout import Part


class Workspace(Protocol):
    """What a dock needs of the workspace of its viewer."""

    @property
    def shown(self) -> Shown:
        """Which layers lie over the frames."""

    @property
    def stretch(self) -> FrameStretch:
        """The stretch of the current frame; made when it is first asked for."""


MIN_HEIGHT = 120
"""Least height of a dock beside others [pixels]: three of them fit a window of 720."""

BORDER = 1
"""Width of the border that napari's theme draws around a scroll area [pixels]."""

MARGINS = (8, 3, 8, 3)
"""Margins of a dock: left, top, right, bottom [pixels]."""

FOCUS = """
QPushButton, QComboBox, QCheckBox, QRadioButton { border: 1px solid transparent; }
QPushButton { padding: 3px; }
QComboBox { padding: 2px 9px 2px 7px; }
QPushButton:focus, QComboBox:focus, QCheckBox:focus, QRadioButton:focus, QSlider::handle:focus {
    border: 1px solid palette(highlight);
}
QGraphicsView { border: 1px solid transparent; }
QGraphicsView:focus { border: 1px solid palette(highlight); }
QLineEdit:focus, QTableView:focus { border: 1px solid palette(highlight); padding: 1px; }
QAbstractSpinBox:focus { border: 1px solid palette(highlight); padding: 0px 9px; }
"""
"""Focus ring, which napari's theme lacks; the sizes of the widgets stay the same."""


class Dock(Enterable, QScrollArea):
    """A dock that scrolls where the window is too low for it.

    Several docks are tabbed: stacked, none would have a useful height.
    """

    _min_width = 0
    _is_placed = False
    _shown: Shown | None = None
    _name = ""
    stretch: FrameStretch

    def fill(self, *parts: Part, width: int = 0) -> None:
        """Show parts below one another; the dock is never narrower than they need.

        Parameters
        ----------
        *parts : widget, layout, str or None
            The parts, as in `napari_iris.desk.forms.layout`.
        width : int
            Least width of the dock [pixels].
        """
        inner = QWidget()
        filled(QVBoxLayout(inner), parts).setContentsMargins(*MARGINS)
        self._min_width = width
        self.setStyleSheet(FOCUS)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setMinimumHeight(MIN_HEIGHT)
        self._fit()

    def _fit(self) -> None:
        """Be as wide as the widget and the scroll bar need."""
        inner, bar = self.widget().minimumSizeHint(), self.verticalScrollBar().sizeHint()
        needed = inner.width() + bar.width() + 2 * BORDER
        self.setMinimumWidth(max(self._min_width, needed))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Follow the width that the widget needs: a number may be longer than the dash before."""
        filtered = bool(super().eventFilter(watched, event))
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
        return filtered

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Tab the dock once it is shown for the first time."""
        super().showEvent(event)
        if not self._is_placed:
            self._is_placed = True
            QTimer.singleShot(0, self._join)  # napari has placed it by then
            if isinstance(holder := self.parentWidget(), QDockWidget):
                holder.visibilityChanged.connect(self._come_to_front)  # the tab was chosen
        if not event.spontaneous():
            self._come_to_front()

    def work_in(self, workspace: Workspace, name: str = "") -> None:
        """Show frames with the stretch of a workspace, and its keys; show the dock's own layers.

        Parameters
        ----------
        workspace : Workspace
            What the docks of the viewer share.
        name : str
            Name of the dock, if it has layers: while it is in front, those of others are hidden.
        """
        self.stretch = workspace.stretch
        if name:
            self._shown, self._name = workspace.shown, name

    def _come_to_front(self, is_visible: bool = True) -> None:
        if is_visible and self._shown is not None:
            self._shown.bring(self._name)

    def _join(self) -> None:
        """Tab the dock in front of our other docks on the same side of the window."""
        if not isalive(self) or not isinstance(window := self.window(), QMainWindow):
            return
        holders = [one.parentWidget() for one in window.findChildren(Dock) if one is not self]
        mine = self.parentWidget()
        for holder in holders:
            if (
                isinstance(holder, QDockWidget)
                and isinstance(mine, QDockWidget)
                and not (holder.isHidden() or holder.isFloating() or mine.isFloating())
                and window.dockWidgetArea(holder) == window.dockWidgetArea(mine)
            ):
                window.tabifyDockWidget(holder, mine)
                window.resizeDocks([mine], [window.height()], Qt.Orientation.Vertical)
                mine.raise_()
                return

    def leave(self) -> None:
        """Clean up: the dock is no longer in a window."""

    def event(self, event: QEvent) -> bool:
        """Clean up when the dock is removed from the window."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.leave()
            if self._shown is not None:
                self._shown.leave(self._name)
        return bool(super().event(event))


class CanvasDock(Dock):
    """A dock for work on the canvas: it leaves keys to the canvas, and never scrolls sideways."""

    def fill(self, *parts: Part, width: int = 0) -> None:
        """Show parts below one another, as wide as the dock."""
        super().fill(*parts, width=width)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave every key to the viewer: the arrow keys step through the frames."""
        if event.key() == Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        event.ignore()
