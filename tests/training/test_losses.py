"""The losses agree with values by hand and between frameworks; ignored pixels do not count."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.class_weights import ClassWeightedBatches
from napari_iris.training.config import TrainConfig
from napari_iris.training.framework import make_trainer

from .conftest import SkyBatch, SkyBatches

if TYPE_CHECKING:
    from collections.abc import Callable

INSTALLED = find_spec("tensorflow") and find_spec("flax")


def learning(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that computes with TensorFlow and JAX."""
    missing = pytest.mark.skipif(not INSTALLED, reason="TensorFlow or Flax is not installed")
    return pytest.mark.slow(pytest.mark.learning(missing(test)))


LOGITS = np.array([2.0, -1.0, 0.0, 3.0])
TRUTH = np.array([1.0, 0.0, 1.0, 0.0])
WEIGHT = np.array([1.0, 2.0, 1.0, 0.0])
CROSS = np.array([0.126928, 0.313262, 0.693147, 3.048587])
"""ln(1 + exp(-2)), ln(1 + exp(-1)), ln 2, ln(1 + exp(3))."""

CLOUD = np.array([0.880797, 0.268941, 0.5, 0.952574])
"""Probabilities of the logits."""

BY_HAND = {
    "bce": (0.126928 + 2 * 0.313262 + 0.693147) / 4,
    # (1 - right)^2 times that; right: 0.880797, 0.731059, 0.5
    "focal": (0.119203**2 * 0.126928 + 2 * 0.268941**2 * 0.313262 + 0.5**2 * 0.693147) / 4,
    # overlap 0.880797 + 0.5; both 0.880797 + 2 * 0.268941 + 0.5 and 2
    "dice": (0.126928 + 2 * 0.313262 + 0.693147) / 4 + 1 - (2 * 1.380797 + 1) / (1.918679 + 2 + 1),
}


def by_numpy(loss: str, logits: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The loss in float64, written out."""
    cloud = 1 / (1 + np.exp(-logits.astype(float)))
    each = -(y * np.log(cloud) + (1 - y) * np.log(1 - cloud))
    if loss == "focal":
        each *= (y * (1 - cloud) + (1 - y) * cloud) ** 2
    mean = float((each * weight).sum() / weight.sum())
    if loss != "dice":
        return mean
    overlap, both = (weight * cloud * y).sum(), (weight * (cloud + y)).sum()
    return mean + 1 - float((2 * overlap + 1) / (both + 1))


@pytest.mark.parametrize("loss", BY_HAND)
def test_the_reference_agrees_with_values_by_hand(loss: str) -> None:
    assert by_numpy(loss, LOGITS, TRUTH, WEIGHT) == pytest.approx(BY_HAND[loss], abs=2e-6)


@learning
@pytest.mark.parametrize("loss", BY_HAND)
@pytest.mark.parametrize("engine", ["keras", "flax"])
def test_each_loss_agrees_with_values_by_hand(loss: str, engine: str) -> None:
    from napari_iris.training.losses import batch_loss, loss_sums

    if engine == "keras":
        from keras import ops as maths
    else:
        from napari_iris.training.flax_trainer import _jax_ops

        maths = _jax_ops()
    arrays = [np.asarray(one, np.float32) for one in (LOGITS, TRUTH, WEIGHT)]
    sums = loss_sums(maths, loss, *arrays)
    assert float(batch_loss(maths, loss, sums)) == pytest.approx(BY_HAND[loss], abs=2e-6)


@learning
@pytest.mark.parametrize("loss", BY_HAND)
def test_both_frameworks_compute_the_same_loss(loss: str, network: NetworkSpec) -> None:
    (batch,) = SkyBatches(4, 1).epoch(0)
    weight = batch.weight * np.where(batch.y > 0.5, 3, 0.5).astype(np.float32)
    found = {}
    for name in ("keras", "flax"):
        engine = make_trainer(TrainConfig(network=network, engine=name, loss=loss), "float32")
        logits = engine.predict(batch.x)
        found[name] = engine.step(batch.x, batch.y, weight, 1e-3)
        assert found[name] == pytest.approx(by_numpy(loss, logits, batch.y, weight), abs=1e-5)
    assert found["keras"] == pytest.approx(found["flax"], abs=1e-5)


@learning
def test_label_smoothing_softens_the_targets(network: NetworkSpec) -> None:
    (batch,) = SkyBatches(4, 1).epoch(0)
    soft = np.where(batch.y > 0.5, 0.9, 0.1)
    for name in ("keras", "flax"):
        config = TrainConfig(network=network, engine=name, label_smoothing=0.2)
        engine = make_trainer(config, "float32")
        logits = engine.predict(batch.x)
        found = engine.step(batch.x, batch.y, batch.weight, 1e-3)
        assert found == pytest.approx(by_numpy("bce", logits, soft, batch.weight), abs=1e-5)


@learning
def test_a_batch_without_cloud_or_weight_has_a_finite_loss(network: NetworkSpec) -> None:
    nothing = np.zeros((4, 16, 20, 1), np.float32)
    for name in ("keras", "flax"):
        engine = make_trainer(TrainConfig(network=network, engine=name, loss="dice"), "float32")
        assert engine.step(nothing, nothing, nothing, 1e-3) == 0.0
        assert np.isfinite(engine.predict(nothing)).all()


def test_class_weights_multiply_sample_weights() -> None:
    sky = SkyBatches(4, 1)
    (plain,) = sky.epoch(0)
    (found,) = ClassWeightedBatches(sky, 0.5, 2.0).epoch(0)
    np.testing.assert_array_equal(found.weight[:, :3], 0)
    counted = plain.weight > 0
    np.testing.assert_array_equal(found.weight[counted & (plain.y > 0.5)], 2.0)
    np.testing.assert_array_equal(found.weight[counted & (plain.y < 0.5)], 0.5)
    assert len(ClassWeightedBatches(sky, 0.5, 2.0)) == len(sky) == 1


def test_a_class_weighted_loss_agrees_with_values_by_hand() -> None:
    """Clear counts half, cloud double: (2 * 0.126928 + 0.5 * 2 * 0.313262 + 2 * 0.693147) / 5."""

    class One:
        def __len__(self) -> int:
            return 1

        def epoch(self, number: int) -> list[SkyBatch]:
            return [SkyBatch(LOGITS, TRUTH, WEIGHT)]

    (batch,) = ClassWeightedBatches(One(), 0.5, 2.0).epoch(0)
    found = by_numpy("bce", LOGITS, TRUTH, batch.weight)
    assert found == pytest.approx((2 * 0.126928 + 0.313262 + 2 * 0.693147) / 5, abs=2e-6)
    assert found != pytest.approx(BY_HAND["bce"], abs=1e-2)
