"""A line of text in a dock."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy


class TextLine(QLabel):
    """A line of text that wraps, and so never widens its dock."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def show_text(self, text: str) -> None:
        """Show a text; an empty one hides the line."""
        self.setText(text)
        self.setVisible(bool(text))


def text_line(*, selectable: bool = False) -> TextLine:
    """Make a line of text.

    Parameters
    ----------
    selectable : bool
        Whether its text can be selected with the mouse, to copy it.
    """
    line = TextLine()
    if selectable:
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return line
