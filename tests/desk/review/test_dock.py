"""The Review dock: stored predictions against their truth, frame by frame, and how one gets on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt

from napari_iris.app.prediction.errors import error_map
from napari_iris.app.prediction.source import FileSource, ModelSource
from napari_iris.app.prediction.truth_source import TruthSource
from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.masks.mask_file import mask_path, read_mask
from napari_iris.matching.names import prediction_path
from napari_iris.metrics.counts import Counts, scores

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.review.dock import ReviewDock
    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

COUNT = 6


@pytest.fixture(scope="session")
def _sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six simulated frames with their exact truth."""
    from napari_iris.cli.main import main

    folder = tmp_path_factory.mktemp("sky") / "sky"
    words = ["simulate", folder, "--count", COUNT, "--sky", "mixed", "--seed", 4]
    assert main([str(word) for word in words]) == 0
    return folder


@pytest.fixture
def sky(_sky: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_sky, tmp_path / "sky")


@pytest.fixture
def review(
    review_dock: ReviewDock,
    sky: Path,
    make_model: Callable[..., Path],
    make_predictions: Callable[..., Path],
    open_night: Callable[..., Any],
    settle: Callable[[], None],
) -> ReviewDock:
    """The dock on six predictions with their exact truth; the second frame is in view."""
    out = make_predictions(sky / "frames", make_model())
    open_night(sky / "frames")
    review_dock.session.go_to(1)
    review_dock.choice_box.predictions.value = out
    settle()
    return review_dock


@pytest.fixture
def settle(review_dock: ReviewDock, qtbot: QtBot) -> Callable[[], None]:
    """Wait until the dock shows what belongs to the frame in view."""

    def wait() -> None:
        qtbot.waitUntil(lambda: review_dock.is_current, timeout=60_000)

    return wait


def layer(model: Any, mark: str) -> Any:
    return next((one for one in model.layers if one.metadata.get(mark)), None)


def seen(model: Any) -> set[str]:
    """Layers over the frame that are to be seen."""
    return {one.name.split(" ")[0] for one in model.layers if one.visible} - {"frames", "frame"}


def shown(dock: ReviewDock) -> Path | None:
    """Frame whose prediction is shown."""
    result = dock.prediction.result
    return None if result is None else result.frame


def truth_of(sky: Path, path: Path) -> np.ndarray:
    return read_mask(mask_path(path, sky / "truth")).mask


def test_the_next_step_is_shown(review_dock: ReviewDock) -> None:
    assert review_dock.choice_box.hint.isVisible()
    assert "Predict frames in the Predict dock" in review_dock.choice_box.hint.text()
    assert not review_dock.evaluation.panel.start.isEnabled()
    assert not review_dock.evaluation.export.isEnabled()
    assert not review_dock.frame.accept_box.button.isEnabled()
    assert review_dock.table.model.rowCount() == 0


def test_a_folder_without_predictions_shows_none(
    review: ReviewDock, tmp_path: Path, model: Any, settle: Callable[[], None]
) -> None:
    good = review.choice.predictions.value
    assert seen(model) == {"errors", "mask", "probability"}
    (tmp_path / "empty").mkdir()
    review.choice_box.predictions.value = tmp_path / "empty"
    settle()
    assert "holds no predictions" in review.message.text()
    assert review.prediction.result is None
    assert not seen(model)
    assert not review.frame.accept_box.button.isEnabled()
    review.choice_box.predictions.value = good
    settle()
    assert review.frame.accept_box.button.isEnabled()
    assert seen(model) == {"errors", "mask", "probability"}


def test_the_errors_are_exact(
    review: ReviewDock, sky: Path, model: Any, settle: Callable[[], None]
) -> None:
    for number in range(COUNT):
        review.session.go_to(number)
        settle()
        path = review.session.path
        found = read_prediction(prediction_path(path, review.choice.predictions.value))
        mask, truth = cloud_mask(found.probability, found.threshold), truth_of(sky, path)
        errors = error_map(mask, truth)
        np.testing.assert_array_equal(layer(model, "iris_errors").data, errors)
        expected = scores(Counts.of(mask == 1, truth == 1, (mask < 2) & (truth < 2)))
        assert f"Accuracy {expected['accuracy']:.3f}" in review.frame.scores.text()
        fraction = (truth == 1).sum() / (truth < 2).sum()
        assert f"true cloud fraction {fraction:.1%}" in review.frame.scores.text()


def test_the_errors_follow_the_threshold(review: ReviewDock, sky: Path, model: Any) -> None:
    truth = truth_of(sky, review.session.path)
    for place in (5, 950):
        review.frame.threshold.slider.setValue(place)
        mask = cloud_mask(review.prediction.result.prediction.probability, place / 1000)
        np.testing.assert_array_equal(layer(model, "iris_errors").data, error_map(mask, truth))


def test_a_click_in_the_table_brings_the_frame(
    review: ReviewDock, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    table = review.table
    for place in (3, 0, 5):
        spot = table.view.visualRect(table.model.index(place, 1)).center()
        table.view.scrollTo(table.model.index(place, 1))
        spot = table.view.visualRect(table.model.index(place, 1)).center()
        qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        row = int(table.model.rows[place])
        assert review.session.number == review.reviewer.review.places[row]
        settle()
        assert review.prediction.result.frame == review.session.path
        assert review.cover.row == row


def test_the_table_and_the_curve_follow_the_frame(review: ReviewDock) -> None:
    for number in (4, 0):
        review.session.go_to(number)
        row = review.reviewer.review.row_of(number)
        assert review.table.model.rows[review.table.view.currentIndex().row()] == row
        assert review.cover.row == row


def test_a_click_on_the_curve_brings_the_frame(review: ReviewDock, qtbot: QtBot) -> None:
    for row in (5, 2):
        x = round(review.cover.place(review.cover.series.x[row] / 1e6, 0).x())
        qtbot.mouseClick(review.cover.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 70))
        assert review.session.number == review.reviewer.review.places[row]


def test_blinking_shows_one_thing_at_a_time(
    review: ReviewDock, model: Any, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    before = seen(model)
    assert before == {"errors", "mask", "probability"}
    for shown, layers in (
        ("prediction", {"mask"}),
        ("truth", {"truth"}),
        ("none", set()),
        ("", before),
    ):
        qtbot.mouseClick(review.frame.blink, Qt.MouseButton.LeftButton)
        assert seen(model) == layers
        assert review.frame.blink.text() == (f"Blink: {shown}" if shown else "Blink")
    assert not review.frame.checks["truth"].isChecked(), "what is wanted stays"
    review.blink.step()
    review.session.go_to(3)
    settle()
    assert seen(model) == before, "a step ends it"


def test_blinking_by_itself_goes_on_from_frame_to_frame(
    review: ReviewDock, model: Any, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    before = seen(model)
    review.frame.auto_blink.click()
    for layers in ({"mask"}, {"truth"}, {"mask"}):
        qtbot.waitUntil(lambda layers=layers: seen(model) == layers, timeout=3000)
    review.session.go_to(4)
    settle()
    assert seen(model) in ({"mask"}, {"truth"})
    np.testing.assert_array_equal(layer(model, "iris_model_mask").data, review.prediction.mask)
    review.frame.auto_blink.click()
    assert seen(model) == before


def test_side_by_side_has_the_truth_left_and_the_prediction_right(
    review: ReviewDock, model: Any, settle: Callable[[], None]
) -> None:
    night = model.layers["frames"]
    review.frame.side.click()
    copy, columns = layer(model, "iris_copy"), review.session.sequence.shape[2]
    np.testing.assert_array_equal(copy.data, review.session.sequence.pixels(1))
    assert copy.translate[1] > columns
    cut = layer(model, "iris_model_mask")
    left = cut.data_to_world((0, 0))[1] - copy.data_to_world((0, 0))[1]
    assert abs(left) < 2, "over the copy"
    assert layer(model, "iris_errors").translate[-1] < columns / 2, "over the night itself"
    assert model.layers.index(copy) == model.layers.index(night) + 1
    night.contrast_limits = (610, 650)
    assert list(copy.contrast_limits) == [610, 650]
    review.session.go_to(2)
    settle()
    np.testing.assert_array_equal(copy.data, review.session.sequence.pixels(2))
    review.frame.side.click()
    assert layer(model, "iris_copy") is None
    assert cut.translate[-1] < columns / 2


def test_a_copy_that_is_deleted_ends_side_by_side(review: ReviewDock, model: Any) -> None:
    review.frame.side.click()
    model.layers.remove(layer(model, "iris_copy"))
    assert not review.frame.side.isChecked()
    assert layer(model, "iris_model_mask").translate[-1] < review.session.sequence.shape[2] / 2


def test_all_can_be_cleared_while_it_is_side_by_side(review: ReviewDock, model: Any) -> None:
    review.frame.side.click()
    model.layers.clear()
    assert len(model.layers) == 0


def test_the_predict_dock_and_the_review_dock_take_turns(
    review: ReviewDock,
    model: Any,
    make_model: Callable[..., Path],
    qtbot: QtBot,
    settle: Callable[[], None],
) -> None:
    from napari_iris.desk.predict.dock import PredictDock

    dock = PredictDock(model)
    qtbot.addWidget(dock)
    dock.show()
    unet = make_model("other", 3)
    dock.models.choose(unet)
    prediction = review.prediction
    qtbot.waitUntil(lambda: isinstance(prediction.source, ModelSource), timeout=60_000)
    qtbot.waitUntil(lambda: dock.summary.model.text().startswith("other@"), timeout=60_000)
    assert review.frame.summary.model.text().startswith("other@"), "both say whose it is"
    review.reviewer.go_to(2)
    settle()
    assert isinstance(review.prediction.source, FileSource)
    assert not dock.live.isChecked()
    assert dock.summary.model.text().startswith("unet1@")
    dock.live.click()
    assert isinstance(review.prediction.source, ModelSource)


def test_the_numbers_of_a_project_follow_the_person(
    open_desk: Callable[..., Desk],
    project: Path,
    make_model: Callable[..., Path],
    make_predictions: Callable[..., Path],
) -> None:
    """The label that is drawn is the truth: errors change as it is corrected."""
    out = make_predictions(project.parent / "night", make_model())
    desk = open_desk(project)
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Review")[1]
    dock.choice_box.predictions.value = out
    desk.press("N", "N")
    desk.wait(lambda: dock.is_current and dock.reviewer.review is not None, timeout=60_000)
    assert dock.choice.source == TruthSource(project)
    assert dock.choice_box.masks.isVisible()
    assert dock.frame.scores.text() == "This frame has no reference mask."
    desk.press("G")
    desk.wait(lambda: "Accuracy" in dock.frame.scores.text())
    drawn = desk.mask
    errors = layer(desk.viewer, "iris_errors")
    np.testing.assert_array_equal(errors.data, error_map(dock.prediction.mask, drawn))
    desk.press("S")
    desk.wait(lambda: np.array_equal(errors.data, error_map(dock.prediction.mask, desk.mask)))
    assert not np.array_equal(desk.mask, drawn)
    desk.press("O")
    assert (desk.layer.visible, layer(desk.viewer, "iris_model_mask").visible) == (False, True)
    desk.press("O")
    assert (desk.layer.visible, layer(desk.viewer, "iris_model_mask").visible) == (True, False)
    desk.press("O", "O")
    assert desk.layer.visible
    desk.press("Y", "Y")
    assert desk.decision(2).status == "approved"
    dock.choice_box.masks.setCurrentText("Automatic masks")
    desk.wait(lambda: dock.is_current and "Accuracy" in dock.frame.scores.text())
    auto = desk.stored(desk.row, "auto")
    np.testing.assert_array_equal(errors.data, error_map(dock.prediction.mask, auto))


def test_keys_work_whatever_in_the_dock_has_the_focus(
    open_desk: Callable[..., Desk],
    project: Path,
    make_model: Callable[..., Path],
    make_predictions: Callable[..., Path],
    qtbot: QtBot,
) -> None:
    out = make_predictions(project.parent / "night", make_model())
    desk = open_desk(project)
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Review")[1]
    dock.choice_box.predictions.value = out
    desk.wait(lambda: dock.is_current and dock.reviewer.review is not None, timeout=60_000)
    dock.table.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    desk.curation.session.go_to(5)
    for widget in (dock.table.view, dock.cover, dock.frame.blink, dock.frame.threshold.slider):
        path = desk.curation.session.path
        desk.wait(
            lambda path=path: (
                dock.prediction.result is not None and dock.prediction.result.frame == path
            )
        )
        row = desk.row
        window = dock.window()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        desk.press("Y", on=widget)
        assert desk.decision(row).status == "approved", type(widget)
        assert desk.row == row - 1, "the next frame is that of the table"


def test_closing_the_dock_gives_everything_back(
    open_desk: Callable[..., Desk],
    make_model: Callable[..., Path],
    make_predictions: Callable[..., Path],
    sky: Path,
) -> None:
    desk = open_desk()
    desk.viewer.open(str(sky / "frames"), plugin="napari-iris")
    dock = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Review")[1]
    dock.choice_box.predictions.value = make_predictions(sky / "frames", make_model())
    prediction = dock.prediction
    desk.wait(lambda: prediction.result is not None and prediction.is_current, timeout=60_000)
    dock.frame.side.click()
    dock.frame.auto_blink.click()
    assert len(desk.viewer.layers) > 3
    desk.viewer.window.remove_dock_widget(dock)
    desk.wait(lambda: [one.name for one in desk.viewer.layers] == ["frames"])
    assert not dock.blink.is_running
    assert prediction.source is None
    dock.session.go_to(1)
    desk.wait(lambda: prediction.is_current)
    assert [one.name for one in desk.viewer.layers] == ["frames"]


def test_on_a_small_screen_the_dock_scrolls(review_dock: ReviewDock, qtbot: QtBot) -> None:
    review_dock.resize(390, 300)
    qtbot.waitUntil(lambda: review_dock.verticalScrollBar().maximum() > 0)
    assert review_dock.widget().minimumSizeHint().width() <= 390


def test_every_control_has_a_tip_and_is_reached_by_the_keyboard(review_dock: ReviewDock) -> None:
    frame, evaluate, table = review_dock.frame, review_dock.evaluation, review_dock.table
    controls = [
        *(
            frame.blink,
            frame.auto_blink,
            frame.side,
            frame.accept_box.button,
            *frame.checks.values(),
        ),
        *(frame.threshold.slider, frame.threshold.number, frame.threshold.reset),
        *(evaluate.panel.start, evaluate.export, evaluate.panel.cancel, evaluate.panel.copy),
        evaluate.accepted,
        *(table.order, review_dock.choice_box.masks),
    ]
    for control in controls:
        assert control.toolTip(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
    for widget in (table.view, review_dock.cover, review_dock.confusion, review_dock.roc):
        assert widget.accessibleName()


def test_the_tab_key_reaches_every_control_and_shows_where_it_is(
    review: ReviewDock, tab_through: Callable[..., list[Any]]
) -> None:
    first = review.choice_box.predictions.line_edit.native
    reached = tab_through(review, first)
    frame, evaluate, table = review.frame, review.evaluation, review.table
    for control in (
        review.choice_box.predictions.choose_btn.native,
        *(frame.threshold.slider, frame.threshold.number, *frame.checks.values()),
        *(frame.blink, frame.auto_blink, frame.side, frame.accept_box.button),
        *(table.order, table.view, review.cover),
        *(evaluate.panel.start, evaluate.export, evaluate.panel.copy),
    ):
        assert control in reached, control.accessibleName() or control.text()
