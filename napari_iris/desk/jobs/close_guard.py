"""Ask before the window closes while work is unsaved or running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget


class CloseGuard(QObject):
    """Asks a dock before the window that contains it closes.

    Parameters
    ----------
    dock : QWidget
        The dock; the guard is its child.
    may_close : callable
        Called when the window is about to close: whether it may.
    on_closed : callable
        Called once the window is hidden, as napari may still cancel the closing.
    """

    def __init__(
        self, dock: QWidget, may_close: Callable[[], bool], on_closed: Callable[[], object]
    ) -> None:
        super().__init__(dock)
        self._dock = dock
        self._may_close, self._on_closed = may_close, on_closed
        self._is_closing = False

    def watch(self) -> None:
        """Watch the window that contains the dock now."""
        main_window(self._dock).installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Keep the window open unless it may close."""
        if watched is not main_window(self._dock):
            return False
        if event.type() == QEvent.Type.Close:
            self._is_closing = self._may_close()
            if not self._is_closing:
                event.ignore()
                return True
        elif event.type() == QEvent.Type.Hide and self._is_closing and not event.spontaneous():
            self._on_closed()
        return False


def main_window(widget: QWidget) -> QWidget:
    """Find the top-level window: a floating dock is a window with a parent."""
    window = widget
    while window.parentWidget() is not None:
        window = window.parentWidget()
    return window
