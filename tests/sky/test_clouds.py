"""Cloud layers: coverage, streaks, and the spectrum of their texture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_iris.sky.clouds import draw_layer, optical_depth
from napari_iris.sky.fractal import double, fractal_field, stir
from napari_iris.sky.genera import BROKEN, GENERA, Genus

SHAPE = (96, 120)


@pytest.mark.parametrize("genus", BROKEN)
@given(seed=st.integers(0, 2**32), coverage=st.floats(0.1, 0.9))
@settings(max_examples=8, deadline=None)
def test_a_broken_layer_covers_what_it_says(genus: Genus, seed: int, coverage: float) -> None:
    rng = np.random.default_rng(seed)
    layer = replace(draw_layer(genus, rng), coverage=coverage)
    tau = optical_depth(layer, SHAPE, rng)
    assert tau.dtype == np.float32
    assert tau.min() == 0
    assert (tau > 0).mean() == pytest.approx(coverage, abs=0.05)


@given(seed=st.integers(0, 2**32), shape=st.tuples(st.integers(8, 70), st.integers(8, 70)))
@settings(max_examples=20, deadline=None)
def test_a_deck_leaves_no_gap_whatever_the_shape(seed: int, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    layer = draw_layer("stratus", rng)
    tau = optical_depth(layer, shape, rng)
    assert tau.shape == shape
    assert tau.min() >= np.float32(layer.base) >= GENERA["stratus"].base[0] > 0.1


def test_the_depth_is_that_of_one_texture_rms() -> None:
    rng = np.random.default_rng(0)
    layer = replace(draw_layer("stratus", rng), power=1, depth=0.3)
    assert optical_depth(layer, SHAPE, rng).std() == pytest.approx(0.3, rel=0.03)


def test_the_depth_grows_by_its_power_law() -> None:
    layer = replace(draw_layer("cumulus", np.random.default_rng(0)), power=1, depth=1)
    steep = replace(layer, power=1.5, depth=2)
    inside, tau = (optical_depth(each, SHAPE, np.random.default_rng(1)) for each in (layer, steep))
    np.testing.assert_allclose(tau, 2 * inside**1.5, rtol=1e-5)


def test_cumulus_has_sharper_edges_than_cirrus() -> None:
    """Seen as the largest step of emissivity between neighbours, over many layers."""

    def sharpness(genus: Genus) -> float:
        steps = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            tau = optical_depth(draw_layer(genus, rng), SHAPE, rng)
            steps.append(np.abs(np.diff(1 - np.exp(-tau), axis=1)).max())
        return float(np.mean(steps))

    assert sharpness("cumulus") > 1.5 * sharpness("cirrus")


@pytest.mark.parametrize("slope", [2.7, 3.5, 4.2])
def test_a_texture_has_the_slope_asked_for(slope: float) -> None:
    field = fractal_field((256, 320), np.random.default_rng(0), slope=slope, scale=1e4)
    assert field.mean() == pytest.approx(0, abs=1e-3)
    assert field.std() == pytest.approx(1, abs=1e-3)
    power = np.abs(np.fft.rfft2(field)) ** 2
    k = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(320))
    fitted = (k > 0.02) & (k < 0.4)
    found = np.polyfit(np.log(k[fitted]), np.log(power[fitted]), 1)[0]
    assert found == pytest.approx(-slope, abs=0.1)


@pytest.mark.parametrize("angle", [0, 30, 90, 150])
def test_streaks_lie_along_their_angle(angle: float) -> None:
    """The structure tensor's small eigenvalue points along the streaks."""
    rng = np.random.default_rng(1)
    field = fractal_field((256, 256), rng, slope=3.5, scale=100, stretch=5, angle=angle)
    down, right = np.gradient(field)
    doubled = np.arctan2(2 * (down * right).mean(), (right**2).mean() - (down**2).mean())
    across = np.degrees(doubled / 2)
    assert np.cos(np.radians(2 * (across + 90 - angle))) > 0.97


def test_stirring_moves_the_texture_and_neither_gathers_nor_thins_it() -> None:
    """Ramps sampled elsewhere show the displacement: as far as asked for, and free of sources."""
    inner = (slice(40, 160), slice(40, 200))
    ramps = np.indices((200, 240), dtype=np.float32)
    down, right = (
        (stir(ramp, (200, 240), np.random.default_rng(2), distance=5, scale=30) - ramp)[inner]
        for ramp in ramps
    )
    assert (down.std(), right.std()) == pytest.approx((5, 5), rel=0.25)
    sources = np.gradient(down, axis=0) + np.gradient(right, axis=1)
    eddies = np.gradient(right, axis=0) - np.gradient(down, axis=1)
    assert sources.std() < 0.2 * eddies.std()


def test_doubling_interpolates_halfway() -> None:
    nodes = np.array([[0, 2], [4, 6]], np.float32)
    np.testing.assert_array_equal(double(nodes), [[0, 1, 2], [2, 3, 4], [4, 5, 6]])
