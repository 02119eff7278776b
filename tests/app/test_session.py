"""The session, without a window: the current frame, jumps, frames that are added and removed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app import index_refresher
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


def test_following_shows_newer_frames_while_the_last_one_is_in_view(
    session: Session,
    timers: Mock,
    make_frames: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_refresher, "FOLLOW_S", 0.01)
    monkeypatch.setattr(index_refresher, "SETTLE_S", 0.01)
    folder = make_frames(3)
    show(session, folder)
    session.follow()
    assert session.number == 2
    for count in (4, 5):
        make_frames(1, first=count - 1)
        timers.wait_until(lambda count=count: len(session.sequence) == count)
        assert session.path == folder / f"sky_{count}.fits"
        assert session.kept == count - 1
    timers.wait_until(lambda: times_are_known(session))
    session.go_to(1)
    make_frames(1, first=5)
    timers.wait_until(lambda: len(session.sequence) == 6)
    assert session.number == 1, "a person looks at an earlier one"
    session.go_to(5)
    make_frames(1, first=6)
    timers.wait_until(lambda: session.number == 6)
    session.follow(on=False)
    session.close()


def test_following_reads_a_frame_that_is_written_over_again(
    session: Session,
    timers: Mock,
    make_frames: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_refresher, "FOLLOW_S", 0.01)
    monkeypatch.setattr(index_refresher, "SETTLE_S", 0.01)
    folder = make_frames(3)
    show(session, folder)
    session.follow()
    timers.wait_until(lambda: times_are_known(session))
    before, changed = session.sequence, Mock()
    session.sequence_changed.connect(changed)
    os.utime(folder / "sky_3.fits", (1e9, 1e9))
    timers.wait_until(lambda: changed.called)
    assert session.sequence is not before, "it keeps frames that were read"
    assert (session.number, session.kept) == (2, 2)
    session.close()
