"""How fast a frame is predicted, how live the window stays meanwhile, and what it loads."""

from __future__ import annotations

import subprocess
import sys
from itertools import count, cycle
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_iris.networks.spec import CHANNELS
from tests.desk.conftest import GAP_MS, Gaps
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = [pytest.mark.gui, pytest.mark.slow]

FRAME_S = 0.25
"""Longest time from a step to its prediction on the screen, once the model is open [s]."""


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


@pytest.mark.timed
def test_the_frame_in_view_is_predicted_within_250_ms(dock: Any, qtbot: QtBot) -> None:
    numbers = cycle(range(40))

    def step() -> float:
        qtbot.waitUntil(lambda: dock.is_current)
        qtbot.wait(100)  # a person looks at the frame
        dock.session.go_to(next(numbers))
        path = dock.session.path
        return seconds(lambda: qtbot.waitUntil(lambda: shows(dock.prediction, path)))

    assert_within(FRAME_S, lambda: median(step() for _ in range(8)))


def shows(prediction: Any, path: Path) -> bool:
    return prediction.result is not None and prediction.result.frame == path


@pytest.mark.timed
def test_the_window_stays_live_while_one_steps_through_the_night(dock: Any, qtbot: QtBot) -> None:
    def longest_gap() -> float:
        qtbot.waitUntil(lambda: dock.is_current)
        gaps = Gaps()
        for number in range(1, 13):
            dock.session.go_to(number)
            qtbot.wait(40)  # as fast as a held key repeats
        qtbot.waitUntil(lambda: dock.is_current)
        return gaps.stop() / 1000

    assert_within(GAP_MS / 1000, longest_gap)


@pytest.mark.timed
def test_the_window_stays_live_while_the_night_is_predicted(
    dock: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    rounds = count()

    def longest_gap() -> float:
        dock.job_box.folder.value = tmp_path / f"predictions_{next(rounds)}"
        qtbot.mouseClick(dock.job_box.panel.start, Qt.MouseButton.LeftButton)
        qtbot.wait(300)  # the layout of the dock changes: a gap of its own
        gaps = Gaps()
        qtbot.waitUntil(lambda: not dock.job.control.is_running)
        assert dock.job_box.panel.status.text() == "40 frames predicted (0 clear, 40 cloudy)."
        return gaps.stop() / 1000

    assert_within(GAP_MS / 1000, longest_gap)


@pytest.mark.timed
def test_the_threshold_is_drawn_at_once(dock: Any, qtbot: QtBot) -> None:
    places = cycle(range(100, 900, 50))

    def drag() -> None:
        dock.threshold.slider.setSliderPosition(next(places))
        QApplication.processEvents()

    assert_within(0.05, lambda: median(seconds(drag) for _ in range(16)))


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
