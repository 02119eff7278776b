"""Training without a window: what is set, the commands that run, the models that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.app.training.training import Training
from napari_iris.jobs.job import Ending
from tests.app.training.conftest import write_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers


class FakeRunner:
    """Takes commands in place of a child process; the test sends events and the end."""

    def __init__(self) -> None:
        self.job: Any = None
        self.commands: list[list[str]] = []

    def run(self, words: list[str]) -> None:
        self.job = words
        self.commands.append(list(words))

    def cancel(self) -> None:
        """Cancel nothing: the test ends the job."""


@pytest.fixture
def training(session: Session, timers: ManualTimers) -> Iterator[Training]:
    training = Training(session)
    timers.wait_until(lambda: not training.devices.is_scanning)
    yield training
    training.close()


@pytest.fixture
def runner(training: Training, monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    runner = FakeRunner()
    monkeypatch.setattr(training.control, "_runner", runner)
    return runner


@pytest.fixture
def update(training: Training, timers: ManualTimers) -> Callable[[], None]:
    """Count and list again, and wait for it."""

    def wait() -> None:
        training.data.refresh()
        training.runs.refresh()
        timers.wait_until(lambda: training.data.is_idle and training.runs.list.is_current)

    return wait


@pytest.fixture
def ready(training: Training, masks: Path, update: Callable[[], None]) -> Training:
    """A training that can be started."""
    training.data.folder.choose(masks)
    update()
    update()
    assert training.problem == ""
    return training


@pytest.fixture
def listed(training: Training, models: Path, update: Callable[[], None]) -> Training:
    """A training with three models."""
    training.models.choose(models)
    update()
    return training


def select(training: Training, *names: str) -> None:
    folders = [run.folder for run in training.runs.runs if run.name in names]
    assert len(folders) == len(names)
    training.runs.select(folders)


def test_with_nothing_open_it_cannot_be_started(training: Training) -> None:
    assert training.problem == "No labelled frames to train on."
    assert not training.control.can_start
    assert not training.control.has_command
    training.start()
    assert not training.is_running


def test_the_command_is_that_of_the_form(ready: Training, masks: Path, runner: FakeRunner) -> None:
    ready.form.set("channels", (4, 8))
    ready.form.set("learning_rate", 0.005)
    ready.form.evaluate = False
    ready.form.predictions.choose(masks.parent / "kept")
    out = masks.parent / "masks_models" / "unet1"
    (words,) = ready.commands()
    assert words == [
        *("train", "unet", str(masks), "--out", str(out)),
        *("--channels", "4", "8", "--learning-rate", "0.005"),
        *("--no-evaluate", "--save-predictions", str(masks.parent / "kept")),
    ]
    ready.start()
    assert runner.commands == [words]
    ready.form.set("learning_rate", 0.1)
    assert list(ready.commands()) == [words], "the running one, not the next"
    assert ready.runs.running == out


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (None, "A model cannot be called"),
        ("a/b", "A model cannot be called"),
        ("UNet1", "A model named UNet1 exists"),
    ],
)
def test_a_model_needs_a_new_name(
    ready: Training, masks: Path, update: Callable[[], None], name: str | None, problem: str
) -> None:
    assert ready.name.value == "unet1"
    write_run(masks.parent / "masks_models" / "unet1", 0.5, 0.4)
    update()
    assert ready.name.value == "unet2", "the next free name"
    ready.name.choose(name)
    assert ready.problem.startswith(problem)
    assert not ready.control.can_start
    ready.name.choose("mine")
    assert ready.problem == ""
    ready.form.set("kind", "vgg8")
    assert ready.name.value == "mine", "a name that was typed stays"


def test_the_name_follows_the_network(ready: Training) -> None:
    ready.form.set("kind", "vgg8")
    assert ready.name.value == "vgg1"


def test_the_models_folder_follows_the_data(
    ready: Training, masks: Path, project: Path, update: Callable[[], None]
) -> None:
    assert ready.models.value == masks.parent / "masks_models"
    ready.data.folder.choose(project)
    update()
    assert ready.models.value == project / "models"
    ready.models.choose(masks)
    ready.data.folder.choose(masks)
    update()
    assert ready.models.value == masks


def test_without_the_library_it_cannot_be_started(ready: Training) -> None:
    ready.form.set("engine", "flax")
    assert ready.problem == "jax is missing"
    ready.form.set("engine", "keras")
    assert ready.control.can_start
    ready.devices.rescan()
    assert not ready.control.can_start


@pytest.mark.parametrize(
    ("name", "epochs", "words"),
    [
        ("half", 3, ["--resume"]),
        ("good", 5, ["--resume", "--epochs", "5", "--patience", "12"]),
        ("good", 2, None),
    ],
    ids=["stopped", "finished, and more", "finished"],
)
def test_a_run_is_resumed(
    listed: Training,
    models: Path,
    runner: FakeRunner,
    name: str,
    epochs: int,
    words: list[str] | None,
) -> None:
    listed.form.set("epochs", epochs)
    select(listed, name)
    listed.resume()
    if words is None:
        assert not runner.commands
        assert listed.runs.message == "Set maximum epochs above to more than the 2 done."
    else:
        command = ["train", "unet", "/sky/night", "--out", str(models / name), *words]
        assert runner.commands == [command]
        assert len(listed.control.progress.epochs) == len(listed.runs.selected[0].epochs)


def test_a_finished_run_is_evaluated(listed: Training, models: Path, runner: FakeRunner) -> None:
    select(listed, "good")
    listed.evaluate()
    out = str(models / "good")
    assert runner.commands == [["train", "unet", "/sky/night", "--out", out, "--resume"]]


def test_selected_models_are_compared(listed: Training) -> None:
    assert not listed.curves.runs
    select(listed, "good", "half")
    assert [run.name for run in listed.curves.runs] == ["good", "half"]
    assert [len(run.epochs) for run in listed.curves.runs] == [2, 1]
    select(listed, "half")
    assert [run.name for run in listed.curves.runs] == ["half"]


def test_a_run_is_drawn_as_it_goes(
    listed: Training, models: Path, runner: FakeRunner, update: Callable[[], None]
) -> None:
    select(listed, "half")
    listed.resume()
    step = {"event": "step", "epoch": 2, "step": 1, "steps": 4, "loss": 0.3}
    listed.control._receive([step])
    assert [run.name for run in listed.curves.runs] == ["half"]
    assert listed.curves.runs[0].steps == [(1.25, 0.3)]
    select(listed, "good", "half")
    assert [run.name for run in listed.curves.runs] == ["half", "good"], "the running one first"
    runner.job = None
    listed.control._end(Ending(130, cancelled=True, message=""))
    update()
    assert listed.runs.running is None
    assert [len(run.steps) for run in listed.curves.runs] == [0, 0]
    assert listed.control.text.startswith("Stopped after 1 epoch.")


def test_models_are_offered_to_start_from(listed: Training) -> None:
    names = {run.name for run in listed.form.start_models.values()}
    assert names == {"good", "half", "unet-lwir", "vgg8-lwir"}


def test_a_model_is_adapted_to_frames_without_labels(listed: Training, runner: FakeRunner) -> None:
    listed.form.set("adapt", "/sky/night")
    assert listed.problem == "Choose the model to adapt to the frames under Start from."
    good = next(folder for folder in listed.form.start_models if folder.endswith("good"))
    listed.form.start_with(good)
    assert listed.problem == "", "no labelled frames are needed"
    listed.start()
    (words,) = runner.commands
    assert words[:4] == ["train", "unet", "--adapt", "/sky/night"]
    assert words[words.index("--init") + 1] == good
    assert "--epochs" not in words
