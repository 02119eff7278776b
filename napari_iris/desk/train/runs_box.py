"""The table of models, with buttons for what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QItemSelectionModel, QPoint, Qt, QTimer
from qtpy.QtGui import QAction, QGuiApplication, QKeySequence
from qtpy.QtWidgets import QMenu, QPushButton, QWidget

from napari_iris.app.tooltip import tip_of
from napari_iris.desk.forms.controls import TextLine, button
from napari_iris.desk.forms.layout import Wide, column, grid
from napari_iris.desk.forms.question import ask
from napari_iris.desk.jobs.panel import COPIED
from napari_iris.desk.jobs.poll import PollWhileVisible
from napari_iris.desk.timers import connect
from napari_iris.desk.train.runs_table import RunsModel, RunsView, SortedRuns
from napari_iris.inference.folders import TRASH
from napari_iris.jobs.job import shell_line

if TYPE_CHECKING:
    from napari_iris.app.training.runs import Run
    from napari_iris.app.training.training import Training

REFRESH_MS = 5000
"""Milliseconds between two looks for other models, while the dock is visible."""

ACTIONS = {
    "continue": (
        "Continue",
        "Continue after its last complete epoch; if it is finished, up to the epochs set above",
        "",
    ),
    "evaluate": ("Evaluate", "Score it beside the baselines, on frames it was not trained on", ""),
    "rename": ("Rename", "Give the model another name", "F2"),
    "delete": ("Delete", f"Move the models to the {TRASH} folder beside them", "Del"),
    "copy": ("Copy command", "Copy the shell command that trained it", ""),
}
"""What can be done with a model: title, tooltip, key."""


class RunsBox(QWidget):
    """Shows the `RunList` of a training.

    Parameters
    ----------
    training : Training
        The training.
    """

    def __init__(self, training: Training) -> None:
        super().__init__()
        self.training, self.list = training, training.runs
        self._is_selecting = False
        self._poll = PollWhileVisible(self, self.list.refresh, REFRESH_MS)
        self._later = QTimer(self)  # the editor of a name closes before the list changes
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._release)
        self.model = RunsModel(self)
        self.model.renamed.connect(self.list.rename)
        self.sorted = SortedRuns(self)
        self.sorted.setSourceModel(self.model)
        self.view = RunsView(self.sorted)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.selectionModel().selectionChanged.connect(self._select)
        self.view.itemDelegate().closeEditor.connect(lambda *_: self._later.start())
        self.hint, self.line = TextLine(), TextLine(selectable=True)
        self.actions_of, self.buttons = self._actions()
        column(self, self.hint, Wide(self.view), grid(self.buttons.values(), 3), self.line)
        connect(self.list.changed, self.refresh)
        connect(self.list.selection_changed, self._show_selection)
        connect(self.list.noted, self._show_message)
        self.refresh()
        self._show_message()

    def _actions(self) -> tuple[dict[str, QAction], dict[str, QPushButton]]:
        """Make the actions of the table, and a button for each."""
        functions = {
            "continue": self.training.resume,
            "evaluate": self.training.evaluate,
            "rename": self.edit_name,
            "delete": self.delete,
            "copy": self.copy_command,
        }
        actions, buttons = {}, {}
        for name, (title, tip, key) in ACTIONS.items():
            action = actions[name] = QAction(title, self)
            action.triggered.connect(lambda _=False, act=functions[name]: act())
            buttons[name] = button(title, f"{tip}  [{key}]" if key else tip, action.trigger)
            if key:
                action.setShortcut(QKeySequence(key))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self.view.addAction(action)
        return actions, buttons

    # --- what is shown

    def refresh(self) -> None:
        """Show the models as they are now."""
        self._is_selecting = True  # a reset of the table is not the user's choice
        self.model.show_runs(self.list.runs, self.list.running)
        self._is_selecting = False
        self.view.setVisible(bool(self.list.runs))
        self.hint.setVisible(not self.list.runs)
        self.hint.setText(self.list.hint)
        self._show_selection()

    def _show_selection(self) -> None:
        """Select the rows of the selected models, and offer what can be done with them."""
        wanted = {run.folder for run in self.list.selected}
        if wanted != {run.folder for run in self._selected_rows()}:
            selection, flags = self.view.selectionModel(), QItemSelectionModel.SelectionFlag
            self._is_selecting = True
            selection.clearSelection()
            for row, run in enumerate(self.model.runs):
                if run.folder in wanted:
                    index = self.sorted.mapFromSource(self.model.index(row, 0))
                    selection.select(index, flags.Select | flags.Rows)
                    selection.setCurrentIndex(index, flags.NoUpdate)
            self._is_selecting = False
        for name, pressed in self.buttons.items():
            possible = self.list.can(name)
            self.actions_of[name].setEnabled(possible)
            pressed.setEnabled(possible)

    def _selected_rows(self) -> list[Run]:
        rows = self.view.selectionModel().selectedRows()
        return [self.model.runs[self.sorted.mapToSource(index).row()] for index in rows]

    def _select(self) -> None:
        if not self._is_selecting:
            self.list.select([run.folder for run in self._selected_rows()])

    def _show_message(self) -> None:
        self.line.show_text(self.list.message)
        self.line.setToolTip(tip_of(self.list.message))

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions(list(self.actions_of.values()))
        menu.exec(self.view.viewport().mapToGlobal(place))

    # --- what is done

    def edit_name(self) -> None:
        """Edit the name of the selected model in its row."""
        rows = self.view.selectionModel().selectedRows()
        if len(rows) == 1:
            self.list.is_held = True
            index = self.sorted.index(rows[0].row(), 0)
            self.view.scrollTo(index)
            self.view.edit(index)

    def _release(self) -> None:
        """List the models again once the editor of a name has closed."""
        self.list.is_held = False
        self.list.refresh()

    def delete(self) -> None:
        """Delete the selected models once the user agrees."""
        if self.list.selected and self._agrees():
            self.list.delete()

    def copy_command(self) -> None:
        """Copy the shell command that trained the selected model."""
        (run,) = self.list.selected
        QGuiApplication.clipboard().setText(shell_line(run.command()))
        self.list.note(COPIED)

    def _agrees(self) -> bool:
        return ask(self, *self.list.delete_question(), keep="Keep", lose="Delete")
