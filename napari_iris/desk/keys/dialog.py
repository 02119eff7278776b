"""A dialog that lists all keyboard shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from napari_iris.app.keys import (
    CURATION,
    GROUPS,
    MODEL,
    NAPARI,
    RUN,
    STROKE,
    UNDO,
    VIEW,
    Shortcut,
)

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_iris.desk.keys.chosen import Keys

COLUMNS = (("go", "decide", "view"), ("edit",), ("napari", "model"))
"""Groups in each column."""

KEY_WIDTH = 40
"""Least width of the column of keys, in pixels, so that the texts of all groups align."""

KEYCAP = (
    "QLabel { border: 1px solid palette(mid); border-radius: 4px; padding: 1px 7px;"
    " font-weight: bold; }"
)


CHANGE = "To change keys: <i>File &gt; Preferences</i>, <i>IRIS cloud masks</i>."


class ShortcutsDialog(QDialog):
    """List all shortcuts; it may stay open beside the window.

    Parameters
    ----------
    parent : QWidget
        The dock that shows it.
    keys : Keys
        The keys that a person has chosen.
    """

    def __init__(self, parent: QWidget, keys: Keys) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setWindowTitle("Curation shortcuts")
        columns = QHBoxLayout()
        columns.setSpacing(14)
        for groups in COLUMNS:
            column = QVBoxLayout()
            for group in groups:
                column.addLayout(self._group(group))
            column.addStretch()
            columns.addLayout(column)
        buttons = QDialogButtonBox()
        buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(columns)
        layout.addWidget(QLabel(CHANGE))
        layout.addWidget(buttons)

    def _group(self, group: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, KEY_WIDTH)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(14)
        grid.setContentsMargins(0, 0, 0, 12)
        grid.addWidget(QLabel(f"<b>{GROUPS[group]}</b>"), 0, 0, 1, 2)
        tables = (*CURATION, *STROKE, *RUN, *UNDO, *VIEW, *MODEL, *NAPARI)
        chosen = self._keys.shortcuts
        shortcuts = [chosen.get(one.action, one) for one in tables if one.group == group]
        for row, shortcut in enumerate(shortcuts, start=1):
            grid.addWidget(_keycap(shortcut), row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(QLabel(shortcut.text), row, 1)
        return grid


def _keycap(shortcut: Shortcut) -> QLabel:
    label = QLabel(shortcut.label or "none")
    label.setStyleSheet(KEYCAP)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
