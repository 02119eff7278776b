"""The widgets of a form: typed values, the wheel, rows folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication

from napari_iris.app.training.form import TrainingForm
from napari_iris.app.training.runs import Run
from napari_iris.desk.train.form import FOLDED, OPEN, TrainingFormView
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


@pytest.fixture
def view(qtbot: QtBot) -> TrainingFormView:
    view = TrainingFormView(TrainingForm())
    qtbot.addWidget(view)
    view.show()
    return view


def type_into(qtbot: QtBot, view: TrainingFormView, row: str, text: str) -> None:
    """Type over what a row shows."""
    widget = view.rows[row].native
    widget.setFocus()
    widget.selectAll()
    qtbot.keyClick(widget, Qt.Key.Key_Delete)
    qtbot.keyClicks(widget, text)
    qtbot.keyClick(widget, Qt.Key.Key_Return)


def test_every_field_has_a_row_with_its_description(view: TrainingFormView) -> None:
    """The masks are chosen with the data."""
    assert set(view.rows) == set(view.form.fields) - {"masks"}
    for name, row in view.rows.items():
        field = view.form.fields[name]
        assert row.tooltip == row.native.toolTip() == field.tooltip
        assert row.native.accessibleName() == field.label
        assert row.value == view.form.shown(name)


def test_typed_values_are_taken(qtbot: QtBot, view: TrainingFormView) -> None:
    type_into(qtbot, view, "batch_size", "7")
    type_into(qtbot, view, "channels", "4-8")
    type_into(qtbot, view, "learning_rate", "1e-5")
    assert view.form.config is not None
    assert view.form.config.batch_size == 7
    assert view.form.config.network.channels == (4, 8)
    assert view.form.config.learning_rate == 1e-5
    assert view.rows["channels"].value == "4-8", "it stays as it was typed"


def test_the_rows_follow_the_form(view: TrainingFormView) -> None:
    view.rows["kind"].value = "vgg8"
    assert view.rows["channels"].value == "32 64 128"
    assert view.rows["aug_batch_size"].value == 0
    assert view.line.text() == "3,432,417 parameters"


def test_a_problem_is_shown_in_red(qtbot: QtBot, view: TrainingFormView) -> None:
    type_into(qtbot, view, "channels", "")
    assert view.line.text() == view.form.problem != ""
    assert "color" in view.line.styleSheet()
    type_into(qtbot, view, "channels", "4 8")
    assert "parameters" in view.line.text()
    assert not view.line.styleSheet()


def test_numbers_stay_within_their_limits(view: TrainingFormView) -> None:
    assert view.rows["epochs"].min == 1
    assert view.rows["aug_batch_size"].min == 0
    assert view.rows["convolutions"].max == 2


def wheel(widget: Any) -> None:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(widget.mapToGlobal(QPoint(5, 5))),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_the_wheel_scrolls_past_a_number_without_the_focus(
    qtbot: QtBot, view: TrainingFormView
) -> None:
    epochs, kind = view.rows["epochs"], view.rows["kind"]
    view.activateWindow()
    view.rows["channels"].native.setFocus()
    wheel(epochs.native)
    wheel(kind.native)
    assert (epochs.value, kind.value) == (60, "unet")
    epochs.native.setFocus()
    qtbot.waitUntil(epochs.native.hasFocus)
    wheel(epochs.native)
    assert epochs.value == 61


def test_the_other_options_are_folded_away(qtbot: QtBot, view: TrainingFormView) -> None:
    """Rows that are hidden are skipped by the Tab key too."""
    epochs, seed = view.rows["epochs"].native, view.rows["seed"].native
    for text, shown in ((FOLDED, False), (OPEN, True), (FOLDED, False)):
        assert view.more.text() == text
        assert (epochs.isVisible(), seed.isVisible()) == (True, shown)
        qtbot.keyClick(view.more, Qt.Key.Key_Space)


def test_a_model_to_start_from_is_chosen(tmp_path: Path, view: TrainingFormView) -> None:
    spec = NetworkSpec(kind="vgg8", channels=(4, 8), shape=(64, 80), convolutions=1)
    scores = (("val_loss", 0.1),)
    model = Run(tmp_path / "vgg1", "finished", spec, scores=scores, normalisation="asinh")
    view.form.offer_start_models([model])
    box = view.init.native
    assert [box.itemText(place) for place in range(box.count())] == ["New weights", "vgg1"]
    box.setCurrentIndex(1)
    assert view.form.start_from == str(model.folder)
    assert view.rows["kind"].value == "vgg8"
    assert view.rows["normalisation"].value == "asinh"
    view.form.offer_start_models([])
    assert view.init.value == ""


def test_what_is_chosen_beside_the_config(view: TrainingFormView, tmp_path: Path) -> None:
    view.evaluate.value = False
    view.predictions.value = tmp_path
    assert not view.form.evaluate
    assert view.form.predictions.value == tmp_path
