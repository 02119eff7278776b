"""The histogram of a frame, and thresholds that methods suggest for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.filters import threshold_otsu

from napari_iris.app.view.histogram import Histogram, suggest
from napari_iris.errors import IrisError
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.rebin import rebin
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.recipe import recipe
from napari_iris.radiometry.archive import learn_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BROKEN = 15
"""Frame of the sample night with cloud and clear sky."""


@given(st.integers(0, 100), st.sampled_from([1.0, 2.0**-14]))
def test_every_pixel_within_the_limits_is_counted_once_in_adu(seed: int, scale: float) -> None:
    frame = np.random.default_rng(seed).normal(700, 30, (32, 40)).astype(np.float32)
    frame[0, :3] = np.nan
    low, high = 650.0, 760.0
    inside = np.count_nonzero((frame >= low) & (frame <= high))
    found = Histogram.of(frame * np.float32(scale), (low * scale, high * scale))
    assert abs(int(found.counts.sum()) - inside) <= 1, "a pixel may lie on a limit"
    assert found.edges[[0, -1]] == pytest.approx([low, high])


def test_otsu_and_the_recipe_suggest_a_threshold_without_a_reference(
    make_frames: Callable[..., Path],
) -> None:
    sequence = FrameSequence(FrameIndex([str(make_frames(1))]).paths)
    pixels = sequence.pixels(0)
    found = suggest(sequence, 0, pixels, ReferenceSet())
    assert found == {"otsu": threshold_otsu(pixels), "recipe": recipe(pixels).threshold}


def test_a_frame_of_one_value_has_no_threshold(write_frame: Callable[..., Path]) -> None:
    folder = write_frame("frames/a.fits", np.full((32, 40), 650, np.int16)).parent
    sequence = FrameSequence(FrameIndex([str(folder)]).paths)
    with pytest.raises(IrisError):
        suggest(sequence, 0, sequence.pixels(0), ReferenceSet())


@pytest.mark.slow
def test_the_reference_suggests_a_threshold_between_clear_sky_and_cloud() -> None:
    paths = FrameIndex([str(sample_night())]).paths
    sequence, references = FrameSequence(paths), learn_references(paths)
    frame = sequence.frame(BROKEN)
    made = make_mask(frame.data, MaskConfig(), frame.header, references)
    pixels = rebin(frame.data, MaskConfig().shape)
    threshold = suggest(sequence, BROKEN, pixels, references)["reference"]
    assert made.excess is not None
    assert made.excess.clear_below < threshold - made.excess.level < made.excess.cloud_above
    assert np.mean((pixels > threshold) == made.mask) > 0.9
