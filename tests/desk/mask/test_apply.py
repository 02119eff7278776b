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

from napari_iris.desk.frames.night_box import LISTED, _short
from napari_iris.desk.frames.places import folder_for
from napari_iris.desk.jobs.clock import clock
from napari_iris.desk.mask.apply_box import ApplyBox
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import read_mask, write_mask
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.mask.dock import MaskDock

pytestmark = pytest.mark.gui

MASK_CHILD_S = 60
"""Seconds within which any of these jobs ends, on a slow machine."""


@pytest.fixture
def box(mask_dock: MaskDock) -> ApplyBox:
    return mask_dock.apply


@pytest.fixture
def out(tmp_path: Path, box: ApplyBox) -> Path:
    """Folder for the masks; chosen once a night is open."""
    return tmp_path / "masks"


@pytest.fixture
def night(make_night: Callable[..., Path], open_night: Callable[..., Any], box: ApplyBox) -> Path:
    """Five frames in the viewer."""
    folder = make_night(5)
    open_night(folder)
    return folder


@pytest.fixture
def big_night(
    make_night: Callable[..., Path], open_night: Callable[..., Any], box: ApplyBox
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


def run(qtbot: QtBot, box: ApplyBox) -> str:
    """Press the button, wait for the job's end; give the status."""
    click(qtbot, box.start)
    qtbot.waitUntil(lambda: box.job is None, timeout=1000 * MASK_CHILD_S)
    return str(box.status.text())


def masks_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*_mask.fits"))


def assert_whole(folder: Path) -> None:
    """Every mask file can be read, and no part of one is left."""
    for path in folder.glob("*_mask.fits"):
        assert read_mask(path).mask.shape == (128, 160)
    assert not list(folder.glob(".*.part"))


def test_all_frames_are_masked(night: Path, box: ApplyBox, out: Path, qtbot: QtBot) -> None:
    box.folder.value = out
    click(qtbot, box.start)
    assert box.bar.isVisible()
    assert box.status.text() == "starting ..."
    assert not box.start.isEnabled()
    assert box.cancel.isEnabled()
    assert not box.frames.isEnabled()
    qtbot.waitUntil(lambda: box.bar.maximum() == 5, timeout=1000 * MASK_CHILD_S)
    qtbot.waitUntil(lambda: box.job is None, timeout=1000 * MASK_CHILD_S)
    assert box.status.text() == "Done: 2 clear, 3 cloudy."
    assert not box.bar.isVisible()
    assert box.start.isEnabled()
    assert not box.cancel.isEnabled()
    assert masks_in(out) == [f"sky_{number}_mask.fits" for number in range(1, 6)]
    for number in range(1, 6):
        frame = fits.getdata(night / f"sky_{number}.fits")
        expected = make_mask(frame, MaskConfig()).mask
        np.testing.assert_array_equal(read_mask(out / f"sky_{number}_mask.fits").mask, expected)
    with (out / "masks.csv").open(encoding="utf-8", newline="") as table:
        assert len(list(csv.DictReader(table))) == 5


def test_a_range_of_frames_is_masked(night: Path, box: ApplyBox, out: Path, qtbot: QtBot) -> None:
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
    night: Path, mask_dock: MaskDock, box: ApplyBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    mask_dock.session.go_to(0)
    mask_dock.form["gate"].value = False
    mask_dock.form["shape"].value = (64, 80)
    choose(qtbot, box.frames.this_frame)
    assert run(qtbot, box) == "Done: 1 by the recipe."
    assert masks_in(out) == ["sky_1_mask.fits"]
    frame = fits.getdata(night / "sky_1.fits")
    expected = make_mask(frame, MaskConfig(shape=(64, 80), gate=False))
    np.testing.assert_array_equal(read_mask(out / "sky_1_mask.fits").mask, expected.mask)


def test_failures_are_named_and_a_persons_mask_is_kept(
    night: Path, box: ApplyBox, out: Path, qtbot: QtBot
) -> None:
    (night / "sky_2.fits").write_bytes(b"")
    out.mkdir()
    drawn, cards = np.full((128, 160), 2, np.uint8), {"METHOD": ("HUMAN", "")}
    mine = out / "sky_1_mask.fits"
    write_mask(mine, np.ones((128, 160), np.float32), drawn, fits.Header(), cards)
    before = mine.read_bytes()
    box.folder.value = out
    status = run(qtbot, box)
    assert "1 drawn by a person and kept" in status
    assert "1 failed:\nsky_2.fits: is empty (0 bytes); copy it again from the camera" in status
    assert "sky_2.fits" in box.status.toolTip()
    assert mine.read_bytes() == before
    assert len(masks_in(out)) == 4


@pytest.mark.timed
def test_cancel_stops_within_five_seconds_and_leaves_whole_files(
    big_night: Path, box: ApplyBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.start)
    qtbot.waitUntil(lambda: box.bar.value() > 100, timeout=1000 * MASK_CHILD_S)
    assert " of 2,000, " in box.status.text()
    begin = time.monotonic()
    click(qtbot, box.cancel)
    assert box.status.text() == "stopping ..."
    assert not box.cancel.isEnabled()
    qtbot.waitUntil(lambda: box.job is None, timeout=60_000)
    assert time.monotonic() - begin < 5
    assert box.status.text().startswith("Stopped after ")
    made = masks_in(out)
    assert 100 <= len(made) < 2000
    assert_whole(out)
    assert box.start.isEnabled()


@pytest.mark.timed
def test_cancel_right_after_the_start_stops_too(
    big_night: Path, box: ApplyBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.start)
    click(qtbot, box.cancel)
    qtbot.waitUntil(lambda: box.job is None, timeout=5_000)
    assert box.status.text().startswith("Stopped after 0 frames")


def test_a_job_that_is_killed_says_so(
    big_night: Path, box: ApplyBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.start)
    qtbot.waitUntil(lambda: box.bar.value() > 0, timeout=1000 * MASK_CHILD_S)
    assert box.job is not None
    os.kill(box.job.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: box.job is None, timeout=60_000)
    assert box.status.text().startswith("The job failed: it was killed (SIGKILL)")
    assert box.start.isEnabled()


def test_a_folder_that_cannot_be_made_is_told(
    night: Path, box: ApplyBox, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").touch()
    box.folder.value = tmp_path / "file" / "masks"
    status = run(qtbot, box)
    assert status.startswith("The job failed: ")
    assert "choose another folder" in status


def test_a_night_that_grows_leaves_the_running_job_in_sight(
    night: Path, box: ApplyBox, out: Path, qtbot: QtBot
) -> None:
    box.folder.value = out
    click(qtbot, box.start)
    box.set_night()
    assert box.bar.isVisible()
    assert box.status.text() == "starting ..."
    assert box.folder.value == out
    qtbot.waitUntil(lambda: box.job is None, timeout=1000 * MASK_CHILD_S)
    assert box.status.text().startswith("Done: ")


def test_the_copied_command_works_in_a_shell(
    night: Path, box: ApplyBox, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.folder.value = tmp_path / 'it\'s a "folder" with $ome blanks'
    choose(qtbot, box.frames.this_frame)
    click(qtbot, box.copy)
    assert box.status.text() == "The command is on the clipboard."
    line = QGuiApplication.clipboard().text()
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    subprocess.run(["/bin/sh", "-c", line], check=True, cwd=tmp_path, capture_output=True)
    assert len(masks_in(box.folder.value)) == 1


@pytest.mark.parametrize(
    ("choice", "frames"), [("all", 30), ("some", 21), ("this_frame", 1)], ids=str
)
def test_what_the_command_names(
    box: ApplyBox, open_night: Callable[..., Any], choice: str, frames: int
) -> None:
    open_night(sample_night())
    box.frames.last.setValue(21)
    getattr(box.frames, choice).setChecked(True)
    command, *named = box.arguments()
    assert command == "mask"
    named = named[: named.index("--out")]
    if choice == "all":
        assert named == [str(sample_night())]
    elif frames > LISTED:
        listed = Path(named[0].removeprefix("@"))
        assert len(listed.read_text(encoding="utf-8").splitlines()) == frames
        listed.unlink()
    else:
        assert len(named) == frames


def test_a_long_list_of_frames_goes_into_a_file_that_is_removed(
    box: ApplyBox,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    out: Path,
    qtbot: QtBot,
) -> None:
    folder = make_night(LISTED + 2)
    open_night(*[folder / f"sky_{number}.fits" for number in range(1, LISTED + 2)])
    box.folder.value = out
    click(qtbot, box.start)
    assert box.job is not None
    listed = Path(box.job.arguments[1].removeprefix("@"))
    assert listed.exists()
    qtbot.waitUntil(lambda: box.job is None, timeout=1000 * MASK_CHILD_S)
    assert len(masks_in(out)) == LISTED + 1
    assert not listed.exists()


def test_without_a_folder_there_is_no_start(night: Path, box: ApplyBox, tmp_path: Path) -> None:
    assert box.start.isEnabled()
    box.folder.value = None
    assert not box.start.isEnabled()
    assert not box.copy.isEnabled()
    box.folder.value = tmp_path
    assert box.start.isEnabled()


def test_a_home_folder_is_spelt_out(night: Path, box: ApplyBox) -> None:
    box.folder.line_edit.value = "~/masks"
    arguments = box.arguments()
    assert arguments[arguments.index("--out") + 1] == str(Path.home() / "masks")


def test_a_range_typed_backwards_is_meant_forwards(night: Path, box: ApplyBox) -> None:
    box.frames.first.setValue(4)
    box.frames.last.setValue(2)
    assert box.frames.span(0) == range(1, 4)


def test_more_frames_leave_the_choice_as_it_is(night: Path, box: ApplyBox) -> None:
    box.frames.grow(8)
    assert box.frames.all.isChecked()
    assert box.frames.last.value() == 8
    box.frames.first.setValue(2)
    box.frames.last.setValue(6)
    box.frames.grow(9)
    assert box.frames.some.isChecked()
    assert box.frames.span(0) == range(1, 6)


def test_masks_go_beside_the_frames_unless_those_are_packaged(tmp_path: Path) -> None:
    assert folder_for(tmp_path / "night", "masks") == tmp_path / "night_masks"
    assert folder_for(sample_night(), "masks") == Path.home() / "iris_masks" / "night"


def test_masks_of_frames_one_may_not_write_beside_go_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert folder_for(tmp_path / "night", "masks") == Path.home() / "iris_masks" / "night"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3540, "59 min"), (3660, "1 h 01 min")],
)
def test_a_time_is_told_as_a_person_says_it(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_long_file_name_is_shortened_in_its_middle() -> None:
    name = "a" * 60 + "_0001.fits"
    assert _short(f"{name}: is empty") == f"{'a' * 20}…{'a' * 10}_0001.fits: is empty"
    assert _short("a.fits: is empty") == "a.fits: is empty"


def test_a_window_that_is_closed_ends_its_job(
    make_napari_viewer: Callable[..., Any], make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    folder = make_night(1)
    for number in range(2, 2001):
        (folder / f"sky_{number}.fits").hardlink_to(folder / "sky_1.fits")
    viewer = make_napari_viewer()
    viewer.open(str(folder), plugin="napari-iris")
    box = viewer.window.add_plugin_dock_widget("napari-iris", "Mask")[1].apply
    box.start.click()
    job = box.job
    qtbot.waitUntil(lambda: box.bar.value() > 10, timeout=1000 * MASK_CHILD_S)
    assert not job.cancelled
    viewer.close()
    assert job.cancelled
    job.wait(10)
    assert not job.running
    assert_whole(folder.parent / "night_masks")
    shutil.rmtree(folder)
