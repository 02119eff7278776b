"""What must change no mask of a night: its unit, its bias, its order, a detour over a file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.radiometry.archive import references_of
from napari_iris.radiometry.reference_file import read_references, write_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.radiometry.statistics import FrameStatistics, frame_statistics
from tests.radiometry.conftest import nights

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

pytestmark = pytest.mark.slow

SEEDS = st.sampled_from([3, 5])
few = settings(max_examples=3, deadline=None)


def statistics_of(seed: int, pixels: list[np.ndarray]) -> list[FrameStatistics]:
    headers = [frame.header for frame in nights(seed).frames]
    return [
        frame_statistics(one, header, with_fingerprint=True)
        for one, header in zip(pixels, headers, strict=True)
    ]


def masks_of(seed: int, pixels: list[np.ndarray], references: ReferenceSet) -> np.ndarray:
    """Masks of every third frame."""
    frames = nights(seed).frames
    made = [
        make_mask(pixels[row], MaskConfig(), frames[row].header, references).mask
        for row in range(0, len(frames), 3)
    ]
    return np.stack(made)


@cache
def expected(seed: int) -> np.ndarray:
    return masks_of(seed, nights(seed).pixels, references_of(nights(seed).statistics))


@example(5, -3.0, 0.0)  # clear frames lie within 0 to 1, cloudy frames above
@given(SEEDS, st.floats(-5, 3), st.floats(-300, 5000))
@few
def test_gain_and_bias_of_a_night(seed: int, decade: float, bias: float) -> None:
    pixels = [(10**decade * (one + bias)).astype(np.float32) for one in nights(seed).pixels]
    references = references_of(statistics_of(seed, pixels))
    assert [one.kind for one in references.found] == ["measured"]
    assert np.mean(masks_of(seed, pixels, references) != expected(seed)) < 1e-3


@given(SEEDS, st.randoms(use_true_random=False))
@few
def test_order_of_the_frames(seed: int, random: Random) -> None:
    some = nights(seed)
    shuffled = some.statistics
    random.shuffle(shuffled)
    for order in (shuffled, some.statistics[::-1]):
        found = masks_of(seed, some.pixels, references_of(order))
        np.testing.assert_array_equal(found, expected(seed))


@given(SEEDS)
@few
def test_direction_of_time(seed: int) -> None:
    """A night that passes in reverse: its frames keep their pixels, times are mirrored."""
    some = nights(seed)
    times = [one.time for one in some.statistics]
    mirrored = [
        FrameStatistics(**{**vars(one), "time": min(times) + (max(times) - one.time)})
        for one in some.statistics
    ]
    (found,), (reference,) = references_of(mirrored).found, references_of(some.statistics).found
    for one, other in zip(mirrored, some.statistics, strict=True):
        assert abs(found.level(one) - reference.level(other)) < 0.2 * reference.level_sigma


def test_a_detour_over_a_file(tmp_path: Path) -> None:
    some = nights(5)
    write_references(tmp_path / "camera.fits", references_of(some.statistics).found)
    stored = ReferenceSet(tuple(read_references(tmp_path / "camera.fits")))
    np.testing.assert_array_equal(masks_of(5, some.pixels, stored), expected(5))
