"""What is a frame by its name, and what it is called without its endings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.frames.names import (
    COMPRESSIONS,
    SUFFIXES,
    frame_stem,
    is_fits_name,
    is_frame_name,
    unique_stems,
)

if TYPE_CHECKING:
    from napari_iris.errors import FrameError

ENDINGS = [suffix + compression for suffix in SUFFIXES for compression in COMPRESSIONS]


@pytest.mark.parametrize(
    ("name", "is_fits", "is_frame", "stem"),
    [
        ("sky_0001.fits", True, True, "sky_0001"),
        ("SKY.FITS", True, True, "SKY"),
        ("sky.fit.gz", True, True, "sky"),
        ("sky.fts.bz2", True, True, "sky"),
        ("sky.fits.fz", True, True, "sky"),
        ("sky.fits.Z", True, True, "sky"),
        ("sky.2024.fits", True, True, "sky.2024"),
        ("sky_mask.fits", True, False, "sky_mask"),
        ("sky_pred.fits.gz", True, False, "sky_pred"),
        ("sky_masked.fits", True, True, "sky_masked"),
        (".sky.fits", True, False, ".sky"),
        (".sky.fits.123.part", False, False, ".sky.fits.123.part"),
        ("sky.png", False, False, "sky.png"),
        ("sky.fits.zip", False, False, "sky.fits.zip"),
        ("fits", False, False, "fits"),
        ("", False, False, ""),
    ],
)
def test_a_name_tells_what_a_file_is(
    name: str, *, is_fits: bool, is_frame: bool, stem: str
) -> None:
    assert is_fits_name(name) == is_fits
    assert is_frame_name(name) == is_frame
    assert frame_stem(name) == stem


@given(st.text("aZ09._-", min_size=1), st.sampled_from(ENDINGS))
def test_any_ending_comes_off(stem: str, ending: str) -> None:
    assert frame_stem(stem + ending) == stem
    assert frame_stem(Path("some.fits") / (stem + ending.upper())) == stem


@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.data())
def test_one_frame_a_stem_passes_and_the_others_are_named(stems: str, data: st.DataObject) -> None:
    endings = data.draw(st.lists(st.sampled_from(ENDINGS), min_size=12, max_size=12))
    paths = [
        Path(f"night{number}/{stem}{ending}")
        for number, (stem, ending) in enumerate(zip(stems, endings, strict=False))
    ]
    duplicates: list[FrameError] = []
    passed = list(unique_stems(paths, duplicates))
    assert [frame_stem(path) for path in passed] == list(dict.fromkeys(stems))
    assert sorted([*passed, *(error.path for error in duplicates)]) == sorted(paths)
    assert all("is already called" in str(error) for error in duplicates)
