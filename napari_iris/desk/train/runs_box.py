"""The models of a folder: compared, gone on with, renamed, deleted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QItemSelectionModel, QPoint, Qt, QTimer, Signal
from qtpy.QtGui import QAction, QGuiApplication, QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QMenu,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.app.background import Background
from napari_iris.app.training.runs import Run, Shelf
from napari_iris.commands.write import train_command
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.timers import QtTimers, connect
from napari_iris.desk.train.runs_model import RunsModel, SortedRuns
from napari_iris.desk.train.runs_view import RunsView
from napari_iris.errors import IrisError
from napari_iris.inference.folders import TRASH, delete_model, rename_model
from napari_iris.jobs.job import shell_line
from napari_iris.resources import models_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIONS = {
    "Continue": ("Go on from its last whole epoch; if it is done, to the epochs given above", ""),
    "Measure": ("Measure it beside the baselines, on frames that it did not learn from", ""),
    "Rename": ("Give the model another name", "F2"),
    "Delete": (f"Move the models to the {TRASH} folder beside them", "Del"),
    "Copy command": ("Copy the shell command that trained it", ""),
}
"""What can be done with a model, with its tip and its key."""


class RunsBox(QWidget):
    """What has been trained so far.

    Attributes
    ----------
    listed : Signal
        The models were read anew.
    chosen : Signal
        Other models are chosen.
    resumed, measured : Signal
        Sent with the `Run` to go on with, or to measure.
    """

    listed = Signal()
    chosen = Signal()
    resumed = Signal(object)
    measured = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        self.shipped: list[Run] = []
        self._taken: tuple[Path | None, list[Run], list[Run]] | None = None
        self._wanted: list[Path] = []
        self._selecting = False
        self._shelf = Shelf()
        self._reader = Background(QtTimers())
        connect(self._reader.done, self._take)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(lambda: self.look(self.folder))
        self.model = RunsModel(self)
        self.model.renamed.connect(self._rename)
        self.sorted = SortedRuns(self)
        self.sorted.setSourceModel(self.model)
        self.view = RunsView(self.sorted)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.selectionModel().selectionChanged.connect(self._choose)
        self.view.itemDelegate().closeEditor.connect(self._look_later)
        self.hint, self.line = text_line(), text_line(selectable=True)
        self.line.hide()
        self.actions_of, self.buttons = self._actions()
        self._lay_out()
        self._enable()

    def _actions(self) -> tuple[dict[str, QAction], dict[str, QPushButton]]:
        """Make the actions of the table, and a button for each."""
        acts = (self.resume, self.measure, self.edit_name, self.delete, self.copy_command)
        actions, buttons = {}, {}
        for (name, (tip, key)), act in zip(ACTIONS.items(), acts, strict=True):
            action = actions[name] = QAction(name, self)
            action.triggered.connect(lambda _=False, act=act: act())
            button = buttons[name] = QPushButton(name)
            button.setToolTip(f"{tip}  [{key}]" if key else tip)
            button.clicked.connect(action.trigger)
            if key:
                action.setShortcut(QKeySequence(key))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self.view.addAction(action)
        return actions, buttons

    def _lay_out(self) -> None:
        grid = QGridLayout()
        for place, button in enumerate(self.buttons.values()):
            grid.addWidget(button, place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.hint)
        layout.addWidget(self.view, stretch=1)
        layout.addLayout(grid)
        layout.addWidget(self.line)

    # --- what there is

    @property
    def runs(self) -> tuple[Run, ...]:
        """All models of the folder."""
        return self.model.runs

    @property
    def selected(self) -> list[Run]:
        """Models that are chosen, from the top."""
        chosen = sorted(self.view.selectionModel().selectedRows(), key=lambda index: index.row())
        return [self.runs[self.sorted.mapToSource(index).row()] for index in chosen]

    @property
    def settled(self) -> bool:
        """Whether the models were read since the last look."""
        return self._reader.is_idle

    def look(self, folder: Path | None) -> None:
        """Read the models of a folder, beside the window."""
        self.folder = folder
        if self.view.state() == QAbstractItemView.State.EditingState:
            return  # the name is still being typed
        if folder is None:
            self._reader.discard()
            self._take((None, [], self.shipped))
        else:
            self._reader.submit(partial(_read, self._shelf, folder))

    def show_running(self, folder: Path | None) -> None:
        """Say which model is being trained."""
        self.model.show_running(folder)
        self._enable()

    def choose(self, folders: Sequence[Path]) -> None:
        """Choose some models, now or once they are there."""
        self._wanted = list(folders)
        self._select(self._wanted)

    def _take(self, found: tuple[Path | None, list[Run], list[Run]]) -> None:
        folder, runs, shipped = found
        if self._taken == (folder, runs, shipped) and not self._wanted:
            return
        self._taken, self.shipped = found, shipped
        before = self._wanted or [run.folder for run in self.selected]
        self.model.show_runs(runs)
        self._select(before)
        self.view.setVisible(bool(runs))
        self.hint.setVisible(not runs)
        self.hint.setText(
            f"No model is in {folder.name} yet." if folder else "Trained models are listed here."
        )
        self._enable()
        self.listed.emit()
        self.chosen.emit()

    def _look_later(self, *_: object) -> None:
        """Read the models once the editor of a name has closed."""
        self._later.start()

    def _select(self, folders: Sequence[Path]) -> None:
        """Choose the rows of these folders, as far as they are there."""
        rows = [row for row, run in enumerate(self.runs) if run.folder in set(folders)]
        self._wanted = [] if len(rows) == len(folders) else self._wanted
        if rows == sorted(self.runs.index(run) for run in self.selected):
            return
        selection, flags = self.view.selectionModel(), QItemSelectionModel.SelectionFlag
        self._selecting = True
        selection.clearSelection()
        for row in rows:
            index = self.sorted.mapFromSource(self.model.index(row, 0))
            selection.select(index, flags.Select | flags.Rows)
            selection.setCurrentIndex(index, flags.NoUpdate)
        self._selecting = False

    def _choose(self) -> None:
        if not self._selecting:
            self._wanted = []
        self._enable()
        self.chosen.emit()

    def _enable(self) -> None:
        """Offer what can be done with the models chosen."""
        selected, running = self.selected, self.model.running
        one = selected[0] if len(selected) == 1 else None
        idle = all(run.folder != running for run in selected)
        offered = {
            "Continue": one is not None and one.config is not None and running is None,
            "Measure": one is not None and one.state == "finished" and running is None,
            "Rename": one is not None and idle,
            "Delete": bool(selected) and idle,
            "Copy command": one is not None and one.config is not None,
        }
        for name, offer in offered.items():
            self.actions_of[name].setEnabled(offer)
            self.buttons[name].setEnabled(offer)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions(list(self.actions_of.values()))
        menu.exec(self.view.viewport().mapToGlobal(place))

    # --- what is done

    def resume(self) -> None:
        """Go on with the run chosen."""
        if len(self.selected) == 1:
            self.resumed.emit(self.selected[0])

    def measure(self) -> None:
        """Measure the run chosen."""
        if len(self.selected) == 1:
            self.measured.emit(self.selected[0])

    def edit_name(self) -> None:
        """Let the person type another name, in its row."""
        if len(self.selected) == 1:
            row = self.view.selectionModel().selectedRows()[0].row()
            self.view.scrollTo(self.sorted.index(row, 0))
            self.view.edit(self.sorted.index(row, 0))

    def delete(self) -> None:
        """Move the models chosen to the trash, once the person agrees."""
        runs = self.selected
        if not runs or not self._agrees(runs):
            return
        try:
            gone = [delete_model(run.folder) for run in runs]
        except IrisError as error:
            self.tell(str(error))
        else:
            self.tell(f"Moved to {TRASH}: {', '.join(path.name for path in gone)}.")
        self.look(self.folder)

    def copy_command(self) -> None:
        """Put the shell command of the run chosen on the clipboard."""
        if len(self.selected) == 1:
            QGuiApplication.clipboard().setText(shell_line(command_of(self.selected[0])))
            self.tell("The command is on the clipboard.")

    def tell(self, text: str) -> None:
        """Show a line below the table."""
        self.line.setText(text)
        self.line.setToolTip(text)
        self.line.setVisible(bool(text))

    def _rename(self, run: Run, name: str) -> None:
        try:
            folder = rename_model(run.folder, name)
        except IrisError as error:
            self.tell(str(error))
        else:
            self.tell("")
            self.choose([folder])
        self.look(self.folder)

    def _agrees(self, runs: Sequence[Run]) -> bool:
        names = ", ".join(run.name for run in runs)
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Delete {names}?")
        box.setInformativeText(
            f"{'It goes' if len(runs) == 1 else 'They go'} to the folder {TRASH} beside the "
            "models, and can be moved back from there."
        )
        keep = box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        away = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(keep)
        box.exec()
        return box.clickedButton() is away


def _read(shelf: Shelf, folder: Path) -> tuple[Path | None, list[Run], list[Run]]:
    return folder, shelf.read(folder), shelf.read(models_folder())


def command_of(run: Run) -> list[str]:
    """Write the command that trained a model, as far as its folder tells."""
    if run.config is None:
        raise IrisError(f"{run.folder} does not tell how it was trained")
    return train_command(run.config, Path(run.data or "DATA"), run.folder, init=run.init)
