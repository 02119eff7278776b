"""Name and folder of the model, and the training as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLineEdit, QWidget

from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.layout import column, labelled
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.training.training import Training


class TrainBox(QWidget):
    """The model's name and folder, why it cannot be trained, and the job panel.

    Parameters
    ----------
    training : Training
        The training.
    """

    def __init__(self, training: Training) -> None:
        super().__init__()
        self.training = training
        self.name, self.problem = QLineEdit(), TextLine(selectable=True)
        self.advice = TextLine()
        self.name.setToolTip("Name of the model's folder")
        self.name.setAccessibleName("Name of the model")
        self.folder = FolderEdit("Folder for the models", "folder for the models")
        self.folder.follow(training.models)
        self.panel = JobPanel(
            training.control,
            "Train",
            "Train in the background, in a separate process",
            training.start,
            training.commands,
            "Stop within seconds; the best weights so far are kept",
        )
        self.name.textChanged.connect(lambda text: training.name.choose(text or None))
        connect(training.name.changed, self._show_name)
        connect(training.changed, self.refresh)
        connect(training.control.changed, self.refresh)
        where = labelled({"Name": self.name, "Models folder": self.folder.native})
        column(self, where, self.problem, self.advice, self.panel)
        self._show_name()
        self.refresh()

    def _show_name(self) -> None:
        name = self.training.name.value or ""
        if self.name.text() != name:
            self.name.setText(name)

    def refresh(self) -> None:
        """Show why the training cannot be started."""
        problem = self.training.control.problem
        self.problem.show_text("" if self.training.is_running else problem)
        self.advice.show_text(self.training.advice)
