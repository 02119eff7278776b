"""Each frame that is opened is predicted with the chosen models, by real models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from psygnal import Signal
from scipy.special import expit

from napari_iris.app.prediction.live import LivePrediction
from napari_iris.app.prediction.model_choice import ModelChoice
from napari_iris.app.prediction.source import FileSource, ModelSource
from napari_iris.app.prediction.summary import summarize
from napari_iris.app.suggestion import Suggestion
from napari_iris.frames.rebin import rebin
from napari_iris.inference.prediction_file import write_prediction
from napari_iris.matching.names import prediction_path
from napari_iris.networks.normalisation import excess_plane, network_input
from napari_iris.radiometry.excess import Excess

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.session import Session

pytestmark = pytest.mark.learning


@pytest.fixture
def models(session: Session) -> ModelChoice:
    return ModelChoice(session)


@pytest.fixture
def folder() -> Suggestion[Path]:
    """Folder of the predictions."""
    return Suggestion()


@pytest.fixture
def live(
    current: CurrentPrediction,
    models: ModelChoice,
    folder: Suggestion[Path],
    night: Path,
    make_model: Callable[..., Path],
    wait: Callable[[], None],
) -> LivePrediction:
    """The model of bright pixels, which has predicted the third frame."""
    make_model()
    live = LivePrediction(current, models, folder)
    models.refresh()
    wait()
    return live


@pytest.fixture
def wait(models: ModelChoice, current: CurrentPrediction, timers: Any) -> Callable[[], None]:
    """Wait until the models are listed and the current frame is predicted."""
    return lambda: timers.wait_until(lambda: models.list.is_current and current.is_current)


def model_of(current: CurrentPrediction) -> str:
    assert current.result is not None
    return current.result.prediction.model.partition("@")[0]


def test_the_prediction_is_the_models(
    live: LivePrediction, current: CurrentPrediction, session: Session, night: Path
) -> None:
    assert live.is_available
    assert current.result is not None
    assert (current.result.frame, current.result.file) == (night / "sky_3.fits", None)
    x = np.maximum(network_input(rebin(session.frame().data, (128, 160)), "zscale")[..., 0], 0)
    predicted = current.result.prediction.probability
    np.testing.assert_allclose(predicted, expit(12 * x - 6), atol=0.02)


def test_without_a_usable_model_it_is_not_available(
    live: LivePrediction,
    current: CurrentPrediction,
    models: ModelChoice,
    make_model: Callable[..., Path],
    wait: Callable[[], None],
    session: Session,
) -> None:
    folder = make_model("broken")
    (folder / "model.json").write_text("{")
    models.choose(folder)
    wait()
    assert not live.is_available
    assert current.source is current.result is None
    session.show(None)
    models.set_model(models.models[-1].folder)
    assert not live.is_available


def test_disabled_it_leaves_the_frame_alone(
    live: LivePrediction, current: CurrentPrediction, session: Session, wait: Callable[[], None]
) -> None:
    live.set_enabled(False)
    session.go_to(0)
    wait()
    assert current.source is current.result is None
    live.set_enabled(True)
    wait()
    assert model_of(current) == "unet1"


def test_another_model_predicts(
    live: LivePrediction,
    current: CurrentPrediction,
    models: ModelChoice,
    make_model: Callable[..., Path],
    wait: Callable[[], None],
) -> None:
    models.choose(make_model("unet2", 3))
    wait()
    assert model_of(current) == "unet2"
    models.choose(make_model("vgg1", 1, "vgg8", threshold=1.0))  # it never predicts cloud
    wait()
    assert current.result is not None
    assert "vgg1" in current.result.prediction.model
    assert not current.result.prediction.probability.any()
    assert 0 <= current.result.prediction.p_cloud < 1


def test_a_model_that_was_trained_again_predicts_again(
    live: LivePrediction,
    current: CurrentPrediction,
    models: ModelChoice,
    make_model: Callable[..., Path],
    wait: Callable[[], None],
) -> None:
    assert current.result is not None
    before = current.result.prediction
    make_model("unet1", 5, metrics={"mcc": 0.5})
    models.refresh()
    wait()
    assert model_of(current) == "unet1"
    assert current.result.prediction.model != before.model
    assert not np.array_equal(current.result.prediction.probability, before.probability)


def test_each_frame_is_predicted_once(
    live: LivePrediction,
    current: CurrentPrediction,
    models: ModelChoice,
    folder: Suggestion[Path],
    make_model: Callable[..., Path],
    tmp_path: Path,
    wait: Callable[[], None],
) -> None:
    """Where the folder follows the model, both signal a change."""
    requests: list[None] = []
    models.changed.connect(lambda: folder.choose(tmp_path / "out" / "unet2"))
    models.choose(make_model("unet2", 3))
    current.requested.connect(lambda: requests.append(None))
    wait()
    assert model_of(current) == "unet2"
    assert len(requests) <= 2


def test_the_spread_of_copies_is_predicted_where_it_is_wanted(
    live: LivePrediction, current: CurrentPrediction, canvas: Any, wait: Callable[[], None]
) -> None:
    canvas.uncertainty.set_wanted(True)
    wait()
    assert current.result is not None
    assert current.result.prediction.spread is not None
    assert canvas.uncertainty.visible
    canvas.uncertainty.set_wanted(False)
    wait()
    assert current.result.prediction.spread is None


def test_stored_predictions_of_the_same_model_are_not_computed_again(
    live: LivePrediction,
    current: CurrentPrediction,
    folder: Suggestion[Path],
    tmp_path: Path,
    wait: Callable[[], None],
) -> None:
    assert current.result is not None
    known = current.result.prediction
    probability = known.probability.copy()
    probability[:7] = 0.25
    path = prediction_path(current.result.frame, tmp_path / "out")
    path.parent.mkdir()
    stored = replace(known, probability=probability)
    write_prediction(path, stored)
    folder.choose(path.parent)
    wait()
    assert current.result.file == path
    np.testing.assert_array_equal(current.result.prediction.probability, probability)
    write_prediction(path, replace(stored, model="unet1@00000000"))
    live.refresh()
    wait()
    assert current.result.file is None, "by another model of the same name"
    path.write_bytes(b"broken")
    live.refresh()
    wait()
    assert current.result.file is None


def test_a_frame_that_cannot_be_read_is_a_problem(
    live: LivePrediction,
    current: CurrentPrediction,
    session: Session,
    night: Path,
    wait: Callable[[], None],
) -> None:
    (night / "sky_2.fits").write_bytes(b"SIMPLE")
    session.go_to(1)
    wait()
    assert "sky_2.fits" in current.problem
    session.go_to(3)
    wait()
    assert current.problem == ""


def test_it_gives_way_to_stored_predictions(
    live: LivePrediction, current: CurrentPrediction, tmp_path: Path, wait: Callable[[], None]
) -> None:
    current.set_source(FileSource(tmp_path))
    assert not live.enabled
    live.refresh()
    assert current.source == FileSource(tmp_path)
    live.set_enabled(True)
    assert isinstance(current.source, ModelSource)
    current.set_source(None)
    assert live.enabled, "None is not another source"


class SessionSky:
    """A session's clear sky, which others may come to know: one that ends at 700 ADU."""

    changed = Signal()

    def __init__(self) -> None:
        self.is_known, self.references, self.site = False, self, None

    def of_time(self, time: np.datetime64) -> SessionSky:
        assert time.dtype.kind == "M"
        return self

    def excess(self, frame: np.ndarray, header: object) -> Excess:
        assert header is not None
        return Excess("measured", np.float32(frame - 700), 700.0, True, 0.0, 40.0)


def test_a_model_that_takes_the_excess_predicts_again_when_the_clear_sky_is_known(
    current: CurrentPrediction,
    models: ModelChoice,
    folder: Suggestion[Path],
    night: Path,
    make_model: Callable[..., Path],
    wait: Callable[[], None],
    session: Session,
) -> None:
    make_model("unet2", planes=2)
    sky = SessionSky()
    live = LivePrediction(current, models, folder, cast("ClearSky", sky))
    models.refresh()
    wait()
    assert live.is_available
    assert current.result is not None
    found = current.result.prediction
    assert (found.reference, float(found.probability.max())) == ("none", pytest.approx(0, abs=0.01))
    sky.is_known = True
    sky.changed.emit()
    wait()
    found = current.result.prediction
    assert found.reference == "measured"
    frame = rebin(session.frame().data, (128, 160))
    x = np.maximum(excess_plane((frame - 700) / 40), 0)
    assert x.max() > 0.5
    np.testing.assert_allclose(found.probability, expit(12 * x - 6), atol=0.02)
    assert summarize(current)["reference"] == "measured"
