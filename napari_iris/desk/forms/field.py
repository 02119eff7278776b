"""A row of a form: one field of a config, edited as its type asks for, its doc the tooltip."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

MOST = 2**31 - 1
"""Largest number of a spin box."""

PARTING = re.compile(r"[\s,]+|(?<=\d)-(?=\d)")
"""What may stand between numbers: ``64 128``, ``64, 128``, ``64-128``."""


class FieldEdit(QObject):
    """The edit of one field.

    A choice is a list, a whole number a spin box within the field's limits, yes or no a box to
    tick; all else is text, which the config itself judges.

    Parameters
    ----------
    name : str
        Name of the field.
    field : FieldInfo
        The field.
    value : object
        What it shows first.

    Attributes
    ----------
    changed : Signal
        Another value is shown.
    """

    changed = Signal()

    def __init__(self, name: str, field: FieldInfo, value: object) -> None:
        super().__init__()
        self.name = name
        self._many = get_origin(field.annotation) is tuple
        self.widget = self._make(field)
        self._is_text = isinstance(self.widget, QLineEdit)
        self.widget.setToolTip(field.description or "")
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.widget.installEventFilter(self)
        self.set(value)

    def _make(self, field: FieldInfo) -> QWidget:
        if get_origin(field.annotation) is Literal:
            choice = QComboBox()
            choice.addItems([str(value) for value in get_args(field.annotation)])
            choice.currentIndexChanged.connect(lambda _: self.changed.emit())
            return choice
        if field.annotation is bool:
            tick = QCheckBox()
            tick.toggled.connect(lambda _: self.changed.emit())
            return tick
        if field.annotation is int:
            spin = QSpinBox()
            spin.setRange(_limit(field, "ge", 0), _limit(field, "le", MOST))
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda _: self.changed.emit())
            return spin
        line = QLineEdit()
        line.textChanged.connect(lambda _: self.changed.emit())
        return line

    @property
    def value(self) -> Any:
        """What is shown, for the config to judge; None for an empty text."""
        if isinstance(self.widget, QComboBox):
            return self.widget.currentText()
        if isinstance(self.widget, QCheckBox):
            return self.widget.isChecked()
        if isinstance(self.widget, QSpinBox):
            return self.widget.value()
        text = self.widget.text().strip()
        if self._many:
            return tuple(PARTING.split(text)) if text else ()
        return text or None

    def shows(self, value: object) -> bool:
        """Whether it shows that value."""
        return bool(self.value == value or (self._is_text and self.widget.text() == _text(value)))

    def set(self, value: object) -> None:
        """Show another value."""
        if isinstance(self.widget, QComboBox):
            self.widget.setCurrentText(str(value))
        elif isinstance(self.widget, QCheckBox):
            self.widget.setChecked(bool(value))
        elif isinstance(self.widget, QSpinBox):
            self.widget.setValue(int(str(value)))
        else:
            self.widget.setText(_text(value))

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Leave the wheel to the dock: rolling it past a number must not change that."""
        if event.type() == QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        return False


def _limit(field: FieldInfo, name: str, otherwise: int) -> int:
    """Limit that the field's type sets."""
    found = [getattr(one, name) for one in field.metadata if hasattr(one, name)]
    return int(found[0]) if found else otherwise


def _text(value: object) -> str:
    """Write a value as it is typed."""
    if isinstance(value, tuple):
        return " ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value)
