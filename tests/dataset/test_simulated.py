"""Simulated frames as a source, alone and concatenated with others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.dataset.batches import Batches
from napari_iris.dataset.label_check import check_labels
from napari_iris.dataset.simulated import ConcatenatedSamples, SimulatedSamples
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (16, 20)


@pytest.mark.parametrize(
    ("sky", "cloud"), [("clear", (0, 0)), ("cloudy", (0.001, 1)), ("overcast", (0.99, 1))]
)
def test_frames_have_their_truth(sky: str, cloud: tuple[float, float]) -> None:
    source = SimulatedSamples(3, seed=1, sky=sky)
    for row in range(2):
        frame, mask = source.read(row, SHAPE)
        again, _ = SimulatedSamples(3, seed=1, sky=sky).read(row, SHAPE)
        np.testing.assert_array_equal(frame, again)
        assert frame.shape == mask.shape == SHAPE
        assert cloud[0] <= mask.mean() <= cloud[1]


def test_a_mixed_series_has_every_sky_condition_and_can_be_trained_on() -> None:
    source = SimulatedSamples(60)
    rows = np.arange(60)
    assert np.unique(source.table.cloud_fraction).tolist() == [0, 0.75, 1]
    for kind in ("unet", "vgg8"):
        assert len(check_labels(source, kind)) == 60
        clear, cloud = source.table.class_weights(rows, kind)
        assert clear > cloud
    hashes = {SimulatedSamples(60, seed).table.data_hash(rows) for seed in (0, 0, 1)}
    assert len(hashes) == 2


@pytest.mark.slow
def test_the_class_of_a_simulated_frame_is_that_of_its_truth() -> None:
    source = SimulatedSamples(6)
    vgg8 = NetworkSpec(kind="vgg8", channels=(2,), shape=SHAPE)
    (batch,) = Batches(source, np.arange(6), vgg8, batch_size=6).epoch(0)
    truth = [source.read(int(row), SHAPE)[1].mean() > 0.005 for row in batch.rows]
    assert batch.y.ravel().tolist() == truth


def test_concatenated_sources_keep_their_samples(source_of: Callable, half_masks: Callable) -> None:
    first, last = source_of(half_masks(3, SHAPE)), source_of(half_masks(2, SHAPE))
    joined = ConcatenatedSamples(first, SimulatedSamples(4), last)
    assert len(joined) == len(joined.table) == 9
    assert [joined.path(row).name[:3] for row in (0, 2, 3, 6, 7, 8)] == [
        "0",
        "2",
        "sim",
        "sim",
        "0",
        "1",
    ]
    np.testing.assert_array_equal(joined.read(8, SHAPE)[0], last.frames[1])
    np.testing.assert_array_equal(joined.table.cloud_fraction[7:], last.table.cloud_fraction)
    np.testing.assert_array_equal(joined.table.frame_hash[:3], first.table.frame_hash)
    for row in (9, -1):
        with pytest.raises(IndexError, match="row: expected 0 to 8"):
            joined.read(row, SHAPE)
