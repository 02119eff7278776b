"""Buttons, check boxes, choices and sliders, each with its tooltip; lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class TextLine(QLabel):
    """A line of text that wraps, and so never widens its dock.

    Parameters
    ----------
    selectable : bool
        Whether its text can be selected with the mouse, to copy it.
    markup : bool
        Whether it may have tags; else ``<b>`` in the name of a file is shown as it is.
    """

    def __init__(self, *, selectable: bool = False, markup: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText if markup else Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def show_text(self, text: str) -> None:
        """Show a text; an empty one hides the line."""
        self.setText(text)
        self.setVisible(bool(text))


def by_tab(*widgets: QWidget) -> None:
    """Let widgets take the focus by Tab alone: after a click, keys still go to the canvas."""
    for widget in widgets:
        widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def button(text: str, tip: str, act: Callable[..., object] | None = None) -> QPushButton:
    """Make a button.

    Parameters
    ----------
    text : str
        Its text.
    tip : str
        Its tooltip.
    act : callable, optional
        Called without arguments when it is pressed.
    """
    made = QPushButton(text)
    made.setToolTip(tip)
    if act is not None:
        made.clicked.connect(act)
    return made


def check_box(text: str, tip: str, act: Callable[[bool], object] | None = None) -> QCheckBox:
    """Make a check box.

    Parameters
    ----------
    text : str
        Its text.
    tip : str
        Its tooltip.
    act : callable, optional
        Called with whether it is checked, when that changes.
    """
    made = QCheckBox(text)
    made.setToolTip(tip)
    if act is not None:
        made.toggled.connect(act)
    return made


def combo_box(texts: Iterable[str], tip: str, name: str = "") -> QComboBox:
    """Make a combo box.

    Parameters
    ----------
    texts : iterable of str
        What can be chosen.
    tip : str
        Its tooltip.
    name : str
        Its name, for a screen reader.
    """
    made = QComboBox()
    made.addItems(list(texts))
    made.setToolTip(tip)
    made.setAccessibleName(name)
    return made


def label(tip: str) -> QLabel:
    """Make an empty label with a tooltip."""
    made = QLabel()
    made.setToolTip(tip)
    return made


def line_edit(hint: str, tip: str) -> QLineEdit:
    """Make a line of text to edit, with a hint that is shown while it is empty."""
    made = QLineEdit()
    made.setPlaceholderText(hint)
    made.setToolTip(tip)
    return made


def slider(ticks: int, tip: str, act: Callable[[int], object]) -> QSlider:
    """Make a horizontal slider.

    Parameters
    ----------
    ticks : int
        Its highest value; the lowest is 0.
    tip : str
        Its tooltip.
    act : callable
        Called with its value, when that changes.
    """
    made = QSlider(Qt.Orientation.Horizontal)
    made.setRange(0, ticks)
    made.setToolTip(tip)
    made.valueChanged.connect(act)
    return made
