"""A frame that is called clear teaches its night: untouched masks follow, and can go back."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.curation.curation import Curation
from napari_iris.app.curation.decisions import Decisions
from napari_iris.app.curation.teaching import Teaching
from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.night_references import NightReferences
from napari_iris.project.project import Project
from napari_iris.project.relearning import learn_nights
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.truth import rebin_truth
from tests.radiometry.conftest import SHAPE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers
    from tests.app.curation.conftest import FakeView

pytestmark = pytest.mark.slow

SEED = 2
CAMERA = (512, 640)
"""Rows and columns of the frames; binned to `SHAPE`, their noise is a camera's."""

CLOUDY = 0.3
"""Least cloud fraction of the frames of the night, but for one."""


class Night:
    """A simulated night that never clears, but in one frame; its project, and its exact masks."""

    def __init__(self, folder: Path) -> None:
        config = SeriesConfig(count=40, nights=1, seed=SEED, shape=CAMERA)
        frames = list(simulate_nights(config))
        truth = np.stack([rebin_truth(one.truth, SHAPE) == 1 for one in frames])
        cover = truth.mean(axis=(1, 2))
        clear = int(np.argmin(cover))
        kept = [row for row in range(40) if row == clear or cover[row] >= CLOUDY]
        self.clear = kept.index(clear)
        self.truth = truth[kept]
        self.decided = np.stack([rebin_truth(frames[row].undecided, SHAPE) == 0 for row in kept])
        self.folder = folder / "project"
        (folder / "frames").mkdir()
        for row in kept:
            path = folder / "frames" / f"{row:03}.fits"
            fits.writeto(path, frames[row].data, frames[row].header)
        paths = sorted((folder / "frames").iterdir())
        with Project(self.folder) as project:
            references = learn_nights(self.folder, paths)
            list(index(project, paths, MaskConfig(), jobs=1, references=references))

    def masks(self, folder: Path) -> np.ndarray:
        """Automatic masks, as a second program reads them."""
        with Project(folder, read_only=True) as project:
            return np.stack([project.mask(number, "auto") for number in project.table.id.tolist()])

    def right(self, folder: Path) -> float:
        """Fraction of right pixels in the frames that nobody has touched."""
        untouched = np.arange(len(self.truth)) != self.clear
        decided = self.decided[untouched]
        is_cloud = self.masks(folder)[untouched] == 1
        return float(np.mean(is_cloud[decided] == self.truth[untouched][decided]))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return Night(tmp_path_factory.mktemp("night"))


@pytest.fixture
def folder(night: Night, tmp_path: Path) -> Path:
    """A copy of the project beside a copy of the frames."""
    shutil.copytree(night.folder.parent, tmp_path / "copy")
    return tmp_path / "copy" / "project"


@pytest.fixture
def curation(session: Session, view: FakeView, folder: Path) -> Iterator[Curation]:
    curation = Curation(session, view)
    curation.open(Project(folder, exclusive=True, by="ada"))
    yield curation
    if curation.project is not None:
        curation.release()


@pytest.fixture
def decisions(curation: Curation) -> Decisions:
    return Decisions(curation)


@pytest.fixture
def clear_sky(session: Session) -> ClearSky:
    return ClearSky(session)


@pytest.fixture
def teaching(decisions: Decisions, clear_sky: ClearSky) -> Teaching:
    return Teaching(decisions, clear_sky)


@pytest.fixture
def taught(
    night: Night,
    decisions: Decisions,
    teaching: Teaching,
    clear_sky: ClearSky,
    timers: ManualTimers,
) -> Teaching:
    """After one press of 0 on the one clear frame."""
    decisions.curation.session.go_to(night.clear)
    decisions.clear()
    assert teaching.is_busy
    assert teaching.text.startswith("Learning from clear frames")
    timers.wait_until(lambda: not teaching.is_busy and clear_sky.is_known)
    return teaching


def test_one_press_of_0_teaches_the_night(night: Night, folder: Path, taught: Teaching) -> None:
    before, after = night.right(night.folder), night.right(folder)
    print(f"{before:.3f} before, {after:.3f} after")
    assert 1 - after < 0.6 * (1 - before)
    assert after > 0.98
    assert taught.result.endswith("masks renewed")


def test_the_reference_that_is_shown_rests_on_the_frame(
    taught: Teaching, clear_sky: ClearSky
) -> None:
    assert re.fullmatch(r"measured, ±\d+ ADU, clear sky in \d+ frames?", clear_sky.text)


def test_one_undo_takes_it_back(
    night: Night,
    folder: Path,
    taught: Teaching,
    timers: ManualTimers,
    curation: Curation,
) -> None:
    assert taught.can_undo
    taught.undo()
    timers.wait_until(lambda: not taught.is_busy)
    np.testing.assert_array_equal(night.masks(folder), night.masks(night.folder))
    (name,) = NightReferences(folder).nights
    before = NightReferences(night.folder).of_night(name).found[0]
    assert NightReferences(folder).of_night(name).found[0].level_sigma == before.level_sigma
    assert taught.result.endswith("masks restored")
    assert not taught.can_undo
    project = curation.project
    assert project is not None
    assert project.decision(int(project.table.id[night.clear])).frame_class == "clear"


def test_what_a_person_has_touched_stays(
    night: Night,
    folder: Path,
    decisions: Decisions,
    teaching: Teaching,
    timers: ManualTimers,
    curation: Curation,
) -> None:
    drawn = np.eye(*SHAPE, dtype=np.uint8)
    rows = [row for row in range(len(night.truth)) if row != night.clear][:3]
    project = curation.project
    assert project is not None
    for row, label in zip(rows, ("draw", "approve", "reject"), strict=True):
        number = int(project.table.id[row])
        if label == "draw":
            project.save_mask(number, drawn)
        elif label == "approve":
            project.approve(number)
        else:
            project.reject(number, "bird")
    before = night.masks(folder)[rows]
    curation.session.go_to(night.clear)
    decisions.clear()
    timers.wait_until(lambda: not teaching.is_busy)
    np.testing.assert_array_equal(night.masks(folder)[rows], before)
    np.testing.assert_array_equal(project.mask(int(project.table.id[rows[0]])), drawn)


def test_an_edit_in_view_is_neither_lost_nor_replaced(
    night: Night,
    decisions: Decisions,
    teaching: Teaching,
    timers: ManualTimers,
    curation: Curation,
) -> None:
    curation.session.go_to(night.clear)
    decisions.clear()
    editor, row = curation.editor, curation.row
    assert editor is not None
    assert row != night.clear
    drawn = np.eye(*SHAPE, dtype=np.uint8)
    editor.set_mask(drawn)
    timers.wait_until(lambda: not teaching.is_busy)
    assert curation.row == row
    np.testing.assert_array_equal(editor.mask, drawn)
    assert curation.save()
    assert curation.project is not None
    np.testing.assert_array_equal(curation.project.mask(curation.frame), drawn)


def test_the_new_mask_of_the_frame_in_view_is_shown(
    night: Night, folder: Path, taught: Teaching, curation: Curation
) -> None:
    row = curation.row
    assert row is not None
    assert curation.editor is not None
    now = night.masks(folder)[row]
    assert not np.array_equal(now, night.masks(night.folder)[row])
    np.testing.assert_array_equal(curation.editor.mask, now)


def test_the_button_learns_from_all_clear_frames(
    night: Night, folder: Path, teaching: Teaching, timers: ManualTimers, curation: Curation
) -> None:
    project = curation.project
    assert project is not None
    assert teaching.clear_nights == []
    project.label(int(project.table.id[night.clear]), np.zeros(SHAPE, np.uint8), "clear", "clear")
    assert len(teaching.clear_nights) == 1
    teaching.learn_all()
    timers.wait_until(lambda: not teaching.is_busy)
    assert night.right(folder) > 0.98


def test_what_is_asked_meanwhile_follows(
    night: Night, teaching: Teaching, timers: ManualTimers, curation: Curation
) -> None:
    (name,) = NightReferences(curation.project.folder).nights if curation.project else ()
    teaching.learn(name)
    teaching.learn(name)
    steps: list[Any] = []
    teaching.changed.connect(lambda: steps.append(teaching.result))
    timers.wait_until(lambda: not teaching.is_busy)
    assert len(teaching._steps) == 2
    assert steps[-1] == "0 masks renewed"


def test_closing_the_project_stops_it(
    night: Night,
    folder: Path,
    decisions: Decisions,
    teaching: Teaching,
    curation: Curation,
    timers: ManualTimers,
) -> None:
    curation.session.go_to(night.clear)
    decisions.clear()
    curation.close()
    assert not teaching.is_busy
    assert teaching.text == ""
    timers.advance(1000)
    np.testing.assert_array_equal(night.masks(folder), night.masks(night.folder))


def test_a_read_only_project_learns_nothing(
    night: Night, folder: Path, session: Session, view: FakeView
) -> None:
    curation = Curation(session, view)
    curation.open(Project(folder, read_only=True))
    teaching = Teaching(Decisions(curation), ClearSky(session))
    teaching.learn("2024-01-15")
    assert not teaching.is_busy
    assert teaching.clear_nights == []
    curation.release()
