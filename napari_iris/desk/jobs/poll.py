"""Call a function from time to time while a widget is visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget


class PollWhileVisible(QObject):
    """Calls a function when a widget becomes visible, and at intervals until it is hidden.

    Parameters
    ----------
    widget : QWidget
        The widget; this object is its child.
    call : callable
        The function.
    interval_ms : int
        Time between two calls [ms].
    """

    def __init__(self, widget: QWidget, call: Callable[[], object], interval_ms: int) -> None:
        super().__init__(widget)
        self._call = call
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(call)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002, N802 (Qt's names)
        """Start and stop with the visibility of the widget."""
        if event.type() == QEvent.Type.Show:
            self._call()
            self._timer.start()
        elif event.type() == QEvent.Type.Hide:
            self._timer.stop()
        return False
