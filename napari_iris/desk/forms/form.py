"""The widgets of a form, by magicgui: one labelled row per field, with its description."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from magicgui.widgets import CheckBox, ComboBox, FloatSlider, LineEdit, SpinBox
from magicgui.widgets.bases import RangedWidget
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from napari_iris.app.form_fields import choice_text
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from magicgui.widgets.bases import ValueWidget, Widget

    from napari_iris.app.form import Form
    from napari_iris.app.form_fields import FormField


class FormView(QWidget):
    """Shows the fields of a `Form`, and sets them.

    Parameters
    ----------
    form : Form
        The form.
    names : iterable of str, optional
        Fields that are shown, from the top; all by default.
    more : sequence of magicgui widgets
        Rows below them.

    Attributes
    ----------
    rows : dict of str to magicgui widget
        The row of each field.
    """

    def __init__(
        self,
        form: Form[Any],
        names: Iterable[str] | None = None,
        more: Sequence[Widget] = (),
    ) -> None:
        super().__init__()
        self._form = form
        self.rows = {name: _row(form.fields[name]) for name in names or form.fields}
        for name, row in self.rows.items():
            row.value = form.shown(name)
            row.changed.connect(partial(form.set, name))
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for row in (*self.rows.values(), *more):
            _add_row(layout, row)
            self._set_up(row.native, row.label)
        connect(form.changed, self._show)

    def _set_up(self, row: QWidget, label: str) -> None:
        """Name a row for screen readers; leave the wheel to the dock unless it has the focus."""
        row.setAccessibleName(label)
        for widget in chain([row], row.findChildren(QWidget)):
            if isinstance(widget, QAbstractSpinBox):
                widget.setKeyboardTracking(False)
            if isinstance(widget, QAbstractSpinBox | QAbstractSlider | QComboBox):
                widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                widget.installEventFilter(self)
            if isinstance(widget, QLineEdit | QAbstractSpinBox) and not widget.accessibleName():
                widget.setAccessibleName(label)

    def _show(self, name: str) -> None:
        shown, row = self._form.shown(name), self.rows.get(name)
        if row is not None and row.value != shown:
            if isinstance(row, RangedWidget):  # the useful range may be narrower than the valid one
                row.min, row.max = min(row.min, shown), max(row.max, shown)
            row.value = shown

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Leave the wheel to the dock: scrolling past a number must not change it."""
        if (
            event.type() == QEvent.Type.Wheel
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        ):
            event.ignore()
            return True
        return False


def _row(field: FormField) -> ValueWidget[Any]:
    looks = {"name": field.name, "label": field.label, "tooltip": field.tooltip}
    if field.kind == "choice":
        return ComboBox(choices=[(choice_text(one), one) for one in field.choices], **looks)
    if field.kind == "check":
        return CheckBox(text="", **looks)
    limits = {"min": field.low, "max": field.high, "step": field.step}
    if field.kind == "integer":
        return SpinBox(**limits, **looks)
    return FloatSlider(**limits, **looks) if field.kind == "slider" else LineEdit(**looks)


def _add_row(layout: QFormLayout, row: Widget) -> None:
    """Add a row with its label; a check box has its own."""
    if isinstance(row, CheckBox):
        layout.addRow(row.native)
        return
    label = QLabel(row.label)
    label.setToolTip(row.tooltip)
    label.setBuddy(row.native)
    layout.addRow(label, row.native)
