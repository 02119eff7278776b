"""What a label costs at the Curate dock, in key presses, on the sample night."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QApplication

from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

BROKEN = 15
"""Row of the sample night with a quarter of the sky in cloud."""


class Effort(QObject):
    """Count what the hands do: keys and buttons of the mouse that go down over the canvas."""

    def __init__(self, canvas: object) -> None:
        super().__init__()
        self._canvas = canvas
        self.keys = self.strokes = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if watched is self._canvas:
            self.keys += event.type() == QEvent.Type.KeyPress
            self.strokes += event.type() == QEvent.Type.MouseButtonPress
        return False


@contextmanager
def effort_of(desk: Desk) -> Iterator[Effort]:
    effort = Effort(desk.canvas)
    QApplication.instance().installEventFilter(effort)
    yield effort
    QApplication.instance().removeEventFilter(effort)


@pytest.fixture
def desk(open_desk: Callable[..., Desk], sample_project: Path) -> Desk:
    """The dock with the sample night."""
    return open_desk(sample_project)


def go_to(desk: Desk, row: int) -> None:
    desk.curation.session.go_to(row)
    assert desk.row == row


DECISIONS = [
    (2, "A", "approved", "clear", (0, 0)),
    (8, "0", "approved", "clear", (0, 0)),
    (13, "8", "approved", "cloudy", (1, 1)),
    (14, "A", "approved", "cloudy", (1, 1)),
    (15, "R", "rejected", None, (0.3, 0.45)),
    (16, "9", "rejected", "unsure", (0.2, 0.4)),
    (17, "..A", "approved", "cloudy", (0.3, 0.6)),
    (20, "A", "approved", "cloudy", (0.5, 0.7)),
    (25, ",,A", "approved", "cloudy", (0.36, 0.5)),
]
"""Row, keys, and what they leave: status, class, cloud fraction from and to."""


def test_a_decision_is_one_key_and_a_threshold_two_more(desk: Desk) -> None:
    for row, keys, status, sky, cloud in DECISIONS:
        go_to(desk, row)
        automatic = desk.mask
        with effort_of(desk) as effort:
            desk.press(*keys)
        assert effort.keys == len(keys) <= 3, keys
        assert effort.strokes == 0
        assert desk.row == row + 1, "the next frame is current"
        known, stored = desk.decision(row), desk.stored(row)
        assert (known.status, known.frame_class) == (status, sky), keys
        assert cloud[0] <= stored.mean() <= cloud[1], keys
        more, less = (stored > automatic).any(), (stored < automatic).any()
        if keys[0] in ".,":
            assert (more, less) == (keys[0] == ",", keys[0] == ".")


def test_a_brush_correction_is_two_keys_and_one_stroke(desk: Desk) -> None:
    go_to(desk, BROKEN)
    automatic = desk.mask
    sky = np.argwhere(automatic == 0).mean(axis=0) * 4
    with effort_of(desk) as effort:
        desk.press("T")
        desk.drag((sky[0], 80), (sky[0], 560))
        edited = desk.mask
        desk.press("A")
    assert (effort.keys, effort.strokes) == (2, 1)
    assert (edited > automatic).sum() > 50
    assert not (edited < automatic).any()
    np.testing.assert_array_equal(desk.stored(BROKEN, "human"), edited)
    assert desk.decision(BROKEN).status == "approved"
    assert desk.row == BROKEN + 1
    with effort_of(desk) as effort:
        desk.drag((256, 80), (256, 560), shift=True)
        desk.press("A")
    assert (effort.keys, effort.strokes) == (1, 1), "the brush is still up"
    assert desk.decision(BROKEN + 1).status == "approved"


def test_a_night_takes_a_key_a_frame(desk: Desk) -> None:
    """Thirty frames one after the other: nothing asks, nothing is skipped or reported twice."""
    folder = desk.folder
    decisions = ("A0A8AR" * 5)[:30]
    with effort_of(desk) as effort:
        desk.press(*decisions)
    assert effort.keys == 30
    assert "Queue finished." in desk.message
    assert "All frames are done" in desk.dock.project.rate.text()
    with Project(folder, read_only=True) as project:
        status = project.status()
        assert status["status"]["approved"] == 25
        assert status["status"]["rejected"] == 5
        for row, key in enumerate(decisions):
            known = project.decision(int(project.table.id[row]))
            expected = {"0": "clear sky", "8": "overcast", "A": "approved as auto", "R": "by hand"}
            assert known.how == expected[key]
