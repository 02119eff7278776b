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
from napari_iris.desk.train.runs_model import COLUMNS
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
    qtbot.waitUntil(lambda: sorted(run.name for run in dock.runs.runs) == there)


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


# --- what is learnt from


def test_with_nothing_open_it_says_what_to_do(dock: TrainDock) -> None:
    assert dock.data.line.text() == (
        "Open a project in the Curate dock, make masks in the Mask dock, or choose a folder."
    )
    assert not dock.train.panel.start.isEnabled()
    assert not dock.train.panel.copy.isEnabled()
    assert dock.train.why.isVisible()
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
    qtbot.wait(50)
    assert dock.data.chosen is None
    masks.rename(night.parent / "night_masks")
    qtbot.waitUntil(lambda: dock.data.chosen == night.parent / "night_masks", timeout=5000)
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    assert dock.data.line.text() == "12 frames with their masks"
    assert not dock.data.masks.isVisible(), "a folder has one mask a frame"
    assert dock.train.models.value == night.parent / "night_models"
    assert dock.train.name.text() == "unet1"
    make_night(2, "other")
    open_night(night.parent / "other")
    qtbot.waitUntil(lambda: dock.data.chosen is None)


def test_an_open_project_is_suggested_and_counted_as_it_grows(
    dock: TrainDock, masks: Path, project: Path, qtbot: QtBot
) -> None:
    curation = workspace_of(dock.viewer).curation
    curation.open(Project(project))
    qtbot.waitUntil(dock.data.masks.isVisible)
    assert dock.data.chosen == project
    assert dock.train.models.value == project / "models"
    assert dock.data.line.text() == "6 frames: 0 approved, 6 auto masks, 0 model masks"
    assert not dock.train.panel.start.isEnabled()
    assert dock.train.why.text().startswith("No frame is approved yet")
    dock.form.set("masks", "auto")
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    assert dock.arguments()[-2:] == ["--masks", "auto"]
    dock.form.set("masks", "model")
    assert not dock.train.panel.start.isEnabled()
    dock.form.set("masks", "approved")
    Decisions(curation).clear()
    qtbot.waitUntil(lambda: "1 approved" in dock.data.line.text(), timeout=5000)
    assert dock.train.panel.start.isEnabled()
    curation.close()
    assert dock.data.chosen == project, "a project that is closed can still be learnt from"


def test_classes_are_enough_for_vgg8(dock: TrainDock, project: Path, qtbot: QtBot) -> None:
    with Project(project) as open_project:
        open_project.set_class(1, "clear")
    dock.data.folder.value = project
    qtbot.waitUntil(lambda: dock.data.known)
    assert not dock.train.panel.start.isEnabled()
    dock.form.set("kind", "vgg8")
    assert dock.train.panel.start.isEnabled()
    assert dock.train.name.text() == "vgg1"


def test_a_folder_that_a_person_chose_stays(
    dock: TrainDock, masks: Path, project: Path, qtbot: QtBot
) -> None:
    dock.data.folder.value = masks
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    assert dock.train.models.value == masks.parent / "masks_models"
    curation = workspace_of(dock.viewer).curation
    curation.open(Project(project))
    qtbot.wait(100)
    assert dock.data.chosen == masks
    curation.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gone", "This folder does not exist."), ("night", "mask"), ("empty", "No mask is in")],
)
def test_a_folder_with_nothing_to_learn_from_says_so(
    dock: TrainDock,
    make_night: Callable[..., Path],
    tmp_path: Path,
    qtbot: QtBot,
    name: str,
    reason: str,
) -> None:
    make_night(2)
    (tmp_path / "empty").mkdir()
    dock.data.folder.value = tmp_path / name
    qtbot.waitUntil(lambda: dock.data.known)
    assert reason in dock.data.line.text()
    assert not dock.train.panel.start.isEnabled()
    assert reason in dock.train.why.text()


# --- where the model goes


@pytest.mark.parametrize("name", ["", "a/b", ".hidden"])
def test_a_model_needs_a_name(dock: TrainDock, masks: Path, qtbot: QtBot, name: str) -> None:
    dock.data.folder.value = masks
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    dock.train.name.setText(name)
    assert not dock.train.panel.start.isEnabled()
    assert dock.train.why.text().startswith("A model cannot be called")


def test_no_model_is_trained_over(dock: TrainDock, masks: Path, qtbot: QtBot) -> None:
    dock.data.folder.value = masks
    models = masks.parent / "masks_models"
    make_run(models / "unet1", 0.5, 0.4)
    look_in(dock, qtbot, models)
    assert dock.train.name.text() == "unet2", "the next free name"
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    dock.train.name.setText("UNet1")
    assert not dock.train.panel.start.isEnabled()
    assert dock.train.why.text().startswith("There is a model UNet1 already")
    dock.train.name.setText("mine")
    dock.form.set("kind", "vgg8")
    assert dock.train.name.text() == "mine", "a name that was typed stays"


def test_the_copied_command_is_what_runs(
    dock: TrainDock, masks: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = masks.rename(masks.with_name("it's a night"))
    dock.data.folder.value = folder
    dock.form.set("channels", (4, 8))
    dock.form.set("learning_rate", 0.005)
    dock.form.evaluate = False
    dock.form.predictions.choose(folder.parent / "kept")
    qtbot.waitUntil(dock.train.panel.start.isEnabled)
    qtbot.mouseClick(dock.train.panel.copy, Qt.MouseButton.LeftButton)
    copied = shlex.split(QGuiApplication.clipboard().text())
    ran: list[list[str]] = []
    monkeypatch.setattr(dock.train.control._runner, "run", lambda words: ran.append(list(words)))
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
    assert shown(dock, "name") == ["bad", "good", "half"]
    assert shown(dock, "state") == ["damaged", "unmeasured", "stopped"]
    assert shown(dock, "val. loss") == ["", "0.2000", "0.3000"]
    assert shown(dock, "clear IoU") == ["", "0.800", "0.700"]
    assert shown(dock, "epochs") == ["", "2/2", "1/9"]
    assert shown(dock, "network") == ["", "unet 4-8", "unet 4-8"]
    tip = dock.runs.sorted.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "config" in tip or "JSON" in tip


@pytest.mark.parametrize("order", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
def test_models_are_sorted_by_what_they_score(
    dock: TrainDock, listed: Path, order: Qt.SortOrder
) -> None:
    dock.runs.view.sortByColumn(COLUMNS.index("val. loss"), order)
    names = shown(dock, "name")
    assert names[-1] == "bad", "what has no score comes last"
    assert names[:2] == sorted(["good", "half"], reverse=order == Qt.SortOrder.DescendingOrder), (
        "good has the lower loss"
    )


def test_models_chosen_are_compared(dock: TrainDock, listed: Path) -> None:
    assert not dock.curves.runs
    select(dock, "good", "half")
    assert [one.name for one in dock.curves.runs] == ["good", "half"]
    assert [len(one.epochs) for one in dock.curves.runs] == [2, 1]
    select(dock, "half")
    assert [one.name for one in dock.curves.runs] == ["half"]


@pytest.mark.parametrize(
    ("names", "offered"),
    [
        ((), set()),
        (("good",), {"Continue", "Measure", "Rename", "Delete", "Copy command"}),
        (("half",), {"Continue", "Rename", "Delete", "Copy command"}),
        (("bad",), {"Rename", "Delete"}),
        (("good", "half"), {"Delete"}),
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
    qtbot.mouseClick(dock.runs.buttons["Rename"], Qt.MouseButton.LeftButton)
    editor = dock.runs.view.findChild(QLineEdit)
    assert editor.text() == "half"
    editor.selectAll()
    qtbot.keyClicks(editor, "better")
    dock.runs.look(listed)
    qtbot.wait(100)
    assert editor.text() == "better", "a look at the models leaves what is typed alone"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(dock, "name") == ["bad", "better", "good"])
    assert [run.name for run in dock.runs.selected] == ["better"], "it stays chosen"
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
    assert shown(dock, "name") == ["bad", "good", "half"]
    assert (listed / "half").is_dir()


def test_a_model_is_deleted_when_the_person_agrees(
    dock: TrainDock, listed: Path, qtbot: QtBot, answer: Callable[[str], list[str]]
) -> None:
    select(dock, "good", "bad")
    asked = answer("Keep")
    qtbot.mouseClick(dock.runs.buttons["Delete"], Qt.MouseButton.LeftButton)
    assert asked == [
        f"Delete bad, good? They go to the folder {TRASH} beside the models, and can be moved back "
        "from there."
    ]
    assert (listed / "good").is_dir()
    answer("Delete")
    qtbot.mouseClick(dock.runs.buttons["Delete"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown(dock, "name") == ["half"])
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
    qtbot.mouseClick(dock.runs.buttons["Copy command"], Qt.MouseButton.LeftButton)
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[words.index("train") :] == [
        *("train", "unet", "/sky/night", "--out", str(listed / "half")),
        *("--channels", "4", "8", "--epochs", "9"),
    ]


@pytest.mark.parametrize(
    ("name", "epochs", "words"),
    [
        ("half", 3, ["--resume"]),
        ("good", 5, ["--resume", "--epochs", "5", "--patience", "12"]),
        ("good", 2, None),
    ],
    ids=["stopped", "done, and more", "done"],
)
def test_a_run_goes_on(
    dock: TrainDock,
    listed: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    epochs: int,
    words: list[str] | None,
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(dock.train.control._runner, "run", lambda words: ran.append(list(words)))
    dock.form.set("epochs", epochs)
    select(dock, name)
    qtbot.mouseClick(dock.runs.buttons["Continue"], Qt.MouseButton.LeftButton)
    if words is None:
        assert not ran
        assert dock.runs.line.text() == "Give more epochs above than the 2 that it has."
    else:
        assert ran == [["train", "unet", "/sky/night", "--out", str(listed / name), *words]]


def test_the_list_stays_as_it_was_chosen_when_a_model_comes(
    dock: TrainDock, listed: Path, qtbot: QtBot
) -> None:
    select(dock, "half")
    make_run(listed / "another", 0.9)
    dock.runs.look(listed)
    qtbot.waitUntil(lambda: "another" in shown(dock, "name"))
    assert [run.name for run in dock.runs.selected] == ["half"]


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
        *(row.native for row in dock.form_view.basic.rows.values()),
        dock.form_view.more,
        dock.device.again,
        dock.train.name,
        dock.train.panel.start,
        dock.train.panel.copy,
        dock.curves_view.loss,
        dock.curves_view.score,
        dock.curves_view.choice,
        dock.runs.view,
        *(button for button in dock.runs.buttons.values() if button.isEnabled()),
    ):
        assert widget in reached, widget.accessibleName() or widget.objectName() or widget
    order = [
        reached.index(one) for one in (dock.train.name, dock.train.panel.start, dock.runs.view)
    ]
    assert order == sorted(order)


def test_a_run_that_is_done_can_be_measured(
    dock: TrainDock, listed: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(dock.train.control._runner, "run", lambda words: ran.append(list(words)))
    button = dock.runs.buttons["Measure"]
    select(dock, "half")
    assert not button.isEnabled(), "it has epochs to go"
    select(dock, "good")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    run = dock.runs.selected[0]
    data = run.data or str(dock.data.chosen)
    assert ran == [["train", "unet", data, "--out", str(listed / "good"), "--resume"]]
    report = listed / "good" / "run" / "test" / "report.json"
    report.parent.mkdir()
    report.write_text("{}")
    dock.runs.show_running(None)
    dock.runs.look(listed)
    qtbot.waitUntil(lambda: shown(dock, "state") == ["damaged", "finished", "stopped"])


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
    header.setSortIndicator(names.index("clear IoU"), Qt.SortOrder.DescendingOrder)
    width = header.fontMetrics().horizontalAdvance("clear IoU")
    assert header.sectionSize(names.index("clear IoU")) >= width + 30, "beside the arrow"


def test_long_lines_are_whole(dock: TrainDock, qtbot: QtBot) -> None:
    dock.resize(dock.minimumWidth(), 700)
    dock.train.panel.bar.show()
    dock.train.control.notify("unet1: epoch 3 of 60\n" + "1,200 training frames, 7 alike " * 7)
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
    dock.ensureWidgetVisible(dock.runs.buttons["Delete"])
    place = dock.runs.buttons["Delete"].mapTo(dock, dock.runs.buttons["Delete"].rect().center())
    assert dock.rect().contains(place)


def test_long_names_widen_nothing(
    dock: TrainDock, masks: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    dock.resize(440, 900)
    qtbot.wait(50)
    assert dock.horizontalScrollBar().maximum() == 0
    name = "a_name_as_a_program_gives_it_" * 6
    folder = masks.rename(tmp_path / name)
    make_run(tmp_path / f"{name}_models" / name, 0.5, 0.4)
    dock.data.folder.value = folder
    qtbot.waitUntil(lambda: shown(dock, "name") == [name])
    select(dock, name)
    dock.runs.tell(f"Moved to {TRASH}: {name}.")
    dock.train.name.setText(name)
    qtbot.waitUntil(lambda: name in dock.train.why.text())
    qtbot.wait(50)
    assert dock.horizontalScrollBar().maximum() == 0
    assert dock.runs.line.toolTip() == f"Moved to {TRASH}: {name}."


def test_a_model_that_a_shell_trains_shows_by_itself(
    dock: TrainDock, listed: Path, qtbot: QtBot
) -> None:
    select(dock, "half")
    make_run(listed / "shell", 0.5, 0.4)
    qtbot.waitUntil(lambda: "shell" in shown(dock, "name"), timeout=60_000)
    assert [run.name for run in dock.runs.selected] == ["half"]
