"""Any number of frames as one array: lazy, bounded, with no file left open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.errors import FrameError
from napari_iris.frames import sequence as room
from napari_iris.frames import stack
from napari_iris.frames.frame import Frame
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS, COLUMNS = 10, 12
COUNT = 9
STACK = np.arange(COUNT * ROWS * COLUMNS, dtype=np.int16).reshape(COUNT, ROWS, COLUMNS)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files read, in order."""
    names: list[str] = []
    read_frame = room.read_frame

    def read(path: Path, **which: Any) -> Frame:
        names.append(path.name)
        return read_frame(path, **which)

    monkeypatch.setattr(room, "read_frame", read)
    return names


@pytest.fixture
def open_sequence() -> Iterator[Callable[..., FrameSequence]]:
    """Open sequences that are closed at the end of the test."""
    opened: list[FrameSequence] = []

    def open_one(paths: list[Path], **which: Any) -> FrameSequence:
        opened.append(FrameSequence(FramePaths.of(paths), **which))
        return opened[-1]

    yield open_one
    for sequence in opened:
        sequence.close()
        sequence._ahead.shutdown(wait=True)


@pytest.fixture
def files(write_frame: Callable[..., Path]) -> list[Path]:
    return [write_frame(f"{number}.fits", data) for number, data in enumerate(STACK)]


@pytest.fixture
def frames(files: list[Path], open_sequence: Callable[..., FrameSequence]) -> FrameSequence:
    return open_sequence(files)


def settle(sequence: FrameSequence) -> None:
    """Wait until the read-ahead is done."""
    sequence._ahead.submit(int).result()


INDICES = [
    0,
    -1,
    np.int64(3),
    (2, slice(None), slice(None)),
    (np.intp(2), slice(2, 7), slice(None, None, 3)),
    (4, 5, 6),
    (4, ..., 6),
    slice(None),
    slice(2, 5),
    slice(None, None, -4),
    (slice(1, 4), slice(None), slice(3, 4)),
    (slice(6, None), 3),
    slice(5, 5),
    [1, 3, 1],
    np.array([0, 8]),
    np.arange(COUNT) % 2 == 0,
    ...,
    (..., 0),
    (..., slice(2, 4), 1),
    (0, ...),
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_it_indexes_like_an_array(frames: FrameSequence, index: object) -> None:
    found = frames[index]
    expected = STACK.astype(np.float32)[index]
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected, strict=True)


def test_it_has_what_napari_asks_of_an_array(frames: FrameSequence) -> None:
    assert frames.shape == STACK.shape
    assert frames.size == STACK.size
    assert frames.ndim == STACK.ndim
    assert frames.dtype == np.float32
    assert len(frames) == COUNT
    np.testing.assert_array_equal(np.asarray(frames), STACK)


@pytest.mark.parametrize("number", [COUNT, 10**6, -COUNT - 1])
def test_a_frame_out_of_range_is_an_index_error(frames: FrameSequence, number: int) -> None:
    for ask in (frames.__getitem__, frames.pixels, frames.frame):
        with pytest.raises(IndexError, match=f"from 0 to 8, got {number}"):
            ask(number)


def test_it_reads_what_is_asked_for_and_one_frame_ahead(
    files: list[Path], reads: list[str], open_sequence: Callable[..., FrameSequence]
) -> None:
    many = [*files, *(files[0].with_name(f"gone{number}.fits") for number in range(10_000))]
    frames = open_sequence(many)
    assert reads == ["0.fits"], "the shape alone"
    assert frames.shape == (10_009, ROWS, COLUMNS)
    reads.clear()
    np.testing.assert_array_equal(frames[4], STACK[4])
    settle(frames)
    assert reads == ["4.fits", "5.fits"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([2, 3, 4, 5], "2 3 4 5 6"),
        ([7, 6, 5, 4], "7 8 6 5 4 3"),
        ([3, 3, 3], "3 4"),
        ([2, 3, 2, 1], "2 3 4 1 0"),
        ([8], "8"),
        ([1, 0], "1 2 0"),
    ],
)
def test_the_next_frame_in_the_direction_of_travel_is_there_already(
    frames: FrameSequence, reads: list[str], steps: list[int], expected: str
) -> None:
    for step in steps:
        np.testing.assert_array_equal(frames[step], STACK[step])
        settle(frames)
    assert reads == [f"{number}.fits" for number in expected.split()]


def test_frames_seen_last_stay_and_the_cache_is_bounded(
    files: list[Path],
    reads: list[str],
    monkeypatch: pytest.MonkeyPatch,
    open_sequence: Callable[..., FrameSequence],
) -> None:
    monkeypatch.setattr(stack, "CACHE_BYTES", 5 * ROWS * COLUMNS * 4)
    frames = open_sequence(files)
    for number in range(COUNT):
        frames.pixels(number)
        settle(frames)
    reads.clear()
    for number in range(COUNT - 1, COUNT - 6, -1):
        frames.pixels(number)
    settle(frames)
    assert reads == ["3.fits"], "the last five were there, the next was read ahead"
    assert len(frames._cache) == 5
    for number in (0, COUNT - 1):
        frames.pixels(number)
    assert reads.count("0.fits") == 1


def test_a_frame_looked_at_again_stays_longer(
    files: list[Path],
    reads: list[str],
    monkeypatch: pytest.MonkeyPatch,
    open_sequence: Callable[..., FrameSequence],
) -> None:
    monkeypatch.setattr(stack, "CACHE_BYTES", 5 * ROWS * COLUMNS * 4)
    frames = open_sequence(files)
    frames.close()  # nothing is read ahead
    for number in (0, 1, 2, 3, 4, 0, 5, 6, 0, 1):
        frames.pixels(number)
    assert reads[1:] == [f"{number}.fits" for number in (0, 1, 2, 3, 4, 5, 6, 1)]


@pytest.fixture
def mixed(write_frame: Callable[..., Path], tmp_path: Path) -> list[Path]:
    """A damaged frame, two good ones, one of another shape, one that is not there."""
    bad = tmp_path / "bad.fits"
    bad.write_bytes(b"no FITS")
    good = [write_frame(f"good{number}.fits", STACK[number]) for number in range(2)]
    other = write_frame("other.fits", STACK[0].T)
    return [bad, good[0], other, tmp_path / "gone.fits", good[1]]


def test_a_bad_frame_is_blank_and_says_why(
    mixed: list[Path], open_sequence: Callable[..., FrameSequence]
) -> None:
    frames = open_sequence(mixed)
    reasons = {
        0: "not FITS",
        2: r"has shape \(12, 10\), the other frames \(10, 12\)",
        3: "not exist",
    }
    assert frames.shape == (5, ROWS, COLUMNS)
    for number in range(5):
        if number in reasons:
            assert np.isnan(frames[number]).all()
            with pytest.raises(FrameError, match=reasons[number]) as raised:
                frames.frame(number)
            assert raised.value.path == mixed[number]
        else:
            assert np.isfinite(frames[number]).all()
            assert frames.frame(number).path == mixed[number]
    assert np.isnan(np.asarray(frames)).all(axis=(1, 2)).tolist() == [
        True,
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("paths", "message"), [([], "the list is empty"), (["x.fits"], "not exist")]
)
def test_nothing_to_show_is_an_error(
    paths: list[str], message: str, open_sequence: Callable[..., FrameSequence]
) -> None:
    with pytest.raises(FrameError, match=message):
        open_sequence(paths)


def test_the_first_of_many_bad_frames_is_named(
    mixed: list[Path], reads: list[str], open_sequence: Callable[..., FrameSequence]
) -> None:
    with pytest.raises(FrameError, match=r"bad\.fits"):
        open_sequence([mixed[0], *[mixed[3]] * 999])
    assert len(reads) == 20, "a folder of rubbish is not read to its end"


def test_a_plane_of_cubes_and_a_unit_are_read(
    write_frame: Callable[..., Path], open_sequence: Callable[..., FrameSequence]
) -> None:
    cubes = [write_frame(f"{number}.fits", STACK + number) for number in range(2)]
    frames = open_sequence(cubes, hdu=0, plane=4)
    np.testing.assert_array_equal(np.asarray(frames), [STACK[4], STACK[4] + 1])


def test_a_closed_sequence_still_reads_but_not_ahead(
    frames: FrameSequence, reads: list[str]
) -> None:
    frames.close()
    np.testing.assert_array_equal(frames[3], STACK[3])
    assert reads == ["3.fits"]


@pytest.mark.slow
def test_thousands_of_frames_leave_no_file_open(
    files: list[Path],
    tmp_path: Path,
    open_sequence: Callable[..., FrameSequence],
    count_open_files: Callable[[], int],
) -> None:
    (tmp_path / "night").mkdir()
    links = [tmp_path / "night" / f"{number}.fits" for number in range(2000)]
    for number, link in enumerate(links):
        os.link(files[number % COUNT], link)
    frames = open_sequence(links)
    before, most = count_open_files(), 0
    for number in range(2000):
        assert frames[number, 0, 0] == STACK[number % COUNT, 0, 0]
        most = max(most, count_open_files())
    assert most <= before + 2, "at most the frame read and the one read ahead"
    settle(frames)
    assert count_open_files() <= before
