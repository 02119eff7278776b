"""How fast a frame is predicted, how live the window stays meanwhile, and what it loads."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.networks.spec import CHANNELS
from tests.desk.conftest import GAP_MS, Gaps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = [pytest.mark.gui, pytest.mark.slow]

FRAME_MS = 250
"""Longest time from a step to its prediction on the screen, once the model is open."""

BUSY = 2.0
"""Programs that want a core, for each core there is, from which a time is not to be trusted."""

ROUNDS = 10
"""Rounds of which the best counts: other programs may be at work."""


@pytest.fixture
def dock(
    make_napari_viewer: Callable[..., Any],
    make_model: Callable[..., Path],
    make_night: Callable[..., Path],
    qtbot: QtBot,
) -> Any:
    """The published U-Net, 64-128-256, in a real window on forty frames."""
    make_model("big", 0, channels=CHANNELS["unet"])
    viewer = make_napari_viewer(show=True)
    viewer.open(str(make_night(40)), plugin="napari-iris")
    dock = viewer.window.add_plugin_dock_widget("napari-iris", "Predict")[1]
    qtbot.waitUntil(lambda: dock.prediction.result is not None, timeout=60_000)
    assert dock.models.model.card.parameters == 3_652_481
    return dock


def assert_within(took_ms: float, most_ms: float) -> None:
    """Hold a time against its limit; on a machine that is overloaded, it tells nothing."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if took_ms >= most_ms and load > BUSY * cores:
        pytest.skip(f"{took_ms:.0f} ms, but the load is {load:.0f} on {cores} cores")
    assert took_ms < most_ms


def shows(prediction: Any, path: Path) -> bool:
    return prediction.result is not None and prediction.result.frame == path


@pytest.mark.timed
def test_the_frame_in_view_is_predicted_within_250_ms(dock: Any, qtbot: QtBot) -> None:
    best = np.inf
    for first in range(0, 40, 8):  # the best of some rounds: other programs may be at work
        took = []
        for number in range(first, first + 8):
            qtbot.wait(100)
            dock.session.go_to(number)
            path, begin = dock.session.path, time.perf_counter()
            qtbot.waitUntil(lambda path=path: shows(dock.prediction, path))
            took.append(1000 * (time.perf_counter() - begin))
        best = min(best, median(took))
        if best < FRAME_MS:
            break
    print(
        f"median {best:.0f} ms, of it {1000 * dock.prediction.result.seconds:.0f} ms in the thread"
    )
    assert_within(best, FRAME_MS)


@pytest.mark.timed
def test_the_window_stays_live_while_one_steps_through_the_night(dock: Any, qtbot: QtBot) -> None:
    longest = np.inf
    for _ in range(ROUNDS):
        qtbot.wait(300)
        gaps = Gaps()
        for number in range(1, 13):
            dock.session.go_to(number)
            qtbot.wait(40)
        qtbot.waitUntil(lambda: dock.is_current, timeout=60_000)
        longest = min(longest, gaps.stop())
        if longest < GAP_MS:
            break
    print(f"longest gap {longest:.0f} ms")
    assert_within(longest, GAP_MS)


@pytest.mark.timed
def test_the_window_stays_live_while_the_night_is_predicted(
    dock: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    longest = np.inf
    for number in range(ROUNDS):
        dock.job_box.folder.value = tmp_path / f"predictions_{number}"
        qtbot.mouseClick(dock.job_box.panel.start, Qt.MouseButton.LeftButton)
        qtbot.wait(300)  # it is drawn anew
        gaps = Gaps()
        qtbot.waitUntil(lambda: not dock.job.control.is_running, timeout=120_000)
        longest = min(longest, gaps.stop())
        assert dock.job_box.panel.status.text() == "40 frames predicted (0 clear, 40 cloudy)."
        if longest < GAP_MS:
            break
    print(f"longest gap {longest:.0f} ms")
    assert_within(longest, GAP_MS)


@pytest.mark.timed
def test_the_threshold_is_drawn_at_once(dock: Any, qtbot: QtBot) -> None:
    took = []
    for place in range(100, 900, 50):
        begin = time.perf_counter()
        dock.threshold.slider.setSliderPosition(place)
        qtbot.wait(1)
        took.append(1000 * (time.perf_counter() - begin))
    print(f"median {median(took):.0f} ms")
    assert median(took) < 50


SCRIPT = """
import sys
import napari
from napari_iris.desk.predict.dock import PredictDock
from napari_iris.desk.review.dock import ReviewDock
from napari_iris.desk.window import run_event_loop
from pathlib import Path

viewer = napari.Viewer(show=False)
viewer.open(sys.argv[1], plugin="napari-iris")
dock = viewer.window.add_plugin_dock_widget("napari-iris", "Predict")[1]
dock.models.choose(Path(sys.argv[2]))
viewer.window.add_plugin_dock_widget("napari-iris", "Review")
for _ in range(200):
    run_event_loop(0.1)
    if dock.prediction.result is not None:
        break
assert dock.prediction.result is not None, dock.prediction.problem
print(sorted({name.partition(".")[0] for name in sys.modules}))
viewer.close()
"""


def test_a_window_that_predicts_has_loaded_no_learning_library(
    make_night: Callable[..., Path], make_model: Callable[..., Path], tmp_path: Path
) -> None:
    words = [sys.executable, "-c", SCRIPT, str(make_night(2)), str(make_model())]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.splitlines()[-1]
    assert "'openvino'" in loaded
    for library in ("tensorflow", "keras", "jax", "flax", "matplotlib"):
        assert f"'{library}'" not in loaded, library
