"""A run of frames, by real keys in a real window: preview, cancel, label, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.curation.frame_run import REFUSED
from napari_iris.app.keys import RUN
from napari_iris.desk.plots.backend import pg
from napari_iris.desk.workspace import workspace_of
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask
from tests.desk.conftest import CLOUD_ADU, SKY_ADU, take_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

LIKE, COUNT, LEAST = 6, 8, 4
SHAPE = (128, 160)


@pytest.fixture
def folder(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    """Folder of a closed project: six frames alike but for one, and two with more cloud."""
    masks = []
    for number in range(COUNT):
        mask = np.zeros(SHAPE, np.uint8)
        mask[:, : 40 + 4 * (number == LEAST) if number < LIKE else 120] = 1
        frame = SKY_ADU + np.random.default_rng(number).normal(0, 2, SHAPE)
        frame[mask == 1] += CLOUD_ADU - SKY_ADU
        time = np.datetime64("2024-01-15T21:00:00") + np.timedelta64(number, "m")
        write_frame(f"night/{number}.fits", frame.astype(np.int16), DATE_OBS=str(time))
        masks.append(mask)
    folder = take_in(tmp_path / "project", tmp_path / "night")
    with Project(folder) as project, project.repository.transaction() as transaction:
        for number, mask in enumerate(masks):
            made = NewMask(project.store.save(mask, durable=False), float(mask.mean()))
            transaction.add_mask(int(project.table.id[number]), "auto", made, "napari-iris")
    return folder


@pytest.fixture
def desk(open_desk: Callable[..., Desk], folder: Path) -> Desk:
    return open_desk(folder)


def bound(desk: Desk) -> set[str]:
    return {str(key) for key in desk.layer.keymap} & {shortcut.key for shortcut in RUN}


def statuses(desk: Desk) -> list[str]:
    return [desk.decision(row).status for row in range(COUNT)]


def test_a_run_is_previewed_and_cancelled_by_keys(desk: Desk) -> None:
    assert desk.row == 0
    desk.press("Shift+N")
    assert desk.row == LEAST
    lines = desk.dock.run.text.text().splitlines()
    assert lines[:2] == [
        "6 frames (1 to 6), 01-15 21:00:00 to 21:05:00",
        "Ends at frame 7: cloud cover +4.0 oktas",
    ]
    assert bound(desk) == {"Enter", "Escape"}
    desk.press("Escape")
    assert desk.row == 0
    assert not desk.dock.run.text.isVisible()
    assert bound(desk) == set()  # napari has them for polygons
    desk.press("Shift+N")
    assert desk.dock.run.text.text().splitlines()[:2] == [
        "2 frames (1 to 2), 01-15 21:00:00 to 21:01:00",
        f"Ends at frame 3: {REFUSED}",
    ]
    assert statuses(desk) == ["auto"] * COUNT


def test_a_run_is_labelled_and_taken_back_by_keys(desk: Desk) -> None:
    jobs = workspace_of(desk.viewer).run_labels.jobs
    desk.press("Shift+N", "8", "Return")
    desk.wait(lambda: not jobs.is_busy)
    assert statuses(desk) == ["approved"] * LIKE + ["auto"] * (COUNT - LIKE)
    assert (desk.stored(3) == 1).all()
    assert desk.dock.run.text.text().startswith("2 frames (7 to 8)")  # the next run
    desk.press("Escape")
    assert desk.row == LIKE
    assert desk.dock.run.text.text() == "6 frames labelled: overcast"
    desk.curation.session.go_to(LIKE - 1)
    assert any("from a run" in line for line in history(desk))
    desk.press("Shift+J")
    desk.wait(lambda: not jobs.is_busy)
    assert statuses(desk) == ["auto"] * COUNT
    assert not (desk.mask == 1).all()  # the frame in view follows


def test_a_run_is_not_approved_with_its_masks_hidden(desk: Desk) -> None:
    desk.press("Shift+M", "Shift+M")
    assert not desk.layer.visible
    desk.press("Shift+N", "Return")
    assert desk.layer.visible
    assert "nothing is labelled yet" in desk.dock.message.text()
    assert statuses(desk) == ["auto"] * COUNT
    desk.press("Return", "Escape")
    desk.wait(lambda: not workspace_of(desk.viewer).run_labels.jobs.is_busy)
    assert statuses(desk) == ["approved"] * LIKE + ["auto"] * (COUNT - LIKE)


def history(desk: Desk) -> list[str]:
    menu = desk.dock.decision.history.menu()
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def test_the_buttons_do_the_same(desk: Desk) -> None:
    buttons: dict[str, Any] = desk.dock.run.buttons
    assert not buttons["confirm"].isEnabled()
    desk.click(buttons["run"])
    desk.click(desk.dock.decision.buttons["reject"])
    assert desk.dock.run.text.text().endswith("Decision: reject as unusable")
    desk.click(buttons["confirm"])
    desk.wait(lambda: not workspace_of(desk.viewer).run_labels.jobs.is_busy)
    desk.click(buttons["cancel"])  # of the next run
    assert not buttons["confirm"].isEnabled()
    assert statuses(desk) == ["rejected"] * LIKE + ["auto"] * (COUNT - LIKE)
    desk.click(buttons["unrun"])
    desk.wait(lambda: not workspace_of(desk.viewer).run_labels.jobs.is_busy)
    assert statuses(desk) == ["auto"] * COUNT


def test_the_timeline_shows_where_the_run_ends(desk: Desk) -> None:
    _, timeline = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
    desk.wait(lambda: timeline.timeline.series is not None)
    desk.press("Shift+N")
    series = timeline.timeline.series
    for plot in timeline.plots:
        (span,) = [one for one in plot.item.items if isinstance(one, pg.LinearRegionItem)]
        assert span.getRegion() == (series.x[0] / series.unit, series.x[LIKE - 1] / series.unit)
    desk.press("Escape")
    for plot in timeline.plots:
        assert not any(isinstance(one, pg.LinearRegionItem) for one in plot.item.items)


def marked(timeline: Any) -> tuple[str, float, float]:
    """Text on the strip of the night, first and last row within its bracket."""
    strip, series = timeline.keogram, timeline.timeline.series
    texts = [one.toPlainText() for one in strip.item.items if isinstance(one, pg.TextItem)]
    assert len(texts) <= 1
    x = next(one.xData for one in strip._drawn_run if isinstance(one, pg.PlotCurveItem))
    place, ends = series.x / series.unit, (np.nanmin(x), np.nanmax(x))
    within = np.flatnonzero((place > ends[0]) & (place < ends[1]))
    return "".join(texts), int(within[0]), int(within[-1])


def test_the_strip_of_the_night_says_where_the_run_in_view_ends_and_why(desk: Desk) -> None:
    _, timeline = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
    marks = timeline.run_marks
    ends = "Ends at frame 7: cloud cover +4.0 oktas"
    desk.wait(lambda: marks.mark is not None and timeline.timeline.series is not None)
    assert marked(timeline) == (ends, 0, LIKE - 1)
    desk.press("Right", "Right")
    desk.wait(lambda: marks.mark.first == 2)
    assert marked(timeline) == (ends, 2, LIKE - 1)
    assert "run of" not in timeline.keogram.read(timeline.timeline.series.ends[0])
    place = float(timeline.timeline.series.x[3] / timeline.timeline.series.unit)
    assert timeline.keogram.read(place).endswith(f"run of 4 frames: {ends}")
    desk.press("Shift+N")
    assert marks.mark.is_previewed
    assert marked(timeline) == (ends, 2, LIKE - 1)
    desk.press("Escape")
    desk.curation.session.go_to(LIKE)
    desk.wait(lambda: marks.mark.first == LIKE)
    assert marked(timeline)[0] == "Ends: it is the last frame of the project"


def test_a_bracket_that_is_out_of_view_has_no_text(desk: Desk) -> None:
    _, timeline = desk.viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
    desk.wait(lambda: timeline.run_marks.mark is not None)
    series = timeline.timeline.series
    x = series.x / series.unit
    for view, is_shown in (((x[0], x[3]), True), ((x[6] + 40, x[7]), False)):
        timeline.keogram.show_view(view)
        assert bool(marked(timeline)[0]) is is_shown
