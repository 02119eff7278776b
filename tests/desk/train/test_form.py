"""The form of a training: every row of the config, its limits, the published values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import Field
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication, QLineEdit, QSpinBox

from napari_iris.commands.configs import NETWORK, TRAIN
from napari_iris.desk.forms.field import FieldEdit
from napari_iris.desk.train.form import TrainForm
from napari_iris.desk.train.runs import Run
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


@pytest.fixture
def form(qtbot: QtBot) -> TrainForm:
    form = TrainForm()
    qtbot.addWidget(form)
    form.show()
    return form


def type_into(qtbot: QtBot, form: TrainForm, row: str, text: str) -> None:
    """Type over what a row shows, as a person does."""
    widget = form.rows[row].widget
    widget.setFocus()
    widget.selectAll()
    qtbot.keyClick(widget, Qt.Key.Key_Delete)
    qtbot.keyClicks(widget, text)
    qtbot.keyClick(widget, Qt.Key.Key_Return)


def test_it_begins_as_published(form: TrainForm) -> None:
    assert form.config() == TrainConfig.of(NetworkSpec(kind="unet"))
    assert form.line.text() == "3,652,481 parameters"


def test_every_option_of_the_command_has_its_row(form: TrainForm) -> None:
    """The masks are chosen beside the data."""
    assert set(form.rows) == {"kind", *NETWORK.names, *TRAIN.names} - {"masks"}
    for name, row in form.rows.items():
        field = {**NetworkSpec.model_fields, **TrainConfig.model_fields}[name]
        assert row.widget.toolTip() == field.description
        assert row.widget.accessibleName()


def test_another_network_brings_its_published_values(form: TrainForm) -> None:
    form.rows["kind"].set("vgg8")
    assert form.config() == TrainConfig.of(NetworkSpec(kind="vgg8"))
    assert form.line.text() == "3,432,417 parameters"
    form.rows["kind"].set("unet")
    assert form.config() == TrainConfig.of(NetworkSpec(kind="unet"))


def test_what_a_person_chose_outlasts_another_network(qtbot: QtBot, form: TrainForm) -> None:
    type_into(qtbot, form, "batch_size", "7")
    type_into(qtbot, form, "channels", "4 8")
    form.rows["kind"].set("vgg8")
    config = form.config()
    assert config is not None
    assert (config.batch_size, config.network.channels) == (7, (4, 8))
    assert config.learning_rate == 1e-4


@pytest.mark.parametrize("typed", ["4 8 16", "4, 8, 16", "4,8,16", "4-8-16", "  4  8 16 "])
def test_channels_are_typed_as_one_likes(qtbot: QtBot, form: TrainForm, typed: str) -> None:
    type_into(qtbot, form, "channels", typed)
    config = form.config()
    assert config is not None
    assert config.network.channels == (4, 8, 16)


@pytest.mark.parametrize(
    ("row", "typed", "reason"),
    [
        ("channels", "", "channels: give one number a level"),
        ("channels", "64 many", "channels: input should be a valid integer"),
        ("channels", "64 0", "channels must be 1"),
        ("channels", "4 4 4 4 4 4 4 4 4", "is too small; at least 512 a side"),
        ("learning_rate", "fast", "learning rate: input should be a valid number"),
        ("learning_rate", "0", "learning rate: input should be greater than 0"),
        ("learning_rate", "", "learning rate: "),
        ("shape", "128", "input size: "),
        ("percent", "70 20", "split [%]: "),
        ("gap_s", "-1", "gap [s]: input should be greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_told_at_once(
    qtbot: QtBot, form: TrainForm, row: str, typed: str, reason: str
) -> None:
    type_into(qtbot, form, row, typed)
    assert form.config() is None
    assert reason in form.problem
    assert form.line.text() == form.problem
    assert "color" in form.line.styleSheet()


def test_numbers_stay_within_their_limits(form: TrainForm) -> None:
    least = {name: row.widget.minimum() for name, row in form.rows.items() if is_spin(row)}
    assert least["epochs"] == least["batch_size"] == 1
    assert least["aug_batch_size"] == least["seed"] == 0
    assert form.rows["convolutions"].widget.maximum() == 2


def is_spin(row: FieldEdit) -> bool:
    return isinstance(row.widget, QSpinBox)


def test_the_wheel_rolls_past_a_number(qtbot: QtBot, form: TrainForm) -> None:
    spin = form.rows["epochs"].widget
    form.activateWindow()
    form.rows["channels"].widget.setFocus()
    for focused, value in ((False, 60), (True, 61)):
        if focused:
            spin.setFocus()
            qtbot.waitUntil(spin.hasFocus)
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(spin.mapToGlobal(QPoint(5, 5))),
            QPoint(0, 0),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(spin, event)
        assert spin.value() == value


def test_more_is_folded_away(qtbot: QtBot, form: TrainForm) -> None:
    """Rows that are hidden are out of the way of the Tab key too."""
    epochs, seed = form.rows["epochs"].widget, form.rows["seed"].widget
    for text, shown in (("▸ more", False), ("▾ more", True), ("▸ more", False)):
        assert form.more.text() == text
        assert (epochs.isVisible(), seed.isVisible()) == (True, shown)
        qtbot.keyClick(form.more, Qt.Key.Key_Space)


def test_a_model_to_start_from_brings_its_network(tmp_path: Path, form: TrainForm) -> None:
    spec = NetworkSpec(kind="vgg8", channels=(4, 8), shape=(64, 80), convolutions=1)
    model = Run(tmp_path / "vgg1", "finished", spec, scores=(("val_loss", 0.1),))
    none = Run(tmp_path / "unet1", "stopped", NetworkSpec(kind="unet"))
    form.offer([model, none])
    assert [form.init.itemText(place) for place in range(form.init.count())] == [
        *("new weights", "vgg1")
    ]
    assert form.init.currentData() == ""
    form.init.setCurrentIndex(1)
    form.init.activated.emit(1)
    config = form.config()
    assert config is not None
    assert config.network == spec
    form.offer([none, model])
    assert form.init.currentData() == str(model.folder), "what was chosen stays"
    form.offer([none])
    assert form.init.currentData() == "", "unless it is gone"


@pytest.mark.parametrize(
    ("annotation", "value", "typed", "read"),
    [
        (float | None, None, "0.25", "0.25"),
        (str, "a", "b", "b"),
        (tuple[float, ...], (1.0, 2.5), "1e-5 2", ("1e-5", "2")),
    ],
    ids=["maybe a number", "text", "numbers"],
)
def test_a_row_of_any_other_type_is_text(
    qtbot: QtBot, annotation: Any, value: Any, typed: str, read: Any
) -> None:
    from pydantic import create_model

    config = create_model("Config", it=(annotation, Field(value, description="what it is")))
    row = FieldEdit("it", config.model_fields["it"], value)
    qtbot.addWidget(row.widget)
    assert isinstance(row.widget, QLineEdit)
    assert row.shows(value)
    with qtbot.waitSignal(row.changed):
        row.widget.setText(typed)
    assert row.value == read
    assert config(it=row.value).it is not None
    row.widget.setText("")
    assert row.value == (() if isinstance(value, tuple) else None)
