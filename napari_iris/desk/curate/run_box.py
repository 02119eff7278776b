"""A run of frames: preview it, label it by one decision, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_iris.app.keys import TIPS
from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.forms.layout import column, row
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.curation.run_labels import RunLabels

BUTTONS = {"run": "Preview", "confirm": "Label run", "cancel": "Cancel", "unrun": "Undo run"}


class RunBox(QWidget):
    """Label a run of frames.

    Parameters
    ----------
    runs : RunLabels
        The run that is previewed, and what was labelled.
    """

    def __init__(self, runs: RunLabels) -> None:
        super().__init__()
        self._runs = runs
        self.buttons = {name: button(text, TIPS[name]) for name, text in BUTTONS.items()}
        by_tab(*self.buttons.values())
        self.text = TextLine(selectable=True)
        column(self, row(*self.buttons.values()), self.text)
        connect(runs.changed, self.refresh)
        self.refresh()

    @property
    def is_previewing(self) -> bool:
        """Whether a run is previewed."""
        return self._runs.preview is not None

    def refresh(self) -> None:
        """Show the run that is previewed, or what was done."""
        for name in ("confirm", "cancel"):
            self.buttons[name].setEnabled(self.is_previewing)
        self.text.show_text(self._runs.text)
