"""The sign that the window's thread is busy."""

from __future__ import annotations

from threading import current_thread, main_thread

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication


def show_busy() -> None:
    """Show the wait cursor until the window's thread runs its event loop again.

    The window system draws it at once, also while nothing is painted. Without a window, as where a
    script reads frames by napari's reader, nothing happens.
    """
    if QApplication.instance() is None or current_thread() is not main_thread():
        return
    QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    QTimer.singleShot(0, QApplication.restoreOverrideCursor)
