"""The session, without a window: the current frame, jumps, frames that are added and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.errors import FrameError
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session


def show(session: Session, folder: Path) -> None:
    session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])


def times_are_known(session: Session) -> bool:
    return session.index is not None and not np.isnat(session.index.times).any()


def test_nothing_is_open_at_first(session: Session) -> None:
    assert session.sequence is session.path is session.index is None
    assert session.sources == []
    assert np.isnat(session.time)
    assert not session.jump("1")
    session.go_to(3)
    assert session.number == 0
    with pytest.raises(FrameError, match="nothing is open"):
        session.frame()


def test_another_sequence_and_another_frame_are_signalled_once(
    session: Session, make_frames: Callable[..., Path]
) -> None:
    sequence, frame = Mock(), Mock()
    session.sequence_changed.connect(sequence)
    session.frame_changed.connect(frame)
    folder = make_frames(6)
    show(session, folder)
    session.go_to(4)
    session.go_to(4)
    assert (sequence.call_count, frame.call_count) == (1, 1)
    assert session.path == folder / "sky_5.fits"
    assert session.frame().data.shape == (32, 40)


@pytest.mark.parametrize(("number", "expected"), [(99, 3), (-5, 0), (2, 2)])
def test_a_frame_number_is_clipped(
    session: Session, make_frames: Callable[..., Path], number: int, expected: int
) -> None:
    show(session, make_frames(4))
    session.go_to(1)
    session.go_to(number)
    assert session.number == expected


@pytest.mark.parametrize(
    ("text", "number"), [("3", 2), ("21:30", 3), ("sky_6", 5), ("7", None), ("cirrus", None)]
)
def test_jump_by_number_time_or_name(
    session: Session,
    timers: Mock,
    make_frames: Callable[..., Path],
    text: str,
    number: int | None,
) -> None:
    show(session, make_frames(6))
    timers.wait_until(lambda: times_are_known(session))
    session.go_to(1)
    assert session.jump(text) is (number is not None)
    assert session.number == (1 if number is None else number)


def test_new_frames_appear_and_removed_ones_go(
    session: Session, timers: Mock, make_frames: Callable[..., Path]
) -> None:
    folder = make_frames(5)
    show(session, folder)
    timers.wait_until(lambda: times_are_known(session))
    session.show(None)
    assert session.number == 0
    (folder / "sky_5.fits").unlink()
    (folder / "sky_4.fits").unlink()
    changed = Mock()
    show(session, folder)
    session.sequence_changed.connect(changed)
    session.go_to(4)
    timers.wait_until(lambda: len(session.sequence or ()) == 3)
    assert changed.called
    assert session.number == 2
    make_frames(1, first=7)
    session.show(None)
    show(session, folder)
    timers.wait_until(lambda: len(session.sequence or ()) == 4)
    timers.wait_until(lambda: times_are_known(session))
    session.go_to(3)
    assert session.time == np.datetime64("2024-01-15T22:10")


def test_a_project_is_signalled_when_it_changes(session: Session, tmp_path: Path) -> None:
    changed = Mock()
    session.project_changed.connect(changed)
    session.set_project(tmp_path)
    session.set_project(tmp_path)
    session.set_project(None)
    assert changed.call_count == 2


def test_a_selection_is_in_order_and_ends_with_its_frames(
    session: Session, make_frames: Callable[..., Path]
) -> None:
    changed = Mock()
    session.selection_changed.connect(changed)
    show(session, make_frames(4))
    session.select([3, 1, 3])
    session.select(np.array([1, 3]))
    assert session.selected.tolist() == [1, 3]
    changed.assert_called_once()
    show(session, make_frames(5))
    assert session.selected.tolist() == []
    assert changed.call_count == 2
