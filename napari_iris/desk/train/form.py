"""The widgets of a training run's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from magicgui.widgets import CheckBox, ComboBox
from qtpy.QtWidgets import QWidget

from napari_iris.app.training.form import BASIC
from napari_iris.desk.forms.controls import TextLine, button
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.form import FormView
from napari_iris.desk.forms.layout import column
from napari_iris.desk.plots.colors import mark_problem
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.training.form import TrainingForm

FOLDED, OPEN = "▸ More options", "▾ Fewer options"
"""Texts of the button that shows and hides the advanced rows."""

NEW_WEIGHTS = "New weights"


class TrainingFormView(QWidget):
    """Shows a `TrainingForm`.

    Parameters
    ----------
    form : TrainingForm
        The form.
    """

    def __init__(self, form: TrainingForm) -> None:
        super().__init__()
        self.form = form
        self.init = ComboBox(
            label="Start from", tooltip="Model whose weights the training starts from"
        )
        self.evaluate = CheckBox(
            value=form.evaluate,
            text="",
            label="Evaluate after training",
            tooltip="Calibrate the model and evaluate it on frames it was not trained on",
        )
        self.predictions = FolderEdit("Keep the predictions of these frames", "predictions folder")
        self.predictions.label = "Predictions folder"
        self.predictions.follow(form.predictions)
        self.basic = FormView(form, BASIC)
        more = (self.init, self.evaluate, self.predictions)
        self.advanced = FormView(form, form.advanced, more)
        self.rows = {**self.basic.rows, **self.advanced.rows}
        self.line = TextLine()
        self._lay_out()
        self.init.changed.connect(self._start_from)
        self.evaluate.changed.connect(lambda on: setattr(form, "evaluate", on))
        connect(form.changed, self._summarise)
        connect(form.start_models_changed, self._list_models)
        self._list_models()
        self._summarise()

    def _lay_out(self) -> None:
        self.advanced.hide()
        self.more = button(FOLDED, "Show or hide the other options", self._unfold)
        self.more.setStyleSheet("text-align: left; background: transparent;")
        column(self, self.basic, self.line, self.more, self.advanced)

    def _unfold(self) -> None:
        """Show the advanced rows, or hide them again."""
        self.advanced.setVisible(self.advanced.isHidden())
        self.more.setText(FOLDED if self.advanced.isHidden() else OPEN)

    def _summarise(self) -> None:
        """Show the size of the network, or what is wrong."""
        self.line.setText(self.form.summary)
        mark_problem(self.line, is_problem=bool(self.form.problem))

    def _list_models(self) -> None:
        """List the models to start from."""
        models = self.form.start_models.items()
        choices = [(NEW_WEIGHTS, ""), *((run.title, folder) for folder, run in models)]
        with self.init.changed.blocked():
            self.init.choices = choices
            self.init.value = self.form.start_from

    def _start_from(self, folder: str) -> None:
        self.form.start_with(folder)
