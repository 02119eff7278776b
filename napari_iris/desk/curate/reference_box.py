"""Which clear-sky reference holds for the current frame, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.forms.layout import column
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.session import Session


class ReferenceBox(QWidget):
    """Shows the clear-sky reference.

    Parameters
    ----------
    session : Session
        The open frames.
    clear_sky : ClearSky
        Their clear-sky references.
    """

    def __init__(self, session: Session, clear_sky: ClearSky) -> None:
        super().__init__()
        self._clear_sky = clear_sky
        self.text = TextLine()
        self.text.setToolTip("Clear-sky reference of this night, its uncertainty, what it rests on")
        column(self, self.text)
        for signal in (clear_sky.changed, session.frame_changed, session.sequence_changed):
            connect(signal, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        self.text.setText(f"Clear-sky reference: {self._clear_sky.text}")
