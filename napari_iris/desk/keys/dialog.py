"""A dialog of the keys, made from their table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from napari_iris.desk.keys.table import MODEL, NAPARI, SHORTCUTS, Shortcut

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

TITLES = {
    "go": "Go",
    "decide": "Decide",
    "correct": "Correct the mask",
    "look": "Look",
    "model": "Predict and Review dock",
    "napari": "napari's own",
}

COLUMNS = (("go", "decide", "look"), ("correct", "model"), ("napari",))
"""Groups that stand one below the other, column by column."""

KEYS_WIDTH = 40
"""Width of the column of keys, in pixels: what they do stands aligned below one another."""

KEYCAP = (
    "QLabel { border: 1px solid palette(mid); border-radius: 4px; padding: 1px 7px;"
    " font-weight: bold; }"
)


class KeysDialog(QDialog):
    """Show every key; it may stay open beside the window.

    Parameters
    ----------
    parent : QWidget
        The dock that shows it.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys of the curation desk")
        columns = QHBoxLayout()
        columns.setSpacing(28)
        for groups in COLUMNS:
            column = QVBoxLayout()
            for group in groups:
                column.addLayout(self._group(group))
            column.addStretch()
            columns.addLayout(column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(columns)
        layout.addWidget(buttons)

    def _group(self, group: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, KEYS_WIDTH)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(14)
        grid.setContentsMargins(0, 0, 0, 12)
        grid.addWidget(QLabel(f"<b>{TITLES[group]}</b>"), 0, 0, 1, 2)
        shortcuts = [one for one in (*SHORTCUTS, *MODEL, *NAPARI) if one.group == group]
        for row, shortcut in enumerate(shortcuts, start=1):
            grid.addWidget(_keycap(shortcut), row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(QLabel(shortcut.what), row, 1)
        return grid


def _keycap(shortcut: Shortcut) -> QLabel:
    label = QLabel(shortcut.shown.replace("Control", "Ctrl"))
    label.setStyleSheet(KEYCAP)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
