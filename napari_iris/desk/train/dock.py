"""The Train dock: data, network, device, the run as it goes, and the runs so far."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari.utils.notifications import show_warning
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from napari_iris.app.training.curves import RunCurves, TrainingCurves
from napari_iris.app.training.form import TrainingForm
from napari_iris.app.training.runs import next_name
from napari_iris.commands.write import resume_command, train_command
from napari_iris.desk.forms.dock import Dock
from napari_iris.desk.forms.form import titled
from napari_iris.desk.frames.beginning import Beginning
from napari_iris.desk.jobs.close_guard import CloseGuard
from napari_iris.desk.timers import connect
from napari_iris.desk.train.box import TrainBox
from napari_iris.desk.train.curves import CurvesView
from napari_iris.desk.train.data_box import DataBox
from napari_iris.desk.train.device import DeviceLine
from napari_iris.desk.train.form import TrainingFormView
from napari_iris.desk.train.runs_box import RunsBox
from napari_iris.desk.workspace import workspace_of
from napari_iris.inference.folders import wrong_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import napari
    from qtpy.QtGui import QHideEvent, QShowEvent

    from napari_iris.app.training.runs import Run
    from napari_iris.training.epochs import Epoch

WIDTH = 394
"""Width that the dock needs, in pixels."""

LOOK_MS = 5000
"""Milliseconds between two looks at the models."""


class TrainDock(Dock):
    """Train a network on labelled frames, beside the window, and compare what came of it.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.session = workspace.session
        self.form = TrainingForm()
        self.form_view = TrainingFormView(self.form)
        self.data = DataBox(self.session, self.form)
        self.device = DeviceLine()
        self.train = TrainBox(workspace.timers, self.start, lambda: [self.arguments()])
        self.curves = TrainingCurves()
        self.curves_view = CurvesView(self.curves)
        self.runs = RunsBox()
        self._seen = (0, False)
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(lambda: self.runs.look(self.runs.folder))
        self._guard = CloseGuard(self, self._may_close, self.train.control.cancel)
        self._lay_out()
        self._connect()
        self._follow_data()

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        self.beginning = Beginning(workspace_of(self.viewer).frames)
        layout.addWidget(self.beginning)
        layout.addWidget(titled("data", self.data))
        layout.addWidget(titled("network", self.form_view))
        layout.addWidget(titled("train", self.device, self.train))
        layout.addWidget(titled("curves", self.curves_view), stretch=1)
        layout.addWidget(titled("models", self.runs), stretch=1)
        self.fill(inner, WIDTH)

    def _connect(self) -> None:
        self.data.changed.connect(self._follow_data)
        connect(self.form.changed, self._follow_form)
        self.device.changed.connect(self._offer)
        self.train.placed.connect(self._follow_place)
        connect(self.train.control.advanced, self._follow_run)
        connect(self.train.control.ended, self._end)
        self.runs.listed.connect(self._follow_list)
        self.runs.chosen.connect(self._draw)
        self.runs.resumed.connect(self.resume)
        self.runs.measured.connect(self.measure)

    # --- what is set

    def problem(self) -> str:
        """Say why there can be no training as all is set; empty where there can."""
        if self.form.problem:
            return self.form.problem
        return self.data.problem(self.form.kind) or self._misplaced() or self.device.outlook.lacks

    def arguments(self) -> list[str]:
        """Command and arguments of the training as all is set."""
        config = self.form.config
        data, models = self.data.chosen, self.train.models.value
        if config is None or data is None or models is None:
            return []
        out = models / self.train.name.text()
        return train_command(
            config,
            data,
            out,
            init=self.form.start_from,
            evaluate=self.form.evaluate,
            predictions=self.form.predictions.value,
        )

    def _misplaced(self) -> str:
        """Say what is wrong with where the model is to go."""
        name = self.train.name.text()
        if self.train.models.value is None:
            return "Choose a folder for the models."
        if name.casefold() in {run.name.casefold() for run in self.runs.runs}:
            return f"There is a model {name} already: take another name, or continue it below."
        wrong = wrong_name(name)
        return f"A model {wrong}." if wrong else ""

    # --- what is done

    def start(self) -> None:
        """Train as all is set."""
        config = self.form.config
        models = self.train.models.value
        if self.problem() or config is None or models is None:
            return
        out = models / self.train.name.text()
        self._run(self.arguments(), out, (config.epochs, config.patience))

    def resume(self, run: Run) -> None:
        """Go on with a run that was stopped; with one that is done, as far as the form says."""
        data, asked = run.data or self.data.chosen, self.form.config
        if run.config is None or data is None:
            self.runs.tell("Choose above what it learnt from.")
            return
        plan, changes = (run.config.epochs, run.config.patience), {}
        if run.state == "finished":
            if asked is None or asked.epochs <= len(run.epochs):
                self.runs.tell(f"Give more epochs above than the {len(run.epochs)} that it has.")
                return
            plan = asked.epochs, asked.patience
            changes = {"epochs": asked.epochs, "patience": asked.patience}
        words = resume_command(run.config.network.kind, Path(data), run.folder, **changes)
        self._run(words, run.folder, plan, run.epochs)

    def measure(self, run: Run) -> None:
        """Measure a run that is done: going on with it then trains no epoch more."""
        data = run.data or self.data.chosen
        if run.config is None or data is None:
            self.runs.tell("Choose above what it learnt from.")
            return
        words = resume_command(run.config.network.kind, Path(data), run.folder)
        self._run(words, run.folder, (run.config.epochs, run.config.patience), run.epochs)

    def _run(
        self,
        arguments: list[str],
        out: Path,
        plan: tuple[int, int],
        before: Sequence[Epoch] = (),
    ) -> None:
        self._seen = (0, False)
        self.runs.tell("")
        self.runs.show_running(out)
        self.runs.choose([out])
        self.train.run(arguments, out, plan, before)
        self._offer()

    def _end(self) -> None:
        self.runs.show_running(None)
        self.runs.look(self.runs.folder)
        self._suggest_name()
        self._offer()

    # --- what follows from what

    def _follow_data(self) -> None:
        if self.data.known:
            self.train.models.suggest(self.data.models())
        self._offer()

    def _follow_form(self) -> None:
        self.device.set_engine(str(self.form.shown("engine")))
        self._suggest_name()
        self._offer()

    def _follow_place(self) -> None:
        if self.train.models.value != self.runs.folder:
            self.runs.look(self.train.models.value)
        self._offer()

    def _follow_list(self) -> None:
        self.form.offer_start_models([*self.runs.runs, *self.runs.shipped])
        self._suggest_name()
        self._offer()

    def _follow_run(self) -> None:
        """Draw the run as it goes; list it anew after each epoch."""
        self._draw()
        progress = self.train.control.progress
        seen = len(progress.epochs), bool(progress.steps)
        if seen != self._seen:
            self._seen = seen
            self.runs.look(self.runs.folder)

    def _suggest_name(self) -> None:
        """Suggest the next free name; the one of a run that goes on is left in view."""
        if self.train.is_running:
            return
        taken = {run.name for run in self.runs.runs}
        self.train.suggest_name(next_name(self.form.kind, taken))

    def _offer(self) -> None:
        self.train.offer(self.problem())

    def _draw(self) -> None:
        """Draw the models chosen, and the one that is being trained."""
        live = self.train.out if self.train.is_running else None
        progress = self.train.control.progress
        series = [
            RunCurves(run.name, run.epochs) for run in self.runs.selected if run.folder != live
        ]
        if live is not None:
            series.insert(0, RunCurves(live.name, progress.epochs, progress.steps))
        self.curves.show(series)

    # --- the end

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Watch the window that it is shown in, and the models: a shell may train others."""
        super().showEvent(event)
        self._guard.watch()
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Look at the models no more."""
        super().hideEvent(event)
        self._clock.stop()

    def leave(self) -> None:
        """End the training when the dock is taken out of the window."""
        if self.train.is_running:
            self.train.control.cancel()
            show_warning("The training was stopped with its dock; the best weights are kept.")

    def _may_close(self) -> bool:
        return not self.train.is_running or self._gives_up()

    def _gives_up(self) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"{self.train.control.progress.name} is being trained.")
        box.setInformativeText(
            "Closing the window stops it. The best weights are kept, and Continue resumes after "
            "the last complete epoch."
        )
        stay = box.addButton("Keep training", QMessageBox.ButtonRole.RejectRole)
        stop = box.addButton("Stop and close", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is stop
