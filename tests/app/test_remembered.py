"""What a window remembers for the next one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.app.remembered import DELAY_MS, MOST, Kept, Remembered
from napari_iris.frames.paths import FramePaths

if TYPE_CHECKING:
    from tests.app.conftest import ManualTimers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "window.json"


def test_what_is_kept_is_known_to_the_next_window(path: Path, timers: ManualTimers) -> None:
    first = Remembered(timers, path)
    assert first.kept == Kept()
    first.keep(docks=("Mask", "Frames"), y_up=True, brush=5)
    first.keep(filters={"/night/project": ("Time", "All", "Any class", "Any cloud")})
    timers.advance(DELAY_MS)
    assert Remembered(timers, path).kept == first.kept
    assert first.kept.docks == ("Mask", "Frames")


def test_it_is_saved_once_a_second_at_most_and_only_if_it_changed(
    path: Path, timers: ManualTimers
) -> None:
    remembered = Remembered(timers, path)
    for number in range(5):
        remembered.keep_place(["/night"], f"sky_{number}.fits")
        timers.advance(DELAY_MS // 2)
        assert not path.exists()
    timers.advance(DELAY_MS)
    before = path.read_bytes()
    path.unlink()
    remembered.keep_place(["/night"], "sky_4.fits")
    timers.advance(DELAY_MS)
    assert not path.exists(), "that was known"
    remembered.save()
    assert not path.exists()
    remembered.keep_place(["/night"], "sky_5.fits")
    remembered.save()
    assert path.read_bytes() != before


def test_two_windows_lose_nothing_of_each_other(path: Path, timers: ManualTimers) -> None:
    one, other = Remembered(timers, path), Remembered(timers, path)
    one.keep_place(["/a"], "sky_1.fits")
    other.keep_place(["/b"], "sky_2.fits")
    other.keep(brush=7)
    timers.advance(DELAY_MS)
    kept = Remembered(timers, path).kept
    assert kept.places == {"/a": "sky_1.fits", "/b": "sky_2.fits"}
    assert kept.brush == 7


def test_a_night_goes_on_where_it_was_left(path: Path, timers: ManualTimers) -> None:
    paths = FramePaths.of([Path(f"/night/sky_{number}.fits") for number in range(1, 4)])
    remembered = Remembered(timers, path)
    assert remembered.place(["/night"], paths) == 0
    remembered.keep_place(["/night"], "sky_3.fits")
    assert remembered.place(["/night"], paths) == 2
    assert remembered.place(["/night", "/other"], paths) == 0
    remembered.keep_place(["/night"], "sky_9.fits")
    assert remembered.place(["/night"], paths) == 0, "it is gone"


def test_the_nights_used_last_are_kept(path: Path, timers: ManualTimers) -> None:
    remembered = Remembered(timers, path)
    for number in range(MOST + 5):
        remembered.keep_place([f"/{number}"], "sky.fits")
        remembered.keep_place(["/first"], f"sky_{number}.fits")
    places = remembered.kept.places
    assert len(places) == MOST
    assert "/first" in places
    assert "/0" not in places


@pytest.mark.parametrize("content", [b"", b"{", b'{"brush": -1}', b'{"places": 3}', b"\xff"])
def test_a_damaged_file_is_like_none(path: Path, timers: ManualTimers, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    remembered = Remembered(timers, path)
    assert remembered.kept == Kept()
    remembered.keep(brush=3)
    remembered.save()
    assert Remembered(timers, path).kept.brush == 3


def test_where_it_cannot_be_saved_the_window_goes_on(tmp_path: Path, timers: ManualTimers) -> None:
    (tmp_path / "file").write_text("in the way")
    remembered = Remembered(timers, tmp_path / "file" / "window.json")
    remembered.keep(y_up=True)
    remembered.save()
    assert remembered.kept.y_up
