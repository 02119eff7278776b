"""What the window's tests share: nights of small frames, a viewer, its docks."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from npe2 import PluginManager

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.frames_dock import FramesDock
    from napari_iris.desk.mask_dock import MaskDock

    Viewer = Any

# napari reads this when it is imported: no test may touch the settings of who runs it
os.environ["NAPARI_CONFIG"] = str(Path(tempfile.mkdtemp(prefix="iris-tests-")) / "settings.yaml")

ROWS, COLUMNS = 128, 160
SKY_ADU, CLOUD_ADU = 600, 900


@pytest.fixture(autouse=True)
def user_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests of the window: napari keeps its icons there."""
    cache = tmp_path_factory.getbasetemp() / "desk-cache"
    cache.mkdir(exist_ok=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return cache


@pytest.fixture(scope="session")
def qapp() -> Any:
    """The application as napari makes it, which finds its icons."""
    from napari.qt import get_qapp

    return get_qapp()


@pytest.fixture
def make_night(write_frame: Callable[..., Path]) -> Callable[..., Path]:
    """Write a night: ``make_night(6)`` gives the folder of six frames, ten minutes apart.

    They are clear but for cloud in their first columns, none, 16, 32, 48, none, ...
    """

    def make(count: int = 6, name: str = "night", first: int = 0) -> Path:
        for number in range(first, first + count):
            noise = np.random.default_rng(number).integers(-2, 3, (ROWS, COLUMNS))
            frame = SKY_ADU + noise
            frame[:, : 16 * (number % 4)] += CLOUD_ADU - SKY_ADU
            time = np.datetime64("2024-01-15T21:00:00") + np.timedelta64(10 * number, "m")
            file = f"{name}/sky_{number + 1}.fits"
            path = write_frame(file, frame.astype(np.int16), DATE_OBS=str(time), CAMERA="TAU2")
        return path.parent

    return make


@pytest.fixture
def model(qtbot: QtBot) -> Viewer:
    """A viewer without its window, where that is enough: it is fifty times as fast."""
    PluginManager.instance().discover()
    from napari.components import ViewerModel

    return ViewerModel()


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Viewer]) -> Viewer:
    """A viewer as plugins get it: private access warns, and warnings are errors."""
    return make_napari_viewer_proxy()


@pytest.fixture
def open_night(model: Viewer) -> Callable[..., Any]:
    """Open files or folders with our reader; give the image layer."""

    def open_paths(*paths: Path) -> Any:
        stack = len(paths) > 1
        return model.open([str(path) for path in paths], plugin="napari-iris", stack=stack)[0]

    return open_paths


@pytest.fixture
def frames_dock(model: Viewer, qtbot: QtBot) -> FramesDock:
    """The Frames dock of the viewer without a window."""
    from napari_iris.desk.frames_dock import FramesDock

    dock = FramesDock(model)
    qtbot.addWidget(dock)
    dock.show()
    return dock


@pytest.fixture
def mask_dock(model: Viewer, qtbot: QtBot) -> MaskDock:
    """The Mask dock of the viewer without a window."""
    from napari_iris.desk.mask_dock import MaskDock

    dock = MaskDock(model)
    qtbot.addWidget(dock)
    dock.resize(400, 800)
    dock.show()
    return dock


@pytest.fixture
def settle(mask_dock: MaskDock, qtbot: QtBot) -> Callable[[], None]:
    """Wait until the Mask dock shows what belongs to the frame in view."""
    return lambda: qtbot.waitUntil(lambda: mask_dock.settled, timeout=10_000)
