"""Reference masks of a project, of a simulation, of a folder, and of the frames themselves."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.app.prediction.truth_source import TruthSource, find_truth
from napari_iris.errors import IrisError
from napari_iris.frames.paths import find_frames
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import mask_path, read_mask, write_mask
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def project(make_night: Callable[..., Path], tmp_path: Path) -> Path:
    """A closed project of three frames with automatic masks."""
    paths = list(find_frames([make_night(3)])[0])
    with Project(tmp_path / "project") as project:
        assert list(index(project, paths, MaskConfig(), jobs=1)) == paths
    return tmp_path / "project"


@pytest.fixture
def simulation(make_night: Callable[..., Path], tmp_path: Path) -> Path:
    """Three frames in ``frames/``, and their masks in ``truth/``."""
    folder = tmp_path / "sky"
    folder.mkdir()
    make_night(3).rename(folder / "frames")
    (folder / "truth").mkdir()
    for number, path in enumerate(sorted((folder / "frames").iterdir())):
        mask = np.zeros((128, 160), np.uint8)
        mask[:, : 16 * number] = 1
        frame = fits.getdata(path).astype(np.float32)
        write_mask(mask_path(path, folder / "truth"), frame, mask, fits.Header(), {})
    return folder


@pytest.mark.parametrize("masks", ["approved", "auto", "best", "model"])
def test_masks_of_a_project_are_found_by_their_frame(project: Path, masks: Any) -> None:
    drawn = np.ones((128, 160), np.uint8)
    with Project(project) as opened:
        path, frame = opened.table.paths[1], int(opened.table.id[1])
        auto = opened.mask(frame, "auto")
        opened.save_mask(frame, drawn)
    expected = {"approved": drawn, "auto": auto, "best": drawn, "model": None}[masks]
    source = TruthSource(project, masks)
    assert source.is_project
    assert source.has_masks
    found = source.mask(path, (128, 160))
    assert (found is None) == (expected is None)
    assert expected is None or np.array_equal(found, expected)
    halved = TruthSource(project, "approved").mask(path, (64, 80))
    assert halved is not None
    assert halved.shape == (64, 80)
    assert source.mask(path.with_name("other.fits"), (128, 160)) is None


def test_masks_of_a_simulation(simulation: Path) -> None:
    frames = sorted((simulation / "frames").iterdir())
    source = TruthSource(simulation)
    assert source.has_masks
    found = source.mask(frames[2], (128, 160))
    np.testing.assert_array_equal(found, read_mask(mask_path(frames[2], simulation / "truth")).mask)
    mask_path(frames[2], simulation / "truth").unlink()
    assert source.mask(frames[2], (128, 160)) is None
    mask_path(frames[1], simulation / "truth").write_bytes(b"x")
    with pytest.raises(IrisError, match="holds no mask"):
        source.mask(frames[1], (128, 160))


def test_masks_of_published_frames(shared_data: Path) -> None:
    frames = sorted((shared_data / "lwir" / "frames").glob("*.fits"))[:2]
    found = TruthSource(frames[0].parent).mask(frames[0], (128, 160))
    np.testing.assert_array_equal(found, read_mask(frames[0]).mask)


def test_the_truth_of_open_frames_is_found(simulation: Path, tmp_path: Path) -> None:
    frames = sorted((simulation / "frames").iterdir())
    truth, none = simulation / "truth", tmp_path / "none"
    assert find_truth(frames, none) == simulation
    (tmp_path / "apart").mkdir()
    apart = [tmp_path / "apart" / path.name for path in frames]
    shutil.copy(frames[0], apart[0])
    assert find_truth(apart[:1], truth) == truth
    assert find_truth(apart[:1], none) is None
    assert find_truth(sorted(truth.iterdir())[:1], none) == truth, "frames with masks in HDU 1"


def test_a_folder_without_fits_files_has_no_masks(tmp_path: Path) -> None:
    assert not TruthSource(tmp_path).has_masks
    assert not TruthSource(tmp_path / "gone").has_masks
    (tmp_path / "a_mask.fits").touch()
    assert TruthSource(tmp_path).has_masks


def test_a_damaged_project_is_an_error(project: Path, tmp_path: Path) -> None:
    (project / "iris.db").write_bytes(b"no database at all, " * 100)
    with pytest.raises(IrisError):
        TruthSource(project).mask(tmp_path / "a.fits", (8, 8))
