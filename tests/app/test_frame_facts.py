"""The current frame in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_iris.app.frame_facts import FrameFacts, matches
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session


def show(session: Session, folder: Path) -> None:
    session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])


def test_without_frames_there_are_no_facts(session: Session) -> None:
    assert FrameFacts.of(session) is None


@pytest.mark.parametrize(("number", "time"), [(0, "21:00:00"), (3, "21:30:00"), (5, "21:50:00")])
def test_the_current_frame_is_described(
    session: Session, make_frames: Callable[..., Path], number: int, time: str
) -> None:
    folder = make_frames(6)
    show(session, folder)
    session.go_to(number)
    facts = FrameFacts.of(session)
    assert facts.position == f"<b>Frame {number + 1}</b> of 6"
    assert facts.time == f"2024-01-15  {time}"
    assert facts.path == folder / f"sky_{number + 1}.fits"
    assert [card[0] for card in facts.cards] == ["DATE-OBS"]
    assert facts.cards[0][1] == f"2024-01-15T{time}"
    assert facts.problem == ""


def test_a_frame_that_cannot_be_read_says_why(
    session: Session, make_frames: Callable[..., Path]
) -> None:
    folder = make_frames(3)
    (folder / "sky_2.fits").write_bytes(b"")
    show(session, folder)
    session.go_to(1)
    facts = FrameFacts.of(session)
    assert facts.problem == "is empty (0 bytes); copy it again from the camera"
    assert (facts.time, facts.cards) == ("No time", [])


def test_a_frame_without_a_time_says_so(session: Session, write_frame: Callable[..., Path]) -> None:
    show(session, write_frame("a.fits"))
    assert FrameFacts.of(session).time == "No time"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cam", True), ("TAU2", True), ("infrared", True), ("", True), ("z", False)],
)
def test_a_card_is_found_by_any_part(text: str, expected: bool) -> None:
    assert matches(("CAMERA", "Tau2", "Infrared camera"), text) == expected
