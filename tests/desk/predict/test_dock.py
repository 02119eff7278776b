"""The Predict dock: models, the live prediction of the frame in view, its threshold and layers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from scipy.special import expit

from napari_iris.app.keys import MODEL
from napari_iris.frames.rebin import rebin
from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.networks.normalisation import network_input
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.predict.dock import PredictDock

pytestmark = pytest.mark.gui


@pytest.fixture
def settle(predict_dock: PredictDock, qtbot: QtBot) -> Callable[[], None]:
    """Wait until the dock shows what belongs to the frame in view."""
    return lambda: qtbot.waitUntil(lambda: predict_dock.is_current, timeout=60_000)


@pytest.fixture
def night(
    make_model: Callable[..., Path],
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    predict_dock: PredictDock,
    qtbot: QtBot,
) -> Path:
    """Six frames, and the model of what is bright beside them; the fourth frame is in view."""
    make_model()
    folder = make_night(6)
    open_night(folder)
    predict_dock.session.go_to(3)
    qtbot.waitUntil(lambda: predict_dock.prediction.result is not None, timeout=60_000)
    qtbot.waitUntil(lambda: predict_dock.is_current)
    return folder


def expected(dock: PredictDock, number: int) -> np.ndarray:
    """What the model of what is bright says, by its formula."""
    frame = rebin(dock.session.sequence.pixels(number), (128, 160))
    x = np.maximum(network_input(frame, "zscale")[..., 0], 0)
    return expit(12 * x - 6)


def layer(model: Any, mark: str) -> Any:
    return next((one for one in model.layers if one.metadata.get(mark)), None)


def shows(prediction: Any, path: Path) -> bool:
    return prediction.result is not None and prediction.result.frame == path


def model_of(prediction: Any) -> str:
    """Model of the prediction that is shown; empty for none."""
    return "" if prediction.result is None else str(prediction.result.prediction.model)


def test_the_model_beside_the_frames_is_chosen_and_named(
    predict_dock: PredictDock,
    make_model: Callable[..., Path],
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    qtbot: QtBot,
) -> None:
    metrics = {"iou_clear": 0.694, "mcc": 0.792, "accuracy": 0.9517, "val_loss": 0.1}
    folder = make_model(metrics=metrics, training={"engine": "keras"}, data_licence="CC0")
    make_model("vgg1", 1, "vgg8")
    open_night(make_night(2))
    models = predict_dock.models
    qtbot.waitUntil(lambda: models.model is not None and models.model.folder == folder)
    text = predict_dock.model_box.summary.text()
    assert "U-Net 2-2, 377 parameters" in text
    assert "Validation: clear IoU 0.694, MCC 0.792, accuracy 0.952" in text
    assert "Trained with Keras by napari-iris" in text
    assert "data: CC0" in text
    box = predict_dock.model_box.classifier
    names = [box.itemText(place) for place in range(box.count())]
    assert names == ["None (segment every frame)", "vgg1"]
    assert models.classifier is None


def test_without_a_model_the_dock_says_how_to_get_one(
    make_model: Callable[..., Path],
    predict_dock: PredictDock,
    make_night: Callable[..., Path],
    open_night: Any,
    settle: Any,
) -> None:
    open_night(make_night(2))
    settle()
    assert "Train one in the Train dock" in predict_dock.model_box.summary.text()
    for widget in (
        predict_dock.live,
        predict_dock.accept_box.button,
        predict_dock.job_box.panel.start,
    ):
        assert not widget.isEnabled()


def test_the_shipped_models_work_at_once(
    predict_dock: PredictDock, open_night: Callable[..., Any], qtbot: QtBot
) -> None:
    """The U-Net with its classifier, on the sample night: a clear frame and a cloudy one."""
    open_night(sample_night())
    models, prediction = predict_dock.models, predict_dock.prediction
    qtbot.waitUntil(lambda: models.model is not None, timeout=60_000)
    assert (models.model.name, models.classifier.name) == ("unet-lwir", "vgg8-lwir")
    assert predict_dock.model_box.model.currentText() == "unet-lwir (shipped)"
    assert "Shipped with napari-iris" in predict_dock.model_box.summary.text()
    for number, cloudy in ((2, False), (15, True)):
        predict_dock.session.go_to(number)
        path = predict_dock.session.path
        qtbot.waitUntil(lambda path=path: shows(prediction, path), timeout=60_000)
        assert (prediction.cloud_fraction > 0.1) == cloudy
    box = predict_dock.model_box.classifier
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert models.classifier is None
    models.refresh()
    qtbot.waitUntil(lambda: models.list.is_current)
    assert models.classifier is None, "the user's choice is kept"
    assert box.currentIndex() == 0


def test_with_no_night_nothing_is_asked(
    predict_dock: PredictDock, make_model: Callable[..., Path], qtbot: QtBot
) -> None:
    predict_dock.models.choose(make_model())
    qtbot.waitUntil(lambda: predict_dock.models.model is not None)
    assert predict_dock.summary.source.text() == "No frames are open."
    assert not predict_dock.live.isEnabled()
    assert not predict_dock.job_box.panel.start.isEnabled()


def test_a_damaged_model_is_reported_and_not_run(
    predict_dock: PredictDock, night: Path, make_model: Callable[..., Path], qtbot: QtBot
) -> None:
    folder = make_model("broken")
    (folder / "model.json").write_text("{")
    predict_dock.models.choose(folder)
    qtbot.waitUntil(lambda: predict_dock.model_box.model.currentText() == "broken (damaged)")
    assert "is damaged" in predict_dock.model_box.summary.text()
    assert predict_dock.prediction.result is None
    assert not predict_dock.job_box.panel.start.isEnabled()


def test_the_layers_show_it_and_name_the_model(
    predict_dock: PredictDock, night: Path, model: Any
) -> None:
    prediction = predict_dock.prediction
    name = prediction.result.prediction.model
    assert name.startswith("unet1@")
    image, mask = layer(model, "iris_probability"), layer(model, "iris_model_mask")
    assert (image.name, mask.name) == (f"probability ({name})", f"mask ({name})")
    np.testing.assert_array_equal(image.data, prediction.result.prediction.probability)
    assert list(image.contrast_limits) == [0, 1]
    assert image.colormap.name == "cloud probability"
    np.testing.assert_array_equal(mask.data, image.data >= np.float32(0.5))
    assert layer(model, "iris_uncertainty") is None, "not asked for"
    assert model.layers.selection.active.name == "night"
    assert "iris_frame" in image.metadata


def test_the_mask_follows_the_threshold_while_it_is_dragged(
    predict_dock: PredictDock, night: Path, model: Any, qtbot: QtBot
) -> None:
    row, prediction = predict_dock.threshold, predict_dock.prediction
    row.slider.setSliderDown(True)
    fractions = []
    for place in (1, 500, 1000):
        row.slider.setSliderPosition(place)
        probability = prediction.result.prediction.probability
        np.testing.assert_array_equal(
            layer(model, "iris_model_mask").data, cloud_mask(probability, place / 1000)
        )
        assert row.number.value() == place / 1000
        fractions.append(prediction.cloud_fraction)
        assert predict_dock.summary.cloud.text().startswith(f"{fractions[-1]:.1%}")
    row.slider.setSliderDown(False)
    assert fractions == sorted(fractions, reverse=True)
    assert fractions == [1, 0.3, 0]
    qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert (prediction.threshold, row.slider.value()) == (0.5, 500)
    assert not row.reset.isEnabled()


def test_the_threshold_is_moved_by_the_keyboard(
    predict_dock: PredictDock, night: Path, qtbot: QtBot
) -> None:
    slider = predict_dock.threshold.slider
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert predict_dock.prediction.threshold == 0.51
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert predict_dock.prediction.threshold == 0.46


def test_turned_copies_give_an_uncertainty_layer(
    predict_dock: PredictDock, night: Path, model: Any, qtbot: QtBot
) -> None:
    check = predict_dock.checks["uncertainty"]
    check.click()
    prediction = predict_dock.prediction
    qtbot.waitUntil(lambda: layer(model, "iris_uncertainty") is not None, timeout=60_000)
    assert layer(model, "iris_uncertainty").name.startswith("uncertainty (unet1@")
    np.testing.assert_array_equal(
        layer(model, "iris_uncertainty").data, prediction.result.prediction.spread
    )
    check.click()
    qtbot.waitUntil(lambda: prediction.is_current)
    assert prediction.result.prediction.spread is None
    assert not layer(model, "iris_uncertainty").visible


def test_the_boxes_and_the_eyes_of_the_layer_list_are_one(
    predict_dock: PredictDock, night: Path, model: Any, settle: Callable[[], None]
) -> None:
    layer(model, "iris_probability").visible = False
    assert not predict_dock.checks["probability"].isChecked()
    predict_dock.session.go_to(1)
    settle()
    assert not layer(model, "iris_probability").visible, "a step does not show what was hidden"
    layer(model, "iris_probability").visible = True
    assert predict_dock.checks["probability"].isChecked()
    np.testing.assert_array_equal(
        layer(model, "iris_probability").data, predict_dock.prediction.result.prediction.probability
    )


def test_a_layer_that_is_deleted_stays_away_until_it_is_wanted(
    predict_dock: PredictDock, night: Path, model: Any, settle: Callable[[], None]
) -> None:
    model.layers.remove(layer(model, "iris_model_mask"))
    assert not predict_dock.checks["mask"].isChecked()
    predict_dock.session.go_to(1)
    settle()
    assert layer(model, "iris_model_mask") is None
    predict_dock.checks["mask"].click()
    np.testing.assert_array_equal(
        layer(model, "iris_model_mask").data, predict_dock.prediction.mask
    )


def test_after_all_is_cleared_a_new_night_is_predicted(
    predict_dock: PredictDock,
    night: Path,
    model: Any,
    open_night: Callable[..., Any],
    qtbot: QtBot,
) -> None:
    model.layers.clear()
    qtbot.waitUntil(lambda: predict_dock.prediction.result is None)
    assert not predict_dock.job_box.panel.start.isEnabled()
    open_night(night)
    qtbot.waitUntil(lambda: layer(model, "iris_model_mask") is not None, timeout=60_000)
    assert layer(model, "iris_model_mask").visible
    assert predict_dock.checks["mask"].isChecked()


def test_unticked_the_frame_is_left_alone(
    predict_dock: PredictDock, night: Path, model: Any, qtbot: QtBot
) -> None:
    predict_dock.live.click()
    assert predict_dock.prediction.result is None
    assert not layer(model, "iris_probability").visible
    predict_dock.session.go_to(0)
    assert predict_dock.prediction.is_current
    assert predict_dock.prediction.result is None
    predict_dock.live.click()
    qtbot.waitUntil(lambda: predict_dock.prediction.result is not None, timeout=60_000)


def test_a_raw_frame_has_its_prediction_on_the_right_pixels(
    predict_dock: PredictDock,
    make_model: Callable[..., Path],
    write_frame: Callable[..., Path],
    open_night: Callable[..., Any],
    model: Any,
    qtbot: QtBot,
) -> None:
    """A raw frame of 512 x 640: mask pixel (r, c) covers rows 4r to 4r + 3."""
    frame = np.random.default_rng(0).normal(600, 1, (512, 640))
    frame[400:440, 80:120] += 300
    predict_dock.models.choose(make_model())
    open_night(write_frame("raw.fits", frame.astype(np.int16)))
    qtbot.waitUntil(lambda: layer(model, "iris_model_mask") is not None, timeout=60_000)
    cut = layer(model, "iris_model_mask")
    cut.contour = 0
    for world, cloud in (((400, 80), 1), ((439, 119), 1), ((396, 80), 0), ((440, 119), 0)):
        assert cut.get_value((0, *world), world=True) == cloud, world


def test_long_names_do_not_widen_the_dock(
    predict_dock: PredictDock, night: Path, make_model: Callable[..., Path], qtbot: QtBot
) -> None:
    before = predict_dock.widget().minimumSizeHint().width()
    predict_dock.models.choose(make_model("unet_" + "long_" * 20))
    qtbot.waitUntil(lambda: "long_long" in predict_dock.summary.model.text(), timeout=60_000)
    assert predict_dock.widget().minimumSizeHint().width() <= max(before, 380)
    assert predict_dock.summary.model.toolTip().startswith("unet_long_")


def test_every_control_has_a_tip_and_is_reached_by_the_keyboard(predict_dock: PredictDock) -> None:
    panel = predict_dock.job_box.panel
    controls = [
        *(predict_dock.live, predict_dock.accept_box.button, *predict_dock.checks.values()),
        *(predict_dock.threshold.slider, predict_dock.threshold.number),
        *(predict_dock.model_box.model, predict_dock.model_box.classifier),
        predict_dock.model_box.browse,
        *(panel.start, panel.cancel, panel.copy),
    ]
    for control in controls:
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_dock_gives_keys_and_layers_back(
    model: Any, night: Path, predict_dock: PredictDock
) -> None:
    keys = {str(key) for key in model.keymap}
    assert {one.key for one in MODEL} <= keys
    image = model.layers["night"]
    assert {str(key) for key in image.keymap} == {one.key for one in MODEL}
    predict_dock.leave()
    assert not {one.key for one in MODEL} & {str(key) for key in model.keymap}
    assert not image.keymap
    assert [one.name for one in model.layers] == ["night"]


def test_no_learning_library_enters_the_window(night: Path) -> None:
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"tensorflow", "keras", "jax", "flax"}
    assert "openvino" in loaded
