"""The dock that says what to do next: low, and each button opens what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtCore import Qt

from napari_iris.desk.frames import welcome
from napari_iris.desk.frames.next_steps import TITLE, NextSteps
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


def test_each_button_opens_what_it_names(
    make_napari_viewer: Callable[..., Any],
    make_night: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    viewer = make_napari_viewer(show=True)
    steps = NextSteps(viewer)
    viewer.window.add_dock_widget(steps, name=TITLE, area="bottom")
    qtbot.waitUntil(steps.isVisible)
    assert steps.height() < viewer.window._qt_window.height() / 4
    left = Qt.MouseButton.LeftButton
    for button, name in ((steps.curate, "Curate"), (steps.train, "Train")):
        qtbot.mouseClick(button, left)
        assert f"{name} (napari-iris)" in viewer.window.dock_widgets
    night = str(make_night(3))
    monkeypatch.setattr(welcome.QFileDialog, "getExistingDirectory", lambda *_: night)
    qtbot.mouseClick(steps.folder, left)
    sequence = workspace_of(viewer).session.sequence
    assert sequence is not None
    assert len(sequence) == 3
