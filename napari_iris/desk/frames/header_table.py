"""The header of the current frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from napari_iris.app.frame_facts import matches
from napari_iris.app.tooltip import tip_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.app.frame_facts import Card


class HeaderTable(QTableWidget):
    """A table of header cards, with a filter that stays from frame to frame."""

    def __init__(self) -> None:
        super().__init__(0, 3)
        self._cards: Sequence[Card] = ()
        self._filter = ""
        self.setHorizontalHeaderLabels(["Keyword", "Value", "Comment"])
        self.setToolTip("Header of the current frame")
        self.verticalHeader().hide()
        self.setWordWrap(False)
        self.setMinimumHeight(3 * self.verticalHeader().defaultSectionSize())
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setStretchLastSection(True)

    def show_cards(self, cards: Sequence[Card]) -> None:
        """List the cards of another header.

        Parameters
        ----------
        cards : sequence of (str, str, str)
            Keyword, value and comment of each.
        """
        self._cards = cards
        self.setRowCount(len(cards))
        for row, card in enumerate(cards):
            for column, text in enumerate(card):
                item = self.item(row, column)
                if item is None:  # cells are kept: making new ones takes longer than a step may
                    self.setItem(row, column, item := QTableWidgetItem())
                item.setText(text)
                item.setToolTip(tip_of(text))
        self.set_filter(self._filter)

    def set_filter(self, text: str) -> None:
        """Show only the cards that contain a text."""
        self._filter = text
        for row, card in enumerate(self._cards):
            self.setRowHidden(row, not matches(card, text))
