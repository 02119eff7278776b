"""The site mask of a project: kept beside the database, and ignored in what is made of frames."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.cli.main import main
from napari_iris.dataset.find import find_samples
from napari_iris.errors import IrisError
from napari_iris.frames.site_mask import SiteMask
from napari_iris.frames.site_mask_file import read_site_mask, write_site_mask
from napari_iris.project.project import Project
from napari_iris.project.site_mask import SITE_MASK, keep_site_mask, project_site_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHAPE = (32, 40)


def trees() -> np.ndarray:
    hidden = np.zeros(SHAPE, bool)
    hidden[24:] = True
    return hidden


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write_site_mask(tmp_path / "trees.fits", SiteMask((trees(),), "trees"))
    return tmp_path / "trees.fits"


@pytest.fixture
def frames(write_frame: Callable[..., Path]) -> Path:
    """Three frames with warm trees."""
    x = np.arange(SHAPE[1])
    for number in range(3):
        noise = np.random.default_rng(number).normal(0, 2, SHAPE)
        sky = 600 + x + 300 * np.exp(-((x - 9 * number) ** 2) / 50)
        data = (np.where(trees(), 2000, sky) + noise).astype(np.float32)
        last = write_frame(f"night/s{number}.fits", data, DATE_OBS=f"2024-01-15T18:0{number}")
    return last.parent


def run(*words: object) -> int:
    return main([str(word) for word in words])


def ignored(project: Path) -> np.ndarray:
    with Project(project, read_only=True) as opened:
        mask = opened.mask(1, "auto")
    assert mask is not None
    return mask == 2


INDEX = ("--shape", 16, 20, "--jobs", 1)


def test_index_keeps_it_and_makes_masks_that_ignore_it(
    frames: Path, site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    assert run("project", project, "index", frames, *INDEX, "--site-mask", site) == 0
    assert "site mask: the project's (25.0% of 32x40 pixels never sky)" in capsys.readouterr().err
    assert np.array_equal(ignored(project), trees()[::2, ::2])
    samples = find_samples(project, "auto")
    frame, mask, _ = samples.read(0, (16, 20))
    assert np.array_equal(np.isnan(frame), trees()[::2, ::2])
    assert mask is not None
    assert find_samples(project, "auto", site_mask="none").site is None


def test_relearn_renews_the_masks_for_it_and_takes_it_back(
    frames: Path, site: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    run("project", project, "index", frames, *INDEX)
    assert not ignored(project).any()
    assert not (project / SITE_MASK).exists(), "there is no circle of a fisheye"
    run("project", project, "relearn", "--site-mask", site)
    assert ignored(project).any()
    run("project", project, "relearn", "--site-mask", "none")
    assert not ignored(project).any()
    kept = project_site_mask(project)
    assert kept is not None, "none from now on is kept too: no circle is looked for"
    assert not kept.images[0].any()


def test_it_goes_with_backups_and_exports(frames: Path, site: Path, tmp_path: Path) -> None:
    project, out = tmp_path / "project", tmp_path / "out"
    run("project", project, "index", frames, *INDEX, "--site-mask", site)
    for action in ("backup", "export"):
        assert run("project", project, action, "--out", out / action) == 0
        assert np.array_equal(read_site_mask(out / action / SITE_MASK).images[0], trees())


def test_a_file_of_another_kind_is_not_replaced(tmp_path: Path) -> None:
    fits.writeto(tmp_path / SITE_MASK, np.ones((9, 9)))
    with pytest.raises(IrisError, match="is not a site mask, and is not replaced"):
        write_site_mask(tmp_path / SITE_MASK, SiteMask((trees(),), "trees"))


def test_each_frame_shape_has_its_own(tmp_path: Path) -> None:
    keep_site_mask(tmp_path, SiteMask((trees(),), "one"))
    keep_site_mask(tmp_path, SiteMask((trees()[:, :32],), "other"))
    keep_site_mask(tmp_path, SiteMask((~trees(),), "one again"))
    site = project_site_mask(tmp_path)
    assert site is not None
    assert [one.mean() for one in site.images] == [0.75, 0.25]
    assert site.of((10, 77)) is None, "a frame of another shape is left as it is"


def test_a_damaged_one_is_one_line(
    frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    run("project", project, "index", frames, *INDEX)
    shutil.copy(frames / "s0.fits", project / SITE_MASK)
    capsys.readouterr()
    assert run("project", project, "index", frames, *INDEX) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert "remove it, and make it again" in lines[0]
