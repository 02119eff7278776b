"""The window as a whole: real viewers, how live they stay, what they load, and how they close."""

from __future__ import annotations

import gc
import importlib.resources
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest
from qtpy.compat import isalive
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QApplication

from napari_iris.desk.__main__ import main
from napari_iris.desk.window import freeze_objects, remember_docks
from napari_iris.resources import sample_night
from tests.desk.conftest import GAP_MS, Gaps
from tests.processes import wait_until
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

STEP_S = 0.02


def add_docks(viewer: Any) -> tuple[Any, Any]:
    return tuple(
        viewer.window.add_plugin_dock_widget("napari-iris", name)[1] for name in ("Frames", "Mask")
    )


@pytest.fixture
def raw_night(tmp_path: Path, write_frame: Callable[..., Path]) -> Path:
    """Twenty thousand raw frames of 512 x 640, hard links to four."""
    rng = np.random.default_rng(0)
    frames = [
        write_frame(f"{number}.fits", rng.normal(650, 20, (512, 640)).astype(np.int16))
        for number in range(4)
    ]
    folder = tmp_path / "night"
    folder.mkdir()
    for number in range(20_000):
        os.link(frames[number % 4], folder / f"sky_{number:05}.fits")
    return folder


def test_both_docks_open_from_the_plugin_menu(viewer: Any, qtbot: QtBot) -> None:
    frames, mask = add_docks(viewer)
    assert frames.session is mask.session
    viewer.open_sample("napari-iris", "night")
    qtbot.waitUntil(lambda: mask.preview.is_current and mask.preview.made is not None)
    assert [layer.name for layer in viewer.layers] == ["sample night", "cloud mask"]
    assert viewer.layers.selection.active.name == "sample night"
    assert frames.position.text().endswith("of 30")


def test_keys_step_through_the_night(
    make_napari_viewer: Callable[..., Any], make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.open(str(make_night(6)), plugin="napari-iris")
    frames, mask = add_docks(viewer)
    frames.session.go_to(2)
    qtbot.keyClick(viewer.window._qt_viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: frames.session.number == 3)
    assert frames.file.text() == "sky_4.fits"
    qtbot.waitUntil(lambda: mask.preview.is_current)


def test_a_closed_dock_is_left_alone(
    viewer: Any, make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    """Steps, previews and turned axes reach no widget that is gone."""
    docks = add_docks(viewer)
    viewer.open(str(make_night(4)), plugin="napari-iris")
    qtbot.waitUntil(lambda: docks[1].preview.made is not None)
    for dock in docks:
        viewer.window.remove_dock_widget(dock)
        dock.deleteLater()
    qtbot.waitUntil(lambda: not any(isalive(dock) for dock in docks))
    for number in (0, 1, 2):
        viewer.dims.set_current_step(0, number)
        QApplication.processEvents()
    viewer.scene.camera.orientation2d = ("up", "right")
    assert "cloud mask" not in viewer.layers, "it went with its dock"
    again = add_docks(viewer)[1]
    qtbot.waitUntil(lambda: again.preview.is_current and again.preview.made is not None)


@pytest.mark.timed
def test_the_window_stays_live_while_masks_are_made(
    make_napari_viewer: Callable[..., Any],
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.open(str(sample_night()), plugin="napari-iris")
    _, mask = add_docks(viewer)
    rounds = count()

    def longest_gap() -> float:
        mask.apply.folder.value = tmp_path / f"masks_{next(rounds)}"
        qtbot.waitUntil(lambda: mask.preview.is_current)
        qtbot.wait(300)  # the first frame is drawn, and the dock around it
        gaps = Gaps()
        qtbot.mouseClick(mask.apply.panel.start, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not mask.job.control.is_running)
        assert " masks made (" in mask.apply.panel.status.text()
        return gaps.stop() / 1000

    assert_within(GAP_MS / 1000, longest_gap)


@pytest.mark.timed
def test_a_step_in_a_night_of_twenty_thousand_frames_is_quick(
    make_napari_viewer: Callable[..., Any],
    raw_night: Path,
    qtbot: QtBot,
) -> None:
    """Quick: not much slower than napari alone with a few frames in memory, on any machine."""
    viewer, plain = make_napari_viewer(show=True), make_napari_viewer(show=True)
    plain.add_image(np.random.default_rng(0).normal(650, 20, (25, 512, 640)))
    viewer.open(str(raw_night), plugin="napari-iris")
    frames, mask = add_docks(viewer)
    qtbot.waitUntil(lambda: mask.preview.is_current)
    rng, first = np.random.default_rng(0), count(100, 200)

    def next_steps() -> float:
        start = next(first)
        return median_step(viewer, range(start, start + 15))

    for steps in (next_steps, lambda: median_step(viewer, rng.integers(0, 20_000, 15))):
        assert_within(STEP_S, steps, beside=lambda: median_step(plain, range(25)), times=5)
    assert frames.position.text().endswith("of 20000")


def median_step(viewer: Any, numbers: Iterable[int]) -> float:
    return median(step(viewer, int(number)) for number in numbers)


def step(viewer: Any, number: int) -> float:
    """Step to a frame, give the time it took [s], then let the window draw it."""
    took = seconds(lambda: viewer.dims.set_current_step(0, number))
    QApplication.processEvents()
    return took


NO_TRAINING = """
import sys
from importlib.abc import MetaPathFinder

class Watch(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "jax", "flax", "torch"):
            raise AssertionError(f"{name} is imported in the window's process")

sys.meta_path.insert(0, Watch())
"""

LIFE_OF_A_WINDOW = """
import sys
from pathlib import Path
from qtpy.QtCore import QTimer
from napari_iris.desk.window import open_window, save_picture
import napari

window = open_window([sys.argv[1]], 3)
save_picture(window, sys.argv[3])
window.mask.apply.folder.value = Path(sys.argv[2])
window.mask.apply.panel.start.click()
print(window.mask.job.control.job.pid, flush=True)

def close_when_it_runs():
    if window.mask.apply.panel.bar.value() > 10:
        window.viewer.window._qt_window.close()
    else:
        QTimer.singleShot(50, close_when_it_runs)

close_when_it_runs()
napari.run()
print("closed", sorted({"tensorflow", "keras", "jax", "flax"} & set(sys.modules)))
"""


def run_script(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="looks for the child as POSIX does")
def test_the_life_of_a_window(make_night: Callable[..., Path], tmp_path: Path) -> None:
    """It opens, gives a picture with the mask in it, starts a job, is closed by its cross.

    The job ends with it, and nothing of what trains has been imported.
    """
    folder, masks, picture = make_night(4), tmp_path / "masks", tmp_path / "window.png"
    for number in range(5, 2001):
        (folder / f"sky_{number}.fits").hardlink_to(folder / "sky_4.fits")
    done = run_script(NO_TRAINING + LIFE_OF_A_WINDOW, folder, masks, picture)
    assert done.returncode == 0, done.stderr[-2000:]
    pid, said = done.stdout.splitlines()[-2:]
    assert said == "closed []"
    wait_until(lambda: not Path(f"/proc/{pid}").exists())  # the job ends with its window
    assert not list(masks.glob(".*.part"))
    assert shows_a_mask(QImage(str(picture)))


def shows_a_mask(image: QImage) -> bool:
    """Whether a hundred or more of a picture's points have the colour of a mask's outline."""
    points = [(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 5)]
    colors = [image.pixelColor(x, y) for x, y in points]
    return sum(color.blue() > 200 and color.red() < 190 for color in colors) > 100


@pytest.mark.parametrize("picture", [None, "window.png"])
def test_the_window_opens_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, picture: str | None
) -> None:
    window, run, save, remember = Mock(), Mock(), Mock(), Mock()
    opened = Mock(return_value=window)
    monkeypatch.setattr("napari_iris.desk.window.remember_docks", remember)
    monkeypatch.setattr("napari_iris.desk.window.open_window", opened)
    monkeypatch.setattr("napari_iris.desk.window.save_picture", save)
    monkeypatch.setattr("napari.run", run)
    arguments = ["desk", "a", "b", "--frame", "16"]
    monkeypatch.setattr(sys, "argv", arguments + (["--screenshot", picture] if picture else []))
    assert main() == 0
    opened.assert_called_once_with(["a", "b"], 15, reviewed=None, next_steps=False)
    assert run.called == remember.called == (picture is None)
    assert save.called == window.viewer.close.called == (picture is not None)


def test_docks_axis_brush_filters_and_place_come_back(
    make_napari_viewer: Callable[..., Any], make_night: Callable[..., Path], project: Path
) -> None:
    night = str(make_night(6, "other"))
    viewer = make_napari_viewer(show=True)
    viewer.open(night, plugin="napari-iris")
    frames, _ = add_docks(viewer)
    remember_docks(viewer)
    frames.session.go_to(3)
    frames.y_up.click()
    _, curate = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
    curate.open_project(project)
    curate.curation.editor.canvas.layer.brush_size = 5
    curate.queue.status.setCurrentText("All")
    curate.queue.status.activated.emit(1)
    viewer.close()
    viewer = make_napari_viewer(show=True)
    _, mask = viewer.window.add_plugin_dock_widget("napari-iris", "Mask")
    viewer.open(night, plugin="napari-iris")
    assert mask.session.number == 3
    assert viewer.scene.camera.orientation2d[0] == "up"
    remember_docks(viewer)
    curate = viewer.window.dock_widgets["Curate (napari-iris)"]
    assert viewer.window.dock_widgets["Frames (napari-iris)"].y_up.isChecked()
    curate.open_project(project)
    assert curate.queue.status.currentText() == "All"
    assert curate.curation.editor.canvas.layer.brush_size == 5


def test_an_open_window_is_left_out_of_garbage_collections() -> None:
    freeze_objects()
    try:
        assert gc.get_freeze_count() > len(gc.get_objects())
    finally:
        gc.unfreeze()


def test_the_window_opens_on_reviewed_predictions(tmp_path: Path) -> None:
    """As at the end of the demo: the Review dock, the night's predictions and their truth."""
    night, out, truth = sample_night(), tmp_path / "predictions", tmp_path / "truth"
    frames = [str(path) for path in sorted(night.glob("*.fz"))[14:17]]
    for command in (["predict", "unet-lwir", *frames, "--out", str(out)], ["mask", *frames]):
        extra = ["--out", str(truth)] if command[0] == "mask" else []
        subprocess.run([sys.executable, "-m", "napari_iris", *command, *extra], check=True)
    picture = tmp_path / "window.png"
    command = [sys.executable, "-m", "napari_iris.desk", *frames, "--next-steps"]
    command += ["--review", str(out), str(truth)]
    subprocess.run([*command, "--screenshot", str(picture)], check=True, timeout=120)
    assert QImage(str(picture)).width() == 1500


def test_the_manifest_is_valid_and_all_that_it_names_can_be_imported() -> None:
    npe2 = shutil.which("npe2", path=str(Path(sys.executable).parent))
    assert npe2 is not None
    manifest = importlib.resources.files("napari_iris") / "napari.yaml"
    for name in ("napari-iris", str(manifest)):
        done = subprocess.run(
            [npe2, "validate", "--imports", name], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "valid" in done.stdout
