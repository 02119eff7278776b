"""Ends of the Curate dock: windows that close, docks that are removed, a kill."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from napari.utils.notifications import notification_manager
from qtpy.compat import isalive
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import QApplication, QDockWidget, QMessageBox

from napari_iris.app.keys import VIEW
from napari_iris.errors import ProjectError
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def disk_full(project: Project, *_: object) -> None:
    raise ProjectError(project.folder, "the disk is full", "make room, then try again")


def asks_to_close(desk: Desk) -> bool:
    """Send the main window what its cross sends; say whether it would close."""
    window = desk.dock
    while window.parentWidget() is not None:
        window = window.parentWidget()
    event = QCloseEvent()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def open_elsewhere(folder: Path) -> None:
    """Open the project as another window does; fails while one has it."""
    Project(folder, exclusive=True).close()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Answer the next question with the button of that text; give what was asked."""

    def answer_with(text: str) -> list[str]:
        asked: list[str] = []

        def press(box: Any) -> None:
            asked.append(f"{box.text()} {box.informativeText()}")
            next(button for button in box.buttons() if button.text().startswith(text)).click()

        monkeypatch.setattr(QMessageBox, "exec", press)
        return asked

    return answer_with


@pytest.mark.parametrize("floating", [False, True])
def test_a_window_with_an_edit_that_cannot_be_saved_asks(
    desk: Desk,
    answer: Callable[[str], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    floating: bool,
) -> None:
    desk.dock.parentWidget().setFloating(floating)
    with monkeypatch.context() as broken:
        broken.setattr(Project, "save_mask", disk_full)
        desk.press("Right", "G")
        edited = desk.mask
        asked = answer("Keep open")
        assert not asks_to_close(desk)
        assert len(asked) == 1
        assert "could not be saved" in asked[0]
        assert "the disk is full; make room" in asked[0]
        assert desk.dock.isVisible()
        np.testing.assert_array_equal(desk.mask, edited)
        assert "disk is full" in desk.message
    desk.wait(lambda: desk.stored(1, "human") is not None)
    np.testing.assert_array_equal(desk.stored(1, "human"), edited)
    assert desk.message == ""
    assert asks_to_close(desk), "it closes without a word once all is saved"
    assert desk.curation.project is not None, "napari may yet call the closing off"


def test_the_window_closes_for_a_user_who_discards_the_edit(
    desk: Desk, answer: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Project, "save_mask", disk_full)
    desk.press("Right", "G")
    asked = answer("Close and lose")
    assert asks_to_close(desk)
    assert len(asked) == 1


def test_escape_means_stay(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dialog itself, as it comes up, with a real key."""
    seen: list[Any] = []

    def escape() -> None:
        seen.append(QApplication.activeModalWidget())
        qtbot.keyClick(seen[0], Qt.Key.Key_Escape)

    with monkeypatch.context() as broken:
        broken.setattr(Project, "save_mask", disk_full)
        desk.press("Right", "G")
        QTimer.singleShot(300, escape)
        assert not asks_to_close(desk)
    assert isinstance(seen[0], QMessageBox)


@pytest.mark.parametrize("floating", [False, True])
def test_a_closing_window_saves_frees_the_project_and_asks_nothing(
    desk: Desk, answer: Callable[[str], list[str]], floating: bool
) -> None:
    folder, asked = desk.folder, answer("Keep open")
    desk.dock.parentWidget().setFloating(floating)
    desk.press("Right", "G")
    edited = desk.mask
    desk.viewer.window.close()
    QApplication.sendPostedEvents(None, 0)
    assert not asked
    with Project(folder, read_only=True) as project:
        np.testing.assert_array_equal(project.mask(2, "human"), edited)


def test_a_hidden_panel_goes_on_working(desk: Desk) -> None:
    desk.dock.parentWidget().close()
    assert not desk.dock.isVisible()
    desk.press("Right", "G")
    desk.wait(lambda: desk.stored(1, "human") is not None)
    assert desk.curation.project is not None


def test_a_removed_dock_saves_frees_the_project_and_unbinds_its_keys(
    desk: Desk, qtbot: QtBot
) -> None:
    folder, canvas, viewer = desk.folder, desk.canvas, desk.viewer
    desk.press("Right", "G")
    edited = desk.mask
    panel = desk.dock.parentWidget()
    assert isinstance(panel, QDockWidget)
    viewer.window.remove_dock_widget(desk.dock)
    with Project(folder, read_only=True) as project:
        np.testing.assert_array_equal(project.mask(2, "human"), edited)
    open_elsewhere(folder)
    assert [layer.name for layer in viewer.layers] == []
    assert {str(key) for key in viewer.keymap} == {one.label for one in VIEW}, "of every dock"
    qtbot.keyClick(canvas, Qt.Key.Key_8)  # which the desk bound
    with Project(folder, read_only=True) as project:
        assert project.decision(2).status == "edited"
    desk.dock.deleteLater()
    qtbot.waitUntil(lambda: not isalive(desk.dock))
    qtbot.keyClick(canvas, Qt.Key.Key_A)


def test_the_dock_opened_again_takes_the_project_over(desk: Desk) -> None:
    folder, viewer = desk.folder, desk.viewer
    desk.press("Right", "G")
    edited = desk.mask
    viewer.window.remove_dock_widget(desk.dock)
    _, desk.dock = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
    desk.open(folder)
    assert desk.message == ""
    assert desk.row == 1, "it goes on with the frame that is half done"
    np.testing.assert_array_equal(desk.mask, edited)
    desk.press("8")
    assert desk.decision(1).how == "overcast"


def test_a_removed_dock_leaves_an_edit_that_it_cannot_save_in_the_viewer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Project, "save_mask", disk_full)
    desk.press("Right", "G")
    edited, folder = desk.mask, desk.folder
    desk.viewer.window.remove_dock_widget(desk.dock)
    np.testing.assert_array_equal(desk.viewer.layers["label"].data, edited)
    assert "save that as a file" in notification_manager.records[-1].message
    open_elsewhere(folder)


EDIT_UNTIL_KILLED = """
import sys
from pathlib import Path
import napari
import numpy as np
from qtpy.QtCore import QTimer
from napari_iris.project.project import Project

folder = Path(sys.argv[1])
viewer = napari.Viewer()
_, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
dock.project.folder.value = folder
dock.project.open.click()
viewer.dims.set_current_step(0, 3)
layer = viewer.layers["label"]
column = 0

def paint():
    global column
    layer.data_setitem((np.arange(128), np.full(128, column)), 2 - column % 2)
    column += 1
    if column == 5:
        with Project(folder, read_only=True) as seen:
            saved = seen.mask(4, "human")
        print("saved", saved is not None and saved[:, 0].all(), flush=True)
        column = 0

timer = QTimer()
timer.timeout.connect(paint)
timer.start(20)
napari.run()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills the POSIX way")
def test_a_window_that_is_killed_loses_nothing_that_was_saved(
    project: Path, open_desk: Callable[..., Desk]
) -> None:
    command = [sys.executable, "-c", EDIT_UNTIL_KILLED, str(project)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            for line in child.stdout:
                if line == "saved True\n":
                    break
        finally:
            child.kill()
    with Project(project, read_only=True) as seen:
        assert seen.repository.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        saved = seen.mask(4, "human")
        assert saved is not None
        assert saved[:, 0].any()
    desk = open_desk(project)
    assert desk.message == "", "the lock went with the window"
    assert desk.row == 3, "it goes on with the frame that is half done"
    np.testing.assert_array_equal(desk.mask, saved)
