"""Keys into the docks and out of them: all can be done without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent


class Enterable:
    """A dock that `enter_next_dock` gives the keys to; Esc gives them back to the canvas.

    Mixed into widgets.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Give the keys back on Esc, which the viewer hears too; leave the others to the widget."""
        if event.key() == Qt.Key.Key_Escape:
            focused = QApplication.focusWidget()
            if focused is not None and holds(self, focused):
                focused.clearFocus()
            event.ignore()
        else:
            super().keyPressEvent(event)  # type: ignore[misc]


def holds(dock: Any, widget: QWidget) -> bool:
    """Whether a widget is a dock, or lies in it."""
    return widget is dock or bool(dock.isAncestorOf(widget))


def enter_next_dock() -> None:
    """Give the keys to the first control of a dock in view; from there, to that of the next one."""
    window, focused = QApplication.activeWindow(), QApplication.focusWidget()
    if window is None:
        return
    docks: list[Any] = [one for one in window.findChildren(QWidget) if isinstance(one, Enterable)]
    docks = [one for one in docks if not one.visibleRegion().isEmpty()]
    here = next((n for n, one in enumerate(docks) if focused and holds(one, focused)), -1)
    for dock in [*docks[here + 1 :], *docks[: here + 1]]:
        first = _first_control(dock)
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)
            return


def _first_control(dock: QWidget) -> QWidget | None:
    """Find the first control in the order of the Tab key that can be used."""
    widget = dock.nextInFocusChain()
    while widget is not None and widget is not dock:
        is_control = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if is_control and dock.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled():
            return widget
        widget = widget.nextInFocusChain()
    return None
