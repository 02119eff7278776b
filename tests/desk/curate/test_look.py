"""Two windows on one project, and looking at it without changing it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication

from napari_iris.app.keys import CURATION
from napari_iris.project.project import Project

from .conftest import drag_threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

HOLD = """
import sys
from napari_iris.project.project import Project
with Project(sys.argv[1], exclusive=True) as project:
    print("ready", flush=True)
    for line in sys.stdin:
        project.save_mask(2, 1 - project.mask(2).clip(0, 1))
        print("saved", flush=True)
"""


@pytest.fixture
def other(project: Path) -> Iterator[Callable[[], None]]:
    """Another process has the project; call it to have it save a mask of the second frame."""
    command = [sys.executable, "-c", HOLD, str(project)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"

        def save() -> None:
            child.stdin.write("save\n")
            child.stdin.flush()
            assert child.stdout.readline() == "saved\n"

        yield save
        child.stdin.close()


def content(folder: Path) -> dict[str, object]:
    """All that a project keeps, but for the lock and the log."""
    with Project(folder, read_only=True) as project:
        frames = [
            tuple(row) for row in project.repository.connection.execute("SELECT * FROM frame")
        ]
        counts = [
            project.repository.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
            for table in ("mask", "event")
        ]
        return {"frames": frames, "counts": counts, "masks": sorted(project.store.names())}


def test_a_second_window_gets_one_line_and_may_open_read_only(
    open_desk: Callable[..., Desk], project: Path, other: Callable[[], None]
) -> None:
    desk = open_desk(project)
    assert desk.curation.project is None
    assert desk.message.count("\n") == 0
    assert "is open in another window; close it there" in desk.message
    desk.click(desk.dock.project.open_read_only)
    assert desk.message == ""
    assert desk.row == 0
    assert "read-only" in desk.dock.project.name.text()
    before = desk.stored(1)
    other()
    desk.press("Right")
    np.testing.assert_array_equal(desk.mask, desk.stored(1))
    assert (desk.mask != before).any(), "the other window's edit is seen"


def test_two_docks_of_two_windows_in_one_process(
    open_desk: Callable[..., Desk], project: Path
) -> None:
    first, second = open_desk(project), open_desk(project)
    assert second.curation.project is None
    assert "is open in another window" in second.message
    first.press("Right", "8")
    assert first.decision(1).status == "approved"
    first.click(first.dock.project.close_project)
    second.open(project)
    assert second.message == ""
    assert second.row == 0


def test_nothing_can_be_changed_while_looking(
    open_desk: Callable[..., Desk], project: Path
) -> None:
    before = content(project)
    desk = open_desk(project, read_only=True)
    desk.press("Right")
    mask = desk.mask
    for shortcut in CURATION:
        if shortcut.key != "F1":
            desk.press(shortcut.label)
            desk.curation.session.go_to(1)
    desk.press("T")
    desk.drag((60, 12), (60, 40))
    desk.press("P")
    desk.drag((60, 90), (60, 120))
    for button in desk.dock.decision.buttons.values():
        desk.click(button)
        desk.curation.session.go_to(1)
    for sky, button in desk.dock.decision.classes.items():
        desk.click(button)
        assert not button.isChecked(), sky
    for name, button in desk.dock.tools.buttons.items():
        if button.isEnabled():
            desk.click(button)
            desk.curation.session.go_to(1)
            assert name
    drag_threshold(desk, 0.1)
    np.testing.assert_array_equal(desk.mask, mask)
    QApplication.processEvents()
    assert desk.curation.save(), "as the clock does"
    assert content(project) == before
    assert not desk.dock.project.add_frames.isEnabled(), "no frames are taken in"
