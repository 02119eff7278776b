"""Overlays that remember what they show, a curation, and predictions of given pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from psygnal import Signal

from napari_iris.app.prediction.current import CurrentPrediction
from napari_iris.app.prediction.source import FramePrediction
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.inference.prediction_file import Prediction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.app.session import Session


class MemoryOverlay:
    """An overlay that keeps its pixels in memory."""

    wanted_changed = Signal(bool)

    def __init__(self, wanted: bool = True) -> None:
        self.wanted = wanted
        self.pixels: NDArray[Any] | None = None
        self.name = ""
        self.visible = False

    def set_wanted(self, wanted: bool) -> None:
        self.wanted = wanted
        self.wanted_changed.emit(wanted)
        self.restore()

    def show(self, pixels: NDArray[Any], name: str) -> None:
        self.pixels, self.name = pixels, name
        self.restore()

    def clear(self) -> None:
        self.pixels = None
        self.restore()

    def override(self, *, visible: bool) -> None:
        self.visible = visible and self.pixels is not None

    def restore(self) -> None:
        self.override(visible=self.wanted)


@dataclass
class MemoryCanvas:
    """A `PredictionCanvas` without a window."""

    probability: MemoryOverlay = field(default_factory=MemoryOverlay)
    mask: MemoryOverlay = field(default_factory=MemoryOverlay)
    uncertainty: MemoryOverlay = field(default_factory=lambda: MemoryOverlay(wanted=False))
    truth: MemoryOverlay = field(default_factory=lambda: MemoryOverlay(wanted=False))
    errors: MemoryOverlay = field(default_factory=MemoryOverlay)

    @property
    def visible(self) -> set[str]:
        """Names of the overlays that can be seen."""
        return {name for name, overlay in vars(self).items() if overlay.visible}


class FakeSource:
    """Predicts the cloud of `make_night`'s frames: 1 in the cloudy columns, else 0."""

    def __init__(self, model: str = "unet1@0", **known: Any) -> None:
        self.model, self.known = model, known
        self.asked: list[int] = []

    def get(self, sequence: FrameSequence, number: int) -> FramePrediction:
        self.asked.append(number)
        frame = sequence.frame(number).data
        probability = (frame > 750).astype(np.float32)
        known: dict[str, Any] = {"threshold": 0.5, **self.known}
        prediction = Prediction(frame, probability, fits.Header(), self.model, **known)
        return FramePrediction(sequence.paths[number], prediction, None, 0.022)


@pytest.fixture
def canvas() -> MemoryCanvas:
    return MemoryCanvas()


@pytest.fixture
def current(session: Session, canvas: MemoryCanvas) -> CurrentPrediction:
    return CurrentPrediction(session, canvas)


@pytest.fixture
def night(session: Session, make_night: Callable[..., Path]) -> Path:
    """Folder of five frames, with cloud in none, 16, 32, 48 and no columns; the third is shown."""
    folder = make_night(5)
    sequence = FrameSequence(FrameIndex([str(folder)]).paths)
    session.show(sequence, [str(folder)], number=2)
    return folder


@pytest.fixture
def settle(current: CurrentPrediction, timers: Any) -> Callable[[], None]:
    """Wait until the prediction of the current frame has arrived."""
    return lambda: timers.wait_until(lambda: current.is_current)


@pytest.fixture
def source(current: CurrentPrediction, night: Path, settle: Callable[[], None]) -> FakeSource:
    """The source of the predictions; that of the third frame is shown."""
    source = FakeSource()
    current.set_source(source)
    settle()
    return source


@pytest.fixture
def curation() -> SimpleNamespace:
    """The curation of no project."""
    return SimpleNamespace(project=None, editor=None, row=None, frame=0, save=lambda: True)
