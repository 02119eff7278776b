"""Novelty: frames of the training kind are like it, drawings and noise are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pydantic import ValidationError
from scipy.ndimage import gaussian_filter

from napari_iris.networks.normalisation import Normalisation, frame_plane
from napari_iris.networks.novelty import DESCRIPTORS, FEWEST, Novelty, describe, fit_novelty
from napari_iris.sky.samples import draw_sample

SHAPE = (128, 160)
RNG = np.random.default_rng(3)
ROWS, COLUMNS = np.mgrid[: SHAPE[0], : SHAPE[1]]


def skies(seed: int, count: int) -> np.ndarray:
    return np.stack([draw_sample(seed, index, SHAPE).frame for index in range(count)])


def planes(frames: np.ndarray, how: Normalisation = "asinh") -> list[np.ndarray]:
    return [frame_plane(frame.astype(np.float32), how) for frame in frames]


@pytest.fixture(scope="module")
def training() -> np.ndarray:
    return skies(1, 300)


@pytest.fixture(scope="module")
def unseen() -> np.ndarray:
    return skies(2, 100)


@pytest.fixture(scope="module")
def fitted(training: np.ndarray) -> Novelty:
    found = fit_novelty(planes(training))
    assert found is not None
    return found


def text() -> np.ndarray:
    picture = Image.new("L", SHAPE[::-1], 20)
    draw = ImageDraw.Draw(picture)
    for row in range(0, SHAPE[0], 12):
        draw.text((2, row), "clear sky or cloud, who knows", fill=200)
    return np.asarray(picture, float) + RNG.normal(0, 3, SHAPE)


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "normal noise": lambda: RNG.normal(700, 5, SHAPE),
    "uniform noise": lambda: RNG.random(SHAPE),
    "text": text,
    "fine checkerboard": lambda: 100.0 * ((ROWS + COLUMNS) % 2) + RNG.normal(0, 1, SHAPE),
    "coarse checkerboard": lambda: (
        100.0 * ((ROWS // 16 + COLUMNS // 16) % 2) + RNG.normal(0, 1, SHAPE)
    ),
    "stripes": lambda: 10 * np.sin(COLUMNS / 2) + RNG.normal(0, 1, SHAPE),
    "one bright pixel": lambda: np.where((ROWS == 9) & (COLUMNS == 9), 9999.0, 700.0),
    "saturated": lambda: np.minimum(gaussian_filter(RNG.normal(0, 1, SHAPE), 9), 0.01) * 1e4,
}


@pytest.mark.slow
def test_frames_of_the_training_kind_are_like_it(fitted: Novelty, unseen: np.ndarray) -> None:
    novelty = np.array([fitted.of(plane) for plane in planes(unseen)])
    assert np.mean(novelty > 1) <= 0.02
    assert 0.25 < np.median(novelty) < 0.75


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_of_other_things_are_unlike_it(fitted: Novelty, name: str) -> None:
    assert fitted.of(planes(PICTURES[name]()[None])[0]) > 1


@pytest.mark.slow
def test_upside_down_in_brightness_frames_are_less_like_it(
    fitted: Novelty, unseen: np.ndarray
) -> None:
    # hardly any is beyond the limit: a deck with gaps and broken cloud are each other's negative
    usual = np.array([fitted.of(plane) for plane in planes(unseen)])
    inverted = np.array([fitted.of(plane) for plane in planes(-unseen)])
    assert np.median(inverted) > 1.05 * np.median(usual)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["zscale", "full-scale", "recipe"])
def test_any_normalisation_tells_noise_from_sky(
    training: np.ndarray, unseen: np.ndarray, how: Normalisation
) -> None:
    fitted = fit_novelty(planes(training, how))
    assert fitted is not None
    novelty = np.array([fitted.of(plane) for plane in planes(unseen[:40], how)])
    assert np.mean(novelty > 1) <= 0.05
    assert fitted.of(planes(PICTURES["normal noise"]()[None], how)[0]) > 1


@pytest.mark.slow
def test_level_gain_and_left_and_right_do_not_matter(fitted: Novelty, unseen: np.ndarray) -> None:
    for frame in unseen[:6]:
        same = frame, 0.01 * frame - 3, frame[:, ::-1], frame[::-1]
        values = [fitted.of(plane) for plane in planes(np.stack(same))]
        assert values == pytest.approx([values[0]] * 4, rel=0.02)


def test_a_description_is_finite_whatever_the_frame() -> None:
    for plane in (
        np.zeros(SHAPE, np.float32),
        np.ones((64, 64), np.float32),
        np.where(COLUMNS < 80, 4, -4).astype(np.float32),
        RNG.normal(0, 1, (65, 97)).astype(np.float32),
    ):
        found = describe(plane)
        assert found.shape == (DESCRIPTORS,)
        assert np.isfinite(found).all()


def test_too_few_or_too_small_frames_tell_nothing() -> None:
    noise = RNG.normal(0, 1, (FEWEST, 64, 64)).astype(np.float32)
    assert fit_novelty(noise[1:]) is None
    assert fit_novelty(noise[:, :32]) is None
    found = fit_novelty(noise)
    assert found is not None
    assert found.frames == FEWEST


def test_of_many_frames_only_the_first_are_read() -> None:
    noise = RNG.normal(0, 1, (64, 64)).astype(np.float32)
    read = []

    def endless():
        while True:
            read.append(1)
            yield noise + RNG.random() * ROWS[:64, :64].astype(np.float32)

    found = fit_novelty(endless())
    assert found is not None
    assert found.frames == len(read) == 1000


def test_it_survives_json() -> None:
    found = fit_novelty(RNG.normal(0, 1, (FEWEST, 64, 64)).astype(np.float32))
    assert found is not None
    assert Novelty.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("change", [{"centre": (0.0,)}, {"whitening": ()}, {"frames": 0}])
def test_a_damaged_one_is_refused(change: dict[str, object]) -> None:
    size = DESCRIPTORS * (DESCRIPTORS + 1) // 2
    good = {"frames": 5, "centre": (0.0,) * DESCRIPTORS, "whitening": (1.0,) * size}
    Novelty.model_validate(good)
    with pytest.raises(ValidationError):
        Novelty.model_validate({**good, **change})
    with pytest.raises(ValidationError):
        Novelty.model_validate({**good, "centre": (float("nan"),) * DESCRIPTORS})
