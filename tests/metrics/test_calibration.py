"""Temperature: found where it is known, and refused where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from napari_iris.errors import IrisError
from napari_iris.metrics.calibration import (
    fit_temperature,
    logit,
    reliability,
)
from napari_iris.metrics.tally import tally


def at_temperature(probability: np.ndarray, temperature: float) -> np.ndarray:
    return expit(logit(probability) / temperature)


def sure_pixels(temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are right when divided by the temperature, and truths drawn from them."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0.3, 2, 200_000)
    truth = rng.random(honest.size) < 1 / (1 + np.exp(-honest))
    return honest * temperature, truth


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_a_known_temperature_is_found(temperature: float) -> None:
    logits, truth = sure_pixels(temperature)
    assert fit_temperature(logits, truth) == pytest.approx(temperature, rel=0.02)


def test_the_temperature_has_the_least_cross_entropy() -> None:
    logits, truth = sure_pixels(1.7, 1)
    p = 1 / (1 + np.exp(-logits))
    best = fit_temperature(logits, truth)

    def loss(temperature: float) -> float:
        return tally(at_temperature(p, temperature), truth, 0.5).loss

    assert loss(best) < min(loss(best * 1.03), loss(best / 1.03), loss(1.0))


def test_calibration_makes_the_error_small() -> None:
    logits, truth = sure_pixels(3.0, 2)
    p = 1 / (1 + np.exp(-logits))
    after = at_temperature(p, fit_temperature(logits, truth))
    errors = [
        np.nansum(np.abs(found.predicted - found.observed) * found.count) / truth.size
        for found in (reliability(tally(values, truth, 0.5).bins) for values in (p, after))
    ]
    assert errors[0] > 0.08
    assert errors[1] < 0.01


def test_weights_act_like_repeated_pixels_and_zero_is_ignored() -> None:
    rng = np.random.default_rng(3)
    logits, truth = rng.normal(0, 3, 300), rng.random(300) < 0.6
    weight = rng.integers(0, 4, 300)
    repeated = np.repeat(np.arange(300), weight)
    assert fit_temperature(logits, truth, weight) == pytest.approx(
        fit_temperature(logits[repeated], truth[repeated]), rel=1e-4
    )
    logits[weight == 0] = np.nan
    assert np.isfinite(fit_temperature(logits, truth, weight))


@pytest.mark.parametrize(
    ("logits", "truth", "reason"),
    [
        ([1.0, 2.0], [1, 1], "one class only"),
        ([1.0, 2.0], [0, 0], "one class only"),
        ([], [], "one class only"),
        ([np.nan, 2.0], [0, 1], "NaN or infinite"),
        ([np.inf, 2.0], [0, 1], "NaN or infinite"),
    ],
)
def test_a_temperature_that_cannot_be_fitted_is_an_error(
    logits: list[float], truth: list[int], reason: str
) -> None:
    with pytest.raises(IrisError, match=reason):
        fit_temperature(np.array(logits), np.array(truth))


def test_a_perfect_model_gets_the_lowest_temperature() -> None:
    assert fit_temperature(np.array([3.0, -3.0]), np.array([1, 0])) == pytest.approx(0.05, rel=0.01)


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.1, 10))
def test_temperatures_undo_one_another(p: float, temperature: float) -> None:
    there = at_temperature(np.array([p]), temperature)
    if 1e-6 < there[0] < 1 - 1e-6:
        assert at_temperature(there, 1 / temperature)[0] == pytest.approx(p, rel=1e-4)


def test_logits_are_finite_at_the_ends() -> None:
    np.testing.assert_allclose(logit(np.array([0.0, 0.5, 1.0])), [-16.118, 0, 16.118], atol=1e-3)


def test_reliability_by_bin() -> None:
    p = np.array([0.01, 0.03, 0.5, 0.99, 1.0])
    found = reliability(tally(p, np.array([0, 1, 1, 1, 1], bool), 0.5).bins)
    assert found.count.tolist() == [2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2]
    assert found.predicted[[0, 7, 14]] == pytest.approx([0.02, 0.5, 0.995], abs=1e-6)
    assert found.observed[[0, 7, 14]].tolist() == [0.5, 1, 1]
    assert np.isnan(found.predicted[1])
    assert found.edges[[0, 1, 15]] == pytest.approx([0, 1 / 15, 1])
