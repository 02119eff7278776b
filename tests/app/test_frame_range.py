"""All frames, a range, or the current one."""

from __future__ import annotations

import pytest

from napari_iris.app.frame_range import FrameRange


@pytest.fixture
def frames() -> FrameRange:
    frames = FrameRange()
    frames.fit(5)
    return frames


def test_all_frames_are_chosen_at_first(frames: FrameRange) -> None:
    assert frames.span(3) is None
    assert (frames.first, frames.last) == (1, 5)
    frames.choose("current")
    assert frames.span(3) == range(3, 4)


@pytest.mark.parametrize(
    ("typed", "span"),
    [((2, 4), range(1, 4)), ((4, 2), range(1, 4)), ((0, 99), range(5)), ((3, 3), range(2, 3))],
)
def test_a_range_counts_from_one_in_either_order(
    frames: FrameRange, typed: tuple[int, int], span: range
) -> None:
    frames.set_range(*typed)
    assert frames.choice == "range"
    assert frames.span(0) == span


def test_more_frames_leave_the_choice_as_it_is(frames: FrameRange) -> None:
    frames.grow(8)
    assert frames.choice == "all"
    assert frames.last == 8
    frames.set_range(2, 6)
    frames.grow(9)
    assert frames.span(0) == range(1, 6)
    frames.set_range(2, 9)
    frames.grow(12)
    assert frames.span(0) == range(1, 12), "a range to the end still ends there"


def test_another_sequence_starts_anew(frames: FrameRange) -> None:
    frames.set_range(2, 3)
    frames.fit(0)
    assert (frames.choice, frames.first, frames.last) == ("all", 0, 0)
