"""Trainings from the window: real child processes behind the real buttons."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from napari.utils.notifications import notification_manager
from qtpy.QtCore import QItemSelectionModel, Qt
from qtpy.QtGui import QCloseEvent, QGuiApplication
from qtpy.QtWidgets import QApplication, QMessageBox, QWidget

from napari_iris.app.training.runs import read_run
from napari_iris.networks.card import read_card
from napari_iris.networks.weights import WEIGHTS, load_weights
from napari_iris.project.project import Project
from tests.desk.conftest import GAP_MS, Gaps
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.train.dock import TrainDock
    from tests.desk.conftest import Desk

pytestmark = [
    pytest.mark.gui,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]

CHILD_S = 120
"""Seconds within which a small training is under way, or done, on a busy machine."""

ROOM = 200 * 2**20
"""Bytes that a child gets which is to run out of memory."""

LONG = 5000
"""Epochs that no test waits for."""


class Trainer:
    """A person at the Train dock of a real window."""

    def __init__(self, viewer: Any, qtbot: QtBot) -> None:
        self.viewer, self.qtbot = viewer, qtbot
        self.dock: TrainDock = viewer.window.add_plugin_dock_widget("napari-iris", "Train")[1]
        self.wait(lambda: not self.dock.training.devices.is_scanning)

    @property
    def pid(self) -> int:
        return self.dock.training.control.job.pid

    @property
    def said(self) -> str:
        return self.dock.train.panel.status.text()

    @property
    def out(self) -> Path:
        return self.dock.training.out

    def wait(self, true: Callable[[], Any], seconds: float = CHILD_S) -> None:
        self.qtbot.waitUntil(lambda: bool(true()), timeout=round(1000 * seconds))

    def click(self, button: Any) -> None:
        assert button.isEnabled()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def set(self, **values: Any) -> None:
        for name, value in values.items():
            self.dock.training.form.set(name, value)

    def begin(self, data: Path | None = None, **values: Any) -> None:
        """Train a tiny network."""
        if data is not None:
            self.dock.data.folder.value = data
        self.set(**{"channels": (4, 8), "shape": (32, 40), **values})
        self.wait(self.dock.train.panel.start.isEnabled)
        self.click(self.dock.train.panel.start)

    def epochs(self, count: int) -> None:
        """Wait until so many epochs are done."""
        training = self.dock.training
        self.wait(lambda: len(training.control.progress.epochs) >= count or not training.is_running)
        assert training.is_running, self.said

    def end(self, seconds: float = CHILD_S) -> str:
        """Wait until the training has ended and is listed; give what is said of it."""
        self.wait(lambda: not self.dock.training.is_running, seconds)
        self.wait(lambda: self.dock.training.runs.list.is_current)
        return self.said

    def select(self, name: str) -> None:
        runs, flags = self.dock.runs, QItemSelectionModel.SelectionFlag
        self.wait(lambda: name in [run.name for run in self.dock.training.runs.runs])
        row = next(
            row for row in range(runs.sorted.rowCount()) if runs.sorted.index(row, 0).data() == name
        )
        index = runs.sorted.index(row, 0)
        runs.view.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)

    def state(self, name: str) -> str:
        return next(run.state for run in self.dock.training.runs.runs if run.name == name)


@pytest.fixture
def open_trainer(
    make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot
) -> Callable[..., Trainer]:
    """Open the Train dock in a new window, or in that of the Curate dock."""

    def open_dock(viewer: Any = None) -> Trainer:
        if viewer is None:
            viewer = make_napari_viewer_proxy(show=True)
            viewer.window.resize(1200, 900)
        return Trainer(viewer, qtbot)

    return open_dock


@pytest.fixture
def trainer(open_trainer: Callable[..., Trainer]) -> Trainer:
    return open_trainer()


@pytest.fixture(autouse=True)
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Answer each question with the button of that text; give what was asked.

    No test, however it ends, leaves a training behind, or waits for an answer.
    """

    def answer_with(text: str) -> list[str]:
        asked: list[str] = []

        def press(box: Any) -> None:
            asked.append(f"{box.text()} {box.informativeText()}")
            next(button for button in box.buttons() if button.text().startswith(text)).click()

        monkeypatch.setattr(QMessageBox, "exec", press)
        return asked

    answer_with("Stop")
    return answer_with


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_from_the_sample_night_to_a_model(
    trainer: Trainer, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open the night, make its masks, press Train, see a model appear; the window stays live."""
    monkeypatch.setenv("HOME", str(tmp_path))
    dock = trainer.dock
    trainer.viewer.open_sample("napari-iris", "night")
    _, mask = trainer.viewer.window.add_plugin_dock_widget("napari-iris", "Mask")
    trainer.click(mask.apply.panel.start)
    trainer.wait(lambda: not mask.job.control.is_running)
    trainer.viewer.window.remove_dock_widget(mask)
    trainer.wait(lambda: dock.data.line.text() == "30 frames with masks")
    trainer.set(channels=(4, 8), epochs=2)
    trainer.wait(dock.train.panel.start.isEnabled)
    trainer.click(dock.train.panel.start)
    trainer.wait(lambda: dock.training.control.progress.steps)
    assert "epoch 1 of 2" in trainer.said
    assert "CPU cores" in trainer.said or "NVIDIA" in trainer.said
    assert "training frames" in trainer.said
    trainer.wait(lambda: "unet1" in [run.name for run in dock.training.runs.runs])
    said = trainer.end()
    assert said.startswith("Finished after 2 epochs. Best epoch of unet1:")
    assert "Test set (3 frames): accuracy" in said
    folder = tmp_path / "iris_models" / "night" / "unet1"
    card = read_card(folder)
    assert card.network.channels == (4, 8)
    load_weights(folder / WEIGHTS, card.network)
    (run,) = dock.training.runs.runs
    assert (run.folder, run.state, len(run.epochs)) == (folder, "finished", 2)
    assert [one.folder for one in dock.training.runs.selected] == [folder], "and drawn"
    assert [len(one.epochs) for one in dock.training.curves.runs] == [2]
    assert dock.training.curves.losses.limits is not None
    assert dock.train.name.text() == "unet2"
    assert dock.train.panel.start.isEnabled()
    assert not {"tensorflow", "keras", "jax", "flax"} & set(sys.modules)


@pytest.mark.timed
def test_the_window_stays_live_through_a_training(
    trainer: Trainer, masks: Path, make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    trainer.viewer.open(str(make_night(4)), plugin="napari-iris")
    longest = 1e9
    for name in ("a", "b", "c", "d"):  # the best of some: other programs may be at work
        trainer.dock.train.name.setText(name)
        trainer.set(epochs=20)
        qtbot.wait(1000)  # all is drawn
        gaps = Gaps()
        trainer.begin(masks)
        assert trainer.end().startswith("Finished after 20 epochs.")
        longest = min(longest, gaps.stop())
        if longest < GAP_MS:
            break
    print(f"longest gap {longest:.0f} ms")
    assert longest < GAP_MS


def test_cancel_keeps_the_best_weights_and_continue_goes_on(trainer: Trainer, masks: Path) -> None:
    trainer.begin(masks, epochs=30, engine="keras")
    trainer.epochs(3)
    assert trainer.dock.train.panel.bar.value() > 0
    assert trainer.dock.runs.sorted.index(0, 1).data() == "running"
    trainer.click(trainer.dock.train.panel.copy)
    line = trainer.dock.training.control.job.shell_line
    assert QGuiApplication.clipboard().text() == line, "the run that goes on, not the next one"
    begin = time.monotonic()
    trainer.click(trainer.dock.train.panel.cancel)
    assert trainer.said == "Stopping..."
    assert not trainer.dock.train.panel.cancel.isEnabled()
    said = trainer.end(10)
    assert time.monotonic() - begin < SOON_S
    stopped = read_run(trainer.out)
    done, best = len(stopped.epochs), min(epoch.val_loss for epoch in stopped.epochs)
    shown = int(said.removeprefix("Stopped after ").split()[0])
    assert shown in (done, done - 1), "the last one may not have been reported"
    assert "Continue resumes" in said
    assert 3 <= done < 30
    assert read_card(trainer.out).metrics["val_loss"] < best + 1e-9, "the best epoch, or a newer"
    load_weights(trainer.out / WEIGHTS, read_card(trainer.out).network)
    assert trainer.state("unet1") == "stopped"
    trainer.select("unet1")
    trainer.click(trainer.dock.runs.buttons["continue"])
    trainer.wait(lambda: trainer.dock.training.control.progress.steps)
    assert len(trainer.dock.training.control.progress.epochs) >= done, "the curves go on too"
    assert trainer.end().startswith("Finished after 30 epochs.")
    finished = read_run(trainer.out)
    goes_on = zip(stopped.epochs, finished.epochs[:done], strict=True)
    assert all(one.val_loss == pytest.approx(other.val_loss) for one, other in goes_on)
    assert finished.state == trainer.state("unet1") == "finished"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (signal.SIGKILL, "The system killed the training, most likely for lack of memory"),
        (signal.SIGSEGV, "The training crashed (SIGSEGV): a fault"),
    ],
)
def test_a_child_that_dies_costs_no_label(
    desk: Desk, open_trainer: Callable[..., Trainer], number: int, said: str
) -> None:
    """A person goes on labelling while the child dies; what there is of the model stays."""
    for key in ("0", "8", "A"):
        desk.press(key)
    trainer = open_trainer(desk.viewer)
    trainer.wait(lambda: "approved" in trainer.dock.data.line.text())
    trainer.dock.training.form.set("masks", "best")
    trainer.begin(epochs=LONG, patience=LONG)
    trainer.epochs(1)
    desk.press("G")
    drawn, row = desk.mask, desk.row
    os.kill(trainer.pid, number)
    ended = trainer.end(10)
    assert ended.startswith(said)
    assert "Best epoch of unet1:" in ended
    assert trainer.dock.train.panel.start.isEnabled()
    load_weights(trainer.out / WEIGHTS, read_card(trainer.out).network)
    desk.wait(lambda: np.array_equal(desk.stored(row, "human"), drawn))
    with Project(desk.folder, read_only=True) as project:
        assert project.status()["status"]["approved"] == 3
        assert project.status()["masks"]["auto"] == 6
    desk.press("A")
    assert desk.row != row, "the window works on"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits memory as Linux does")
def test_a_child_that_runs_out_of_memory_says_so(trainer: Trainer, masks: Path) -> None:
    trainer.begin(masks, channels=(256, 256), aug_batch_size=512)
    trainer.wait(lambda: trainer.dock.training.control.progress.device)
    pages = int(Path(f"/proc/{trainer.pid}/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + ROOM
    resource.prlimit(trainer.pid, resource.RLIMIT_AS, (most, most))
    said = trainer.end(60)
    assert "memory" in said
    assert "use smaller batches or fewer channels" in said
    assert trainer.dock.train.panel.start.isEnabled()


def test_a_training_that_cannot_begin_says_why(trainer: Trainer, masks: Path) -> None:
    for path in sorted(masks.iterdir())[2:]:
        path.unlink()
    trainer.begin(masks)
    said = trainer.end()
    assert said.startswith("Training failed: ")
    assert "needed" in said
    assert "Traceback" not in said
    assert not trainer.out.exists()
    assert not trainer.dock.training.runs.runs
    assert trainer.dock.train.panel.start.isEnabled()


def test_a_run_does_not_go_on_with_other_frames(trainer: Trainer, masks: Path) -> None:
    trainer.begin(masks, epochs=LONG, patience=LONG)
    trainer.epochs(1)
    trainer.click(trainer.dock.train.panel.cancel)
    trainer.end()
    sorted(masks.iterdir())[0].unlink()
    trainer.select("unet1")
    trainer.click(trainer.dock.runs.buttons["continue"])
    assert "was trained on other data" in trainer.end()


def window_of(dock: QWidget) -> QWidget:
    while dock.parentWidget() is not None:
        dock = dock.parentWidget()
    return dock


def test_a_window_asks_before_it_closes_on_a_training(
    trainer: Trainer, masks: Path, answer: Callable[[str], list[str]]
) -> None:
    trainer.begin(masks, epochs=LONG, patience=LONG)
    trainer.epochs(1)
    asked, event = answer("Keep training"), QCloseEvent()
    QApplication.sendEvent(window_of(trainer.dock), event)
    assert not event.isAccepted()
    assert len(asked) == 1
    assert asked[0].startswith("unet1 is being trained.")
    count = len(trainer.dock.training.control.progress.epochs)
    trainer.epochs(count + 1)
    job, out = trainer.dock.training.control.job, trainer.out
    answer("Stop and close")
    trainer.viewer.close()
    assert job.cancelled
    job.wait(10)
    assert not job.running
    assert read_run(out).has_model
    assert read_run(out).state == "stopped"


def test_a_window_without_a_training_closes_unasked(
    trainer: Trainer, answer: Callable[[str], list[str]]
) -> None:
    asked = answer("Keep")
    event = QCloseEvent()
    QApplication.sendEvent(window_of(trainer.dock), event)
    assert not asked


def test_a_dock_that_is_taken_out_ends_its_training(trainer: Trainer, masks: Path) -> None:
    trainer.begin(masks, epochs=LONG, patience=LONG)
    trainer.epochs(1)
    job, out = trainer.dock.training.control.job, trainer.out
    trainer.viewer.window.remove_dock_widget(trainer.dock)
    assert "The training was stopped with its dock" in notification_manager.records[-1].message
    job.wait(10)
    assert job.cancelled
    assert not is_alive(job.pid)
    assert read_run(out).has_model
