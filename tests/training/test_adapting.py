"""Data and guard of a model that is adapted to frames without labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.networks.spec import NetworkSpec
from napari_iris.resources import sample_night
from napari_iris.training.adapting import TRUTH_MARGIN, Guard, load_adapting_data
from napari_iris.training.config import TrainConfig
from napari_iris.training.lineage import Lineage
from napari_iris.training.training_data import make_batches

if TYPE_CHECKING:
    from napari_iris.training.training_data import TrainingData

SPEC = NetworkSpec(kind="unet", channels=(2, 4), shape=(64, 80), planes=2)

CONFIG = TrainConfig.of(SPEC, adapt=str(sample_night()), simulated=24, batch_size=8)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return load_adapting_data(CONFIG, None, Lineage(("unet-lwir",)))


def test_half_of_each_batch_and_of_validation_is_simulated(data: TrainingData) -> None:
    train, validation = make_batches(CONFIG, data)
    for epoch in (0, 1):
        for batch in train.epoch(epoch):
            simulated = [data.source.path(row).name.startswith("sim_") for row in batch.rows]
            assert sum(simulated) == 4 == len(simulated) / 2
    names = [data.source.path(row).name.startswith("sim_") for row in validation.rows]
    assert sum(names) == len(names) / 2
    assert not set(data.train) & set(validation.rows)


def test_undecided_pixels_have_no_weight_and_a_third_of_the_frames_no_excess(
    data: TrainingData,
) -> None:
    train, _ = make_batches(CONFIG, data)
    absent = 0
    for batch in train.epoch(0):
        for row, x, weight in zip(batch.rows, batch.x, batch.weight, strict=True):
            sample = data.source.read(int(row), SPEC.shape)
            np.testing.assert_array_equal(weight[..., 0], sample.mask != 2)
            absent += bool((x[..., 1] == -3).all())
    assert 8 <= absent <= 28, "of 48"


def test_an_epoch_may_lose_no_more_than_the_margin_on_simulated_truth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard = Guard((), {"accuracy": 0.95}, {}, 0.1, {})
    for lost, allowed in ((-0.01, True), (0.9 * TRUTH_MARGIN, True), (1.1 * TRUTH_MARGIN, False)):
        found = 0.0, {"accuracy": 0.95 - lost}
        monkeypatch.setattr("napari_iris.training.adapting.validate", lambda *_, now=found: now)
        assert guard.allows(None) == allowed
