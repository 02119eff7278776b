"""The reference is learned from an archive without labels, and knows when it cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_iris.frames.paths import find_frames
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.metrics.counts import Counts, scores
from napari_iris.radiometry.archive import references_of
from napari_iris.radiometry.fingerprint import SAME_CAMERA, likeness
from napari_iris.radiometry.learn import learn_reference
from napari_iris.radiometry.reference import NoReference, Reference
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.radiometry.statistics import frame_statistics
from napari_iris.radiometry.statistics_cache import read_statistics
from napari_iris.resources import sample_night
from napari_iris.sky import SimulationConfig, simulate_frame, weather
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from tests.radiometry.conftest import SHAPE, Nights, nights

pytestmark = pytest.mark.slow


def masks_of(some: Nights, references: ReferenceSet) -> np.ndarray:
    return np.stack(
        [
            make_mask(pixels, MaskConfig(), frame.header, references).mask == 1
            for pixels, frame in zip(some.pixels, some.frames, strict=True)
        ]
    )


def scores_of(some: Nights, masks: np.ndarray) -> dict[str, float]:
    return scores(Counts.of(masks, some.truth, some.decided))


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_masks_with_the_reference_beat_the_gate_by_far(seed: int) -> None:
    some = nights(seed)
    references = references_of(some.statistics)
    assert [one.kind for one in references.found] == ["measured"]
    found = scores_of(some, masks_of(some, references))
    alone = scores_of(some, masks_of(some, ReferenceSet()))
    assert found["accuracy"] > 0.98
    assert found["mcc"] > 0.96
    assert found["accuracy"] > alone["accuracy"] + 0.03


def test_the_level_is_near_the_true_one() -> None:
    some = nights(3)
    (reference,) = references_of(some.statistics).found
    clear = [row for row, frame in enumerate(some.frames) if frame.sky == "clear"]
    assert len(clear) > 5
    errors = [reference.level(some.statistics[row]) - np.median(some.pixels[row]) for row in clear]
    assert np.abs(np.median(errors)) < 8
    assert np.std(errors) < 2 * reference.level_sigma
    assert np.ptp(reference.pattern) > 20, "the warm corner"


def test_frames_that_share_no_camera_have_no_reference() -> None:
    config = SimulationConfig(count=40, sky="mixed", seed=3)
    frames = [simulate_frame(config, index) for index in range(40)]
    statistics = [
        frame_statistics(frame.data.astype(float), frame.header, with_fingerprint=True)
        for frame in frames
    ]
    assert likeness([one.fingerprint for one in statistics]) < SAME_CAMERA
    found = references_of(statistics)
    assert found.found == ()
    assert "share no fixed pattern" in str(found)


def test_too_few_frames_have_no_reference_unless_a_person_called_one_clear() -> None:
    some = nights(3)
    statistics = some.statistics
    few = learn_reference(statistics[:5])
    assert isinstance(few, NoReference)
    assert "needs 8 frames of a camera, there are 5" in few.reason
    clear = next(row for row, frame in enumerate(some.frames) if frame.sky == "clear")
    taught = learn_reference(statistics[clear : clear + 1], clear=[0])
    assert isinstance(taught, Reference)
    assert taught.level(statistics[clear]) == pytest.approx(np.median(some.pixels[clear]), abs=8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_night_of_flat_decks_is_not_taken_for_clear(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = tuple(kind for kind in weather.PASSAGES if kind[2] == ("stratus",))
    monkeypatch.setattr(weather, "PASSAGES", flat)
    config = SeriesConfig(count=20, nights=1, seed=seed, shape=SHAPE)
    some = Nights(list(simulate_nights(config)))
    references = references_of(some.statistics)
    assert [one.kind for one in references.found] == ["limit"]
    assert masks_of(some, references).mean() > 0.9


def test_two_cameras_that_headers_do_not_tell_apart() -> None:
    both = [replace(one, camera="") for seed in (1, 5) for one in nights(seed).statistics]
    found = references_of(both).found
    assert len(found) == 2
    assert sorted(one.frames for one in found) == pytest.approx([60, 60], abs=3)


def test_frames_within_0_and_1_give_the_same_masks() -> None:
    some = nights(5)
    references = references_of(some.statistics)
    for pixels, frame in zip(some.pixels[::10], some.frames[::10], strict=True):
        raw = make_mask(pixels, MaskConfig(), frame.header, references)
        scaled = make_mask(pixels / 2**14, MaskConfig(), frame.header, references)
        assert scaled.method == raw.method
        assert np.mean(scaled.mask != raw.mask) < 1e-3


def test_no_gate_is_the_recipe_whatever_the_reference() -> None:
    some = nights(5)
    references = references_of(some.statistics)
    config = MaskConfig(gate=False)
    with_one = make_mask(some.pixels[0], config, some.frames[0].header, references)
    np.testing.assert_array_equal(with_one.mask, make_mask(some.pixels[0], config).mask)
    assert with_one.method == "recipe"
    assert with_one.excess is None


def test_a_frame_called_clear_does_not_draw_the_level_away_from_the_others() -> None:
    paths = find_frames([sample_night()])[0]
    sample = [one for one in read_statistics(list(paths)) if one is not None]
    (known,) = references_of(sample).found
    for frame in (0, 8, 19):
        (taught,) = references_of(sample, [frame]).found
        moved = taught.covariates.levels(sample) - known.covariates.levels(sample)
        assert np.abs(moved).max() < 1.5 * known.level_sigma, frame
        assert taught.clear_frames >= known.clear_frames
