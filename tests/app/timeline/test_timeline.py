"""The timeline measures all open frames in the background, and follows frame and project."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app import index_refresher
from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.curation.curation import Curation
from napari_iris.app.timeline import timeline as room
from napari_iris.app.timeline.levels import measure_some
from napari_iris.app.timeline.timeline import Timeline
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.sequence import FrameSequence
from napari_iris.labels import STATUSES
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers

pytestmark = pytest.mark.slow


def show(session: Session, folder: Path) -> None:
    session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])


class Canvas(Mock):
    """A canvas of masks that nobody paints on."""

    def show(self, mask: np.ndarray, *_: Any, **__: Any) -> None:
        self.labels = mask.copy()


@pytest.fixture
def curation(session: Session) -> Curation:
    view = Mock()
    view.show.side_effect = lambda sequence, index, _: session.show(sequence, (), index) or Canvas()
    return Curation(session, view)


@pytest.fixture
def timeline(session: Session, curation: Curation) -> Iterator[Timeline]:
    timeline = Timeline(session, ClearSky(session), curation)
    yield timeline
    timeline.close()


def test_the_sample_night(session: Session, timeline: Timeline, timers: ManualTimers) -> None:
    show(session, sample_night())
    assert timeline.progress == "learning the clear sky..."
    timers.wait_until(lambda: timeline.is_current)
    timers.advance(1000)
    series = timeline.series
    assert series is not None
    assert (series.is_timed, len(series), timeline.progress) == (True, 30, "")
    assert (series.floor <= series.median).all()
    clear = series.cover == 0
    assert clear.sum() >= 5
    above = (series.median - series.reference) / series.sigma
    assert np.abs(above[clear]).max() < 3
    assert above[series.cover > 0.9].min() > 10


def test_the_cover_is_that_of_the_mask(
    session: Session, timeline: Timeline, timers: ManualTimers
) -> None:
    show(session, sample_night())
    timers.wait_until(lambda: timeline.is_current)
    frame = session.frame()
    made = make_mask(frame.data, MaskConfig(), frame.header, timeline._clear_sky.references)
    assert timeline.series is not None
    assert timeline.row is not None
    assert timeline.series.cover[timeline.row] == pytest.approx(made.cloud_fraction, abs=1e-6)


def test_the_frame_in_view_is_followed_and_a_row_is_gone_to(
    session: Session, timeline: Timeline, make_frames: Callable[..., Path]
) -> None:
    show(session, make_frames(6))
    moved = Mock()
    timeline.moved.connect(moved)
    session.go_to(4)
    moved.assert_called_once()
    assert timeline.row == 4
    timeline.go_to(2)
    assert session.number == 2


def test_rows_are_selected_by_their_numbers(
    session: Session, timeline: Timeline, make_frames: Callable[..., Path]
) -> None:
    show(session, make_frames(6))
    changed = Mock()
    timeline.selection_changed.connect(changed)
    timeline.select(4, 2)
    assert session.selected.tolist() == timeline.selected.tolist() == [2, 3, 4]
    timeline.select(1, 1)
    assert not len(session.selected)
    assert changed.call_count == 2


def test_the_profile_of_a_frame_is_the_median_of_its_rows(
    session: Session, timeline: Timeline, timers: ManualTimers, write_frame: Callable[..., Path]
) -> None:
    pixels = np.repeat(np.arange(600, 728, dtype=np.int16)[:, None], 160, axis=1)
    folder = write_frame("rows/sky_1.fits", pixels).parent
    show(session, folder)
    timers.wait_until(lambda: timeline.is_current)
    assert timeline.series is not None
    profile = timeline.series.measured.profile[0]
    np.testing.assert_allclose(profile, np.arange(601.5, 728, 4), atol=1)


def test_frames_that_cannot_be_read_leave_a_gap(
    session: Session,
    timeline: Timeline,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
) -> None:
    folder = make_frames(10)
    (folder / "sky_5.fits").write_bytes(b"SIMPLE  = nonsense")
    show(session, folder)
    timers.wait_until(lambda: timeline.is_current)
    assert timeline.series is not None
    floor = timeline._levels.floor
    assert np.flatnonzero(np.isnan(floor)).tolist() == [4]


def test_a_project_gives_status_and_cover(
    session: Session,
    timeline: Timeline,
    timers: ManualTimers,
    curation: Curation,
    make_frames: Callable[..., Path],
    tmp_path: Path,
) -> None:
    paths = FrameIndex([str(make_frames(8))]).paths
    project = Project(tmp_path / "project")
    list(index(project, list(paths), MaskConfig(), jobs=1))
    curation.open(project)
    timers.wait_until(lambda: timeline.is_current)
    assert timeline.series is not None
    assert timeline.series.status is not None
    np.testing.assert_array_equal(timeline.series.cover, project.table.cloud_fraction)
    frame = curation.frame
    row = timeline.row
    project.label(frame, np.ones((32, 40), np.uint8), "cloudy", "overcast")
    curation.changed.emit()
    timers.advance(1000)
    assert row is not None
    assert STATUSES[int(timeline.series.status[row])] == "approved"
    assert timeline.series.cover[row] == 1
    curation.release()


def test_nothing_is_measured_once_it_is_closed(
    session: Session,
    timeline: Timeline,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from napari_iris.app.timeline import timeline as module

    stops: list[Any] = []

    def forever(*_: Any, **__: Any) -> np.ndarray:
        stops.append(_[3])
        assert stops[-1].wait(60)
        return np.empty((0, 5), np.float32)

    monkeypatch.setattr(module, "measure_some", forever)
    show(session, make_frames(8))
    timers.wait_until(lambda: bool(stops))
    timeline.close()
    assert stops[0].is_set()
    timers.advance(1000)
    session.show(None)
    assert len(stops) == 1


def test_measuring_stops_at_once(make_frames: Callable[..., Path]) -> None:
    sequence = FrameSequence(FramePaths.of(sorted(make_frames(8).iterdir())))
    stop = Event()
    stop.set()
    numbers, references = np.arange(8), ReferenceSet()
    found = measure_some(sequence, numbers, references, stop, with_cover=False, seconds=60)
    assert len(found) == 1
    sequence.close()


def test_the_view_is_halved_about_the_frame_and_follows_it(
    session: Session, timeline: Timeline, make_frames: Callable[..., Path]
) -> None:
    show(session, make_frames(9))
    session.go_to(4)
    whole = timeline.view
    assert whole is not None
    timeline.set_zoom(2)
    view = timeline.view
    assert view is not None
    assert view[1] - view[0] == (whole[1] - whole[0]) / 4
    assert sum(view) == sum(whole)
    session.go_to(8)
    assert timeline.view is not None
    assert timeline.view[1] == whole[1]
    timeline.set_zoom(-1)
    assert timeline.view == whole


def test_of_a_sequence_that_grows_only_the_new_frames_are_measured(
    session: Session,
    timeline: Timeline,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_refresher, "FOLLOW_S", 0.01)
    monkeypatch.setattr(index_refresher, "SETTLE_S", 0.01)
    show(session, make_frames(6))
    session.follow()
    timers.wait_until(lambda: timeline.is_current)
    floor, measured = timeline._levels.floor.copy(), []

    def record(sequence: FrameSequence, numbers: np.ndarray, *rest: Any, **more: Any) -> np.ndarray:
        measured.extend(numbers.tolist())
        return measure_some(sequence, numbers, *rest, **more)

    monkeypatch.setattr(room, "measure_some", record)
    make_frames(2, first=6)
    timers.wait_until(lambda: len(session.sequence) == 8 and timeline.is_current)
    assert set(measured) <= {6, 7}
    assert 7 in measured
    np.testing.assert_array_equal(timeline._levels.floor[:6], floor)
    assert np.isfinite(timeline._levels.floor).all()
    assert timeline.row == 7
    make_frames(4, first=8)
    timers.wait_until(lambda: len(session.sequence) == 12 and timeline.is_current)
    assert set(measured) >= set(range(12)), "by half as many more the clear sky is learned again"
    session.close()


def test_nothing_is_open(session: Session, timeline: Timeline) -> None:
    assert timeline.series is timeline.row is timeline.view is None
    assert timeline.progress == ""
    timeline.set_zoom(3)
    timeline.go_to(0)
    assert timeline.is_current
