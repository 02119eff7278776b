"""Names of exported files: all different, and the same when frames are added."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from napari_iris.errors import FrameError
from napari_iris.exporters.file_names import FileNames


def names_of(*paths: str) -> list[str | None]:
    """Names that frames get, taken in in that order; None where none is left."""
    frames = [SimpleNamespace(frame=n, path=Path(path)) for n, path in enumerate(paths)]
    order = np.random.default_rng(0).permutation(len(paths))
    table = SimpleNamespace(id=order, paths=[frames[number].path for number in order])
    names = FileNames(table)  # type: ignore[arg-type]

    def name(frame: Any) -> str | None:
        try:
            return names.of(frame)
        except FrameError:
            return None

    return [name(frame) for frame in frames]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/n/x.fits", "/n/y.fits.gz"], ["x", "y"]),
        (["/n1/x.fits", "/n2/x.fits", "/n3/x.fits"], ["x", "n2_x", "n3_x"]),
        (["/n2/x.fits", "/n1/x.fits"], ["x", "n1_x"]),
        (["/1/raw/x.fits", "/2/raw/x.fits", "/3/raw/x.fits"], ["x", "raw_x", "3_raw_x"]),
        (["/n/x.fits", "/m/X.FIT"], ["x", "m_X"]),
        (["/n/x.fits", "/m/x_mask.fits"], ["x", "m_x_mask"]),
        (["/m/x_mask.fits", "/n/x.fits"], ["x_mask", "n_x"]),
        (["/n/a_x.fits", "/n/x.fits", "/a/x.fits"], ["a_x", "x", None]),
        (["/n/x.fits", "/x.fits", "/x.fits.gz", "/y.fits"], ["x", None, None, "y"]),
    ],
)
def test_no_two_frames_get_the_same_name(paths: list[str], names: list[str | None]) -> None:
    assert names_of(*paths) == names


@pytest.mark.parametrize(
    "fewer", [["/a/x.fits"], ["/a/x.fits", "/b/x.fits"], ["/a/x.fits", "/b/x.fits", "/b/y.fits"]]
)
def test_names_stay_when_frames_are_added(fewer: list[str]) -> None:
    all_names = names_of(*fewer, "/c/x.fits", "/c/y.fits", "/0/x.fits")
    assert all_names[: len(fewer)] == names_of(*fewer)
