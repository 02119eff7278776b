"""Which clear-sky reference holds for the current frame, and how clear frames improve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_iris.app.keys import TIPS
from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.curation.teaching import Teaching
    from napari_iris.app.session import Session

LEARN_TIP = (
    "Learn the clear sky of each night from the frames approved as clear, and renew the automatic "
    "masks that nobody has touched"
)


class ReferenceBox(QWidget):
    """Shows the clear-sky reference; learns it again from clear frames.

    Parameters
    ----------
    session : Session
        The open frames.
    clear_sky : ClearSky
        Their clear-sky references.
    teaching : Teaching
        Learns from clear frames.

    Attributes
    ----------
    progress : TextLine
        How far it has learned; the dock shows it.
    """

    def __init__(self, session: Session, clear_sky: ClearSky, teaching: Teaching) -> None:
        super().__init__()
        self._clear_sky, self._teaching = clear_sky, teaching
        self.text, self.progress = TextLine(), TextLine()
        self.text.setToolTip("Clear-sky reference of this night, its uncertainty, what it rests on")
        self.learn = button("Learn from clear frames", LEARN_TIP, teaching.learn_all)
        self.undo = button("Undo", TIPS["unlearn"], teaching.undo)
        by_tab(self.learn, self.undo)
        column(self, self.text, row(Wide(self.learn), self.undo))
        for signal in (clear_sky.changed, session.frame_changed, session.sequence_changed):
            connect(signal, self.refresh)
        for signal in (teaching.changed, session.labels_changed):
            connect(signal, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        teaching = self._teaching
        text = self._clear_sky.text
        self.text.setText(text[0].upper() + text[1:])
        self.learn.setEnabled(not teaching.is_busy and bool(teaching.clear_nights))
        self.undo.setEnabled(teaching.can_undo)
        self.progress.show_text(teaching.text)
