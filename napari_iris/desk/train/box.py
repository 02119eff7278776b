"""Name and folder of the model, and the training as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from napari_iris.app.jobs.control import JobControl
from napari_iris.app.suggestion import Suggestion
from napari_iris.app.training.progress import TrainingProgress
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.line import text_line
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_iris.app.jobs.control import Commands
    from napari_iris.app.timers import Timers
    from napari_iris.training.epochs import Epoch


class TrainBox(QWidget):
    """The model's name and folder, and the job panel.

    Parameters
    ----------
    timers : Timers
        Timers of the window's thread.
    start : callable
        Starts the training.
    commands : callable
        Gives its commands.

    Attributes
    ----------
    placed : Signal
        Another name or folder is chosen for the model.
    """

    placed = Signal()

    def __init__(
        self, timers: Timers, start: Callable[[], object], commands: Callable[[], Commands]
    ) -> None:
        super().__init__()
        self.out: Path | None = None
        self.models: Suggestion[Path] = Suggestion()
        self._name: Suggestion[str] = Suggestion()
        self._commands = commands
        self._running: Commands = ()
        self.control = JobControl(timers, TrainingProgress())
        self.name, self.why = QLineEdit(), text_line(selectable=True)
        self.name.setToolTip("Name of the model's folder")
        self.folder = FolderEdit("Folder for the models", "folder for the models")
        self.folder.follow(self.models)
        self.panel = JobPanel(
            self.control,
            "Train",
            "Train in the background, in a process of its own",
            start,
            self.commands,
            "Stop within seconds; the best weights so far are kept",
        )
        self.name.textChanged.connect(self._place)
        connect(self.models.changed, self._place)
        connect(self.control.changed, self._refresh)
        self._lay_out()

    def _lay_out(self) -> None:
        where, layout = QFormLayout(), QVBoxLayout(self)
        where.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        where.addRow("Name", self.name)
        where.addRow("Models folder", self.folder.native)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(where)
        layout.addWidget(self.why)
        layout.addWidget(self.panel)

    def _place(self) -> None:
        self._name.choose(self.name.text())
        self.placed.emit()

    def suggest_name(self, name: str) -> None:
        """Suggest a name, unless the user has typed one."""
        self._name.choose(self.name.text() or None)
        self._name.suggest(name)
        self.name.setText(self._name.value or "")

    def commands(self) -> Commands:
        """Write the commands to copy: those of the running training, if any."""
        return self._running if self.control.is_running else self._commands()

    # --- the run

    @property
    def is_running(self) -> bool:
        """Whether a training is running."""
        return self.control.is_running

    def run(
        self,
        arguments: list[str],
        out: Path,
        plan: tuple[int, int],
        before: Sequence[Epoch] = (),
    ) -> None:
        """Start a training, unless one is running.

        Parameters
        ----------
        arguments : list of str
            The command.
        out : Path
            The model's folder.
        plan : (int, int)
            Maximum of epochs, and epochs without improvement after which the run stops.
        before : sequence of Epoch
            Epochs done before, if a run is resumed.
        """
        if not self.is_running:
            self.out = out
            self.control.progress.plan(out.name, *plan, before)
            self._running = [arguments]
            self.control.start(self._running)
            self.control.advanced.emit()

    def offer(self, problem: str) -> None:
        """Allow a training to be started, or say why it cannot."""
        self.control.offer(problem, has_command=not problem or self.is_running)

    def _refresh(self) -> None:
        problem = self.control.problem
        self.why.setText(problem)
        self.why.setVisible(bool(problem) and not self.is_running)
