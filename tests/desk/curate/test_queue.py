"""What comes next: orders and filters, the table of frames, and a hundred thousand of them."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import QItemSelectionModel, QPoint, Qt
from qtpy.QtWidgets import QApplication

from napari_iris.app.curation.queue_table import COLUMNS, ORDERS
from napari_iris.desk.curate.queue_model import STATUS_COLORS, QueueModel
from napari_iris.desk.tables.view import FrameTableView
from napari_iris.desk.workspace import workspace_of
from napari_iris.labels import STATUSES
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.desk.conftest import Desk

MANY = 100_000

pytestmark = pytest.mark.gui


def choose(qtbot: QtBot, box: Any, text: str) -> None:
    """Choose an entry of a box, as the keyboard does."""
    start = box.currentIndex()
    steps = box.findText(text) - start
    assert box.findText(text) >= 0
    for _ in range(abs(steps)):
        qtbot.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    assert box.currentText() == text


def listed(desk: Desk) -> list[int]:
    """Rows of the project that the table lists."""
    model = desk.dock.queue.model
    column = list(COLUMNS).index("Frame")
    return [int(model.data(model.index(place, column))) - 1 for place in range(model.rowCount())]


ARRANGED = [
    ("status", "All", [0, 1, 2, 3, 4, 5]),
    ("status", "Approved", [0, 2]),
    ("status", "Rejected", [1]),
    ("order", "Rejected", [1]),
    ("cloud", "Under 1/8", [4, 5]),
    ("cloud", "1/8 to 7/8", [3]),
    ("frame_class", "No class", [3, 4, 5]),
    ("frame_class", "Clear", []),
]
"""Rows that a box leaves of six: approved clear, rejected, approved overcast, three to do."""


def test_a_box_arranges_the_table(desk: Desk) -> None:
    desk.press("0", "R", "8")
    for name, text, rows in ARRANGED:
        box = getattr(desk.dock.queue, name)
        default = box.currentText()
        choose(desk.qtbot, box, text)
        assert listed(desk) == rows, (name, text)
        shown = f"{len(rows)} frames" if rows else "No frames match"
        assert desk.dock.queue.count.text() == shown
        assert desk.row == 3, "the current frame stays"
        choose(desk.qtbot, box, default)


def test_rejected_frames_can_be_worked_through(desk: Desk) -> None:
    desk.press("R", "A", "R", "A", "R")
    choose(desk.qtbot, desk.dock.queue.order, "Rejected")
    desk.press("N")
    assert desk.row == 0
    desk.press("0")
    assert desk.row == 2
    assert desk.decision(0).status == "approved"


def test_an_empty_queue_says_so(desk: Desk) -> None:
    choose(desk.qtbot, desk.dock.queue.status, "Edited")
    assert desk.dock.queue.count.text() == "No frames match"
    assert listed(desk) == []
    desk.press("N")
    assert desk.message == "Queue finished."
    desk.press("A")
    assert desk.decision(0).status == "approved", "the current frame can be decided all the same"


def click_row(desk: Desk, place: int) -> None:
    view = desk.dock.queue.view
    view.scrollTo(view.model().index(place, 0))
    middle = view.visualRect(view.model().index(place, 2)).center()
    desk.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def test_a_click_on_a_row_brings_its_frame_into_view(desk: Desk) -> None:
    for place in (4, 1):
        click_row(desk, place)
        assert desk.row == place
        assert desk.curation.session.path.name == f"sky_{place + 1}.fits"
    desk.press("G")
    assert desk.row == 1, "the keyboard is the canvas's"


def test_the_table_shows_where_one_is_and_what_was_decided(desk: Desk) -> None:
    view, model = desk.dock.queue.view, desk.dock.queue.model
    desk.press("8")
    assert view.currentIndex().row() == 1
    facts = {name: model.data(model.index(0, place)) for place, name in enumerate(COLUMNS)}
    assert facts == {
        "Frame": "1",
        "Time": "01-15 21:00:00",
        "Status": "Approved",
        "Cloud": "100%",
        "Class": "Cloudy",
        "Trust": facts["Trust"],
        "File": "sky_1.fits",
    }
    status = list(COLUMNS).index("Status")
    dots = [
        model.data(model.index(place, status), Qt.ItemDataRole.DecorationRole) for place in (0, 1)
    ]
    shades = [dot.toImage().pixelColor(2, 2).name() for dot in dots]
    assert shades == [STATUS_COLORS["approved"], STATUS_COLORS["auto"]]


@pytest.mark.parametrize("order", ["Least trusted", "Most uncertain"])
def test_the_most_doubted_frame_is_gone_to_at_once(desk: Desk, order: str) -> None:
    desk.press("A", "A")
    choose(desk.qtbot, desk.dock.queue.order, order)
    assert desk.row == listed(desk)[0]


def test_a_click_on_a_header_sorts_and_the_keys_follow(desk: Desk) -> None:
    header = desk.dock.queue.view.horizontalHeader()
    column = list(COLUMNS).index("Cloud")

    def click() -> None:
        place = QPoint(header.sectionViewportPosition(column) + 8, header.height() // 2)
        desk.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def clouds() -> list[float]:
        return desk.curation.project.table.cloud_fraction[listed(desk)].tolist()

    click()
    assert clouds() == sorted(clouds())
    click()
    assert clouds() == sorted(clouds(), reverse=True)
    first, second = listed(desk)[:2]
    desk.curation.session.go_to(first)
    desk.press("N")
    assert desk.row == second
    choose(desk.qtbot, desk.dock.queue.status, "All")
    assert listed(desk) == list(range(6))
    assert not header.isSortIndicatorShown()


def test_frames_selected_in_the_table_are_labelled_by_one_decision(desk: Desk) -> None:
    view = desk.dock.queue.view
    click_row(desk, 1)
    assert not len(desk.curation.session.selected)
    for place in (2, 4):
        middle = view.visualRect(view.model().index(place, 1)).center()
        control = Qt.KeyboardModifier.ControlModifier
        desk.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, control, middle)
    assert desk.curation.session.selected.tolist() == [1, 2, 4]
    desk.press("Shift+N", "R", "Return")
    jobs = workspace_of(desk.viewer).run_labels.jobs
    desk.wait(lambda: not jobs.is_busy)
    statuses = [desk.decision(row).status for row in range(6)]
    assert statuses == ["auto", "rejected", "rejected", "auto", "rejected", "auto"]
    assert not len(desk.curation.session.selected)


def test_letters_in_the_table_search_nothing(desk: Desk) -> None:
    desk.press("S", "Y", on=desk.dock.queue.view)
    assert desk.row == 0


# --- a hundred thousand frames


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of a hundred thousand frames, written by SQL; the frames' files are gone."""
    folder = tmp_path_factory.mktemp("huge") / "project"
    with Project(folder) as project:
        mask = project.store.save(np.eye(128, 160, dtype=np.uint8), durable=False)
        with project.repository.transaction() as transaction:
            project.repository.connection.executemany(
                "INSERT INTO frame (path, size, changed, time, rows, columns, facts, hash,"
                " likeness) VALUES (?, 1, 1, ?, 128, 160, '{}', ?, ?)",
                (
                    (f"/gone/sky_{n:06}.fits", n * 60_000_000, n.to_bytes(4), n)
                    for n in range(1, MANY + 1)
                ),
            )
            for frame in range(1, MANY + 1):
                made = NewMask(mask, (frame % 10) / 10, (frame % 7) / 7)
                transaction.add_mask(frame, "auto", made, "test")
    return folder


@pytest.fixture
def work_on_huge(huge: Path, qtbot: QtBot) -> Any:
    """The table alone, on the hundred thousand."""
    model = QueueModel()
    view = FrameTableView(model, {})
    qtbot.addWidget(view)
    view.resize(400, 600)
    view.show()
    with Project(huge, read_only=True) as project:
        model.show(project.table, np.arange(MANY))
    return view


@pytest.mark.timed
@pytest.mark.slow
def test_a_screenful_of_a_hundred_thousand_rows_is_quick(work_on_huge: Any) -> None:
    view, model = work_on_huge, work_on_huge.model()
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.DecorationRole)

    def screenful() -> None:
        for place in range(50_000, 50_030):
            for column in range(len(COLUMNS)):
                for role in roles:
                    model.data(model.index(place, column), role)

    def jump(place: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        index = model.index(place, 0)
        view.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        view.scrollTo(index)
        QApplication.processEvents()

    places = cycle((99_999, 5, 70_000))
    assert_within(0.02, lambda: seconds(screenful))
    assert_within(0.1, lambda: seconds(lambda: jump(next(places))))
    backwards = np.arange(MANY)[::-1]
    assert_within(0.1, lambda: seconds(lambda: model.show(model._table, backwards)))


@pytest.mark.timed
@pytest.mark.slow
def test_approve_and_go_on_among_a_hundred_thousand_frames(
    huge: Path, open_desk: Callable[..., Desk]
) -> None:
    desk = open_desk(huge)
    desk.wait(lambda: desk.row is not None)  # read beside the window
    assert desk.row == 0
    assert "/gone/sky_000001.fits" in desk.message, "a missing frame is reported, and that is all"
    assert desk.dock.queue.count.text() == "100,000 frames"
    approved = 0

    def approve() -> None:
        nonlocal approved
        desk.press("A")
        approved += 1

    assert_within(0.1, lambda: seconds(approve))
    choose(desk.qtbot, desk.dock.queue.order, "Least trusted")
    assert_within(0.1, lambda: seconds(approve))
    for order in ORDERS:
        choose(desk.qtbot, desk.dock.queue.order, order)
        print(f"arrange by {order}: {1000 * seconds(desk.dock.queue.update_queue):.0f} ms")
    with Project(huge, read_only=True) as project:
        assert project.status()["status"]["approved"] == approved
        counts = [project.status()["status"][status] for status in STATUSES]
        assert sum(counts) == MANY
