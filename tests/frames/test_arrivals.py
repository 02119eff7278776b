"""Arriving frames: each is yielded once, complete, in order, wherever it comes from."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import FrameError
from napari_iris.frames import arrivals as room
from napari_iris.frames.arrivals import Arrivals
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

SETTLE_S = 0.2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "incoming"
    made.mkdir()
    return made


def put(folder: Path, name: str, size: int = 10, age_s: float = 0.0) -> Path:
    """Write a file that was changed so long ago; what is in it does not matter here."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    then = time.time() - age_s
    os.utime(path, (then, then))
    return path


def names(found: list[Path], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in found]


def after(arrivals: Arrivals, seconds: float = 1.5 * SETTLE_S) -> list[Path]:
    """Poll, wait, and poll again."""
    first = arrivals.poll()
    time.sleep(seconds)
    return first + arrivals.poll()


def test_what_was_there_comes_at_once_in_natural_order(folder: Path) -> None:
    for name in ("sky_10.fits", "sky_9.fits", "night2/a.fits.gz", "notes.txt", "sky_9_mask.fits"):
        put(folder, name, age_s=60)
    for name in ("sky_9_pred.fits", ".sky_8.fits", ".hidden/b.fits", "out/c.fits"):
        put(folder, name, age_s=60)
    arrivals = Arrivals(folder, SETTLE_S, exclude=folder / "out")
    assert names(arrivals.poll(), folder) == ["night2/a.fits.gz", "sky_9.fits", "sky_10.fits"]
    assert after(arrivals) == []


def test_a_frame_is_yielded_once_its_file_stays_unchanged(folder: Path) -> None:
    arrivals = Arrivals(folder, SETTLE_S)
    path = put(folder, "a.fits")
    for size in range(11, 16):  # the camera writes on
        assert arrivals.poll() == []
        time.sleep(SETTLE_S / 2)
        put(folder, "a.fits", size)
    assert after(arrivals) == [path]
    assert after(arrivals) == []


def test_a_file_that_is_moved_in_with_its_time_is_whole(folder: Path) -> None:
    arrivals = Arrivals(folder, 60)
    assert arrivals.poll() == []
    path = put(folder, "a.fits", age_s=3600)
    assert arrivals.poll() == [path]


def test_a_new_nights_folder_is_polled(folder: Path) -> None:
    arrivals = Arrivals(folder, SETTLE_S)
    assert arrivals.poll() == []
    path = put(folder, "2024/01-16/a.fits")
    other = put(folder, "2024/01-17/a.fits")
    assert after(arrivals) == [path, other]
    shutil.rmtree(folder / "2024" / "01-16")
    last = put(folder, "2024/01-17/b.fits")
    assert after(arrivals) == [last]


def test_a_file_that_goes_and_comes_again_is_yielded(folder: Path) -> None:
    arrivals = Arrivals(folder, SETTLE_S)
    path = put(folder, "a.fits")
    assert arrivals.poll() == []
    path.unlink()
    assert after(arrivals) == []
    put(folder, "a.fits")
    assert after(arrivals) == [path]


def test_what_could_not_be_read_is_yielded_again_once_it_changes(folder: Path) -> None:
    put(folder, "a.fits", age_s=60)
    arrivals = Arrivals(folder, SETTLE_S)
    (path,) = arrivals.poll()
    arrivals.wait_for_change(path)
    assert after(arrivals) == []
    put(folder, "a.fits", 20)
    assert after(arrivals) == [path]
    arrivals.wait_for_change(path)
    path.unlink()
    assert after(arrivals) == []


def test_a_change_between_reading_and_waiting_is_not_missed(folder: Path) -> None:
    put(folder, "a.fits", age_s=60)
    arrivals = Arrivals(folder, SETTLE_S)
    (path,) = arrivals.poll()
    put(folder, "a.fits", 20, age_s=60)  # the camera is done while the frame is read in vain
    arrivals.wait_for_change(path)
    assert after(arrivals) == [path]


def test_a_file_that_may_be_read_at_last_is_yielded_again(folder: Path) -> None:
    put(folder, "a.fits", age_s=60).chmod(0)
    arrivals = Arrivals(folder, SETTLE_S)
    (path,) = arrivals.poll()
    arrivals.wait_for_change(path)
    assert after(arrivals) == []
    path.chmod(0o644)
    assert after(arrivals) == [path]


def test_frames_that_could_not_be_written_are_yielded_again_at_once(folder: Path) -> None:
    for name in ("a.fits", "b.fits"):
        put(folder, name, age_s=60)
    arrivals = Arrivals(folder, 60)
    found = arrivals.poll()
    arrivals.requeue(found[1:])
    assert arrivals.poll() == found[1:]
    assert arrivals.poll() == []


def test_a_night_that_is_written_over_is_yielded_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As cameras do that keep a week: the folders' names come again."""
    monkeypatch.setattr(room, "RECENT_S", 0.05)
    path = put(folder, "monday/a.fits", age_s=60)
    arrivals = Arrivals(folder, SETTLE_S)
    assert arrivals.poll() == [path]
    path.unlink()
    time.sleep(0.1)
    assert after(arrivals) == []
    put(folder, "monday/a.fits")
    assert after(arrivals) == [path]
    shutil.rmtree(path.parent)
    assert after(arrivals) == []
    put(folder, "monday/a.fits")
    assert after(arrivals) == [path]


def test_what_is_no_file_is_no_frame(folder: Path) -> None:
    os.mkfifo(folder / "pipe.fits")
    inner = put(folder, "night.fits/a.fits", age_s=60)
    (folder / "circle").symlink_to(folder)
    (folder / "link.fits").symlink_to(put(folder.parent, "apart.fits", age_s=60))
    (folder / "nothing.fits").symlink_to(folder / "gone")
    arrivals = Arrivals(folder, SETTLE_S)
    assert sorted(after(arrivals)) == [folder / "link.fits", inner]


def test_dots_and_links_on_the_way_make_no_other_frame(folder: Path) -> None:
    path = put(folder, "night/a.fits", age_s=60)
    put(folder, "out/b.fits", age_s=60)
    (folder / "way").symlink_to(folder / "out")
    arrivals = Arrivals(folder / "night" / "..", SETTLE_S, exclude=folder / "way")
    assert arrivals.poll() == [path]


def test_a_file_system_without_times_is_listed_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "RECENT_S", 0.05)
    monkeypatch.setattr(room, "RELIST_S", 0.1)
    arrivals = Arrivals(folder, SETTLE_S)
    first = folder.stat()
    time.sleep(0.1)
    assert arrivals.poll() == []
    path = put(folder, "a.fits")
    os.utime(folder, ns=(first.st_atime_ns, first.st_mtime_ns))
    time.sleep(0.15)
    assert after(arrivals) == [path]


def test_a_subfolder_that_fails_is_reported_once_and_checked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "night/a.fits", age_s=60)
    arrivals = Arrivals(folder, SETTLE_S)
    scandir = os.scandir

    def failing(name: bytes) -> object:
        if b"night" in name:
            raise PermissionError(13, "Permission denied")
        return scandir(name)

    monkeypatch.setattr(os, "scandir", failing)
    (problem,) = arrivals.poll()
    assert "night: cannot be read (Permission denied)" in str(problem)
    assert after(arrivals) == []
    monkeypatch.setattr(os, "scandir", scandir)
    assert names(arrivals.poll(), folder) == ["night/a.fits"]


def test_folders_that_have_not_changed_are_not_listed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "RECENT_S", 0.1)
    put(folder, "night/a.fits", age_s=60)
    arrivals = Arrivals(folder, SETTLE_S)
    assert len(arrivals.poll()) == 1
    time.sleep(0.2)
    arrivals.poll()  # once more, as another file may have come in the same moment
    listed: list[bytes] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda name: (listed.append(name), scandir(name))[1])
    arrivals.poll()
    assert listed == []
    put(folder, "night/b.fits")
    for _ in range(3):
        arrivals.poll()
    assert listed == [os.fsencode(folder / "night")]


def test_two_that_come_in_one_tick_of_the_file_systems_clock_are_both_yielded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals = Arrivals(folder, SETTLE_S)
    monkeypatch.setattr(room, "RECENT_S", 0.1)
    first = put(folder, "a.fits")
    tick = folder.stat().st_mtime_ns
    assert arrivals.poll() == []
    second = put(folder, "b.fits")
    os.utime(folder, ns=(tick, tick))
    time.sleep(0.1)
    assert sorted(after(arrivals)) == [first, second]


def test_a_folder_that_is_removed_is_reported_and_may_come_back(folder: Path) -> None:
    put(folder, "night/a.fits", age_s=60)
    arrivals = Arrivals(folder, SETTLE_S)
    assert names(arrivals.poll(), folder) == ["night/a.fits"]
    folder.rename(folder.with_name("elsewhere"))
    (problem,) = after(arrivals)
    assert isinstance(problem, FrameError)
    assert "incoming: cannot be read (No such file" in str(problem)
    assert arrivals.poll() == []
    other = put(folder.with_name("elsewhere"), "night/b.fits").name
    folder.with_name("elsewhere").rename(folder)
    path = put(folder, "a.fits")
    assert after(arrivals) == [path, folder / "night" / other]


@pytest.mark.parametrize(
    ("name", "reason"), [("nowhere", "does not exist"), ("a.fits", "is not a folder")]
)
def test_what_is_not_a_folder_is_refused(folder: Path, name: str, reason: str) -> None:
    put(folder, "a.fits")
    with pytest.raises(FrameError, match=f"{reason}; give the folder"):
        Arrivals(folder / name, SETTLE_S)


@pytest.mark.timed
def test_ten_thousand_frames_are_polled_quickly(
    folder: Path, write_frame: Callable[..., Path]
) -> None:
    source = write_frame()
    os.utime(source, (0, 0))
    for number in range(10_000):
        (folder / f"sky_{number}.fits").hardlink_to(source)
    arrivals = Arrivals(folder, SETTLE_S)
    found = arrivals.poll()
    assert len(found) == 10_000
    assert [path.name for path in found[:2]] == ["sky_0.fits", "sky_1.fits"]
    later: list[Path] = []
    assert_within(0.5, lambda: seconds(lambda: later.extend(arrivals.poll())))
    assert later == []


@pytest.mark.parametrize("by_rename", [False, True])
def test_a_frame_that_is_written_over_is_yielded_again_and_said_to_be(
    folder: Path, by_rename: bool
) -> None:
    for name in ("latest.fits", "other.fits"):
        put(folder, name, age_s=60)
    arrivals = Arrivals(folder, SETTLE_S)
    assert len(arrivals.poll()) == 2
    assert arrivals.again == set()
    for size in (20, 20, 30):
        if by_rename:
            put(folder, ".part", size).rename(folder / "latest.fits")
        else:
            put(folder, "latest.fits", size)
        assert arrivals.poll() == []
        time.sleep(1.5 * SETTLE_S)
        assert arrivals.poll() == [folder / "latest.fits"]
        assert arrivals.again == {folder / "latest.fits"}
        arrivals.requeue([folder / "latest.fits"])
        assert arrivals.poll() == [folder / "latest.fits"], "it could not be written"
        assert arrivals.again == {folder / "latest.fits"}
    assert after(arrivals) == []
    (folder / "latest.fits").chmod(0o600)
    assert after(arrivals) == [], "the content is the same"


def test_any_frame_of_many_that_is_written_over_is_found_in_turn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "RECENT", 2)
    monkeypatch.setattr(room, "CHECKED", 10)
    for number in range(45):
        put(folder, f"{number % 3}/{number}.fits", age_s=600)
    arrivals = Arrivals(folder, 60)
    assert len(arrivals.poll()) == 45
    for number in (0, 17, 44):
        path = put(folder, f"{number % 3}/{number}.fits", 20, age_s=300)
        found = [one for _ in range(6) for one in arrivals.poll()]
        assert found == [path]


def test_what_another_thread_sees_settles_while_nobody_polls(folder: Path) -> None:
    arrivals = Arrivals(folder, SETTLE_S)
    path = put(folder, "a.fits")
    arrivals.look()
    time.sleep(1.5 * SETTLE_S)
    assert arrivals.poll(look=False) == [], "it has not been looked at since"
    arrivals.look()
    arrivals.look()
    assert arrivals.poll(look=False) == [path]
    arrivals.requeue([path])
    arrivals.look()
    assert arrivals.poll(look=False) == [path]
    assert after(arrivals) == []
