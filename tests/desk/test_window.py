"""The window as a whole: real viewers, how live they stay, what they load, and how they close."""

from __future__ import annotations

import importlib.resources
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QApplication

from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

STEP_MS, GAP_MS = 20, 100
CLOUD_BLUE = (0x2E, 0xC4, 0xFF)


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
    qtbot.waitUntil(lambda: mask.settled and mask.made is not None)
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
    qtbot.waitUntil(lambda: mask.settled)


def test_a_closed_dock_is_left_alone(
    viewer: Any, make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    """Steps, previews and turned axes reach no widget that is gone."""
    add_docks(viewer)
    viewer.open(str(make_night(4)), plugin="napari-iris")
    mask = viewer.window.dock_widgets["Mask (napari-iris)"]
    qtbot.waitUntil(lambda: mask.made is not None)
    for name in ("Frames (napari-iris)", "Mask (napari-iris)"):
        viewer.window.remove_dock_widget(viewer.window.dock_widgets[name])
    qtbot.wait(50)
    for number in (0, 1, 2):
        viewer.dims.set_current_step(0, number)
        qtbot.wait(20)
    viewer.scene.camera.orientation2d = ("up", "right")
    viewer.layers["cloud mask"].visible = False
    viewer.layers.remove("cloud mask")
    qtbot.wait(50)
    again = add_docks(viewer)[1]
    qtbot.waitUntil(lambda: again.settled and again.made is not None)


def test_the_window_stays_live_while_masks_are_made(
    make_napari_viewer: Callable[..., Any],
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.open(str(sample_night()), plugin="napari-iris")
    _, mask = add_docks(viewer)
    mask.apply.folder.value = tmp_path / "masks"
    qtbot.waitUntil(lambda: mask.settled)
    qtbot.wait(500)
    ticks: list[float] = []
    timer = QTimer()
    timer.setInterval(5)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start()
    qtbot.wait(100)
    qtbot.mouseClick(mask.apply.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: mask.apply.job is None, timeout=60_000)
    qtbot.wait(100)
    timer.stop()
    assert mask.apply.status.text().startswith("Done: ")
    gap = 1000 * float(np.diff(ticks).max())
    print(f"longest gap {gap:.1f} ms")
    assert gap < GAP_MS


def test_a_step_in_a_night_of_twenty_thousand_frames_is_quick(
    make_napari_viewer: Callable[..., Any],
    raw_night: Path,
    qtbot: QtBot,
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.open(str(raw_night), plugin="napari-iris")
    frames, mask = add_docks(viewer)
    qtbot.waitUntil(lambda: mask.settled)
    took: list[float] = []
    near, far = range(100, 160), np.random.default_rng(0).integers(0, 20_000, 40)
    for number in (*near, *far):
        begin = time.perf_counter()
        viewer.dims.set_current_step(0, int(number))
        took.append(1000 * (time.perf_counter() - begin))
        QApplication.processEvents()
    assert frames.position.text().endswith("of 20000")
    steps = {"near": median(took[: len(near)]), "far": median(took[len(near) :])}
    print(f"median step {steps} ms")
    assert max(steps.values()) < STEP_MS


NO_TRAINING = """
import sys
from importlib.abc import MetaPathFinder

class Watch(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "jax", "flax", "torch"):
            raise AssertionError(f"{name} is imported in the window's process")

sys.meta_path.insert(0, Watch())
"""

CLOSE = """
import sys
from pathlib import Path
from qtpy.QtCore import QTimer
from napari_iris.desk.window import open_window
import napari

window = open_window([sys.argv[1]])
window.mask.apply.folder.value = Path(sys.argv[2])
window.mask.apply.start.click()
print(window.mask.apply.job.pid, flush=True)

def close_when_it_runs():
    if window.mask.apply.bar.value() > 10:
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
def test_a_window_closed_by_its_cross_ends_its_job_and_imports_no_tensorflow(
    make_night: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_night(1)
    for number in range(2, 4001):
        (folder / f"sky_{number}.fits").hardlink_to(folder / "sky_1.fits")
    done = run_script(NO_TRAINING + CLOSE, folder, tmp_path / "masks")
    assert done.returncode == 0, done.stderr[-2000:]
    pid, said = done.stdout.splitlines()[-2:]
    assert said == "closed []"
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists(), "the job ends with its window"
    assert not list((tmp_path / "masks").glob(".*.part"))


def test_a_picture_shows_the_mask_of_the_frame(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    command = [sys.executable, "-m", "napari_iris.desk", str(sample_night()), "--frame", "22"]
    command += ["--screenshot", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    image = QImage(str(picture))
    assert image.width() >= 1000
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    assert middle.blue() > middle.red() + 20, "an overcast frame lies under the mask's blue"


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
