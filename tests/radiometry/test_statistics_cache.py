"""No frame is read twice to learn a reference, unless it or what is learned from it has changed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.frames.read import read_frame
from napari_iris.radiometry import statistics_cache
from napari_iris.radiometry.statistics import FrameStatistics, frame_statistics
from napari_iris.radiometry.statistics_cache import read_statistics

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def paths(write_frame: Callable[..., Path]) -> list[Path]:
    random = np.random.default_rng(2)
    return [
        write_frame(
            f"night/{number}.fits",
            random.normal(700, 30, (128, 160)).astype(np.float32),
            DATE_OBS=f"2024-01-15T20:00:0{number}",
            SHU_TEMP=1.5,
            SERIAL="A1",
        )
        for number in range(5)
    ]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the frames that were read."""
    found: list[str] = []

    def read(path: Path, **where: int | None) -> object:
        found.append(path.name)
        return read_frame(path, **where)

    monkeypatch.setattr(statistics_cache, "read_frame", read)
    return found


def check_equal(one: FrameStatistics | None, other: FrameStatistics | None) -> None:
    assert one is not None
    assert other is not None
    for field in fields(FrameStatistics):
        left, right = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_array_equal(left, right, err_msg=field.name, strict=True)


def test_a_second_time_nothing_is_read_and_the_statistics_are_the_same(
    paths: list[Path], reads: list[str]
) -> None:
    first = read_statistics(paths)
    assert sorted(reads) == [path.name for path in paths]
    reads.clear()
    second = read_statistics(paths[::-1])[::-1]
    assert not reads
    for path, one, other in zip(paths, first, second, strict=True):
        frame = read_frame(path)
        fresh = frame_statistics(frame.data, frame.header, with_fingerprint=True)
        check_equal(one, fresh)
        check_equal(other, fresh)


def test_only_new_and_changed_frames_and_other_planes_are_read(
    paths: list[Path], reads: list[str], write_frame: Callable[..., Path]
) -> None:
    read_statistics(paths[:3])
    changed = write_frame("night/1.fits", np.full((128, 160), 900.0), SERIAL="A1")
    reads.clear()
    found = read_statistics(paths)
    assert sorted(reads) == ["1.fits", "3.fits", "4.fits"]
    assert found[1] is not None
    assert found[1].small.mean() == 900
    reads.clear()
    read_statistics([changed], hdu=0)
    assert reads == ["1.fits"]


def test_a_frame_that_cannot_be_read_is_none_and_tried_again(
    paths: list[Path], reads: list[str]
) -> None:
    paths[0].write_bytes(b"damaged")
    missing = paths[1].with_name("gone.fits")
    for _ in range(2):
        reads.clear()
        found = read_statistics([paths[0], missing, paths[1]])
        assert [one is None for one in found] == [True, True, False]
        assert "0.fits" in reads


@pytest.mark.parametrize(("first", "value"), [(64, 1e18), (128, np.nan), (128, np.inf)])
def test_a_frame_of_values_that_no_camera_gives_teaches_nothing(
    write_frame: Callable[..., Path], first: int, value: float
) -> None:
    """One such frame made the reference of its night unreadable, or ended the command."""
    frame = np.full((128, 160), 700, np.float32)
    frame[:first] = value
    assert read_statistics([write_frame("huge.fits", frame)]) == [None]


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00", b"not an array" * 100])
def test_a_damaged_cache_is_made_again(
    paths: list[Path], reads: list[str], user_cache: Path, content: bytes
) -> None:
    read_statistics(paths)
    (file,) = user_cache.rglob("*.npy")
    file.write_bytes(content)
    reads.clear()
    assert None not in read_statistics(paths)
    assert len(reads) == len(paths)


def test_a_cache_that_cannot_be_written_is_done_without(
    paths: list[Path], user_cache: Path
) -> None:
    user_cache.write_text("a file in the way")
    assert None not in read_statistics(paths)


def test_the_cache_is_bounded_and_keeps_what_was_used_last(
    paths: list[Path], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_cache, "MOST_FRAMES", 3)
    read_statistics(paths[:3])
    read_statistics(paths[3:])
    reads.clear()
    read_statistics(paths[3:])
    assert not reads
    read_statistics(paths[:3])
    assert len(reads) == 2


def test_the_files_not_used_for_longest_are_removed(
    paths: list[Path], user_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = [path.rename(path.parents[1] / path.name) for path in paths[3:]]
    read_statistics(other)
    monkeypatch.setattr(statistics_cache, "MOST_BYTES", 200_000)
    read_statistics(paths[:3])
    (kept,) = user_cache.rglob("*.npy")
    assert len(np.load(kept)) == 3


def test_a_program_that_computes_other_statistics_keeps_its_own(
    paths: list[Path], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_statistics(paths)

    def other(*of: object, with_fingerprint: bool) -> FrameStatistics:
        one = frame_statistics(*of, with_fingerprint=with_fingerprint)
        return replace(one, small=one.small + 1)

    monkeypatch.setattr(statistics_cache, "frame_statistics", other)
    statistics_cache._version.cache_clear()
    reads.clear()
    read_statistics(paths)
    statistics_cache._version.cache_clear()
    assert len(reads) == len(paths)
