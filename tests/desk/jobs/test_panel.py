"""The job panel: what its buttons do, and what it shows in each state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication

from napari_iris.app.jobs.control import JobControl
from napari_iris.app.jobs.progress import JobProgress
from napari_iris.desk.jobs.panel import JobPanel
from napari_iris.desk.timers import QtTimers
from napari_iris.jobs.job import Ending

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

PROGRESS = {"event": "progress", "done": 30, "total": 60, "eta_s": 5.0}
END = Ending(0, cancelled=False, message="")


class FakeRunner:
    """Takes commands in place of a child process."""

    job: Any = None

    def run(self, words: list[str]) -> None:
        self.job = words

    def cancel(self) -> None:
        """Cancel nothing: the test ends the job."""


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> JobControl[JobProgress]:
    control = JobControl(QtTimers(), JobProgress())
    monkeypatch.setattr(control, "_runner", FakeRunner())
    return control


@pytest.fixture
def panel(control: JobControl[JobProgress], qtbot: QtBot) -> JobPanel:
    """A panel that starts ``napari-iris info``."""
    words = ["info"]
    panel = JobPanel(control, "Start", "Tip", lambda: control.start([words]), lambda: [words])
    qtbot.addWidget(panel)
    panel.show()
    return panel


def click(qtbot: QtBot, button: Any) -> None:
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def finish(control: JobControl[JobProgress], ending: Ending = END) -> None:
    control._runner.job = None
    control._end(ending)


def test_a_job_from_its_start_to_its_end(
    panel: JobPanel, control: JobControl[JobProgress], qtbot: QtBot
) -> None:
    assert not panel.bar.isVisible()
    assert not panel.status.isVisible()
    assert not panel.cancel.isEnabled()
    click(qtbot, panel.start)
    assert panel.bar.isVisible()
    assert panel.bar.maximum() == 0, "busy, not yet known how far"
    assert panel.status.text() == "Starting..."
    assert not panel.start.isEnabled()
    control._receive([PROGRESS, {"event": "failed", "file": "a.fits", "message": "a.fits: bad"}])
    assert (panel.bar.value(), panel.bar.maximum()) == (30, 60)
    assert panel.status.text() == "30 of 60, 5 s left"
    finish(control, Ending(1, cancelled=False, message=""))
    assert not panel.bar.isVisible()
    assert panel.status.text() == "1 file failed:\na.fits: bad"
    assert panel.status.toolTip() == "a.fits: bad"
    assert panel.start.isEnabled()


def test_a_job_is_cancelled(
    panel: JobPanel, control: JobControl[JobProgress], qtbot: QtBot
) -> None:
    click(qtbot, panel.start)
    click(qtbot, panel.cancel)
    assert panel.status.text() == "Stopping..."
    assert not panel.cancel.isEnabled()
    finish(control, Ending(130, cancelled=True, message=""))
    assert panel.status.text().startswith("Stopped after 0 frames")


def test_the_command_is_copied(panel: JobPanel, qtbot: QtBot) -> None:
    click(qtbot, panel.copy)
    assert QGuiApplication.clipboard().text().endswith(" info")
    assert panel.status.text() == "Command copied to the clipboard."


def test_why_it_cannot_be_started_is_in_the_tooltip(
    panel: JobPanel, control: JobControl[JobProgress]
) -> None:
    control.offer("Choose a folder.")
    assert not panel.start.isEnabled()
    assert not panel.copy.isEnabled()
    assert panel.start.toolTip() == "Tip\nChoose a folder."
    control.offer("")
    assert panel.start.toolTip() == "Tip"


def test_without_a_start_button_it_is_visible_only_when_needed(
    control: JobControl[JobProgress], qtbot: QtBot
) -> None:
    panel = JobPanel(control)
    qtbot.addWidget(panel)
    panel.show()
    control.notify("")
    assert not panel.isVisible()
    control.start([["info"]])
    assert panel.isVisible()
    assert panel.cancel.isVisible()
    finish(control)
    assert not panel.isVisible(), "nothing failed"
