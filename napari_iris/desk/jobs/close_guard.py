"""Ask before the window closes on something that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget


class CloseGuard(QObject):
    """Stands between a dock's window and its cross.

    Parameters
    ----------
    dock : QWidget
        The dock; the guard is its child.
    may_close : callable
        Asked when the window is about to close.
    let_go : callable
        Called once the window has gone: napari may call the closing off after all.
    """

    def __init__(
        self, dock: QWidget, may_close: Callable[[], bool], let_go: Callable[[], object]
    ) -> None:
        super().__init__(dock)
        self._dock = dock
        self._may_close, self._let_go = may_close, let_go
        self._closing = False

    def watch(self) -> None:
        """Watch the window that the dock is in now."""
        main_window(self._dock).installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Keep the window open unless it may close."""
        if watched is not main_window(self._dock):
            return False
        if event.type() == QEvent.Type.Close:
            self._closing = self._may_close()
            if not self._closing:
                event.ignore()
                return True
        elif event.type() == QEvent.Type.Hide and self._closing and not event.spontaneous():
            self._let_go()
        return False


def main_window(widget: QWidget) -> QWidget:
    """Find the window that closes with all: a floating dock is a window of its own."""
    window = widget
    while window.parentWidget() is not None:
        window = window.parentWidget()
    return window
