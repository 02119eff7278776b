"""Classify, then segment cloudy frames: which network is run, and the prediction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from scipy.special import expit

from napari_iris.errors import FrameError, IrisError, ModelError
from napari_iris.inference import predictor as room
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.model import Model
from napari_iris.inference.predictor import Predictor, entropy
from napari_iris.inference.rows import PredictionRow
from napari_iris.networks.card import ModelCard
from napari_iris.networks.spec import NetworkSpec

from .conftest import SHAPE, BrightEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.inference.prediction_file import Prediction


def frame(cloud: float, value: float = 0.9, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """A frame within 0..1: the uppermost part of it warm, the rest at 0.1."""
    data = np.full(shape, 0.1, np.float32)
    data[: round(shape[0] * cloud)] = value
    data += np.random.default_rng(0).uniform(-0.01, 0.01, shape).astype(np.float32)
    return data


def predict(predictor: Predictor, *frames: np.ndarray) -> list[Prediction]:
    return predictor.predict([predictor.prepare(one, fits.Header()) for one in frames])


def test_a_prediction_is_the_networks_output_for_the_binned_frame(
    bright: Callable[..., Predictor],
) -> None:
    fine = frame(0.25).repeat(4, axis=0).repeat(4, axis=1)
    (found,) = predict(bright(), fine)
    np.testing.assert_allclose(found.frame, frame(0.25), rtol=1e-6)
    np.testing.assert_allclose(found.probability, expit(8 * (frame(0.25) - 0.5)), rtol=1e-4)
    assert found.frame.dtype == found.probability.dtype == np.float32
    assert found.cloud_fraction == 0.25
    assert found.uncertainty == pytest.approx(entropy(found.probability).mean())
    assert found.spread is None
    assert np.isnan(found.p_cloud)
    assert (found.model, found.threshold) == ("unet-bright@00000000", 0.5)


@pytest.mark.parametrize(("threshold", "fraction"), [(0, 1), (0.5, 0.5), (0.97, 0), (1, 0)])
def test_the_threshold_decides_what_is_cloud(
    bright: Callable[..., Predictor], threshold: float, fraction: float
) -> None:
    (found,) = predict(bright(threshold=threshold), frame(0.5))
    assert found.cloud_fraction == fraction
    assert found.cloud.mean() == fraction
    assert found.threshold == threshold


def test_a_probability_reaches_the_threshold_that_is_its_own_text(
    bright: Callable[..., Predictor],
) -> None:
    """Probabilities are float32: as a person reads one, it may be a little more in float64."""
    (found,) = predict(bright(), frame(0.5))
    for value in found.probability.ravel()[:40]:
        (same,) = predict(bright(threshold=float(str(value))), frame(0.5))
        np.testing.assert_array_equal(same.cloud, found.probability >= value)
        assert same.cloud_fraction == np.mean(found.probability >= value)


def test_the_unet_is_run_on_cloudy_frames_only(bright: Callable[..., Predictor]) -> None:
    predictor = bright(classifier=True)
    found = predict(predictor, frame(0), frame(1), frame(0), frame(0.75))
    assert predictor.classifier.engine.asked == [4]
    assert predictor.unet.engine.asked == [2]
    assert [round(one.p_cloud) for one in found] == [0, 1, 0, 1]
    assert [predictor.frame_class(one) for one in found] == ["clear", "cloudy", "clear", "cloudy"]
    assert [one.cloud_fraction for one in found] == [0, 1, 0, 0.75]
    for one in (found[0], found[2]):
        assert not one.probability.any()
    assert found[1].probability.min() > 0.9
    assert found[0].model == "unet-bright@00000000+vgg8-bright@00000000"


def test_the_unet_is_not_run_on_clear_frames(
    bright: Callable[..., Predictor],
) -> None:
    predictor = bright(classifier=True)
    predict(predictor, frame(0), frame(0))
    assert predictor.unet.engine.asked == []


def test_a_frame_near_the_class_threshold_is_uncertain(
    bright: Callable[..., Predictor],
) -> None:
    """The U-Net was not run: the uncertainty is the classifier's."""
    predictor = bright(classifier=True)
    nearly, surely = predict(predictor, frame(1, 0.49), frame(0))
    assert nearly.p_cloud == pytest.approx(0.48, abs=0.01)
    assert not nearly.probability.any()
    assert nearly.uncertainty == pytest.approx(entropy(nearly.p_cloud))
    assert nearly.uncertainty > 0.99
    assert surely.uncertainty < 0.3


def test_without_a_classifier_the_cloud_fraction_gives_the_class(
    bright: Callable[..., Predictor],
) -> None:
    predictor = bright()
    found = predict(predictor, frame(0), frame(1 / 16))
    assert [predictor.frame_class(one) for one in found] == ["clear", "cloudy"]
    one_pixel = frame(0)
    one_pixel[0, 0] = 0.9
    (found_one,) = predict(predictor, one_pixel)
    assert found_one.cloud_fraction == 1 / 320
    assert predictor.frame_class(found_one) == "clear", "as labels have it: up to 0.5 % is clear"


def test_a_frame_without_a_cloudy_pixel_is_clear_whatever_the_classifier_says(
    bright: Callable[..., Predictor],
) -> None:
    predictor = bright(classifier=True, threshold=0.9)
    (found,) = predict(predictor, frame(1, 0.6))
    assert found.p_cloud >= found.class_threshold, "cloudy by the classifier"
    assert found.cloud_fraction == 0
    assert predictor.frame_class(found) == "clear"


def test_blank_pixels_are_left_out(bright: Callable[..., Predictor]) -> None:
    data = frame(0.5)
    data[:4] = np.nan
    data[4, 0] = np.inf
    for turned in (False, True):
        (found,) = predict(bright(turned=turned), data)
        blank = ~np.isfinite(data)
        assert np.isnan(found.probability[blank]).all()
        assert np.isfinite(found.probability[~blank]).all()
        assert found.cloud_fraction == pytest.approx((4 * 20 - 1) / (12 * 20 - 1))
        assert not found.cloud[blank].any()
        assert np.isfinite(found.uncertainty)
        if turned:
            np.testing.assert_array_equal(np.isnan(found.spread), blank)


def test_augmented_copies_give_a_spread(bright: Callable[..., Predictor]) -> None:
    predictor = bright(classifier=True, turned=True)
    clear, cloudy = predict(predictor, frame(0), frame(1))
    assert predictor.unet.engine.asked == [1] * 8
    assert clear.spread.shape == cloudy.spread.shape == SHAPE
    assert not clear.spread.any()
    assert cloudy.spread.max() < 1e-3, "this network knows no left and right"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (np.full((16, 20), 7.0), "has the same value everywhere"),
        (np.zeros((512, 640), np.int16), "has the same value everywhere"),
        (np.full((16, 20), np.nan), "has the same value everywhere"),
        (np.full((16, 20), np.inf), "has the same value everywhere"),
        (np.full((64, 80), 1e4, np.float32), "has the same value everywhere"),
        (np.ones((7, 20)), "cannot rebin"),
        (np.ones((1, 1)), "cannot rebin"),
    ],
)
def test_a_constant_frame_is_refused(
    bright: Callable[..., Predictor], data: np.ndarray, reason: str
) -> None:
    with pytest.raises(IrisError, match=reason):
        bright().prepare(data, fits.Header())


@pytest.mark.parametrize("shape", [(8, 8), (16, 20), (17, 23), (128, 160), (1040, 1392)])
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32, np.float64, ">f8"])
def test_a_frame_of_any_size_and_type_is_accepted(
    bright: Callable[..., Predictor], shape: tuple[int, int], kind: Any
) -> None:
    data = np.random.default_rng(0).integers(0, 200, shape).astype(kind)
    (found,) = predict(bright(), data)
    assert found.probability.shape == SHAPE
    assert found.probability.dtype.isnative
    assert 0 <= found.probability.min() <= found.probability.max() <= 1


def test_each_network_gets_the_frame_in_its_own_shape() -> None:
    unet, vgg8 = (
        Model(
            Path(kind),
            ModelCard.of(spec, normalisation=how),
            BrightEngine(spec),
            "0",
            {},
        )
        for kind, how, spec in (
            ("unet", "full-scale", NetworkSpec(kind="unet", channels=(2,), shape=(16, 20))),
            ("vgg8", "zscale", NetworkSpec(kind="vgg8", channels=(2,), shape=(24, 32))),
        )
    )
    predictor = Predictor(unet, vgg8)
    one = predictor.prepare(frame(0.5, shape=(48, 64)), fits.Header())
    assert one.unet.shape == (16, 20, 1)
    assert one.classifier.shape == (24, 32, 1)
    assert predictor.predict([one])[0].probability.shape == (16, 20)


def test_nan_from_the_unet_is_an_error() -> None:
    class Broken(BrightEngine):
        def logits(self, x: np.ndarray) -> np.ndarray:
            return np.full_like(x, np.nan)

    spec = NetworkSpec(kind="unet", channels=(2,), shape=SHAPE)
    broken = Predictor(Model(Path("u"), ModelCard.of(spec), Broken(spec), "0", {}))
    with pytest.raises(IrisError, match="the model's output for it is NaN"):
        predict(broken, frame(0.5))


def test_nan_from_the_classifier_is_an_error(bright: Callable[..., Predictor]) -> None:
    predictor = bright(classifier=True)
    predictor.classifier.engine.logits = lambda x: np.full((len(x), 1), np.nan, np.float32)
    with pytest.raises(IrisError, match="the model's output for it is NaN"):
        predict(predictor, frame(0.5))


def test_a_file_is_loaded_or_named(
    bright: Callable[..., Predictor], cloudy_frame: Callable[..., Path], tmp_path: Path
) -> None:
    loaded = bright().load(cloudy_frame("a.fits", 0.5, GAIN=2.5))
    assert loaded.header["GAIN"] == 2.5
    assert loaded.frame.shape == SHAPE
    with pytest.raises(FrameError, match="does not exist"):
        bright().load(tmp_path / "none.fits")


def models(monkeypatch: pytest.MonkeyPatch, **specs: NetworkSpec) -> None:
    """Let models of some names be there, without any library."""

    def open_model(name: str, engine: str, precision: str) -> Model:
        spec = specs[name]
        asked = {"engine": engine, "precision": precision}
        return Model(Path(name), ModelCard.of(spec), BrightEngine(spec), "0", asked)

    monkeypatch.setattr(room, "open_model", open_model)


UNET = NetworkSpec(kind="unet", channels=(2,), shape=SHAPE)
VGG8 = NetworkSpec(kind="vgg8", channels=(2,), shape=SHAPE)


@pytest.mark.parametrize(
    ("model", "classifier", "reason"),
    [
        ("vgg8", "vgg8", "is a vgg8, not a unet; give it as --classifier"),
        ("unet", "unet", "is a unet, not a vgg8; give it as MODEL"),
        ("four", None, "is for images of 4 planes"),
    ],
)
def test_a_model_of_the_wrong_kind_is_refused(
    monkeypatch: pytest.MonkeyPatch, model: str, classifier: str | None, reason: str
) -> None:
    four = UNET.model_copy(update={"planes": 4})
    models(monkeypatch, unet=UNET, vgg8=VGG8, four=four)
    with pytest.raises(ModelError, match=reason):
        Predictor.open(model, classifier, PredictConfig())


def test_a_classifier_alone_gives_every_pixel_the_frame_s_probability(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models(monkeypatch, unet=UNET, vgg8=VGG8)
    predictor = Predictor.open("vgg8", None, PredictConfig())
    frame = np.random.default_rng(0).normal(600, 20, (64, 80)).astype(np.float32)
    (found,) = predictor.predict([predictor.prepare(frame, fits.Header())])
    assert found.is_of_frame
    assert np.isnan(found.cloud_fraction)
    np.testing.assert_array_equal(found.probability, np.float32(found.p_cloud))
    assert (
        PredictionRow.of(found, predictor.frame_class(found), "a_pred.fits").cloud_fraction is None
    )
    with pytest.raises(ModelError, match="for whole frames; leave out --turned"):
        Predictor.open("vgg8", None, PredictConfig(turned=True))


def test_the_settings_hold_all_that_determines_a_prediction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models(monkeypatch, unet=UNET, vgg8=VGG8)
    config = PredictConfig(threshold=0.3, turned=True, engine="flax", precision="float32")
    assert Predictor.open("unet", "vgg8", config).settings == {
        "model": "unet@0+vgg8@0",
        "threshold": 0.3,
        "turned": True,
        "engine": "flax",
        "precision": "float32",
    }
    assert Predictor.open("unet", None, PredictConfig(batch_size=3)).settings == {
        "model": "unet@0",
        "threshold": 0.5,
        "turned": False,
        "engine": "auto",
        "precision": "auto",
    }


def test_entropy_is_0_where_certain_and_1_bit_at_one_half() -> None:
    np.testing.assert_allclose(entropy(np.array([0, 0.5, 1])), [0, 1, 0], atol=1e-12)
    assert entropy(0.25) == pytest.approx(entropy(0.75)) == pytest.approx(0.8113, abs=1e-4)
