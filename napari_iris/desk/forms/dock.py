"""What the docks have in common: they scroll, and give back what they took when they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QWidget

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent, QShowEvent


LEAST_HEIGHT = 160
"""Height of a dock beside others, at least [pixels]: what is less cannot be worked in."""

FOCUS = """
QPushButton, QComboBox, QCheckBox, QRadioButton { border: 1px solid transparent; }
QPushButton { padding: 3px; }
QComboBox { padding: 2px 9px 2px 7px; }
QPushButton:focus, QComboBox:focus, QCheckBox:focus, QRadioButton:focus, QSlider::handle:focus {
    border: 1px solid palette(highlight);
}
QLineEdit:focus, QTableView:focus { border: 1px solid palette(highlight); padding: 1px; }
QAbstractSpinBox:focus { border: 1px solid palette(highlight); padding: 0px 9px; }
"""
"""What the keys go to is framed, which napari leaves out; nothing moves by it."""


class Dock(QScrollArea):
    """A dock that is scrolled where the window is too low for it.

    Several of them lie behind one another, with a tab each: below one another none has the height
    to work in.
    """

    _least = 0
    _has_place = False

    def fill(self, inner: QWidget, width: int = 0) -> None:
        """Show a widget; the dock is never narrower than what stands in it.

        Parameters
        ----------
        inner : QWidget
            The widget.
        width : int
            Width that the dock has at least, however little that needs [pixels].
        """
        self._least = width
        self.setStyleSheet(FOCUS)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setMinimumHeight(LEAST_HEIGHT)
        self._fit()

    def _fit(self) -> None:
        """Be as wide as the widget needs it, with the bar that scrolls it."""
        needed = (
            self.widget().minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        )
        self.setMinimumWidth(max(self._least, needed))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Follow what the widget needs: a number may be longer than the dash before it."""
        filtered = bool(super().eventFilter(watched, event))
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
        return filtered

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Take its place once it is shown for the first time."""
        super().showEvent(event)
        if not self._has_place:
            self._has_place = True
            QTimer.singleShot(0, self._join)  # napari has then put it where it goes

    def _join(self) -> None:
        """Lie in front of the docks of ours on the same side of the window, with a tab."""
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
        """Give back what was taken: the dock is no longer in a window."""

    def event(self, event: QEvent) -> bool:
        """Leave when the dock is taken out of the window."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.leave()
        return bool(super().event(event))


class CanvasDock(Dock):
    """A dock for work on the canvas: it leaves the keys to that, and never moves sideways."""

    def fill(self, inner: QWidget, width: int = 0) -> None:
        """Show a widget, as wide as the dock."""
        super().fill(inner, width)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave every key to the viewer: the arrows step through the frames, not the dock."""
        event.ignore()
