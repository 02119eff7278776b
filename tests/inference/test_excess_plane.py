"""Models that take the excess above the clear sky: it is computed once, and decides."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from scipy.special import expit, logit

from napari_iris.cli.main import main
from napari_iris.errors import ModelError
from napari_iris.frames.rebin import FULL_SCALE_ADU
from napari_iris.inference.evidence import LIKELY, MOST, SURE
from napari_iris.inference.model import Model
from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.inference.predictor import Predictor
from napari_iris.labels import CLOUD
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.recipe import recipe
from napari_iris.networks.card import ModelCard
from napari_iris.networks.normalisation import ABSENT, excess_plane, frame_plane
from napari_iris.networks.spec import NetworkSpec
from napari_iris.radiometry.excess import Excess
from napari_iris.resources import sample_night

from .conftest import SHAPE, BrightEngine, read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class FixedSky:
    """A clear sky of 0.3 of full scale everywhere, of some kind; counts how often it is asked."""

    def __init__(self, kind: str = "measured") -> None:
        self.kind, self.asked = kind, 0
        self._lock = Lock()

    def excess(self, frame: NDArray[np.floating], header: Any = None) -> Excess | None:
        with self._lock:
            self.asked += 1
        level, low, high = (part * FULL_SCALE_ADU for part in (0.3, 0.1, 0.2))
        values = np.asarray(frame, np.float32) * np.float32(FULL_SCALE_ADU) - np.float32(level)
        return None if self.kind == "none" else Excess(self.kind, values, level, True, low, high)


def half_cloudy() -> NDArray[np.float32]:
    frame = np.full(SHAPE, 0.1, np.float32)
    frame[:8] = 0.9
    frame[0, 0] = np.nan
    return frame + np.linspace(0, 0.01, SHAPE[1], dtype=np.float32)


GATE = (1.5, -0.7)
"""Weight and prior of the sky gate."""


def gate_odds(frame: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """Log odds of cloud in each pixel and in the frame, by the sky gate."""
    made = make_mask(frame, MaskConfig(shape=SHAPE))
    assert made.trust is not None
    trust = min(made.trust, MOST)
    weight, prior = GATE
    odds = weight * np.log((1 + trust) / (1 - trust))
    pixels = odds * np.where(made.mask == CLOUD, 1, -1) + prior
    return pixels, prior + (-odds if made.sky == "clear" else odds)


def test_the_networks_see_the_frame_and_its_excess(bright: Callable[..., Predictor]) -> None:
    predictor = bright(classifier=True, planes=2)
    predictor.clear_sky = FixedSky()
    one = predictor.prepare(half_cloudy(), fits.Header())
    assert one.excess is not None
    assert one.unet is one.classifier, "they can share it"
    np.testing.assert_array_equal(one.unet[..., 0], frame_plane(one.frame, "full-scale"))
    np.testing.assert_array_equal(one.unet[..., 1], excess_plane(one.excess.relative))
    assert one.unet[0, 0, 1] == ABSENT


def test_the_excess_is_computed_once_for_networks_and_trust(
    bright: Callable[..., Predictor],
) -> None:
    for planes in (1, 2):
        predictor, sky = bright(classifier=True, planes=planes), FixedSky()
        predictor.clear_sky = sky
        (found,) = predictor.predict([predictor.prepare(half_cloudy(), fits.Header())])
        assert sky.asked == 1
        assert (found.reference, found.level) == ("measured", 0.3 * FULL_SCALE_ADU)


@pytest.mark.parametrize("kind", ["measured", "limit", "none"])
def test_where_the_excess_is_sure_it_decides_and_elsewhere_the_network(
    bright: Callable[..., Predictor], kind: str
) -> None:
    predictor = bright(planes=2, gate=GATE)
    predictor.clear_sky = FixedSky(kind)
    frame = half_cloudy()
    frame[8:10] = 0.45  # neither surely clear nor surely cloud
    one = predictor.prepare(frame, fits.Header())
    (found,) = predictor.predict([one])
    plane = np.full(SHAPE, ABSENT)
    if one.excess is not None:
        plane = excess_plane(one.excess.relative)
    odds = 0 if kind == "measured" else gate_odds(frame)[0]
    least = logit(np.finfo(np.float32).eps)  # a network is never surer than float32 can tell
    expected = expit(np.maximum(8 * (plane - 0.5), least) + odds)
    if kind != "none":
        expected[:8] = SURE
    if kind == "measured":
        expected[10:] = 1 - SURE
    expected[0, 0] = np.nan
    np.testing.assert_allclose(found.probability, expected, rtol=1e-4, atol=1e-6)
    assert found.reference == kind


def two_parts(cold: tuple[float, float], warm: tuple[float, float]) -> NDArray[np.float32]:
    parts = [np.linspace(*part, SHAPE[0] * SHAPE[1] // 2) for part in (cold, warm)]
    return np.concatenate(parts).reshape(SHAPE).astype(np.float32)


@pytest.mark.parametrize("gate", [GATE, (0, 0)])
def test_between_the_limits_the_threshold_of_the_recipe_decides(
    bright: Callable[..., Predictor], gate: tuple[float, float]
) -> None:
    predictor = bright(planes=2, gate=gate)
    predictor.clear_sky = FixedSky()  # surely clear below 0.4, surely cloud above 0.5
    frame = two_parts((0.42, 0.43), (0.48, 0.49))
    (found,) = predictor.predict([predictor.prepare(frame, fits.Header())])
    decided = np.where(recipe(frame).mask == CLOUD, LIKELY, 1 - LIKELY)
    assert len(np.unique(decided)) == 2
    same = found.probability == decided
    assert same.all() if gate == GATE else not same.any()  # a user's own model decides


@pytest.mark.parametrize("parts", [((0.1, 0.2), (0.42, 0.45)), ((0.45, 0.6), (0.9, 0.95))])
def test_a_threshold_beyond_the_limits_says_nothing_of_what_is_between(
    bright: Callable[..., Predictor], parts: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    found = []
    for gate in (GATE, (0, 0)):
        predictor = bright(planes=2, gate=gate)
        predictor.clear_sky = FixedSky()
        found += predictor.predict([predictor.prepare(two_parts(*parts), fits.Header())])
    np.testing.assert_array_equal(found[0].probability, found[1].probability)


def test_a_few_undecided_pixels_are_clear(
    bright: Callable[..., Predictor],
) -> None:
    frame = half_cloudy()
    frame[12, 4:8] = 0.42, 0.44, 0.46, 0.48  # surely clear below 0.4, surely cloud above 0.5
    for gate, asked in ((GATE, []), ((0, 0), [1])):
        predictor = bright(planes=2, gate=gate)
        predictor.clear_sky = FixedSky()
        (found,) = predictor.predict([predictor.prepare(frame, fits.Header())])
        assert (found.probability[12, 4:8] == 1 - LIKELY).all() == (gate == GATE)
        assert predictor.unet.engine.asked == asked  # a user's own model decides


@pytest.mark.parametrize("classifier", [False, True])
def test_a_frame_of_which_the_excess_is_sure_needs_no_network(
    bright: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch, *, classifier: bool
) -> None:
    predictor = bright(classifier=classifier, planes=2)
    predictor.clear_sky = FixedSky()
    monkeypatch.delattr(BrightEngine, "logits")
    (found,) = predictor.predict([predictor.prepare(half_cloudy(), fits.Header())])
    assert found.cloud_fraction == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("level", "kind", "sure"), [
    (0.1, "measured", "clear"), (0.1, "limit", ""), (0.45, "measured", ""),
    (0.9, "measured", "cloudy"), (0.9, "limit", "cloudy"),
])  # fmt: skip
def test_the_class_follows_the_excess_where_it_is_sure(
    bright: Callable[..., Predictor], level: float, kind: str, sure: str
) -> None:
    predictor = bright(classifier=True, planes=2, gate=GATE)
    frame = np.full(SHAPE, level, np.float32) + np.linspace(0, 0.01, SHAPE[1], dtype=np.float32)
    predictor.clear_sky = FixedSky(kind)
    one = predictor.prepare(frame, fits.Header())
    (found,) = predictor.predict([one])
    assert one.classifier is not None
    alone = float(predictor.classifier.logits(one.classifier[None])[0])
    odds = gate_odds(frame)[1] if kind == "limit" else 0
    expected = {"clear": 1 - SURE, "cloudy": SURE, "": expit(alone + odds)}[sure]
    assert found.p_cloud == pytest.approx(expected, abs=1e-6)


def test_frames_that_need_the_classifier_are_not_mixed_up_with_those_that_do_not(
    bright: Callable[..., Predictor],
) -> None:
    predictor = bright(classifier=True, planes=2)
    predictor.clear_sky = FixedSky()
    slope = np.linspace(0, 0.01, SHAPE[1], dtype=np.float32)
    levels = (0.45, 0.1, 0.47, 0.9)  # the excess decides the second and the last one
    frames = [np.full(SHAPE, level, np.float32) + slope for level in levels]
    inputs = [predictor.prepare(frame, fits.Header()) for frame in frames]
    together = [one.p_cloud for one in predictor.predict(inputs)]
    assert together == [predictor.predict([one])[0].p_cloud for one in inputs]
    assert len(set(together)) == len(levels)


def test_without_weight_the_gate_is_not_asked(
    bright: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_iris.inference.evidence.make_mask", None)
    predictor = bright(classifier=True, planes=2)
    (found,) = predictor.predict([predictor.prepare(half_cloudy(), fits.Header())])
    assert found.probability[1, 0] == pytest.approx(expit(8 * (ABSENT - 0.5)))


def test_a_model_of_one_plane_keeps_its_probability(bright: Callable[..., Predictor]) -> None:
    predictor = bright(classifier=True)
    one = predictor.prepare(half_cloudy(), fits.Header())
    (alone,) = predictor.predict([one])
    predictor.clear_sky = FixedSky()
    (found,) = predictor.predict([predictor.prepare(half_cloudy(), fits.Header())])
    np.testing.assert_array_equal(found.probability, alone.probability)
    assert found.p_cloud == alone.p_cloud


def test_networks_of_other_shapes_get_the_excess_in_their_own() -> None:
    specs = [
        NetworkSpec(kind="unet", channels=(2,), shape=SHAPE, planes=2),
        NetworkSpec(kind="vgg8", channels=(2,), shape=(24, 32), planes=2),
    ]
    cards = [ModelCard.of(spec, normalisation="full-scale") for spec in specs]
    models = [
        Model(Path(card.network.kind), card, BrightEngine(card.network), "0", {}) for card in cards
    ]
    predictor = Predictor(*models)
    predictor.clear_sky = sky = FixedSky()
    one = predictor.prepare(half_cloudy().repeat(3, 0).repeat(3, 1), fits.Header())
    assert one.unet is not None
    assert one.classifier is not None
    assert (one.unet.shape, one.classifier.shape) == ((*SHAPE, 2), (24, 32, 2))
    assert sky.asked == 1
    np.testing.assert_array_equal(one.classifier[0, 0], [0, ABSENT])
    assert set(one.classifier[..., 1].flat) == set(one.unet[..., 1].flat)
    assert (one.classifier[12:, :, 1] < one.classifier[:12, :, 1].max()).all()


def test_a_model_of_one_plane_before_one_of_two(bright: Callable[..., Predictor]) -> None:
    both, single = bright(planes=2), bright(classifier=True)
    predictor = Predictor(both.unet, single.classifier)
    assert predictor.takes_excess
    assert not single.takes_excess
    predictor.clear_sky = FixedSky()
    one = predictor.prepare(half_cloudy(), fits.Header())
    assert one.unet is not None
    assert one.classifier is not None
    assert (one.unet.shape[-1], one.classifier.shape[-1]) == (2, 1)


def test_augmented_copies_are_of_both_planes(bright: Callable[..., Predictor]) -> None:
    plain, turned = bright(planes=2), bright(planes=2, turned=True)
    for predictor in (plain, turned):
        predictor.clear_sky = FixedSky()
    frame = half_cloudy()
    (one,), (copies,) = (
        predictor.predict([predictor.prepare(frame, fits.Header())])
        for predictor in (plain, turned)
    )
    np.testing.assert_allclose(copies.probability, one.probability, atol=1e-5)
    assert np.nanmax(copies.spread) < 1e-3, "this network knows no left and right"


def test_models_of_more_planes_than_colour_are_refused(bright: Callable[..., Predictor]) -> None:
    with pytest.raises(ModelError, match="4 planes; give a model with planes 1, 2 or 3"):
        bright(planes=4)


def test_another_threshold_keeps_the_probability_with_its_excess(
    bright: Callable[..., Predictor], night: list[Path], tmp_path: Path
) -> None:
    first, second = bright(planes=2), bright(planes=2, threshold=0.9)
    first.clear_sky = FixedSky()
    list(predict_frames(night, tmp_path, first))
    before = {path: read_prediction(path).probability for path in tmp_path.glob("*_pred.fits")}
    second.clear_sky = FixedSky("none")
    list(predict_frames(night, tmp_path, second))
    assert len(before) == len(night)
    assert second.unet is not None
    assert second.unet.engine.asked == []  # type: ignore[attr-defined]
    for path, probability in before.items():
        np.testing.assert_array_equal(read_prediction(path).probability, probability)


@pytest.mark.slow
@pytest.mark.learning
class TestCommand:
    """``predict`` on the sample night, whose clear sky eight frames and more make known."""

    @pytest.fixture
    def predict(
        self, save_model: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> Callable[..., str]:
        """Run ``predict`` on some frames of the night; give what it says."""
        shape = (64, 80)

        def run(frames: list[Path], *words: str, planes: int = 2) -> str:
            spec = NetworkSpec(kind="unet", channels=(2,), shape=shape, planes=planes)
            model = save_model(f"unet{planes}", spec, normalisation="asinh")
            out = str(tmp_path / f"out{planes}")
            assert main(["predict", str(model), *map(str, frames), "--out", out, *words]) == 0
            return capsys.readouterr().err

        return run

    @pytest.fixture
    def frames(self) -> list[Path]:
        return sorted(sample_night().glob("*.fits*"))

    def test_frames_are_predicted_again_once_the_clear_sky_is_known(
        self, predict: Callable[..., str], frames: list[Path], tmp_path: Path
    ) -> None:
        growing = tmp_path / "growing"
        growing.mkdir()
        for number, frame in enumerate(frames):
            (growing / frame.name).write_bytes(frame.read_bytes())
            if number == 2:
                assert "reference: none" in predict([growing])
                assert "3 predicted earlier" in predict([growing])
                before = read_table(tmp_path / "out2")
        assert {row["reference"] for row in before.values()} == {"none"}
        assert "predicted earlier" not in predict([growing])
        after = read_table(tmp_path / "out2")
        assert {row["reference"] for row in after.values()} == {"measured"}
        assert len(after) == len(frames)
        assert f"{len(frames)} predicted earlier" in predict([growing])
        for frame, row in before.items():
            assert row["uncertainty"] != after[frame]["uncertainty"]

    def test_a_single_frame_has_the_reference_of_its_night(
        self, predict: Callable[..., str], frames: list[Path], tmp_path: Path
    ) -> None:
        predict(frames[3:4])
        (alone,) = read_table(tmp_path / "out2").values()
        assert alone["reference"] == "measured"
        assert "1 predicted earlier" in predict(frames), "the same prediction"
        predict(frames, "--turned")
        among = read_table(tmp_path / "out2")[alone["frame"]]
        assert (among["level"], among["median_excess"]) == (alone["level"], alone["median_excess"])

    def test_another_choice_of_reference_predicts_again(
        self, predict: Callable[..., str], frames: list[Path], tmp_path: Path
    ) -> None:
        predict(frames)
        assert "predicted earlier" not in predict(frames, "--reference", "none")
        assert f"{len(frames)} predicted earlier" in predict(frames, "--reference", "none")
        camera = tmp_path / "camera.fits"
        assert main(["reference", "learn", *map(str, frames), "--out", str(camera)]) == 0
        assert "predicted earlier" not in predict(frames, "--reference", str(camera))
        rows = read_table(tmp_path / "out2").values()
        assert {row["reference"] for row in rows} == {"measured"}

    def test_models_of_one_plane_are_not_run_again_for_a_better_reference(
        self, predict: Callable[..., str], frames: list[Path]
    ) -> None:
        predict(frames[:3], planes=1)
        assert "3 predicted earlier" in predict(frames, planes=1)
