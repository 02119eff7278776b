"""A project keeps what the clear sky looks like each night, and learns it from clear frames."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import ReferenceFileError
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.project.backup import backup
from napari_iris.project.indexing import index
from napari_iris.project.night_references import UNDATED, NightReferences, nights_of
from napari_iris.project.project import Project
from napari_iris.project.relearning import (
    apply_night,
    learn_nights,
    learn_project,
    relearn_night,
    restore_night,
)
from napari_iris.radiometry import statistics_cache
from napari_iris.radiometry.archive import references_of
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from tests.radiometry.conftest import Nights, nights

if TYPE_CHECKING:
    from napari_iris.sky.observe import SimulatedFrame

pytestmark = pytest.mark.slow


def test_a_night_is_from_noon_to_noon() -> None:
    times = np.array(["2024-01-15T12:00", "2024-01-16T11:59", "2024-01-16T12:00", "NaT"], "M8[us]")
    assert nights_of(times).tolist() == ["2024-01-15", "2024-01-15", "2024-01-16", UNDATED]


def write(folder: Path, frames: list[SimulatedFrame]) -> list[Path]:
    folder.mkdir()
    for number, frame in enumerate(frames):
        fits.writeto(folder / f"{number:03}.fits", frame.data, frame.header)
    return sorted(folder.iterdir())


def indexed(folder: Path, paths: list[Path]) -> None:
    with Project(folder) as project:
        references = learn_nights(folder, paths)
        assert list(index(project, paths, MaskConfig(), jobs=1, references=references)) == paths


def masks(folder: Path) -> np.ndarray:
    with Project(folder, read_only=True) as project:
        return np.stack(
            [project.mask(frame, "auto") for frame in sorted(project.table.id.tolist())]
        )


def test_each_night_has_a_reference_that_its_masks_are_made_with(tmp_path: Path) -> None:
    some, folder = nights(3, 12), tmp_path / "project"
    paths = write(tmp_path / "frames", some.frames)
    indexed(folder, paths[:12])
    (first,) = NightReferences(folder).nights
    before = NightReferences(folder).path(first).read_bytes()
    indexed(folder, paths)
    references = NightReferences(folder)
    assert len(references.nights) == 2
    assert references.path(first).read_bytes() == before, "a night without new frames keeps its own"
    (learned,) = references.of_night(references.nights[1]).found
    assert learned.frames == 24, "the other night helps"
    with Project(folder, read_only=True) as project:
        facts = project.mask_facts(20, "auto")
        assert facts is not None
        assert facts.reference == "measured"
        row = project.table.row_of(20)
        frame = some.pixels[19]
        assert project.table.median[row] == pytest.approx(np.median(frame), abs=5)
        assert project.table.floor[row] < project.table.median[row]
        median = project.table.level[row] + project.table.excess[row]
        assert median == pytest.approx(np.median(frame), abs=25)
        assert 0 <= project.table.undecided[row] <= 1
        assert 0 <= project.table.disagreement[row] <= 1
        assert all(isinstance(path, Path) for path in backup(project, tmp_path / "copy"))
    assert NightReferences(tmp_path / "copy").nights == references.nights
    made = masks(folder)
    for number in range(12, 24):  # learned when all frames were known
        frame = some.frames[number]
        known = references_of(some.statistics)
        expected = make_mask(some.pixels[number], MaskConfig(), frame.header, known).mask
        np.testing.assert_array_equal(made[number], expected)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night that never cleared, but for one frame, in frames of a camera's size."""
    config = SeriesConfig(count=24, nights=1, seed=1)
    some = Nights(list(simulate_nights(config)))
    cover = some.truth.mean(axis=(1, 2))
    clear = int(np.argmin(cover))
    assert cover[clear] == 0
    chosen = [row for row in range(24) if row == clear or cover[row] > 0.6]
    folder = tmp_path_factory.mktemp("night")
    write(folder / "frames", [some.frames[row] for row in chosen])
    np.savez(
        folder / "truth.npz",
        truth=some.truth[chosen],
        decided=some.decided[chosen],
        clear=chosen.index(clear) + 1,
    )
    return folder


def test_one_clear_frame_teaches_the_night_and_can_be_undone(taught: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(taught, tmp_path / "night"))
    paths, folder, truth = (
        sorted((place / "frames").iterdir()),
        tmp_path / "p",
        np.load(place / "truth.npz"),
    )
    indexed(folder, paths)

    def right() -> float:
        decided = truth["decided"]
        return float(np.mean((masks(folder) == 1)[decided] == truth["truth"][decided]))

    before, first = right(), masks(folder)
    clear = int(truth["clear"])
    with Project(folder, by="ada") as project:
        project.reject(2, "bird")
        project.label(clear, np.zeros((128, 160), np.uint8), "clear", "key 0")
        (night,) = set(nights_of(project.table.time).tolist())
    counts: list[tuple[int, int]] = []
    renewed = relearn_night(folder, night, on_frame=lambda *of: counts.append(of))
    assert counts[-1] == (len(paths) - 2, len(paths) - 2)
    assert not {2, clear} & renewed.masks.keys(), "touched frames keep their masks"
    np.testing.assert_array_equal(masks(folder), first)
    old = NightReferences(folder).of_night(night).found
    earlier = apply_night(folder, renewed)
    assert 1 - right() < 0.5 * (1 - before), "half the errors"
    restore_night(folder, earlier)
    np.testing.assert_array_equal(masks(folder), first)
    assert NightReferences(folder).of_night(night).found[0].level_sigma == old[0].level_sigma


def test_a_frame_touched_meanwhile_keeps_its_mask(taught: Path, tmp_path: Path) -> None:
    paths, folder = sorted((taught / "frames").iterdir()), tmp_path / "p"
    indexed(folder, paths)
    (night,) = NightReferences(folder).nights
    clear = int(np.load(taught / "truth.npz")["clear"])
    renewed = relearn_night(folder, night, clear=[clear])
    assert renewed.references.found[0].kind == "measured"
    touched, *others = renewed.masks
    with Project(folder, by="ada") as project:
        project.label(touched, np.ones((128, 160), np.uint8), "cloudy", "key 8")
        before = project.mask_facts(touched, "auto")
    assert touched not in apply_night(folder, renewed).masks
    with Project(folder, read_only=True) as project:
        assert project.mask_facts(touched, "auto") == before
        for frame in others:
            facts = project.mask_facts(frame, "auto")
            assert facts is not None
            assert facts.name == renewed.masks[frame].name
    assert NightReferences(folder).of_night(night).found[0].kind == "measured"
    assert relearn_night(folder, night, clear=[clear]).masks == {}, "nothing more to change"


def test_a_damaged_reference_of_a_night_is_named_and_learnt_again(
    taught: Path, tmp_path: Path
) -> None:
    paths, folder = sorted((taught / "frames").iterdir()), tmp_path / "p"
    indexed(folder, paths)
    references = NightReferences(folder)
    (night,) = references.nights
    references.path(night).write_bytes(b"damaged")
    with pytest.raises(ReferenceFileError, match=f"project {folder} relearn --night {night}"):
        references.of_night(night)
    earlier = apply_night(folder, relearn_night(folder, night))
    assert references.of_night(night).found
    restore_night(folder, earlier)
    assert references.nights == []


def test_no_frame_is_read_twice_to_learn_a_night(
    taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, folder = sorted((taught / "frames").iterdir()), tmp_path / "p"
    indexed(folder, paths)
    (night,) = NightReferences(folder).nights
    monkeypatch.setattr(statistics_cache, "read_frame", None)
    assert learn_project(folder).found
    before = NightReferences(folder).of_night(night)
    references = learn_nights(tmp_path / "p", paths).of_night(night)
    assert references.found[0].level_sigma == before.found[0].level_sigma
    with Project(tmp_path / "another"):
        pass
    assert learn_nights(tmp_path / "another", paths).nights == [night]
