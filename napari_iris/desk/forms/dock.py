"""What the docks have in common: they scroll, and give back what they took when they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QScrollArea, QWidget

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent


class Dock(QScrollArea):
    """A dock that is scrolled where the window is too low for it."""

    def fill(self, inner: QWidget, width: int = 0) -> None:
        """Show a widget.

        Parameters
        ----------
        inner : QWidget
            The widget.
        width : int
            Width that the dock needs [pixels].
        """
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setMinimumWidth(width)

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
