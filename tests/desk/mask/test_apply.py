"""Making the masks of a night from the window: a real child process behind the real buttons."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication

from napari_iris.desk.frames.job_box import FrameJobBox
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import read_mask, write_mask
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.mask.dock import MaskDock

pytestmark = pytest.mark.gui

MASK_CHILD_S = 60
"""Seconds within which any of these jobs ends, on a slow machine."""


@pytest.fixture
def box(mask_dock: MaskDock) -> FrameJobBox:
    return mask_dock.apply


@pytest.fixture
def out(tmp_path: Path, box: FrameJobBox) -> Path:
    """Folder for the masks; chosen once a night is open."""
    return tmp_path / "masks"


@pytest.fixture
def night(
    make_night: Callable[..., Path], open_night: Callable[..., Any], box: FrameJobBox
) -> Path:
    """Five frames in the viewer."""
    folder = make_night(5)
    open_night(folder)
    return folder


@pytest.fixture
def big_night(
    make_night: Callable[..., Path], open_night: Callable[..., Any], box: FrameJobBox
) -> Path:
    """Two thousand frames: a job that one has time to cancel."""
    folder = make_night(1)
    for number in range(2, 2001):
        (folder / f"sky_{number}.fits").hardlink_to(folder / "sky_1.fits")
    open_night(folder)
    return folder


def click(qtbot: QtBot, button: Any) -> None:
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def choose(qtbot: QtBot, button: Any) -> None:
    """Click a radio button where its circle is."""
    place = button.rect().center()
    place.setX(8)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=place)
    assert button.isChecked()


def run(qtbot: QtBot, box: FrameJobBox) -> str:
    """Press the button, wait for the job's end; give the status."""
    click(qtbot, box.panel.start)
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=1000 * MASK_CHILD_S)
    return str(box.panel.status.text())


def masks_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*_mask.fits"))


def assert_whole(folder: Path) -> None:
    """Every mask file can be read, and no part of one is left."""
    for path in folder.glob("*_mask.fits"):
        assert read_mask(path).mask.shape == (128, 160)
    assert not list(folder.glob(".*.part"))


def test_all_frames_are_masked(night: Path, box: FrameJobBox, out: Path, qtbot: QtBot) -> None:
    box.folder.value = out
    click(qtbot, box.panel.start)
    assert box.panel.bar.isVisible()
    assert box.panel.status.text() == "Starting..."
    assert not box.panel.start.isEnabled()
    assert box.panel.cancel.isEnabled()
    assert not box.frames.isEnabled()
    qtbot.waitUntil(lambda: box.panel.bar.maximum() == 5, timeout=1000 * MASK_CHILD_S)
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=1000 * MASK_CHILD_S)
    assert box.panel.status.text() == "5 masks made (2 clear, 3 cloudy)."
    assert not box.panel.bar.isVisible()
    assert box.panel.start.isEnabled()
    assert not box.panel.cancel.isEnabled()
    assert masks_in(out) == [f"sky_{number}_mask.fits" for number in range(1, 6)]
    for number in range(1, 6):
        frame = fits.getdata(night / f"sky_{number}.fits")
        expected = make_mask(frame, MaskConfig()).mask
        np.testing.assert_array_equal(read_mask(out / f"sky_{number}_mask.fits").mask, expected)
    with (out / "masks.csv").open(encoding="utf-8", newline="") as table:
        assert len(list(csv.DictReader(table))) == 5


def test_a_range_of_frames_is_masked(
    night: Path, box: FrameJobBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    for spin, typed in ((box.frames.first, "2"), (box.frames.last, "3")):
        spin.setFocus()
        spin.selectAll()
        qtbot.keyClicks(spin, typed)
        qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert box.frames.some.isChecked(), "typing a number chooses the range"
    run(qtbot, box)
    assert masks_in(out) == ["sky_2_mask.fits", "sky_3_mask.fits"]


def test_the_frame_in_view_is_masked_as_the_form_says(
    night: Path, mask_dock: MaskDock, box: FrameJobBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    mask_dock.session.go_to(0)
    mask_dock.form.set("gate", value=False)
    mask_dock.form.set("shape", (64, 80))
    choose(qtbot, box.frames.this_frame)
    assert run(qtbot, box) == "1 mask made (1 without sky gate)."
    assert masks_in(out) == ["sky_1_mask.fits"]
    frame = fits.getdata(night / "sky_1.fits")
    expected = make_mask(frame, MaskConfig(shape=(64, 80), gate=False))
    np.testing.assert_array_equal(read_mask(out / "sky_1_mask.fits").mask, expected.mask)


def test_failures_are_named_and_a_human_mask_is_kept(
    night: Path, box: FrameJobBox, out: Path, qtbot: QtBot
) -> None:
    (night / "sky_2.fits").write_bytes(b"")
    out.mkdir()
    drawn, cards = np.full((128, 160), 2, np.uint8), {"METHOD": ("HUMAN", "")}
    mine = out / "sky_1_mask.fits"
    write_mask(mine, np.ones((128, 160), np.float32), drawn, fits.Header(), cards)
    before = mine.read_bytes()
    box.folder.value = out
    status = run(qtbot, box)
    assert "1 human mask kept" in status
    assert "1 file failed:\nsky_2.fits: is empty (0 bytes); copy it again from the camera" in status
    assert "sky_2.fits" in box.panel.status.toolTip()
    assert mine.read_bytes() == before
    assert len(masks_in(out)) == 4


def test_cancel_stops_within_five_seconds_and_leaves_whole_files(
    big_night: Path, box: FrameJobBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.panel.start)
    qtbot.waitUntil(lambda: box.panel.bar.value() > 100, timeout=1000 * MASK_CHILD_S)
    assert " of 2,000, " in box.panel.status.text()
    begin = time.monotonic()
    click(qtbot, box.panel.cancel)
    assert box.panel.status.text() == "Stopping..."
    assert not box.panel.cancel.isEnabled()
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=60_000)
    assert time.monotonic() - begin < SOON_S
    assert box.panel.status.text().startswith("Stopped after ")
    made = masks_in(out)
    assert 100 <= len(made) < 2000
    assert_whole(out)
    assert box.panel.start.isEnabled()


def test_cancel_right_after_the_start_stops_too(
    big_night: Path, box: FrameJobBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.panel.start)
    click(qtbot, box.panel.cancel)
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=60_000)
    assert box.panel.status.text().startswith("Stopped after 0 frames")


def test_a_job_that_is_killed_says_so(
    big_night: Path, box: FrameJobBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.panel.start)
    qtbot.waitUntil(lambda: box.panel.bar.value() > 0, timeout=1000 * MASK_CHILD_S)
    assert box.job.control.job is not None
    os.kill(box.job.control.job.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=60_000)
    assert box.panel.status.text().startswith("Job failed: killed (SIGKILL)")
    assert box.panel.start.isEnabled()


def test_a_folder_that_cannot_be_made_is_reported(
    night: Path, box: FrameJobBox, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").touch()
    box.folder.value = tmp_path / "file" / "masks"
    status = run(qtbot, box)
    assert status.startswith("Job failed: ")
    assert "choose another folder" in status


def test_a_sequence_that_grows_leaves_the_running_job_in_view(
    night: Path, box: FrameJobBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.panel.start)
    box.job.follow_sequence()
    assert box.panel.bar.isVisible()
    assert box.panel.status.text() == "Starting..."
    assert box.folder.value == out
    qtbot.waitUntil(lambda: not box.job.control.is_running, timeout=1000 * MASK_CHILD_S)
    assert box.panel.status.text().startswith("5 masks made")


def test_the_copied_command_works_in_a_shell(
    night: Path, box: FrameJobBox, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.folder.value = tmp_path / 'it\'s a "folder" with $ome blanks'
    choose(qtbot, box.frames.this_frame)
    click(qtbot, box.panel.copy)
    assert box.panel.status.text() == "Command copied to the clipboard."
    line = QGuiApplication.clipboard().text()
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    subprocess.run(["/bin/sh", "-c", line], check=True, cwd=tmp_path, capture_output=True)
    assert len(masks_in(box.folder.value)) == 1


def test_without_a_folder_there_is_no_start(night: Path, box: FrameJobBox, tmp_path: Path) -> None:
    assert box.panel.start.isEnabled()
    box.folder.value = None
    assert not box.panel.start.isEnabled()
    assert not box.panel.copy.isEnabled()
    box.folder.value = tmp_path
    assert box.panel.start.isEnabled()


def test_a_home_folder_is_spelt_out(night: Path, box: FrameJobBox) -> None:
    box.folder.line_edit.value = "~/masks"
    (arguments,) = box.job.commands()
    assert arguments[arguments.index("--out") + 1] == str(Path.home() / "masks")


def test_a_window_that_is_closed_ends_its_job(
    make_napari_viewer: Callable[..., Any], make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    folder = make_night(1)
    for number in range(2, 2001):
        (folder / f"sky_{number}.fits").hardlink_to(folder / "sky_1.fits")
    viewer = make_napari_viewer()
    viewer.open(str(folder), plugin="napari-iris")
    box = viewer.window.add_plugin_dock_widget("napari-iris", "Mask")[1].apply
    box.panel.start.click()
    job = box.job.control.job
    qtbot.waitUntil(lambda: box.panel.bar.value() > 10, timeout=1000 * MASK_CHILD_S)
    assert not job.cancelled
    viewer.close()
    assert job.cancelled
    job.wait(10)
    assert not job.running
    assert_whole(folder.parent / "night_masks")
    shutil.rmtree(folder)
