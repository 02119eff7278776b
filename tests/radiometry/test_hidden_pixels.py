"""Pixels that never show the sky teach nothing of the clear sky, and hide nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.frames.paths import find_frames
from napari_iris.frames.site_mask import SiteMask
from napari_iris.radiometry.archive import learn_references
from napari_iris.radiometry.fingerprint import fingerprint, likeness
from napari_iris.resources import sample_night

SHAPE = (512, 640)


def outside_circle(shape: tuple[int, int]) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.asarray(np.hypot(y - shape[0] / 2, x - shape[1] / 2) > 0.47 * shape[0])


@pytest.mark.slow
def test_the_clear_sky_is_learned_inside_a_fisheyes_circle() -> None:
    paths, _ = find_frames([sample_night()])
    (whole,) = learn_references(paths).found
    (inside,) = learn_references(paths, site=SiteMask((outside_circle(SHAPE),), "ring")).found
    assert inside.kind == whole.kind == "measured"
    assert inside.lowest_level == pytest.approx(whole.lowest_level, abs=10)
    seen = ~outside_circle(inside.pattern.shape)
    difference = (inside.pattern - whole.pattern)[seen]
    assert difference.std() < 5


def test_the_edge_of_a_site_mask_is_no_pattern_that_cameras_share() -> None:
    hidden = outside_circle((128, 160))
    frames = np.random.default_rng(0).normal(700, 9, (12, 128, 160)).astype(np.float32)
    prints = [fingerprint(np.where(hidden, np.nan, one)) for one in frames]
    assert abs(likeness(prints)) < 0.02
    pattern = np.random.default_rng(1).normal(0, 9, (128, 160))
    shared = [fingerprint(np.where(hidden, np.nan, one + pattern)) for one in frames]
    assert likeness(shared) > 0.3
