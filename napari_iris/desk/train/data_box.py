"""The data to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.form import FormView
from napari_iris.desk.forms.layout import Wide, column, row
from napari_iris.desk.jobs.poll import PollWhileVisible
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.training.data import DataChoice
    from napari_iris.app.training.form import TrainingForm

REFRESH_MS = 1000
"""Milliseconds between two counts of the labelled frames, while the dock is visible."""

TIP = "A project, a folder of masks, or one with frames/ and truth/"


class DataBox(QWidget):
    """Shows a `DataChoice`.

    Parameters
    ----------
    data : DataChoice
        The data.
    form : TrainingForm
        The form, with the choice of masks.
    """

    def __init__(self, data: DataChoice, form: TrainingForm) -> None:
        super().__init__()
        self.data = data
        self.folder = FolderEdit(TIP, "folder of the training data")
        self.folder.follow(data.folder)
        self.masks = FormView(form, ["masks"])
        self.line, self.left_out = TextLine(), TextLine()
        self._poll = PollWhileVisible(self, data.refresh, REFRESH_MS)
        column(self, row("Folder", Wide(self.folder.native)), self.masks, self.line, self.left_out)
        connect(data.changed, self.refresh)
        connect(form.changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the labelled frames."""
        self.masks.setVisible(self.data.supply.kind == "project")
        self.line.setText(self.data.supply.text)
        self.left_out.show_text(self.data.left_out)
