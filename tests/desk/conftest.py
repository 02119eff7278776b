"""What the window's tests share: nights of small frames, a viewer, its docks."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from npe2 import PluginManager
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_iris.frames.paths import find_frames
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import write_mask
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.curation.curation import Curation
    from napari_iris.desk.curate.dock import CurateDock
    from napari_iris.desk.frames.dock import FramesDock
    from napari_iris.desk.mask.dock import MaskDock
    from napari_iris.desk.predict.dock import PredictDock
    from napari_iris.desk.review.dock import ReviewDock
    from napari_iris.desk.train.dock import TrainDock

    Viewer = Any

# napari reads this when it is imported: no test may touch the settings of who runs it
SETTINGS = tempfile.TemporaryDirectory(prefix="iris-tests-", ignore_cleanup_errors=True)
os.environ["NAPARI_CONFIG"] = str(Path(SETTINGS.name) / "settings.yaml")

PATIENCE_MS = 60_000
"""Longest wait for what is to happen, where the time is not what a test is about."""

SKY_ADU, CLOUD_ADU = 600, 900


@pytest.fixture(autouse=True)
def user_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests of the window: napari keeps its icons there."""
    cache = tmp_path_factory.getbasetemp() / "desk-cache"
    cache.mkdir(exist_ok=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    return cache


class PatientBot(QtBot):
    """Waits long for what is to happen, unless a time is given: busy machines are slow."""

    def waitUntil(  # noqa: N802 (the name is Qt's)
        self, callback: Callable[[], Any], *, timeout: int = PATIENCE_MS
    ) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> PatientBot:
    """The bot of pytest-qt, with patience."""
    return PatientBot(request)


@pytest.fixture(scope="session")
def qapp() -> Any:
    """The application as napari makes it, which finds its icons."""
    from napari.qt import get_qapp

    gc.collect()
    gc.freeze()  # each viewer's end collects garbage: not among all that was imported
    return get_qapp()


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
    from napari_iris.desk.frames.dock import FramesDock

    dock = FramesDock(model)
    qtbot.addWidget(dock)
    dock.show()
    return dock


@pytest.fixture
def mask_dock(model: Viewer, qtbot: QtBot) -> MaskDock:
    """The Mask dock of the viewer without a window."""
    from napari_iris.desk.mask.dock import MaskDock

    dock = MaskDock(model)
    qtbot.addWidget(dock)
    dock.resize(400, 800)
    dock.show()
    return dock


@pytest.fixture
def settle(mask_dock: MaskDock, qtbot: QtBot) -> Callable[[], None]:
    """Wait until the Mask dock shows what belongs to the frame in view."""
    return lambda: qtbot.waitUntil(lambda: mask_dock.preview.is_current, timeout=60_000)


@pytest.fixture(scope="session")
def devices() -> dict[str, Any]:
    """What a scan of the devices finds, scanned once: each scan starts a process."""
    from napari_iris.app.training.device import query_devices

    return query_devices()


@pytest.fixture
def train_dock(
    model: Viewer, qtbot: QtBot, devices: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> TrainDock:
    """The Train dock of the viewer without a window, once it knows its devices."""
    from napari_iris.app.training import device
    from napari_iris.desk.train.dock import TrainDock

    monkeypatch.setattr(device, "query_devices", lambda: devices)
    dock = TrainDock(model)
    qtbot.addWidget(dock)
    dock.resize(400, 900)
    dock.show()
    qtbot.waitUntil(lambda: not dock.training.devices.is_scanning, timeout=60_000)
    return dock


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """Twelve small mask files to learn from, an hour apart; some are clear."""
    folder = tmp_path / "masks"
    folder.mkdir()
    for number in range(12):
        frame = np.random.default_rng(number).normal(SKY_ADU, 3, (32, 40)).astype(np.float32)
        mask = np.zeros(frame.shape, np.uint8)
        mask[:, : 10 * (number % 4)] = 1
        frame[mask == 1] += CLOUD_ADU - SKY_ADU
        header = fits.Header({"DATE-OBS": f"2024-01-15T{number:02}:00:00"})
        write_mask(folder / f"sky_{number}_mask.fits", frame, mask, header, {})
    return folder


@pytest.fixture
def predict_dock(model: Viewer, qtbot: QtBot) -> PredictDock:
    """The Predict dock of the viewer without a window."""
    from napari_iris.desk.predict.dock import PredictDock

    dock = PredictDock(model)
    qtbot.addWidget(dock)
    dock.resize(400, 900)
    dock.show()
    return dock


@pytest.fixture
def review_dock(model: Viewer, qtbot: QtBot) -> ReviewDock:
    """The Review dock of the viewer without a window."""
    from napari_iris.desk.review.dock import ReviewDock

    dock = ReviewDock(model)
    qtbot.addWidget(dock)
    dock.resize(400, 900)
    dock.show()
    return dock


def take_in(folder: Path, frames: Path) -> Path:
    """Make a project of a folder of frames, with automatic masks, and close it."""
    with Project(folder) as project:
        paths = list(find_frames([frames])[0])
        assert list(index(project, paths, MaskConfig(), jobs=1)) == paths
        project.add_sources([str(frames)])
    return folder


@pytest.fixture
def make_project(
    make_night: Callable[..., Path], snapshot: Callable[..., Path], tmp_path: Path
) -> Callable[[int], Path]:
    """Give the folder of a closed project on so many frames: none, 16, 32, 48 columns of cloud."""

    def give(count: int) -> Path:
        return snapshot(
            f"desk {count}", lambda: take_in(tmp_path / "project", make_night(count)), "night"
        )

    return give


@pytest.fixture
def project(make_project: Callable[[int], Path]) -> Path:
    """Folder of a closed project on six frames."""
    return make_project(6)


@pytest.fixture(scope="session")
def _sample_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(sample_night(), folder / "night")
    return take_in(folder / "project", folder / "night")


@pytest.fixture
def sample_project(_sample_project: Path, tmp_path: Path) -> Path:
    """Folder of a closed project on a copy of the sample night."""
    return shutil.copytree(_sample_project, tmp_path / "sample_project")


@pytest.fixture
def tab_through(qtbot: QtBot) -> Callable[..., list[Any]]:
    """Press Tab from a widget of a dock until it comes round; give all that was reached."""

    def press(dock: Any, first: Any) -> list[Any]:
        dock.activateWindow()
        first.setFocus()
        qtbot.waitUntil(first.hasFocus)
        reached: list[Any] = []
        while (focused := QApplication.focusWidget()) not in reached:
            reached.append(focused)
            qtbot.keyClick(focused, Qt.Key.Key_Tab)
        return reached

    return press


GAP_MS = 100
"""Longest time that the window may not answer."""


class Gaps:
    """Measure the longest time between two turns of the event loop.

    Time in which the thread was ready but other programs had the processors is left out.
    """

    def __init__(self) -> None:
        self.longest_ms, self._last = 0.0, own_time()
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = own_time()
        self.longest_ms = max(self.longest_ms, 1000 * (now - self._last))
        self._last = now

    def stop(self) -> float:
        self._timer.stop()
        return self.longest_ms


def own_time() -> float:
    """Seconds on a clock that stands still while this thread waits for a processor.

    Linux counts that time in the second field of schedstat [ns]; elsewhere it is not known.
    """
    try:
        waited = int(Path("/proc/thread-self/schedstat").read_text().split()[1])
    except OSError:
        waited = 0
    return time.perf_counter() - waited / 1e9


class Desk:
    """A person at the Curate dock of a real window: keys, the mouse on the frame, and the disk.

    ``row``, ``mask`` and ``layer`` are the current ones; mouse positions are pixels of the frame.
    """

    def __init__(self, viewer: Viewer, dock: CurateDock, qtbot: QtBot) -> None:
        self.viewer, self.dock, self.qtbot = viewer, dock, qtbot
        self.canvas = next(
            widget
            for widget in dock.window().findChildren(QWidget)
            if widget.metaObject().className() == "CanvasBackendDesktop"
        )

    @property
    def curation(self) -> Curation:
        return self.dock.curation

    @property
    def layer(self) -> Any:
        return self.curation.editor.canvas.layer

    @property
    def mask(self) -> np.ndarray:
        return np.array(self.layer.data)

    @property
    def row(self) -> int | None:
        return self.curation.row

    @property
    def message(self) -> str:
        return self.dock.message.text() if self.dock.message.isVisible() else ""

    def open(self, folder: Path, *, read_only: bool = False) -> None:
        """Open a project as a person does."""
        box = self.dock.project
        box.folder.value = folder
        self.click(box.open_read_only if read_only else box.open)

    def click(self, button: Any) -> None:
        assert button.isEnabled()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def press(self, *keys: str, on: Any = None) -> None:
        """Press keys, one after the other, on the canvas or another widget."""
        for name in keys:
            *modifiers, key = name.split("+")
            how = Qt.KeyboardModifier.NoModifier
            for one in modifiers:
                how |= getattr(Qt.KeyboardModifier, f"{one.replace('Ctrl', 'Control')}Modifier")
            code = getattr(Qt.Key, f"Key_{KEY_NAMES.get(key, key)}")
            self.qtbot.keyClick(self.canvas if on is None else on, code, how)

    def drag(self, *places: tuple[float, float], shift: bool = False, drop: bool = True) -> None:
        """Press the mouse at the first place, move it to the others, and let it go."""
        self._mouse("Press", places[0], shift)
        for start, end in pairwise(places):
            for step in np.linspace(start, end, 6)[1:]:
                self.move(*step, shift=shift)
        if drop:
            self.drop(*places[-1], shift=shift)

    def move(self, row: float, column: float, *, shift: bool = False) -> None:
        """Move the mouse, its button down."""
        self.qtbot.wait(12)  # vispy hears no more than a hundred moves a second
        self._mouse("Move", (row, column), shift)
        self.qtbot.wait(6)  # and napari looks at it within 5 ms

    def drop(self, row: float, column: float, *, shift: bool = False) -> None:
        """Let the mouse go."""
        self._mouse("Release", (row, column), shift)

    def hover(self, row: float, column: float) -> None:
        """Move the mouse, no button down."""
        self.qtbot.wait(12)
        self._mouse("Move", (row, column), False, Qt.MouseButton.NoButton)
        self.qtbot.wait(6)

    def scroll(self, row: float, column: float, steps: int) -> None:
        """Turn the wheel over a place."""
        here, button = self._on_canvas((row, column)), Qt.MouseButton.NoButton
        there = QPointF(self.canvas.mapToGlobal(here.toPoint()))
        turn, phase = QPoint(0, 120 * steps), Qt.ScrollPhase.NoScrollPhase
        none = Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(here, there, QPoint(), turn, button, none, phase, False)
        QApplication.sendEvent(self.canvas, event)

    def _on_canvas(self, place: tuple[float, float]) -> QPointF:
        camera, canvas = self.viewer.scene.camera, self.canvas
        _, row, column = camera.center
        x = canvas.width() / 2 + (place[1] - column) * camera.zoom
        return QPointF(x, canvas.height() / 2 + (place[0] - row) * camera.zoom)

    def _mouse(
        self,
        what: str,
        place: tuple[float, float],
        shift: bool,
        held: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        canvas, button, here = self.canvas, Qt.MouseButton, self._on_canvas(place)
        event = QMouseEvent(
            getattr(QEvent.Type, f"Mouse{what}" if what == "Move" else f"MouseButton{what}"),
            here,
            QPointF(canvas.mapToGlobal(here.toPoint())),
            button.NoButton if what == "Move" else button.LeftButton,
            button.NoButton if what == "Release" else held,
            Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(canvas, event)

    def stored(self, row: int, tag: str | None = None) -> np.ndarray | None:
        """Mask of a frame as a second program reads it from the disk."""
        with Project(self.folder, read_only=True) as project:
            return project.mask(int(project.table.id[row]), tag)

    def decision(self, row: int) -> Any:
        """What a second program reads of a frame's label."""
        with Project(self.folder, read_only=True) as project:
            return project.decision(int(project.table.id[row]))

    @property
    def folder(self) -> Path:
        return self.curation.project.folder

    def wait(self, true: Callable[[], bool], timeout: int = PATIENCE_MS) -> None:
        self.qtbot.waitUntil(true, timeout=timeout)


KEY_NAMES = {",": "Comma", ".": "Period", "[": "BracketLeft", "]": "BracketRight", "Esc": "Escape"}


@pytest.fixture
def open_desk(make_napari_viewer_proxy: Callable[..., Viewer], qtbot: QtBot) -> Callable[..., Desk]:
    """Open the Curate dock in a new window: ``open_desk(folder)``, or without a project."""

    def open_dock(folder: Path | None = None, *, read_only: bool = False) -> Desk:
        viewer = make_napari_viewer_proxy(show=True)
        viewer.window.resize(1200, 980)
        _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
        desk = Desk(viewer, dock, qtbot)
        if folder is not None:
            desk.open(folder, read_only=read_only)
        with qtbot.waitExposed(dock.window()):
            pass
        QApplication.processEvents()  # the canvas has its size, which the view depends on
        viewer.reset_view()
        return desk

    return open_dock


@pytest.fixture
def desk(open_desk: Callable[..., Desk], project: Path) -> Desk:
    """The Curate dock with a project of six small frames."""
    return open_desk(project)
