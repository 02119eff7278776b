"""Edits of a mask by its threshold, as a person sees them: strokes and clicks find the cloud."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.ndimage import label

from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.masks import edit
from napari_iris.masks.local_threshold import threshold_brush
from napari_iris.masks.recipe import recipe
from napari_iris.masks.threshold import apply_threshold, best_threshold
from napari_iris.sky import SimulationConfig, rebin_truth, simulate_frame
from tests.masks.regions import grow_region

if TYPE_CHECKING:
    pass

SKY, CLOUD, IGNORE = 0, 1, 2
SHAPE = (128, 160)
PICTURE = {".": SKY, "#": CLOUD, "x": IGNORE}


@cache
def simulated(index: int, shape: tuple[int, int] = SHAPE) -> tuple[np.ndarray, np.ndarray]:
    """A cloudy frame, and where its clouds are."""
    made = simulate_frame(SimulationConfig(count=8, sky="cloudy", seed=3), index)
    return rebin(made.data.astype(np.float32), shape), rebin_truth(made.truth, shape)


def accuracy(mask: np.ndarray, truth: np.ndarray, where: np.ndarray | bool = True) -> float:
    return float(np.mean(mask == truth, where=where))


def level_cloud(noise: float, contrast: float = 60, blur: float = 0) -> np.ndarray:
    """A frame of 40 x 60 pixels: clear at 640, a cloud in its right half."""
    columns = np.arange(60.0)
    rise = columns >= 30 if blur == 0 else 1 / (1 + np.exp(-(columns - 29.5) / blur))
    frame = np.tile(640 + contrast * rise, (40, 1))
    return (frame + np.random.default_rng(1).normal(0, noise, frame.shape)).astype(np.float32)


@pytest.mark.parametrize("noise", [0, 2, 5])
@pytest.mark.parametrize("more", [True, False])
def test_one_stroke_finds_the_edge_under_the_brush(more: bool, noise: float) -> None:
    frame, truth = level_cloud(noise), np.tile(np.arange(60) >= 30, (40, 1))
    before = np.full(frame.shape, SKY if more else CLOUD, np.uint8)
    region = edit.disc(frame.shape, (20, 28), 11)
    after = threshold_brush(frame, before, region, more=more)
    assert accuracy(after, truth, region) > 0.99
    np.testing.assert_array_equal(after[~region], before[~region])


def test_strokes_move_a_soft_edge_step_by_step() -> None:
    frame = level_cloud(noise=1, blur=6)
    region, mask = edit.disc(frame.shape, (20, 30), 14), np.zeros(frame.shape, np.uint8)
    shares = [0.0]
    while shares[-1] < 1:
        mask = threshold_brush(frame, mask, region, more=True)
        shares.append(float(mask[region].mean()))
    assert 3 <= len(shares) <= 9
    assert 0.3 < shares[1] < 0.95


@pytest.mark.parametrize("more", [True, False])
@pytest.mark.parametrize("noise", [0, 3])
def test_where_all_is_alike_a_stroke_takes_it_all(more: bool, noise: float) -> None:
    frame = level_cloud(noise, contrast=0)
    mask, region = np.full(frame.shape, 1 - more, np.uint8), edit.disc(frame.shape, (20, 30), 9)
    after = threshold_brush(frame, mask, region, more=more)
    np.testing.assert_array_equal(after, np.where(region, more, mask))


@pytest.mark.parametrize("noise", [0, 2, 5])
@pytest.mark.parametrize("column", [10, 50])
def test_a_click_takes_the_cloud_or_the_clear_patch(column: int, noise: float) -> None:
    frame, value = level_cloud(noise), int(column >= 30)
    frame[:, :3] = np.nan
    truth = np.tile(np.arange(60) >= 30, (40, 1))
    mask = np.full(frame.shape, 1 - value, np.uint8)
    mask[:4, 20:40] = IGNORE
    after = grow_region(frame, mask, (20, column), value)
    side = (truth == value) & np.isfinite(frame) & (mask != IGNORE)
    assert np.mean(after[side] == value) > 0.99
    assert np.mean(after[~side] == mask[~side]) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("column", "value"), [(18, SKY), (34, CLOUD)])
def test_a_click_near_the_edge_takes_the_far_end_too(column: int, value: int) -> None:
    """The coldest of the gap, the warmest of the cloud."""
    frame = level_cloud(noise=1, blur=6)
    after = grow_region(frame, np.full(frame.shape, 1 - value, np.uint8), (20, column), value)
    far = slice(None, 8) if value == SKY else slice(45, None)
    assert np.mean(after[:, far] == value) > 0.99


@pytest.mark.parametrize(
    ("column", "value", "tolerance", "taken"),
    [
        (0, SKY, 0, "##......"),
        (0, SKY, 4, "####...."),
        (0, SKY, 9, "########"),
        (2, SKY, 0, "####...."),
        (2, CLOUD, 0, "..####.."),
        (4, CLOUD, 4, "....##.."),
        (4, CLOUD, 5, "..####.."),
        (4, CLOUD, 9, "########"),
    ],
)
def test_a_click_takes_what_is_colder_or_warmer_within_its_tolerance(
    column: int, value: int, tolerance: float, taken: str
) -> None:
    frame = np.repeat(np.array([[10, 10, 14, 14, 19, 19, 10, 10]], np.float32), 4, axis=0)
    mask = np.full(frame.shape, 1 - value, np.uint8)
    after = grow_region(frame, mask, (1, column), value, tolerance)
    assert ["".join("#" if one == value else "." for one in row) for row in after] == [taken] * 4


@pytest.mark.parametrize("seed", [(0, 0), (0, 1), (-1, 2), (0, 9)])
def test_clicks_on_no_pixel_change_nothing(seed: tuple[int, int]) -> None:
    """Blank, ignored, above the frame, beside it."""
    frame, mask = np.array([[np.nan, 5, 5, 5]] * 3, np.float32), np.zeros((3, 4), np.uint8)
    mask[:, 1] = IGNORE
    np.testing.assert_array_equal(grow_region(frame, mask, seed, CLOUD), mask)


@pytest.mark.parametrize("index", range(4))
def test_a_better_cut_raises_the_accuracy(index: int) -> None:
    """The cut that the truth has inside a window, against the recipe's mask there."""
    frame, truth = simulated(index)
    mask, region = recipe(frame).mask, edit.disc(SHAPE, (64, 80), 50)
    assert best_threshold(frame, mask, region) == pytest.approx(recipe(frame).threshold, rel=0.01)
    better = apply_threshold(frame, mask, region, best_threshold(frame, truth, region))
    assert accuracy(better, truth) > accuracy(mask, truth)


def test_strokes_mend_the_recipes_mask() -> None:
    """Two strokes of the brush on each of the wrong places, in the direction that is missing."""
    gains = []
    for index in range(8):
        frame, truth = simulated(index)
        mask = recipe(frame).mask
        for _ in range(8):
            wrong = np.argwhere(mask != truth)
            place = tuple(wrong[len(wrong) // 2])
            region = edit.disc(SHAPE, place, 8)
            before, more = accuracy(mask, truth, region), bool(truth[place])
            mask = threshold_brush(frame, mask, region, more=more)
            gains.append(accuracy(mask, truth, region) - before)
    assert np.mean(gains) > 0.1


@pytest.mark.parametrize("value", [SKY, CLOUD])
def test_a_click_takes_most_of_a_simulated_patch_and_little_else(value: int) -> None:
    rng, taken, pure = np.random.default_rng(0), [], []
    for index in range(8):
        frame, truth = simulated(index)
        patches, _ = label(truth == value)
        patch = patches == np.bincount(patches[patches > 0]).argmax()
        for seed in rng.permutation(np.argwhere(patch))[:4]:
            mask = np.full(SHAPE, 1 - value, np.uint8)
            got = grow_region(frame, mask, tuple(map(int, seed)), value) == value
            taken.append(np.mean(got[patch]))
            pure.append(np.mean(truth[got] == value))
    assert np.median(taken) > 0.7
    assert np.median(pure) > 0.9


def test_a_click_on_a_real_cloud_takes_it(shared_data: Path) -> None:
    path = shared_data / "lwir" / "raw" / "cloud_sky_sample.fits"
    if not path.exists():
        pytest.skip(f"needs the real frame {path}")
    frame = rebin(read_frame(path).data, SHAPE)
    split = recipe(frame)
    clouds, _ = label(split.mask == CLOUD)
    cloud = clouds == np.bincount(clouds[clouds > 0]).argmax()
    clear = np.zeros(SHAPE, np.uint8)
    places, warmth = np.argwhere(cloud), frame[cloud]
    for part in (0.3, 0.6, 0.9):
        place = places[np.abs(warmth - np.quantile(warmth, part)).argmin()]
        got = grow_region(frame, clear, tuple(map(int, place)), CLOUD) == CLOUD
        assert np.mean(got[cloud]) > 0.95
        assert np.mean(split.mask[got] == CLOUD) > 0.99
