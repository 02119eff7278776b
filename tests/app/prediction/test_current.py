"""The prediction of the current frame: requested, drawn, thresholded; the newest request wins."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.prediction.current import LATE_MS, CurrentPrediction
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.frames.sequence import FrameSequence

    Source = Any
    Canvas = Any


def test_the_prediction_is_drawn_and_named_after_its_model(
    current: CurrentPrediction, source: Source, canvas: Canvas, night: Path
) -> None:
    assert current.result is not None
    assert current.result.frame == night / "sky_3.fits"
    assert canvas.visible == {"probability", "mask"}
    assert canvas.probability.name == "probability (unet1@0)"
    assert canvas.mask.name == "mask (unet1@0)"
    np.testing.assert_array_equal(canvas.mask.pixels, canvas.probability.pixels)
    assert current.cloud_fraction == 32 / 160


def test_without_a_source_nothing_is_shown(
    current: CurrentPrediction, source: Source, canvas: Canvas
) -> None:
    changed = Mock()
    current.source_changed.connect(changed)
    current.set_source(None)
    current.set_source(None)
    assert changed.call_count == 1
    assert current.result is current.mask is None
    assert np.isnan(current.cloud_fraction)
    assert canvas.visible == set()
    assert current.threshold == 0.5


def test_the_spread_of_copies_is_drawn_where_there_is_one(
    current: CurrentPrediction, night: Path, canvas: Canvas, settle: Callable[[], None]
) -> None:
    from tests.app.prediction.conftest import FakeSource

    canvas.uncertainty.set_wanted(True)
    spread = np.full((128, 160), 0.1, np.float32)
    current.set_source(FakeSource(spread=spread))
    settle()
    assert canvas.uncertainty.pixels is spread
    current.set_source(FakeSource())
    settle()
    assert not canvas.uncertainty.visible


def test_the_mask_follows_the_threshold(
    current: CurrentPrediction, source: Source, canvas: Canvas
) -> None:
    assert current.result is not None
    current.result.prediction.probability[:] = np.linspace(0, 1, 160, dtype=np.float32)
    changed = Mock()
    current.changed.connect(changed)
    for threshold in (0.25, 0.75, 0.75):
        current.set_threshold(threshold)
        assert canvas.mask.pixels.mean() == 1 - threshold
    assert changed.call_count == 2
    current.set_threshold(None)
    assert current.threshold == 0.5
    assert current.chosen_threshold is None


def test_the_threshold_stays_with_its_model(
    current: CurrentPrediction,
    source: Source,
    session: Session,
    settle: Callable[[], None],
) -> None:
    from tests.app.prediction.conftest import FakeSource

    current.set_threshold(0.9)
    session.go_to(4)
    settle()
    assert current.threshold == 0.9, "the next frame keeps it"
    current.set_source(FakeSource("unet2@0", threshold=0.3))
    settle()
    assert current.threshold == 0.3, "another model has its own"


def test_of_many_frames_the_last_one_is_shown(
    current: CurrentPrediction, source: Source, session: Session, settle: Callable[[], None]
) -> None:
    shown = []
    current.changed.connect(lambda: shown.append(current.result and current.result.frame.name))
    for number in (0, 1, 3, 4, 1, 0, 3):
        session.go_to(number)
    assert not current.is_current
    settle()
    assert shown[-1] == "sky_4.fits"
    assert len(shown) < 7, "those between are not waited for"


def test_a_late_prediction_leaves_none_of_the_last_frame(
    current: CurrentPrediction, source: Source, session: Session, canvas: Canvas, timers: Any
) -> None:
    go_on = threading.Event()

    class Slow:
        def get(self, sequence: FrameSequence, number: int) -> Any:
            go_on.wait(10)
            return source.get(sequence, number)

    current.set_source(Slow())
    timers.advance(LATE_MS - 1)
    assert canvas.visible == {"probability", "mask"}
    timers.advance(2)
    assert current.result is None
    assert canvas.visible == set()
    go_on.set()
    timers.wait_until(lambda: current.result is not None)
    assert canvas.visible == {"probability", "mask"}


def test_an_error_is_the_reason_why_there_is_none(
    current: CurrentPrediction, source: Source, session: Session, settle: Callable[[], None]
) -> None:
    class Broken:
        def get(self, sequence: FrameSequence, number: int) -> Any:
            raise IrisError(f"frame {number}: is empty")

    current.set_source(Broken())
    settle()
    assert current.problem == "frame 2: is empty"
    assert current.result is None
    current.set_source(source)
    settle()
    assert current.problem == ""


@pytest.mark.parametrize("act", ["refresh", "frame", "source"])
def test_every_request_is_signalled(
    current: CurrentPrediction, source: Source, session: Session, act: str
) -> None:
    requested = Mock()
    current.requested.connect(requested)
    if act == "refresh":
        current.refresh()
    elif act == "frame":
        session.go_to(0)
    else:
        current.set_source(None)
    requested.assert_called_once()
