"""The frames layer: which sequence is in front, and the slider in step with the session."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.utils._proxies import PublicOnlyProxy

from napari_iris.desk.workspace import workspace_of
from napari_iris.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from napari_iris.app.session import Session
    from napari_iris.desk.layers.frames_layer import FramesLayer

pytestmark = pytest.mark.gui


@pytest.fixture
def session(model: Any) -> Session:
    return workspace_of(model).session


@pytest.fixture
def frames(model: Any) -> FramesLayer:
    return workspace_of(model).frames


def times_are_read(session: Session) -> bool:
    return session.index is not None and not np.isnat(session.index.times).any()


def test_a_viewer_has_one_session(model: Any, session: Session) -> None:
    assert workspace_of(model).session is session
    assert workspace_of(PublicOnlyProxy(model)).session is session


def test_an_empty_viewer_has_no_night(session: Session, frames: FramesLayer) -> None:
    assert frames.layer is session.sequence is session.path is session.index is None
    assert session.sources == []
    assert np.isnat(session.time)
    assert not session.jump("1")
    with pytest.raises(FrameError, match="nothing is open"):
        session.frame()


def test_a_sequence_and_its_frames_are_described(
    session: Session,
    frames: FramesLayer,
    model: Any,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
) -> None:
    night, frame = Mock(), Mock()
    session.sequence_changed.connect(night)
    session.frame_changed.connect(frame)
    folder = make_night(6)
    layer = open_night(folder)
    assert night.call_count == 1
    assert frames.layer == layer
    assert session.sources == [str(folder)]
    model.dims.set_current_step(0, 4)
    assert frame.call_count == 1
    assert session.number == 4
    assert session.path == folder / "sky_5.fits"
    assert session.frame().header["CAMERA"] == "TAU2"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 2),
        (" 3 ", 2),
        ("21:30", 3),
        ("21:34", 3),
        ("21:34:59", 3),
        ("2024-01-15T21:50", 5),
        ("sky_6", 5),
        ("6.fits", 5),
    ],
)
def test_a_jump_by_number_time_or_name(
    session: Session,
    qtbot: QtBot,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
    text: str,
    number: int,
) -> None:
    open_night(make_night(6))
    qtbot.waitUntil(lambda: times_are_read(session))
    assert session.jump(text)
    assert session.number == number


@pytest.mark.parametrize("text", ["0", "7", "cirrus", "2024-13-45"])
def test_a_jump_to_nothing_stays(
    session: Session,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
    text: str,
) -> None:
    open_night(make_night(6))
    session.go_to(2)
    assert not session.jump(text)
    assert session.number == 2


def test_going_beyond_the_night_ends_at_its_last_frame(
    session: Session, open_night: Callable[..., Any], make_night: Callable[..., Path]
) -> None:
    open_night(make_night(4))
    session.go_to(99)
    assert session.number == 3
    session.go_to(-5)
    assert session.number == 0


def test_the_time_of_the_frame_in_view_is_known_soon(
    session: Session, qtbot: QtBot, open_night: Callable[..., Any], make_night: Callable[..., Path]
) -> None:
    changed = Mock()
    session.times_changed.connect(changed)
    open_night(make_night(3))
    session.go_to(1)
    qtbot.waitUntil(lambda: times_are_read(session))
    assert changed.called
    assert session.time == np.datetime64("2024-01-15T21:10")


def test_a_night_that_grew_since_it_was_indexed_is_picked_up(
    session: Session,
    model: Any,
    qtbot: QtBot,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
) -> None:
    open_night(make_night(3))
    qtbot.waitUntil(lambda: times_are_read(session))
    model.layers.clear()
    make_night(2, first=3)
    layer = open_night(session_folder := make_night(0 + 1))
    qtbot.waitUntil(lambda: layer.data.shape[0] == 5)
    assert len(session.sequence or ()) == 5
    session.go_to(4)
    assert session.path == session_folder / "sky_5.fits"


def test_frames_that_are_gone_leave_the_night(
    session: Session,
    model: Any,
    qtbot: QtBot,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
) -> None:
    folder = make_night(5)
    open_night(folder)
    qtbot.waitUntil(lambda: times_are_read(session))
    model.layers.clear()
    for name in ("sky_4.fits", "sky_5.fits"):
        (folder / name).unlink()
    model.add_image(np.zeros((9, 8, 8)), name="a longer one keeps the slider where it is")
    layer = open_night(folder)
    session.go_to(4)
    qtbot.waitUntil(lambda: layer.data.shape[0] == 3)
    assert model.dims.current_step[0] == 4
    assert session.number == 2
    assert session.path == folder / "sky_3.fits"


def test_a_removed_night_leaves_nothing_behind(
    session: Session,
    frames: FramesLayer,
    model: Any,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
) -> None:
    open_night(make_night(3))
    session.go_to(2)
    night, frame = Mock(), Mock()
    session.sequence_changed.connect(night)
    session.frame_changed.connect(frame)
    model.layers.clear()
    assert night.call_count == 1
    assert not frame.called, "the slider goes to the start, but to no frame of the night"
    assert frames.layer is session.path is session.index is None
    assert session.number == 0


def test_a_night_begins_at_its_first_frame_and_a_second_one_moves_nothing(
    model: Any, session: Session, make_night: Callable[..., Path], open_night: Callable[..., Any]
) -> None:
    open_night(make_night(7))
    assert (session.number, model.dims.current_step[0]) == (0, 0)
    session.go_to(4)
    open_night(make_night(7, "tuesday"))
    assert session.number == 4


def test_of_two_nights_the_selected_one_is_in_front(
    session: Session,
    frames: FramesLayer,
    model: Any,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
) -> None:
    first = open_night(make_night(3, "monday"))
    second = open_night(make_night(5, "tuesday"))
    assert frames.layer == second
    model.layers.selection.active = first
    assert frames.layer == first
    assert session.path is not None
    assert session.path.parent.name == "monday"
    model.layers.selection.clear()
    assert frames.layer == first, "nothing selected: the night in front stays"
    model.layers.remove(first)
    assert frames.layer == second


def test_a_shorter_night_beside_a_longer_one_stops_at_its_end(
    session: Session, model: Any, open_night: Callable[..., Any], make_night: Callable[..., Path]
) -> None:
    short = open_night(make_night(3, "monday"))
    open_night(make_night(5, "tuesday"))
    model.dims.set_current_step(0, 4)
    model.layers.selection.active = short
    assert session.number == 2


def test_other_layers_leave_the_night_in_front(
    session: Session,
    frames: FramesLayer,
    model: Any,
    open_night: Callable[..., Any],
    make_night: Callable[..., Path],
) -> None:
    night = open_night(make_night(3))
    model.add_points(np.zeros((1, 2)))
    assert frames.layer == night


def test_a_layer_with_more_axes_shifts_no_frame(
    session: Session, model: Any, open_night: Callable[..., Any], make_night: Callable[..., Path]
) -> None:
    open_night(make_night(4))
    model.add_image(np.zeros((2, 4, 8, 8)))
    session.go_to(3)
    assert session.number == 3
    assert tuple(model.dims.current_step)[:2] == (0, 3)


def test_a_viewer_that_is_gone_takes_its_session_along(
    make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    viewer = ViewerModel()
    viewer.open([str(make_night(3))], plugin="napari-iris")
    session = weakref.proxy(workspace_of(viewer).session)
    qtbot.waitUntil(lambda: times_are_read(session))
    gone = weakref.ref(workspace_of(viewer).session)
    viewer = None
    qtbot.waitUntil(lambda: gc.collect() >= 0 and gone() is None)
