"""A dialog that asks for the settings and the folder of a task on the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.form import FormView
from napari_iris.desk.forms.layout import Wide, filled, row
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.form import Form
    from napari_iris.desk.forms.layout import Part

WIDTH = 420
"""Least width of the dialog [pixels]."""


class TaskDialog(QDialog):
    """Asks for what a task needs.

    Parameters
    ----------
    parent : QWidget
        The dock that asks.
    title : str
        What is to be done.
    text : str
        What comes of it.
    form : Form, optional
        Its settings.
    folder : Path, optional
        The folder that is suggested; none where the task needs none.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        text: str,
        form: Form[Any] | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self._form = form
        explanation, self.problem = TextLine(), TextLine()
        explanation.setText(text)
        self.folder = FolderEdit("The folder to write to", "output folder")
        self.buttons = QDialogButtonBox()
        self.buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.accepting = self.buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        parts: list[Part] = [explanation]
        if form is not None:
            self.view = FormView(form)
            parts.append(self.view)
            connect(form.changed, self._check)
        if folder is not None:
            self.folder.value = folder
            parts.append(row("Folder", Wide(self.folder.native)))
            self.folder.changed.connect(self._check)
        self._needs_folder = folder is not None
        filled(QVBoxLayout(self), [*parts, self.problem, self.buttons])
        self._check()

    def _check(self) -> None:
        """Say what is wrong, and allow the task if nothing is."""
        problem = "" if self._form is None else self._form.problem
        if not problem and self._needs_folder and self.folder.chosen is None:
            problem = "Choose a folder."
        self.problem.show_text(problem)
        self.accepting.setEnabled(not problem)
