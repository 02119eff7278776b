"""Automatic masks are made again with other settings; what a person has touched stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.masks.config import MaskConfig
from napari_iris.project.auto_mask import MASK_CONFIG
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.remaking import count_untouched, remake_masks
from napari_iris.project.settings import read_setting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECIPE = MaskConfig(gate=False)
STEEP = MaskConfig(gate=False, contrast=0.1)


@pytest.fixture
def folder(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    """A project of four frames of steps in brightness, with the recipe's masks."""
    paths = []
    for number in range(4):
        pixels = np.random.default_rng(number).normal(700, 20, (128, 160))
        pixels[:, 80 + number :] += 300
        pixels[:40, :40] += 120
        paths.append(write_frame(f"frames/sky_{number}.fits", pixels.astype(np.int16)))
    with Project(tmp_path / "project") as project:
        assert list(index(project, paths, RECIPE, jobs=1)) == paths
    return tmp_path / "project"


def test_untouched_masks_follow_the_new_settings_and_the_others_stay(folder: Path) -> None:
    with Project(folder) as project:
        first, second, *rest = project.table.id.tolist()
        drawn = np.ones((128, 160), np.uint8)
        project.save_mask(first, drawn)
        project.approve(second)
        before = project.mask(second, "auto")
        old = {frame: project.mask(frame, "auto") for frame in rest}
    assert count_untouched(folder) == 2
    assert list(remake_masks(folder, STEEP, jobs=1)) == [True, True]
    with Project(folder) as project:
        np.testing.assert_array_equal(project.mask(first), drawn)
        np.testing.assert_array_equal(project.mask(second, "auto"), before)
        assert all((project.mask(frame, "auto") != old[frame]).any() for frame in rest)
        config = read_setting(project.repository, MASK_CONFIG, MaskConfig, MaskConfig())
    assert config == STEEP


def test_with_the_same_settings_nothing_changes(folder: Path) -> None:
    assert list(remake_masks(folder, RECIPE, jobs=1)) == [False] * 4


def test_a_mask_that_is_drawn_meanwhile_stays(folder: Path) -> None:
    remaking = remake_masks(folder, STEEP, jobs=1)
    next(remaking)
    with Project(folder) as project:
        frame = int(project.table.id[3])
        project.save_mask(frame, np.ones((128, 160), np.uint8))
        auto = project.mask(frame, "auto")
    list(remaking)
    with Project(folder, read_only=True) as project:
        np.testing.assert_array_equal(project.mask(frame), 1)
        np.testing.assert_array_equal(project.mask(frame, "auto"), auto)


def test_a_frame_that_is_gone_is_named_and_keeps_its_mask(folder: Path) -> None:
    with Project(folder, read_only=True) as project:
        gone, frame = project.table.paths[1], int(project.table.id[1])
        before = project.mask(frame)
    gone.unlink()
    outcomes = list(remake_masks(folder, STEEP, jobs=1))
    assert str(gone) in str(outcomes[1])
    with Project(folder, read_only=True) as project:
        np.testing.assert_array_equal(project.mask(frame), before)
