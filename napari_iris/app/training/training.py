"""Training in the window: what is set, the run as it goes, and the models so far."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.jobs.control import JobControl
from napari_iris.app.suggestion import Suggestion
from napari_iris.app.training.advice import start_text, time_text
from napari_iris.app.training.curves import RunCurves, TrainingCurves
from napari_iris.app.training.data import DataChoice
from napari_iris.app.training.device import Devices
from napari_iris.app.training.form import TrainingForm
from napari_iris.app.training.progress import TrainingProgress
from napari_iris.app.training.run_list import RunList
from napari_iris.app.training.runs import next_name
from napari_iris.commands.write import resume_command, train_command
from napari_iris.inference.folders import wrong_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.app.jobs.control import Commands
    from napari_iris.app.session import Session
    from napari_iris.app.training.runs import Run
    from napari_iris.training.epochs import Epoch

NO_START = "Choose the model to adapt to the frames under Start from."

NO_DATA = "Choose the training data above."


class Training:
    """Trains networks as jobs, and compares the models.

    Parameters
    ----------
    session : Session
        What is open in the viewer.

    Attributes
    ----------
    form : TrainingForm
        Network and numbers of the run.
    data : DataChoice
        The data.
    devices : Devices
        The device.
    models : Suggestion of Path
        Folder for the models.
    name : Suggestion of str
        Name of the model.
    control : JobControl of TrainingProgress
        The run.
    runs : RunList
        The models so far.
    curves : TrainingCurves
        Curves of the run and of the selected models.
    out : Path or None
        Folder of the model that is, or was last, trained here.
    changed : Signal
        `problem` may have changed.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self.form = TrainingForm()
        self.data = DataChoice(session, self.form)
        self.devices = Devices(session.timers)
        self.models: Suggestion[Path] = Suggestion()
        self.name: Suggestion[str] = Suggestion()
        self.control = JobControl(session.timers, TrainingProgress())
        self.runs = RunList(session.timers)
        self.curves = TrainingCurves()
        self.out: Path | None = None
        self._running: Commands = ()
        self._seen = (0, False)
        self._connect()
        self.data.suggest()
        self.devices.rescan()
        self._follow_form()

    def _connect(self) -> None:
        self.data.changed.connect(self._follow_data)
        self.form.changed.connect(self._follow_form)
        self.devices.changed.connect(self.refresh)
        self.name.changed.connect(self.refresh)
        self.models.changed.connect(self._follow_models)
        self.runs.changed.connect(self._follow_runs)
        self.runs.selection_changed.connect(self._draw)
        self.control.advanced.connect(self._advance)
        self.control.ended.connect(self._end)

    def close(self) -> None:
        """Stop background work and the running training."""
        for part in (self.data, self.devices, self.runs, self.control):
            part.close()

    # --- what is set

    @property
    def problem(self) -> str:
        """Why a training cannot be started; empty if it can."""
        return (
            self.form.problem
            or self._source_problem()
            or self._place_problem()
            or self.devices.outlook.problem
        )

    @property
    def advice(self) -> str:
        """Time that the training will take, and a model to start from."""
        config, labels, form = self.form.config, self.data.labels, self.form
        if config is None or not labels or form.is_adapting or self.is_running:
            return ""
        start = start_text(form.kind, labels, form.start_from, self.runs.shipped)
        return " ".join(filter(None, (time_text(config, labels, self.runs.runs), start)))

    @property
    def is_running(self) -> bool:
        """Whether a training is running."""
        return self.control.is_running

    def commands(self) -> Commands:
        """Write the command of the running training, else of the one that can be started."""
        if self.is_running:
            return self._running
        config, data, models = self.form.config, self.data.folder.value, self.models.value
        if config is None or models is None or (data is None and config.adapt is None):
            return []
        words = train_command(
            config,
            data,
            models / (self.name.value or ""),
            init=self.form.start_from,
            evaluate=self.form.evaluate,
            predictions=self.form.predictions.value,
        )
        return [words]

    def refresh(self) -> None:
        """Check again whether a training can be started."""
        problem = self.problem
        self.control.offer(problem, has_command=not problem or self.is_running)
        self.changed.emit()

    def _source_problem(self) -> str:
        """Say what is wrong with the data; frames to adapt to need a model, and no labels."""
        if not self.form.is_adapting:
            return self.data.problem
        return "" if self.form.start_from else NO_START

    def _place_problem(self) -> str:
        """Say what is wrong with the model's folder or name."""
        if self.models.value is None:
            return "Choose a folder for the models."
        name = self.name.value or ""
        if name.casefold() in {run.name.casefold() for run in self.runs.runs}:
            return f"A model named {name} exists: choose another name, or continue that one below."
        wrong = wrong_name(name)
        return f"A model {wrong}." if wrong else ""

    # --- what is done

    def start(self) -> None:
        """Train a new model."""
        config, models = self.form.config, self.models.value
        if self.problem or self.is_running or config is None or models is None:
            return
        (words,) = self.commands()
        self._run(list(words), models / (self.name.value or ""), (config.epochs, config.patience))

    def resume(self) -> None:
        """Continue the selected run: up to its own epochs, or further if the form has more."""
        run, config = self._selected(), self.form.config
        if run is None or run.config is None:
            return
        plan, changes = (run.config.epochs, run.config.patience), {}
        if run.state == "finished":
            if config is None or config.epochs <= len(run.epochs):
                self.runs.note(f"Set maximum epochs above to more than the {len(run.epochs)} done.")
                return
            plan = config.epochs, config.patience
            changes = {"epochs": config.epochs, "patience": config.patience}
        self._resume(run, plan, changes)

    def evaluate(self) -> None:
        """Evaluate the selected run: it is resumed without an epoch to go."""
        run = self._selected()
        if run is not None and run.config is not None:
            self._resume(run, (run.config.epochs, run.config.patience), {})

    def _selected(self) -> Run | None:
        selected = self.runs.selected
        return selected[0] if len(selected) == 1 else None

    def _resume(self, run: Run, plan: tuple[int, int], changes: dict[str, int]) -> None:
        data = run.data or self.data.folder.value
        if run.config is None or (data is None and run.config.adapt is None):
            self.runs.note(NO_DATA)
            return
        source = None if data is None or run.config.adapt is not None else Path(data)
        words = resume_command(run.config.network.kind, source, run.folder, **changes)
        self._run(words, run.folder, plan, run.epochs)

    def _run(
        self, words: list[str], out: Path, plan: tuple[int, int], done: Sequence[Epoch] = ()
    ) -> None:
        if self.is_running:
            return
        self.out, self._running, self._seen = out, [words], (0, False)
        self.runs.note("")
        self.control.progress.plan(out.name, *plan, done)
        self.control.start(self._running)
        self.runs.set_running(out)
        self.runs.select([out])
        self._draw()
        self.refresh()

    # --- what follows from what

    def _follow_data(self) -> None:
        if self.data.is_current:
            self.models.suggest(self.data.models_folder())
        self.refresh()

    def _follow_form(self) -> None:
        self.devices.set_framework(str(self.form.shown("engine")))
        self._suggest_name()
        self.refresh()

    def _follow_models(self) -> None:
        self.runs.set_folder(self.models.value)
        self.refresh()

    def _follow_runs(self) -> None:
        self.form.offer_start_models([*self.runs.runs, *self.runs.shipped])
        self._suggest_name()
        self.refresh()

    def _suggest_name(self) -> None:
        """Suggest the next free name; that of a running training stays visible."""
        if not self.is_running:
            self.name.suggest(next_name(self.form.kind, {run.name for run in self.runs.runs}))

    def _advance(self) -> None:
        """Draw the run as it goes; list the models again after each epoch."""
        self._draw()
        progress = self.control.progress
        seen = len(progress.epochs), bool(progress.steps)
        if seen != self._seen:
            self._seen = seen
            self.runs.refresh()

    def _end(self) -> None:
        self.runs.set_running(None)
        self.runs.refresh()
        self._draw()
        self.refresh()

    def _draw(self) -> None:
        """Draw the running training and the selected models."""
        live = self.out if self.is_running else None
        selected = [run for run in self.runs.selected if run.folder != live]
        curves = [RunCurves(run.name, run.epochs) for run in selected]
        if live is not None:
            progress = self.control.progress
            curves.insert(0, RunCurves(live.name, progress.epochs, progress.steps))
        self.curves.show(curves)
