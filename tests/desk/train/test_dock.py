"""The Train dock without a training: what it suggests, refuses, lists, and hands to a shell."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtCore import QItemSelectionModel, Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox, QPushButton

from napari_iris.app.curation.decisions import Decisions
from napari_iris.app.training.runs import read_run
from napari_iris.desk.train.runs_table import COLUMNS
from napari_iris.desk.workspace import workspace_of
from napari_iris.inference.folders import TRASH
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.project.project import Project
from napari_iris.training.config import TrainConfig
from napari_iris.training.epochs import Epoch
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.train.dock import TrainDock

pytestmark = pytest.mark.gui

SMALL = NetworkSpec(kind="unet", channels=(4, 8))


@pytest.fixture
def dock(train_dock: TrainDock) -> TrainDock:
    return train_dock


def make_run(folder: Path, *losses: float, epochs: int = 2) -> Path:
    run = RunFolder(folder)
    run.create(TrainConfig.of(SMALL, epochs=epochs), {"data": "/sky/night", "data_hash": "0"})
    lines = [
        Epoch(n, 0.5, loss, 0.9, 0.8, 0.7, 1 - loss, 0.5, 1e-3, 1.0)
        for n, loss in enumerate(losses, start=1)
    ]
    run.write_epochs(lines)
    write_card(folder, ModelCard.of(SMALL, metrics={"val_loss": min(losses)}))
    return folder


def look_in(dock: TrainDock, qtbot: QtBot, models: Path) -> None:
    """Choose the folder of the models, and wait until they are listed."""
    dock.train.folder.value = models
    there = sorted(path.parent.parent.name for path in models.glob("*/run/config.json"))
    qtbot.waitUntil(lambda: sorted(run.name for run in dock.training.runs.runs) == there)


def select(dock: TrainDock, *names: str) -> None:
    """Choose models as clicks do."""
    selection, flags = dock.runs.view.selectionModel(), QItemSelectionModel.SelectionFlag
    selection.clearSelection()
    for row in range(dock.runs.sorted.rowCount()):
        index = dock.runs.sorted.index(row, 0)
        if index.data() in names:
            selection.select(index, flags.Select | flags.Rows)


def shown(dock: TrainDock, column: str) -> list[str]:
    """What the table shows in a column, from the top."""
    place, rows = COLUMNS.index(column), dock.runs.sorted.rowCount()
    return [dock.runs.sorted.index(row, place).data() for row in range(rows)]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Answer each question with the button of that text; give what was asked."""

    def answer_with(text: str) -> list[str]:
        asked: list[str] = []

        def press(box: Any) -> None:
            asked.append(f"{box.text()} {box.informativeText()}")
            next(button for button in box.buttons() if button.text().startswith(text)).click()

        monkeypatch.setattr(QMessageBox, "exec", press)
        return asked

    return answer_with


# --- what is learned from


def test_with_nothing_open_it_says_what_to_do(dock: TrainDock) -> None:
    assert dock.data.line.text() == (
        "Open a project in the Curate dock, make masks in the Mask dock, or choose a folder."
    )
    assert not dock.train.panel.start.isEnabled()
    assert not dock.train.panel.copy.isEnabled()
    assert dock.train.problem.isVisible()
    assert dock.runs.hint.isVisible()


def test_the_masks_of_the_night_are_suggested_once_they_are_there(
    dock: TrainDock,
    masks: Path,
    make_night: Callable[..., Path],
    open_night: Callable[..., Any],
    qtbot: QtBot,
) -> None:
    night = make_night(3)
    open_night(night)
    qtbot.waitUntil(lambda: dock.training.data.is_idle)
    assert dock.training.data.folder.value is None
    masks.rename(night.parent / "night_masks")
    qtbot.waitUntil(
        lambda: dock.training.data.folder.value == night.parent / "night_masks", timeout=5000
    )
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    assert dock.data.line.text() == "12 frames with masks"
    assert not dock.data.masks.isVisible(), "a folder has one mask a frame"
    assert dock.training.models.value == night.parent / "night_models"
    assert dock.train.name.text() == "unet1"
    make_night(2, "other")
    open_night(night.parent / "other")
    qtbot.waitUntil(lambda: dock.training.data.folder.value is None)


def test_an_open_project_is_suggested_and_counted_as_it_grows(
    dock: TrainDock, masks: Path, project: Path, qtbot: QtBot
) -> None:
    curation = workspace_of(dock.viewer).curation
    curation.open(Project(project))
    qtbot.waitUntil(dock.data.masks.isVisible)
    assert dock.training.data.folder.value == project
    assert dock.training.models.value == project / "models"
    assert (
        dock.data.line.text() == "6 frames: 0 approved, 6 with automatic masks, 0 with model masks"
    )
    assert not dock.train.panel.start.isEnabled()
    assert dock.train.problem.text().startswith("No frame is approved")
    dock.training.form.set("masks", "auto")
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    assert dock.training.commands()[0][-2:] == ["--masks", "auto"]
    dock.training.form.set("masks", "model")
    assert not dock.train.panel.start.isEnabled()
    dock.training.form.set("masks", "approved")
    Decisions(curation).clear()
    qtbot.waitUntil(lambda: "1 approved" in dock.data.line.text(), timeout=5000)
    assert dock.train.panel.start.isEnabled()
    curation.close()
    assert dock.training.data.folder.value == project, "a closed project can still be trained on"


# --- where the model goes


def test_the_copied_command_is_what_runs(
    dock: TrainDock, masks: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = masks.rename(masks.with_name("it's a night"))
    dock.data.folder.value = folder
    dock.training.form.set("channels", (4, 8))
    dock.training.form.set("learning_rate", 0.005)
    dock.training.form.evaluate = False
    dock.training.form.predictions.choose(folder.parent / "kept")
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    qtbot.mouseClick(dock.train.panel.copy, Qt.MouseButton.LeftButton)
    copied = shlex.split(QGuiApplication.clipboard().text())
    ran: list[list[str]] = []
    monkeypatch.setattr(dock.training.control._runner, "run", lambda words: ran.append(list(words)))
    qtbot.mouseClick(dock.train.panel.start, Qt.MouseButton.LeftButton)
    assert copied[-len(ran[0]) :] == ran[0]
    out = folder.parent / "it's a night_models" / "unet1"
    assert ran[0] == [
        *("train", "unet", str(folder), "--out", str(out)),
        *("--channels", "4", "8", "--learning-rate", "0.005"),
        *("--no-evaluate", "--save-predictions", str(folder.parent / "kept")),
    ]


# --- the models so far


@pytest.fixture
def listed(dock: TrainDock, tmp_path: Path, qtbot: QtBot) -> Path:
    """Folder of three models: one finished, one stopped, one damaged."""
    models = tmp_path / "models"
    make_run(models / "good", 0.4, 0.2)
    make_run(models / "half", 0.3, epochs=9)
    make_run(models / "bad", 0.5, 0.5)
    (models / "bad" / "run" / "config.json").write_text("{")
    look_in(dock, qtbot, models)
    return models


def test_models_are_listed_with_their_results(dock: TrainDock, listed: Path) -> None:
    assert shown(dock, "Name") == ["bad", "good", "half"]
    assert shown(dock, "State") == ["damaged", "trained", "stopped"]
    assert shown(dock, "Val. loss") == ["", "0.2000", "0.3000"]
    assert shown(dock, "Clear IoU") == ["", "0.800", "0.700"]
    assert shown(dock, "Epochs") == ["", "2/2", "1/9"]
    assert shown(dock, "Network") == ["", "unet 4-8", "unet 4-8"]
    tip = dock.runs.sorted.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "config" in tip or "JSON" in tip


@pytest.mark.parametrize("order", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
def test_models_are_sorted_by_what_they_score(
    dock: TrainDock, listed: Path, order: Qt.SortOrder
) -> None:
    dock.runs.view.sortByColumn(COLUMNS.index("Val. loss"), order)
    names = shown(dock, "Name")
    assert names[-1] == "bad", "what has no score comes last"
    assert names[:2] == sorted(["good", "half"], reverse=order == Qt.SortOrder.DescendingOrder), (
        "good has the lower loss"
    )


@pytest.mark.parametrize(
    ("names", "offered"),
    [
        ((), set()),
        (("good",), {"continue", "evaluate", "rename", "delete", "copy"}),
        (("half",), {"continue", "rename", "delete", "copy"}),
        (("bad",), {"rename", "delete"}),
        (("good", "half"), {"delete"}),
    ],
    ids=str,
)
def test_only_what_can_be_done_is_offered(
    dock: TrainDock, listed: Path, names: tuple[str, ...], offered: set[str]
) -> None:
    select(dock, *names)
    buttons = dock.runs.buttons
    assert {name for name, button in buttons.items() if button.isEnabled()} == offered
    assert {name for name, act in dock.runs.actions_of.items() if act.isEnabled()} == offered


def test_a_model_is_renamed_in_its_row(dock: TrainDock, listed: Path, qtbot: QtBot) -> None:
    select(dock, "half")
    qtbot.mouseClick(dock.runs.buttons["rename"], Qt.MouseButton.LeftButton)
    editor = dock.runs.view.findChild(QLineEdit)
    assert editor.text() == "half"
    editor.selectAll()
    qtbot.keyClicks(editor, "better")
    dock.training.runs.refresh()
    qtbot.waitUntil(lambda: dock.training.runs.list.is_current)
    assert editor.text() == "better", "a look at the models leaves what is typed alone"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(dock, "Name") == ["bad", "better", "good"])
    assert [run.name for run in dock.training.runs.selected] == ["better"], "it stays chosen"
    assert read_run(listed / "better").score("val_loss") == 0.3
    assert not (listed / "half").exists()


@pytest.mark.parametrize("name", ["good", "a/b", ""])
def test_a_name_that_cannot_be_is_refused(
    dock: TrainDock, listed: Path, qtbot: QtBot, name: str
) -> None:
    select(dock, "half")
    dock.runs.edit_name()
    editor = dock.runs.view.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    qtbot.keyClicks(editor, name)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(dock.runs.line.isVisible)
    assert shown(dock, "Name") == ["bad", "good", "half"]
    assert (listed / "half").is_dir()


def test_a_model_is_deleted_when_the_person_agrees(
    dock: TrainDock, listed: Path, qtbot: QtBot, answer: Callable[[str], list[str]]
) -> None:
    select(dock, "good", "bad")
    asked = answer("Keep")
    qtbot.mouseClick(dock.runs.buttons["delete"], Qt.MouseButton.LeftButton)
    assert asked == [
        f"Delete bad, good? They are moved to the folder {TRASH} beside the models and can be "
        "restored."
    ]
    assert (listed / "good").is_dir()
    answer("Delete")
    qtbot.mouseClick(dock.runs.buttons["delete"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown(dock, "Name") == ["half"])
    assert dock.runs.line.text() == f"Moved to {TRASH}: bad, good."
    assert (listed / TRASH / "good" / "model.json").is_file()


def test_the_keys_of_the_table(
    dock: TrainDock, listed: Path, qtbot: QtBot, answer: Callable[[str], list[str]]
) -> None:
    dock.activateWindow()
    view = dock.runs.view
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    view.selectRow(1)
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit)
    assert editor.text() == "good"
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    asked = answer("Keep")
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert len(asked) == 1


def test_the_command_of_a_model_is_copied(dock: TrainDock, listed: Path, qtbot: QtBot) -> None:
    select(dock, "half")
    qtbot.mouseClick(dock.runs.buttons["copy"], Qt.MouseButton.LeftButton)
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[words.index("train") :] == [
        *("train", "unet", "/sky/night", "--out", str(listed / "half")),
        *("--channels", "4", "8", "--epochs", "9"),
    ]


# --- how it is used


def test_the_tab_key_reaches_everything(
    dock: TrainDock, masks: Path, listed: Path, qtbot: QtBot
) -> None:
    dock.data.folder.value = masks
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    select(dock, "half")
    dock.activateWindow()
    dock.data.folder.line_edit.native.setFocus()
    qtbot.waitUntil(dock.data.folder.line_edit.native.hasFocus)
    reached = []
    for _ in range(60):
        focused = QApplication.focusWidget()
        if focused in reached:
            break
        reached.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    for widget in (
        *(row.native for row in dock.form.basic.rows.values()),
        dock.form.more,
        dock.device.rescan,
        dock.train.name,
        dock.train.panel.start,
        dock.train.panel.copy,
        dock.curves.loss,
        dock.curves.score,
        dock.curves.choice,
        dock.runs.view,
        *(button for button in dock.runs.buttons.values() if button.isEnabled()),
    ):
        assert widget in reached, widget.accessibleName() or widget.objectName() or widget
    order = [
        reached.index(one) for one in (dock.train.name, dock.train.panel.start, dock.runs.view)
    ]
    assert order == sorted(order)


def test_the_scores_of_the_models_are_in_view(
    make_napari_viewer_proxy: Callable[..., Any], listed: Path, qtbot: QtBot
) -> None:
    """In a window of napari, whose style is another one, at its narrowest."""
    for number in range(9):
        make_run(listed / f"more{number}", 0.4, 0.2)
    viewer = make_napari_viewer_proxy(show=True)
    viewer.window.resize(1024, 700)
    dock = viewer.window.add_plugin_dock_widget("napari-iris", "Train")[1]
    look_in(dock, qtbot, listed)
    header, view = dock.runs.view.horizontalHeader(), dock.runs.view
    qtbot.waitUntil(lambda: view.verticalScrollBar().isVisible())
    names = dock.runs.model.columns
    last = names.index("MCC")
    assert header.sectionPosition(last) + header.sectionSize(last) <= view.viewport().width()
    header.setSortIndicator(names.index("Clear IoU"), Qt.SortOrder.DescendingOrder)
    width = header.fontMetrics().horizontalAdvance("Clear IoU")
    assert header.sectionSize(names.index("Clear IoU")) >= width + 30, "beside the arrow"


def test_long_lines_are_whole(dock: TrainDock, qtbot: QtBot) -> None:
    dock.resize(dock.minimumWidth(), 700)
    dock.train.panel.bar.show()
    dock.training.control.notify("unet1: epoch 3 of 60\n" + "1,200 training frames, 7 alike " * 7)
    qtbot.waitUntil(dock.train.panel.status.isVisible)
    lines = [one for one in dock.findChildren(QLabel) if one.isVisible() and one.wordWrap()]
    assert dock.train.panel.status in lines
    assert dock.device.line in lines
    for line in lines:
        assert line.height() >= line.heightForWidth(line.width()), line.text()


def test_buttons_say_what_they_do(dock: TrainDock) -> None:
    for button in dock.findChildren(QPushButton):
        assert button.text() or button.accessibleName()
    for button in (dock.train.panel.start, dock.train.panel.cancel, *dock.runs.buttons.values()):
        assert button.toolTip()


def test_a_small_screen_scrolls(dock: TrainDock, qtbot: QtBot) -> None:
    dock.resize(400, 300)
    qtbot.waitUntil(lambda: dock.verticalScrollBar().maximum() > 0)
    assert dock.horizontalScrollBar().maximum() == 0
    dock.ensureWidgetVisible(dock.runs.buttons["delete"])
    place = dock.runs.buttons["delete"].mapTo(dock, dock.runs.buttons["delete"].rect().center())
    assert dock.rect().contains(place)


def test_long_names_widen_nothing(
    dock: TrainDock, masks: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    dock.resize(440, 900)
    qtbot.waitUntil(lambda: dock.width() == 440)
    assert dock.horizontalScrollBar().maximum() == 0
    name = "a_name_as_a_program_gives_it_" * 6
    folder = masks.rename(tmp_path / name)
    make_run(tmp_path / f"{name}_models" / name, 0.5, 0.4)
    dock.data.folder.value = folder
    qtbot.waitUntil(lambda: shown(dock, "Name") == [name])
    select(dock, name)
    dock.training.runs.note(f"Moved to {TRASH}: {name}.")
    dock.train.name.setText(name)
    qtbot.waitUntil(lambda: name in dock.train.problem.text())
    QApplication.processEvents()
    assert dock.horizontalScrollBar().maximum() == 0
    assert dock.runs.line.toolTip() == f"Moved to {TRASH}: {name}."


def test_a_model_that_a_shell_trains_shows_by_itself(
    dock: TrainDock, listed: Path, qtbot: QtBot
) -> None:
    select(dock, "half")
    make_run(listed / "shell", 0.5, 0.4)
    qtbot.waitUntil(lambda: "shell" in shown(dock, "Name"), timeout=60_000)
    assert [run.name for run in dock.training.runs.selected] == ["half"]
