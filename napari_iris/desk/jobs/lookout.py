"""Look at something again and again while a widget is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget


class Lookout(QObject):
    """Calls a function when a widget comes into view, and from time to time until it goes.

    Parameters
    ----------
    widget : QWidget
        The widget.
    look : callable
        The function.
    every_ms : int
        Milliseconds between two calls.
    """

    def __init__(self, widget: QWidget, look: Callable[[], object], every_ms: int) -> None:
        super().__init__(widget)
        self._look = look
        self._clock = QTimer(self)
        self._clock.setInterval(every_ms)
        self._clock.timeout.connect(look)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002, N802 (Qt's names)
        """Begin and end with the widget's view."""
        if event.type() == QEvent.Type.Show:
            self._look()
            self._clock.start()
        elif event.type() == QEvent.Type.Hide:
            self._clock.stop()
        return False
