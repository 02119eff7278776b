"""Whether two arrays show the same frame."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.matching.pixels import different_frames, frame_id, same_pixels

SHAPE = (24, 32)


def sky(seed: int, noise: float = 0.0) -> np.ndarray:
    """A frame of the camera [ADU]: a cloud that changes with the seed, and noise."""
    rows, columns = np.indices(SHAPE)
    rng = np.random.default_rng(seed)
    y, x = rng.uniform(0, SHAPE[0]), rng.uniform(0, SHAPE[1])
    cloud = 400 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 60)
    return (600 + cloud + rng.normal(0, noise, SHAPE)).astype(np.float32)


def test_a_frame_has_the_same_id_in_any_type() -> None:
    frame = np.arange(12, dtype=np.int16).reshape(3, 4)
    assert frame_id(frame) == frame_id(frame.astype(">f4")) == frame_id(frame.astype(np.float64))
    assert len(frame_id(frame)) == 32


@pytest.mark.parametrize("other", [np.arange(12).reshape(4, 3), np.arange(1, 13).reshape(3, 4)])
def test_other_pixels_or_another_shape_have_another_id(other: np.ndarray) -> None:
    assert frame_id(other) != frame_id(np.arange(12).reshape(3, 4))


def test_rounding_and_repaired_pixels_leave_a_frame_the_same() -> None:
    frame = sky(1, noise=2)
    assert same_pixels(frame, np.round(frame, 1))
    repaired = frame.copy()
    repaired[3, :9] += 500
    assert same_pixels(frame, repaired)
    blank = frame.copy()
    blank[:8] = np.nan
    assert same_pixels(frame, blank)
    assert same_pixels(np.full(SHAPE, 600, np.float32), np.full(SHAPE, 600.0001, np.float32))


def test_the_noise_of_the_camera_makes_another_frame() -> None:
    """The next frame of a steady sky differs by no more than its noise."""
    frame = sky(1)
    rng = np.random.default_rng(9)
    assert frame.std() > 30
    assert not same_pixels(frame, frame + rng.normal(0, 1, SHAPE).astype(np.float32))
    assert not same_pixels(frame, frame + 1)


@pytest.mark.parametrize(("correlation", "different"), [(-0.6, True), (0.4, True), (0.6, False)])
def test_frames_that_hardly_vary_together_are_different(
    correlation: float, *, different: bool
) -> None:
    """A camera's own pattern makes its frames vary together a little, whatever the sky."""
    one, other = np.linalg.qr(np.random.default_rng(3).normal(0, 1, (SHAPE[0] * SHAPE[1], 2)))[0].T
    mixed = correlation * one + np.sqrt(1 - correlation**2) * other
    assert different_frames(one.reshape(SHAPE), mixed.reshape(SHAPE) / 2**14) is different


def test_frames_without_a_common_pixel_are_not_the_same() -> None:
    frame, other = sky(1), sky(1)
    frame[:12], other[12:] = np.nan, np.nan
    assert not same_pixels(frame, other)
    assert not same_pixels(sky(1), sky(1)[1:])


@pytest.mark.parametrize(
    "version",
    [
        lambda frame: frame,
        lambda frame: frame / 2**14,
        lambda frame: 3 * frame - 1000,
        lambda frame: np.repeat(frame.reshape(12, 2, 32).mean(axis=1), 2, axis=0),
        lambda frame: np.where(np.indices(SHAPE)[0] < 6, np.nan, frame),
        lambda frame: frame + np.random.default_rng(3).normal(0, 60, SHAPE),
    ],
    ids=["itself", "scaled", "another unit", "binned otherwise", "partly blank", "noisy"],
)
def test_versions_of_a_frame_are_not_different(version: object) -> None:
    assert not different_frames(sky(1), version(sky(1)))


def test_frames_of_other_clouds_are_different() -> None:
    assert different_frames(sky(1, noise=2), sky(2, noise=2))
    assert different_frames(sky(1), -sky(1))


def test_constant_frames_cannot_be_told_apart() -> None:
    flat = np.full(SHAPE, 600, np.float32)
    assert not different_frames(flat, sky(1))
    assert not different_frames(sky(1), flat)
    assert not different_frames(sky(1), np.full(SHAPE, np.nan, np.float32))
