"""The Frames dock: which frame is in view, its time and header, and the way to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtCore import Qt

from napari_iris.desk.frames import welcome
from napari_iris.desk.frames.dock import FramesDock
from napari_iris.desk.workspace import workspace_of
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


@pytest.fixture
def night(make_night: Callable[..., Path], open_night: Callable[..., Any]) -> Any:
    """Six frames in the viewer."""
    return open_night(make_night(6))


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | str], None]:
    """Choose a folder in the dialog to come; '' closes it."""

    def choose(folder: Path | str) -> None:
        name = "getExistingDirectory"
        monkeypatch.setattr(welcome.QFileDialog, name, lambda *_: str(folder))

    return choose


def click(qtbot: QtBot, button: Any) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def tick(qtbot: QtBot, box: Any) -> None:
    """Click a check box where its square is."""
    place = box.rect().center()
    place.setX(8)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=place)


def type_into(qtbot: QtBot, line: Any, text: str) -> None:
    line.clear()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def shown_cards(dock: FramesDock) -> list[str]:
    table = dock.header
    rows = [row for row in range(table.rowCount()) if not table.isRowHidden(row)]
    return [table.item(row, 0).text() for row in rows]


def test_with_no_night_the_dock_offers_the_sample(
    frames_dock: FramesDock, model: Any, qtbot: QtBot
) -> None:
    assert frames_dock.welcome.sample.isVisible()
    assert not frames_dock.jump.isVisible()
    click(qtbot, frames_dock.welcome.sample)
    assert model.layers[0].name == "sample night"
    assert not frames_dock.welcome.sample.isVisible()
    assert frames_dock.jump.isVisible()
    assert frames_dock.position.text().endswith("of 30")


def test_the_dock_opens_a_folder(
    frames_dock: FramesDock, model: Any, qtbot: QtBot, make_night: Any, chosen: Any
) -> None:
    chosen(make_night(6))
    click(qtbot, frames_dock.welcome.folder)
    assert frames_dock.position.text().endswith("of 6")


def test_no_folder_chosen_changes_nothing(
    frames_dock: FramesDock, qtbot: QtBot, chosen: Any
) -> None:
    chosen("")
    click(qtbot, frames_dock.welcome.folder)
    click(qtbot, frames_dock.welcome.project)
    assert frames_dock.welcome.isVisible()


def test_the_dock_opens_a_project(
    viewer: Any, qtbot: QtBot, make_night: Any, tmp_path: Path, chosen: Any
) -> None:
    with Project(tmp_path / "project") as project:
        list(index(project, sorted(make_night(6).iterdir()), None, jobs=1))
    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Frames")
    chosen(tmp_path / "project")
    click(qtbot, dock.welcome.project)
    qtbot.waitUntil(lambda: workspace_of(viewer).session.sequence is not None)
    assert dock.position.text().endswith("of 6")


def test_the_dock_is_empty_again_once_the_night_is_removed(
    frames_dock: FramesDock, model: Any, night: Any
) -> None:
    assert not frames_dock.welcome.sample.isVisible()
    model.layers.clear()
    assert frames_dock.welcome.sample.isVisible()


def test_a_dock_opened_late_shows_the_night_that_is_open(
    model: Any, night: Any, qtbot: QtBot
) -> None:
    dock = FramesDock(model)
    qtbot.addWidget(dock)
    assert dock.position.text().endswith("of 6")


@pytest.mark.parametrize(
    ("step", "number", "time", "name"),
    [
        (0, "1", "2024-01-15  21:00:00", "sky_1.fits"),
        (3, "4", "2024-01-15  21:30:00", "sky_4.fits"),
        (5, "6", "2024-01-15  21:50:00", "sky_6.fits"),
    ],
)
def test_the_current_frame_is_described(
    frames_dock: FramesDock, model: Any, night: Any, step: int, number: str, time: str, name: str
) -> None:
    model.dims.set_current_step(0, step)
    assert frames_dock.position.text() == f"<b>Frame {number}</b> of 6"
    assert frames_dock.time.text() == time
    assert frames_dock.file.text() == name
    assert frames_dock.file.toolTip().endswith(f"/night/{name}")


def test_the_header_of_the_frame_in_view_is_listed(
    frames_dock: FramesDock, model: Any, night: Any
) -> None:
    model.dims.set_current_step(0, 1)
    assert shown_cards(frames_dock) == ["DATE-OBS", "CAMERA"]
    assert frames_dock.header.item(0, 1).text() == "2024-01-15T21:10:00"
    model.dims.set_current_step(0, 2)
    assert frames_dock.header.item(0, 1).text() == "2024-01-15T21:20:00"


@pytest.mark.parametrize(
    ("typed", "cards"),
    [("cam", ["CAMERA"]), ("TAU2", ["CAMERA"]), ("2024", ["DATE-OBS"]), ("zzz", [])],
)
def test_the_header_is_searched_as_one_types(
    frames_dock: FramesDock, model: Any, night: Any, qtbot: QtBot, typed: str, cards: list[str]
) -> None:
    qtbot.keyClicks(frames_dock.filter, typed)
    assert shown_cards(frames_dock) == cards
    model.dims.set_current_step(0, 4)
    assert shown_cards(frames_dock) == cards, "the search stays for the next frame"
    frames_dock.filter.clear()
    assert len(shown_cards(frames_dock)) == 2


@pytest.mark.parametrize(
    ("typed", "step"), [("2", 1), ("21:40", 4), ("sky_6", 5), ("  3", 2), ("21:44:00", 4)]
)
def test_typing_and_enter_jumps(
    frames_dock: FramesDock, model: Any, night: Any, qtbot: QtBot, typed: str, step: int
) -> None:
    qtbot.waitUntil(lambda: not any(frames_dock.session.index.table["read"] == 0))
    type_into(qtbot, frames_dock.jump, typed)
    assert model.dims.current_step[0] == step
    assert not frames_dock.no_match.isVisible()


def test_a_wrong_jump_is_marked_until_it_is_right(
    frames_dock: FramesDock, model: Any, night: Any, qtbot: QtBot
) -> None:
    model.dims.set_current_step(0, 3)
    type_into(qtbot, frames_dock.jump, "cirrus")
    assert frames_dock.no_match.isVisible()
    assert frames_dock.no_match.text() == "No match"
    assert model.dims.current_step[0] == 3
    type_into(qtbot, frames_dock.jump, "5")
    assert not frames_dock.no_match.isVisible()
    assert model.dims.current_step[0] == 4


@pytest.mark.parametrize("typed", ["", "   "])
def test_enter_in_an_empty_jump_does_nothing(
    frames_dock: FramesDock, model: Any, night: Any, qtbot: QtBot, typed: str
) -> None:
    model.dims.set_current_step(0, 3)
    type_into(qtbot, frames_dock.jump, typed)
    assert model.dims.current_step[0] == 3
    assert not frames_dock.no_match.isVisible()


def test_follow_shows_the_newest_frame_as_the_camera_writes_it(
    frames_dock: FramesDock,
    model: Any,
    night: Any,
    make_night: Callable[..., Path],
    qtbot: QtBot,
) -> None:
    tick(qtbot, frames_dock.follow)
    assert frames_dock.position.text() == "<b>Frame 6</b> of 6"
    make_night(1, first=6)
    qtbot.waitUntil(lambda: frames_dock.position.text() == "<b>Frame 7</b> of 7", timeout=20_000)
    assert model.dims.current_step[0] == 6
    assert len(night.data) == 7
    tick(qtbot, frames_dock.follow)
    assert not frames_dock.session.follows


def test_the_y_axis_points_up_on_request(
    frames_dock: FramesDock, model: Any, night: Any, qtbot: QtBot
) -> None:
    camera = model.scene.camera
    assert camera.orientation2d == ("down", "right")
    tick(qtbot, frames_dock.y_up)
    assert camera.orientation2d == ("up", "right")
    tick(qtbot, frames_dock.y_up)
    assert camera.orientation2d == ("down", "right")


def test_the_box_follows_an_axis_that_is_turned_elsewhere(
    frames_dock: FramesDock, model: Any, qtbot: QtBot
) -> None:
    model.scene.camera.orientation2d = ("up", "right")
    assert frames_dock.y_up.isChecked()
    late = FramesDock(model)
    qtbot.addWidget(late)
    assert late.y_up.isChecked()


def test_a_stretch_is_chosen_and_limits_moved_by_hand_stay(
    frames_dock: FramesDock, night: Any, model: Any
) -> None:
    choice = frames_dock.stretch_choice
    assert choice.currentText() == "frame"
    before = tuple(night.contrast_limits)
    night.contrast_limits = (0, 10)
    assert choice.currentIndex() == -1
    assert choice.placeholderText() == "by hand"
    number = frames_dock.session.number
    model.dims.set_current_step(0, number + 1)
    assert tuple(night.contrast_limits) == (0, 10)
    model.dims.set_current_step(0, number)
    choice.textActivated.emit("frame")
    assert tuple(night.contrast_limits) == before


def test_a_bad_frame_says_why_and_the_next_one_is_fine(
    frames_dock: FramesDock, make_night: Callable[..., Path], open_night: Any, model: Any
) -> None:
    folder = make_night(4)
    (folder / "sky_3.fits").write_bytes(b"")
    open_night(folder)
    model.dims.set_current_step(0, 2)
    assert frames_dock.problem.isVisible()
    assert frames_dock.problem.text() == "is empty (0 bytes); copy it again from the camera"
    assert frames_dock.file.text() == "sky_3.fits"
    assert frames_dock.time.text() == "No time"
    assert frames_dock.header.rowCount() == 0
    model.dims.set_current_step(0, 3)
    assert not frames_dock.problem.isVisible()
    assert frames_dock.header.rowCount() == 2


def test_a_frame_without_a_time_says_so(
    frames_dock: FramesDock, write_frame: Callable[..., Path], open_night: Any
) -> None:
    open_night(write_frame("a.fits"))
    assert frames_dock.time.text() == "No time"


def test_a_long_file_name_is_shortened_and_does_not_widen_the_dock(
    frames_dock: FramesDock, write_frame: Callable[..., Path], open_night: Any
) -> None:
    open_night(write_frame("a.fits"))
    narrow, wide = frames_dock.minimumSizeHint().width(), frames_dock.sizeHint().width()
    name = f"{'a_very_long_name_' * 12}.fits"
    open_night(write_frame(name))
    assert frames_dock.file.text() == name
    assert frames_dock.minimumSizeHint().width() == narrow
    assert frames_dock.sizeHint().width() == wide
    assert narrow < 400


def test_the_tab_key_goes_from_top_to_bottom(
    frames_dock: FramesDock, night: Any, qtbot: QtBot
) -> None:
    row = [frames_dock.stretch_choice, frames_dock.y_up]
    stops = [frames_dock.jump, frames_dock.follow, *row, frames_dock.filter]
    heights = [stop.mapTo(frames_dock, stop.rect().center()).y() for stop in stops]
    assert heights == sorted(heights)
    chain, widget = [], frames_dock.jump
    for _ in range(40):
        chain += [widget] if widget in stops else []
        widget = widget.nextInFocusChain()
    assert chain[:5] == stops


def test_a_name_with_tags_is_shown_as_it_is(
    write_frame: Callable[..., Path], open_night: Callable[..., Any], frames_dock: FramesDock
) -> None:
    open_night(write_frame("tags/<b>a\x1b[2J.fits").parent)
    assert frames_dock.file.textFormat() == Qt.TextFormat.PlainText
    assert frames_dock.file.text().startswith("<b>a\\u001b[2J")
    assert "&lt;b&gt;a\\u001b[2J.fits" in frames_dock.file.toolTip()
    assert frames_dock.problem.textFormat() == Qt.TextFormat.PlainText
