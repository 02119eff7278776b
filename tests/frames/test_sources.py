"""Folders whose frames lie in subfolders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.paths import find_frames
from napari_iris.frames.sources import as_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAME = np.full((32, 40), 600, np.int16)


def test_a_folder_means_its_own_frames_else_those_of_its_subfolders(
    write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    first = write_frame("a [1]/monday/sky_1.fits", FRAME)
    second = write_frame("a [1]/tuesday/late/sky_2.fits", FRAME)
    (first.parent / "notes.txt").write_text("no frame")
    source = as_source(tmp_path / "a [1]")
    paths, problems = find_frames([source])
    assert (list(paths), problems) == ([first, second], [])
    assert as_source(first.parent) == str(first.parent)
    assert as_source(first) == str(first)
    (tmp_path / "empty").mkdir()
    assert as_source(tmp_path / "empty") == str(tmp_path / "empty")
    assert as_source("/data/*.fits") == "/data/*.fits"
