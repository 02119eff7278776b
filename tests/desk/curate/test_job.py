"""Frames that are taken into a project beside the window: it stays live, labels stay."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.project.project import Project
from tests.desk.conftest import GAP_MS, Gaps
from tests.timing import SOON_S, assert_within

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def count(folder: Path) -> int:
    with Project(folder, read_only=True) as project:
        return len(project.table)


@pytest.mark.timed
@pytest.mark.slow
def test_a_project_is_started_on_the_night_in_view_and_the_window_stays_live(
    open_desk: Callable[..., Desk], make_night: Callable[..., Path], tmp_path: Path
) -> None:
    desk, night = open_desk(), make_night(150)
    desk.viewer.open(str(night), plugin="napari-iris")
    box = desk.dock.project
    assert box.folder.value == tmp_path / "night_project", "suggested beside the night"
    assert box.open.text() == "Create project from these frames"

    def longest_gap() -> float:
        if desk.curation.project is not None:  # once more
            desk.click(box.close_project)
            box.folder.value = box.folder.value.with_name(f"{box.folder.value.name}_again")
        desk.click(box.open)
        assert "no frames" in box.rate.text()
        desk.qtbot.wait(200)  # the layout of the dock changes: a gap of its own
        gaps = Gaps()
        desk.wait(lambda: not box.job.is_running)
        longest = gaps.stop() / 1000
        desk.wait(lambda: desk.row is not None)
        return longest

    assert_within(GAP_MS / 1000, longest_gap)
    assert not box.panel.isVisible(), "nothing failed, nothing to report"
    assert desk.dock.queue.count.text() == "150 frames"
    assert box.done.text() == "0 of 150 done"
    desk.press("N")
    np.testing.assert_array_equal(desk.mask, desk.stored(1, "auto"))


@pytest.mark.slow
def test_labels_made_while_frames_are_taken_in_stay(
    desk: Desk, make_night: Callable[..., Path]
) -> None:
    make_night(150, first=6)
    box = desk.dock.project
    desk.press("N")
    desk.click(box.add_frames)
    assert not box.add_frames.isEnabled(), "one look at a time"
    desk.press("G")
    drawn = desk.mask
    while box.job.is_running:
        desk.press("8" if desk.row != 1 else "N")
        desk.qtbot.wait(150)  # the pace of a person
        assert desk.row is not None
    desk.wait(lambda: len(desk.curation.project.table) == 156, timeout=60_000)
    with Project(desk.folder, read_only=True) as project:
        known = [project.decision(frame).status for frame in range(1, 7)]
        assert known == ["approved", "edited", "approved", "approved", "approved", "approved"]
        np.testing.assert_array_equal(project.mask(2), drawn)
        assert project.status()["masks"] == {"auto": 156, "model": 0, "human": 6}
    assert desk.dock.queue.count.text() == "151 frames"
    desk.curation.session.go_to(155)
    np.testing.assert_array_equal(desk.mask, desk.stored(155, "auto"))


@pytest.mark.slow
def test_taking_frames_in_can_be_cancelled(
    open_desk: Callable[..., Desk], make_night: Callable[..., Path]
) -> None:
    desk, night = open_desk(), make_night(4)
    for number in range(5, 3001):
        (night / f"sky_{number}.fits").hardlink_to(night / "sky_4.fits")
    desk.viewer.open(str(night), plugin="napari-iris")
    box = desk.dock.project
    desk.click(box.open)
    desk.wait(lambda: box.panel.bar.value() > 20, timeout=60_000)
    begin = time.monotonic()
    desk.click(box.panel.cancel)
    desk.wait(lambda: not box.job.is_running, timeout=60_000)
    assert time.monotonic() - begin < SOON_S
    assert box.panel.status.text().startswith("Stopped after ")
    desk.wait(lambda: desk.row is not None)
    so_far = count(desk.folder)
    assert 20 <= so_far < 3000
    assert len(desk.curation.project.table) == so_far
    assert box.add_frames.isEnabled(), "one may go on"


def test_a_frame_that_cannot_be_taken_in_is_named(
    desk: Desk, make_night: Callable[..., Path]
) -> None:
    night = make_night(7)
    (night / "sky_7.fits").write_bytes(b"")
    desk.click(desk.dock.project.add_frames)
    desk.wait(lambda: not desk.dock.project.job.is_running, timeout=60_000)
    assert "sky_7.fits: is empty" in desk.dock.project.panel.status.text()
    assert count(desk.folder) == 6
