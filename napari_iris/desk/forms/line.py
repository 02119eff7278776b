"""A line of text in a dock."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy


def text_line(*, selectable: bool = False) -> QLabel:
    """Make a line of text that wraps, and so never widens its dock.

    Parameters
    ----------
    selectable : bool
        Whether the mouse can select its text, to copy it.
    """
    line = QLabel()
    line.setWordWrap(True)
    line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if selectable:
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return line
