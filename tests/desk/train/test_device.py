"""The line that says which device a training will use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.app.training import device
from tests.app.training.test_device import facts

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from napari_iris.desk.train.dock import TrainDock

pytestmark = pytest.mark.gui


def test_without_the_library_there_is_no_start_until_it_is_installed(
    train_dock: TrainDock, masks: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = train_dock
    dock.data.folder.value = masks
    start = dock.train.panel.start
    qtbot.waitUntil(start.isEnabled)
    fix = {"what": "tensorflow", "fix": "pip install 'napari-iris[cpu]'"}
    bare = facts("none (x)", (fix,), tensorflow=None)
    monkeypatch.setattr(device, "query_devices", lambda: bare)
    dock.device.rescan.click()
    assert not start.isEnabled()
    assert not dock.device.rescan.isEnabled()
    assert dock.device.line.text() == "Scanning for GPUs and libraries..."
    qtbot.waitUntil(dock.device.rescan.isEnabled)
    assert dock.device.line.text() == "tensorflow is missing; pip install 'napari-iris[cpu]'"
    assert not start.isEnabled()
    assert dock.train.problem.text() == "tensorflow is missing"
    dock.training.form.set("engine", "flax")
    assert start.isEnabled(), "Flax can train"
    assert dock.device.line.text().startswith("CPU, 8 cores")
    dock.training.form.set("engine", "keras")
    assert not start.isEnabled()
    monkeypatch.setattr(device, "query_devices", facts)
    dock.device.rescan.click()
    qtbot.waitUntil(start.isEnabled)
    assert dock.device.line.text().startswith("GPU, NVIDIA H200")
