"""Stretches of the current frame: each shows its structure, none waits for anything slow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.view.limits import frame_limits, recipe_limits
from napari_iris.app.view.stretch import SCALED_ADU, STRETCHES, FrameStretch, Look
from napari_iris.frames.contrast import display_limits
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers


@dataclass
class Canvas:
    """Remembers what it was asked to show."""

    look: Look | None = None
    excess: Any = None
    scale: str = ""
    excesses: list[Any] = field(default_factory=list)

    def show_look(self, look: Look) -> None:
        self.look = look

    def show_excess(self, excess: Any) -> None:
        self.excess = excess
        self.excesses.append(excess)

    def show_scale(self, text: str) -> None:
        self.scale = text


@dataclass
class Chosen:
    stretch: str = "frame"
    masks: str = "outline"


@pytest.fixture
def canvas() -> Canvas:
    return Canvas()


@pytest.fixture
def chosen() -> Chosen:
    return Chosen()


@pytest.fixture
def stretch(session: Session, canvas: Canvas, chosen: Chosen) -> FrameStretch:
    return FrameStretch(session, ClearSky(session), canvas, chosen)


def show(session: Session, folder: Path) -> FrameSequence:
    sequence = FrameSequence(FrameIndex([str(folder)]).paths)
    session.show(sequence, [str(folder)])
    return sequence


@pytest.mark.parametrize("level", [0.0, 600.0, 13_000.0])
@pytest.mark.parametrize("limits", [frame_limits, recipe_limits])
def test_the_limits_of_a_frame_follow_its_level_and_are_in_order(
    limits: Callable[..., tuple[float, float]], level: float
) -> None:
    frame = np.random.default_rng(1).normal(50, 3, (128, 160)).astype(np.float32)
    low, high = limits(frame)
    assert frame.min() <= low < high <= frame.max()
    np.testing.assert_allclose(limits(frame + np.float32(level)), (low + level, high + level), 1e-3)


@pytest.mark.parametrize("limits", [frame_limits, recipe_limits])
@pytest.mark.parametrize("shape", [(128, 160), (512, 640), (3, 5), (1, 1)])
@pytest.mark.parametrize("value", [np.nan, 0.0, 650.0])
def test_a_frame_without_structure_has_limits_too(
    limits: Callable[..., tuple[float, float]], shape: tuple[int, int], value: float
) -> None:
    low, high = limits(np.full(shape, value, np.float32))
    assert low < high


def test_each_frame_has_limits_of_its_own(
    session: Session, stretch: FrameStretch, canvas: Canvas, make_frames: Callable[..., Path]
) -> None:
    sequence = show(session, make_frames(3))
    for number in (2, 1):
        session.go_to(number)
        assert canvas.look == Look(frame_limits(sequence.pixels(number)))
    assert canvas.scale == "frame · ADU"


def test_the_night_has_the_same_limits_for_all_frames(
    session: Session,
    stretch: FrameStretch,
    canvas: Canvas,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
) -> None:
    sequence = show(session, make_frames(3))
    stretch.choose("night")
    timers.wait_until(lambda: stretch.is_current)
    look = canvas.look
    assert look is not None
    assert look.limits == display_limits(sequence)
    session.go_to(2)
    assert canvas.look is look


def test_one_key_goes_round_and_the_choice_is_kept(
    stretch: FrameStretch, chosen: Chosen, session: Session
) -> None:
    seen = []
    for _ in STRETCHES:
        stretch.next()
        assert chosen.stretch == stretch.name
        seen.append(stretch.name)
    assert seen == ["night", "recipe", "excess", "frame"]
    chosen.stretch = "recipe"
    assert FrameStretch(session, ClearSky(session), Canvas(), chosen).name == "recipe"


def test_what_another_version_kept_does_no_harm(session: Session) -> None:
    assert FrameStretch(session, ClearSky(session), Canvas(), Chosen("sepia")).name == "frame"


def test_limits_moved_by_hand_stay_until_a_stretch_is_chosen(
    session: Session,
    stretch: FrameStretch,
    canvas: Canvas,
    chosen: Chosen,
    make_frames: Callable[..., Path],
) -> None:
    show(session, make_frames(3))
    stretch.keep_limits()
    look = canvas.look
    session.go_to(1)
    assert canvas.look is look
    assert (stretch.name, chosen.stretch) == ("by hand", "frame")
    stretch.next()
    assert stretch.name == "frame"
    assert canvas.look is not look


def test_without_a_reference_the_excess_falls_back_and_says_so_in_one_line(
    session: Session,
    stretch: FrameStretch,
    canvas: Canvas,
    timers: ManualTimers,
    write_frame: Callable[..., Path],
) -> None:
    frame = np.random.default_rng(0).normal(0.04, 1e-4, (128, 160)).astype(np.float32)
    sequence = show(session, write_frame("frames/a.fits", frame).parent)
    stretch.choose("excess")
    timers.wait_until(lambda: stretch.is_current and bool(stretch.note))
    assert canvas.excess is None
    assert canvas.look == Look(frame_limits(sequence.pixels(0)))
    assert stretch.note.startswith("No excess")
    assert "\n" not in stretch.note
    assert canvas.scale == f"no excess, frame · {SCALED_ADU}"
    stretch.choose("frame")
    assert stretch.note == ""


@pytest.mark.slow
def test_the_excess_of_clear_sky_is_none_and_follows_the_frames(
    session: Session, stretch: FrameStretch, canvas: Canvas, timers: ManualTimers
) -> None:
    stretch.choose("excess")
    sequence = show(session, sample_night())
    timers.wait_until(lambda: stretch.is_current and canvas.excess is not None)
    assert canvas.excess.shape == sequence.shape[1:]
    assert abs(np.median(canvas.excess)) < 10, "the night begins clear"
    assert canvas.scale == "excess · ADU"
    clear = canvas.excess
    session.go_to(15)
    assert canvas.excess is clear, "what is computed beside comes later"
    timers.wait_until(lambda: stretch.is_current)
    assert np.percentile(canvas.excess, 95) > 100
