"""A night's index: it opens from the cache at once, and looks again only at what changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import FrameError
from napari_iris.frames import index as room
from napari_iris.frames.index import FrameIndex

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NIGHT = {
    "frame_9.fits": "2024-01-15T18:00:00",
    "frame_10.fits": "2024-01-15T20:00:00",
    "frame_11.fits": "2024-01-15T22:00:00",
    "frame_12.fits": "2024-01-16T00:30:00",
}
"""Frames of a night over midnight, in natural order, and when they were taken."""


@pytest.fixture
def night(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    for name, time in NIGHT.items():
        write_frame(f"night/{name}", DATE_OBS=time)
    return tmp_path / "night"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose header is read, in order."""
    names: list[str] = []
    read_header = room.read_header

    def read(path: Path) -> object:
        names.append(path.name)
        return read_header(path)

    monkeypatch.setattr(room, "read_header", read)
    return names


def open_and_read(night: Path) -> FrameIndex:
    index = FrameIndex([night])
    for _ in index.read_times():
        pass
    return index


def known(index: FrameIndex) -> dict[str, str | None]:
    """Names and times of the frames, None where not known."""
    times = (None if np.isnat(time) else str(time)[:19] for time in index.times)
    return dict(zip((path.name for path in index.paths), times, strict=True))


def test_a_new_night_is_listed_and_its_times_are_read(night: Path, reads: list[str]) -> None:
    index = FrameIndex([night])
    assert known(index) == dict.fromkeys(NIGHT)
    assert reads == [], "no header is read to open a night"
    assert list(index.read_times()) == [1, 2, 3, 4]
    assert known(index) == NIGHT
    assert list(index.read_times()) == []
    assert reads == list(NIGHT)


def test_a_known_night_opens_without_a_look_at_its_files(
    night: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_and_read(night)
    reads.clear()
    monkeypatch.setattr(room, "find_frames", lambda _: pytest.fail("listed the sources"))
    again = FrameIndex([night])
    assert known(again) == NIGHT
    assert list(again.read_times()) == []
    assert reads == []
    assert isinstance(again.table, np.memmap), "mapped, not read"


def test_the_cache_is_the_users_and_each_list_of_sources_has_its_own(
    night: Path, user_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FrameIndex([night])
    FrameIndex([night / "frame_9.fits"])
    monkeypatch.chdir(night.parent)
    FrameIndex(["night"])
    assert len(list((user_cache / "napari-iris" / "index").iterdir())) == 2


@pytest.mark.parametrize("times_are_read", [False, True])
def test_an_unchanged_night_is_seen_as_such(night: Path, *, times_are_read: bool) -> None:
    (night / "no_time.fits").write_bytes((night / "frame_9.fits").read_bytes())
    (night / "bad.fits").write_bytes(b"no FITS")
    index = open_and_read(night) if times_are_read else FrameIndex([night])
    assert not index.refresh()
    assert not FrameIndex([night]).refresh()


def test_a_changed_night_is_looked_at_only_where_it_changed(
    night: Path, reads: list[str], write_frame: Callable[..., Path]
) -> None:
    index = open_and_read(night)
    reads.clear()
    (night / "frame_9.fits").unlink()
    write_frame("night/frame_11.fits", DATE_OBS="2024-01-15T23:00:00")
    os.utime(night / "frame_11.fits", ns=(0, 10**18))
    write_frame("night/frame_100_of_a_longer_name.fits", DATE_OBS="2024-01-16T01:00:00")
    assert index.refresh()
    assert list(index.read_times()) == [3, 4]
    assert reads == ["frame_11.fits", "frame_100_of_a_longer_name.fits"]
    expected = {
        "frame_10.fits": "2024-01-15T20:00:00",
        "frame_11.fits": "2024-01-15T23:00:00",
        "frame_12.fits": "2024-01-16T00:30:00",
        "frame_100_of_a_longer_name.fits": "2024-01-16T01:00:00",
    }
    assert known(index) == expected
    assert not index.refresh()
    assert known(FrameIndex([night])) == expected, "kept for the next time"


def test_a_stop_half_way_keeps_the_times_read_so_far(night: Path, reads: list[str]) -> None:
    progress = FrameIndex([night]).read_times()
    assert [next(progress), next(progress)] == [1, 2]
    progress.close()
    reads.clear()
    again = FrameIndex([night])
    assert list(again.read_times()) == [3, 4]
    assert reads == ["frame_11.fits", "frame_12.fits"]


def test_frames_without_a_time_are_asked_once(night: Path, reads: list[str]) -> None:
    (night / "bad.fits").write_bytes(b"no FITS")
    (night / "gone.fits").symlink_to("nowhere")
    index = open_and_read(night)
    assert known(index) == {"bad.fits": None, "gone.fits": None, **NIGHT}
    assert list(index.read_times()) == []
    assert sorted(reads) == sorted(["bad.fits", "gone.fits", *NIGHT])


@pytest.mark.parametrize("sources", [[], ["gone"], ["gone", "gone/*.fits"]])
def test_sources_without_a_frame_are_refused(sources: list[str]) -> None:
    with pytest.raises(FrameError):
        FrameIndex(sources)


def test_a_night_that_is_gone_is_refused_on_a_second_look(night: Path) -> None:
    index = open_and_read(night)
    for file in night.iterdir():
        file.unlink()
    with pytest.raises(FrameError, match="holds no FITS frame"):
        index.refresh()
    assert known(index) == NIGHT, "what was known is still there"


def test_a_cache_that_cannot_be_written_is_done_without(night: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for cache in (tmp_path / "file", tmp_path / "file" / "deeper"):
        index = FrameIndex([night], cache)
        assert list(index.read_times()) == [1, 2, 3, 4]
        assert known(index) == NIGHT
        assert index.nearest(np.datetime64("2024-01-15T21:50")) == 2


def npy(array: np.ndarray) -> Callable[[Path], None]:
    return lambda path: np.save(path, array)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no table"),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-30]),
    "cut in its header": lambda path: path.write_bytes(path.read_bytes()[:50]),
    "header garbled": lambda path: path.write_bytes(
        path.read_bytes().replace(b"descr", b"\xff(]{'")
    ),
    "other fields": npy(np.zeros(3, [("file", "S9"), ("time", "M8[s]")])),
    "plain numbers": npy(np.arange(7)),
    "no rows": npy(np.zeros(0, room._dtype(9))),
    "pickled": lambda path: np.save(path, np.array([{}]), allow_pickle=True),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_made_anew(night: Path, user_cache: Path, damage: str) -> None:
    open_and_read(night)
    (file,) = (user_cache / "napari-iris" / "index").iterdir()
    DAMAGES[damage](file)
    again = open_and_read(night)
    assert known(again) == NIGHT
    if not file.is_dir():
        assert known(FrameIndex([night])) == NIGHT
        assert FrameIndex([night]).table["read"].all()


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("2024-01-15T18:00", 0),
        ("2024-01-15T18:59:59", 0),
        ("2024-01-15T19:00:01", 1),
        ("2000-01-01", 0),
        ("2030-01-01", 3),
    ],
)
def test_the_nearest_frame_in_time_is_found(night: Path, moment: str, number: int) -> None:
    assert open_and_read(night).nearest(np.datetime64(moment)) == number


def test_frames_without_a_time_are_near_to_none(night: Path) -> None:
    index = FrameIndex([night])
    assert index.nearest(np.datetime64("2024-01-15T18:00")) is None
    assert index.locate("18:00") is None
    next(index.read_times())
    assert index.nearest(np.datetime64("2030-01-01")) == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 0),
        ("4", 3),
        ("5", None),
        ("0", 1),
        ("10", 1),
        ("²", None),
        ("20:00", 1),
        ("21:30", 2),
        ("0:00", 3),
        ("01:00:30", 3),
        ("2024-01-15T20:10", 1),
        ("2024-01-15 20:10", 1),
        ("2024-01-16", 3),
        ("2024-99-99", None),
        ("frame_11", 2),
        (" 12.fits ", 3),
        ("cloud", None),
    ],
)
def test_a_frame_is_located_as_a_person_says_it(night: Path, text: str, number: int | None) -> None:
    """By its number from 1, by time or date, or by a part of its name."""
    assert open_and_read(night).locate(text) == number
