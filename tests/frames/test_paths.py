"""Which frames files, folders and globs name, and in which order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.frames.paths import FramePaths, find_frames, natural_key

if TYPE_CHECKING:
    from collections.abc import Callable

NIGHT = [
    "frame_1.fits",
    "frame_2.fits.gz",
    "frame_10.FIT",
    "frame_10_mask.fits",
    "frame_2_pred.fits",
    ".frame_3.fits.77.part",
    ".frame_4.fits",
    "masks.csv",
    "deeper/frame_5.fits",
    "deeper/deepest/frame_6.fits",
]
FRAMES = ["frame_1.fits", "frame_2.fits.gz", "frame_10.FIT"]


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of empty files, which is also the current one; the files are never opened."""
    folder = tmp_path / "night"
    for name in NIGHT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (".", FRAMES),
        ("deeper", ["deeper/frame_5.fits"]),
        ("deeper/../.", FRAMES),
        ("*.fits", ["frame_1.fits"]),
        ("frame_*", FRAMES),
        ("**/*.fits", ["deeper/deepest/frame_6.fits", "deeper/frame_5.fits", "frame_1.fits"]),
        ("frame_1?.*", ["frame_10.FIT"]),
        ("frame_1.fits", ["frame_1.fits"]),
        ("frame_10_mask.fits", ["frame_10_mask.fits"]),
        ("masks.csv", ["masks.csv"]),
    ],
)
def test_a_source_names_its_frames(night: Path, source: str, expected: list[str]) -> None:
    for given_as in (source, str(night / source), night / source):
        paths, problems = find_frames([given_as])
        assert problems == []
        assert list(paths) == [night / name for name in expected]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("gone.fits", "gone.fits: does not exist; check the name"),
        ("gone/", "gone/: does not exist; check the name"),
        ("*.png", "*.png: matches no FITS frame; check the pattern"),
        ("*.csv", "*.csv: matches no FITS frame; check the pattern"),
        (
            "empty",
            "empty: holds no FITS frame; for frames in its subfolders give 'empty/**/*.fits'",
        ),
    ],
)
def test_a_source_without_frames_is_a_problem_of_its_own(
    night: Path, source: str, message: str
) -> None:
    (night / "empty").mkdir()
    paths, problems = find_frames([source, "frame_1.fits"])
    assert [str(problem) for problem in problems] == [message]
    assert list(paths) == [night / "frame_1.fits"]


def test_sources_keep_their_order(night: Path) -> None:
    paths, _ = find_frames(["deeper", "frame_10.FIT", "frame_*.fits*"])
    assert [path.name for path in paths] == [
        "frame_5.fits",
        "frame_10.FIT",
        "frame_1.fits",
        "frame_2.fits.gz",
    ]


@pytest.mark.parametrize("name", ["sky [1].fits", "sky*.fits", "Wölkchen ☁.fits", "a b.fits"])
def test_a_file_of_any_name_is_found(night: Path, name: str) -> None:
    (night / "odd").mkdir()
    (night / "odd" / name).touch()
    for source in (night / "odd" / name, night / "odd"):
        paths, problems = find_frames([source])
        assert list(paths) == [night / "odd" / name]
        assert problems == []


def test_a_folder_without_permission_is_a_problem(
    night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a stand-in for the system, as the superuser may read everything."""

    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", refuse)
    _, problems = find_frames(["deeper"])
    assert [problem.reason for problem in problems] == ["is not readable"]


@given(st.lists(st.integers(0, 10**9), unique=True), st.sampled_from(["", "0", "00"]))
def test_numbers_in_names_sort_by_value(numbers: list[int], zeros: str) -> None:
    names = [f"sky{zeros}{number}_v2.fits".encode() for number in numbers]
    ordered = sorted(names, key=natural_key)
    assert ordered == [f"sky{zeros}{number}_v2.fits".encode() for number in sorted(numbers)]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1)))
def test_paths_come_out_as_they_went_in(names: list[str]) -> None:
    given_paths = [Path("/night") / f"_{name}_" for name in names]
    paths = FramePaths.of(given_paths)
    assert len(paths) == len(names)
    assert list(paths) == given_paths
    if names:
        assert paths[-1] == given_paths[-1]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0004", 4), ("0005.fits", 5), ("frame", 0), ("night", None), ("mask", None), ("0010", None)],
)
def test_a_frame_is_found_by_a_part_of_its_file_name(text: str, number: int | None) -> None:
    paths = FramePaths.of(f"/night/frame_{number:04d}.fits" for number in range(10))
    assert paths.find(text) == number


def test_no_paths_hold_nothing() -> None:
    paths, problems = find_frames([])
    assert len(paths) == 0
    assert list(paths) == problems == []
    assert paths.find("a") is None


def test_a_million_paths_fit_in_little_memory() -> None:
    packed = np.strings.add(b"/data/2024/night-0115/frame_", np.arange(10**6).astype("S7"))
    paths = FramePaths(np.strings.add(packed, b".fits"))
    assert paths.packed.nbytes <= 64 * 10**6
    assert paths[123_456] == Path("/data/2024/night-0115/frame_123456.fits")
    assert paths.find("frame_999999.") == 999_999


def test_a_name_that_is_too_long_is_named_and_the_others_are_found(
    write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    good = write_frame("good.fits")
    paths, (problem,) = find_frames([tmp_path / ("n" * 300), good])
    assert list(paths) == [good]
    assert "cannot be found (File name too long); check the name" in str(problem)
