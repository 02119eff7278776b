"""What is said of the frame in hand: its status and class, a note, and the buttons to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.curate.queue_model import STATUS_COLORS
from napari_iris.desk.keys.table import SHORTCUTS
from napari_iris.labels import FRAME_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.desk.curate.decisions import Decisions
    from napari_iris.desk.curate.other_masks import OtherMasks

REASONS = (
    "unusable",
    "shutter closed",
    "dome or trees",
    "rain on the window",
    "Sun or Moon",
    "noise",
)
"""Reasons to reject a frame; others may be typed."""

LISTED = 30
"""Newest entries of a frame's history that are listed."""

TIPS = {one.action: f"{one.what}  [{one.shown}]" for one in SHORTCUTS}


class DecisionBox(QWidget):
    """Decide on the frame in hand.

    Parameters
    ----------
    decisions : Decisions
        What can be said of it.
    others : OtherMasks
        Its earlier masks, to restore.
    """

    def __init__(self, decisions: Decisions, others: OtherMasks) -> None:
        super().__init__()
        self._curation = curation = decisions.curation
        self._others = others
        self.status, self.maker = QLabel(), QLabel()
        self.status.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reason = QComboBox()
        self.reason.setEditable(True)
        self.reason.addItems(REASONS)
        self.reason.setToolTip("Why a frame is rejected; choose before pressing R, or type another")
        self.note = QLineEdit()
        self.note.setPlaceholderText("note")
        self.note.setToolTip("A note on this frame; Enter keeps it")
        self.note.editingFinished.connect(lambda: decisions.set_note(self.note.text().strip()))
        self.note.returnPressed.connect(self.note.clearFocus)
        curation.leaving.connect(self.note.clearFocus)  # it is kept for the frame it was typed for
        self.reason.activated.connect(self.reason.clearFocus)
        self.history = _button(
            "History", "All that was decided of this frame; choose a mask to restore"
        )
        self.history.setMenu(QMenu(self))
        self.history.menu().aboutToShow.connect(self._list_history)
        self.skies = {sky: _button(sky, "") for sky in FRAME_CLASSES}
        for sky, button in self.skies.items():
            button.setCheckable(True)
            button.setToolTip(f"Say that this frame is {sky}; the mask stays")
            button.clicked.connect(lambda _=False, sky=sky: decisions.set_sky(sky))
            button.clicked.connect(self.refresh)  # Qt has checked it, whatever came of it
        self.buttons = {
            name: _button(text, TIPS[name])
            for name, text in {
                "approve": "Approve",
                "reject": "Reject",
                "next": "Next",
                "clear": "Clear sky",
                "overcast": "Overcast",
                "back": "Back",
            }.items()
        }
        self._lay_out()
        curation.shown.connect(self.refresh)
        curation.changed.connect(self.refresh)
        curation.opened.connect(self.refresh)
        self.refresh()

    def connect(self, actions: dict[str, Callable[[], object]]) -> None:
        """Have the buttons do what the keys do."""
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, act=actions[name]: act())

    def _lay_out(self) -> None:
        top, skies, grid = QHBoxLayout(), QHBoxLayout(), QGridLayout()
        top.addWidget(self.status)
        top.addWidget(self.maker, stretch=1)
        skies.addWidget(QLabel("class"))
        for button in self.skies.values():
            skies.addWidget(button)
        for place, button in enumerate(self.buttons.values()):
            grid.addWidget(button, place // 3, place % 3)
        why = QHBoxLayout()
        why.addWidget(QLabel("reject as"))
        why.addWidget(self.reason, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for row in (top, grid, why, skies):
            layout.addLayout(row)
        last = QHBoxLayout()
        last.addWidget(self.note, stretch=1)
        last.addWidget(self.history)
        layout.addLayout(last)

    def refresh(self) -> None:
        """Show what is known of the frame in hand."""
        project, row = self._curation.project, self._curation.row
        self.setEnabled(row is not None and project is not None)
        if project is None or row is None:
            self._badge("no frame", "transparent")
            self.maker.setText("")
            return
        known = project.decision(self._curation.frame)
        self._badge(known.status, STATUS_COLORS[known.status])
        compared = self._curation.compared
        unsaved = "edited, being saved" if self._curation.unsaved else ""
        who = f"{known.how}, {known.by}" if known.by else ""
        self.maker.setText(f"showing: {compared}" if compared else unsaved or who)
        self.maker.setToolTip(known.reason)
        for sky, button in self.skies.items():
            button.setChecked(known.frame_class == sky)
        if not self.note.hasFocus():
            self.note.setText(known.note)

    def _list_history(self) -> None:
        """List the frame's history, newest first; its masks can be restored."""
        menu = self.history.menu()
        menu.clear()
        project, row = self._curation.project, self._curation.row
        entries = [] if project is None or row is None else project.history(self._curation.frame)
        for entry in reversed(entries[-LISTED:]):
            when = entry.at.strftime("%m-%d %H:%M:%S")
            action = menu.addAction(f"{when}  {entry.what}: {entry.value}  ({entry.by})")
            action.setEnabled(entry.mask is not None)
            action.triggered.connect(lambda _=False, mask=entry.mask: self._others.restore(mask))
        if not entries:
            menu.addAction("Nothing yet").setEnabled(False)

    def _badge(self, text: str, color: str) -> None:
        self.status.setText(text.upper())
        ink = "palette(text)" if color == "transparent" else "#111111"
        self.status.setStyleSheet(
            f"background: {color}; color: {ink}; border-radius: 3px; padding: 2px 8px;"
            " font-weight: bold;"
        )


def _button(text: str, tip: str) -> QPushButton:
    """Make a button that leaves the keyboard to the canvas when it is clicked."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
