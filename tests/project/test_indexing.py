"""Indexing: frames are read once, ordered by time, and keep their labels."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import FileError, FrameError
from napari_iris.masks.config import MaskConfig
from napari_iris.project import indexing
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CONFIG = MaskConfig(shape=(24, 32))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the frames that are read from now on."""
    names: list[str] = []
    read_frame = indexing.read_frame

    def read(path: Path) -> object:
        names.append(path.name)
        return read_frame(path)

    monkeypatch.setattr(indexing, "read_frame", read)
    return names


def take_in(
    project: Project, paths: Iterable[Path], config: MaskConfig | None = None, jobs: int = 1
) -> tuple[list[Path], list[FileError]]:
    outcomes = list(index(project, paths, config, jobs=jobs))
    failed = [outcome for outcome in outcomes if isinstance(outcome, FileError)]
    return [outcome for outcome in outcomes if not isinstance(outcome, FileError)], failed


def names(project: Project) -> list[str]:
    return [path.name for path in project.table.paths]


def test_a_frame_is_indexed_with_its_facts(tmp_path: Path, write_frame: Callable) -> None:
    path = write_frame(DATE_OBS="2024-01-15T18:00:00.5", FPA_TEMP=-0.5)
    with Project(tmp_path / "project") as project:
        assert take_in(project, [path], CONFIG) == ([path], [])
        table = project.table
        assert list(table.paths) == [path]
        assert table.time.tolist() == [np.datetime64("2024-01-15T18:00:00.5", "us").item()]
        assert (table.status_of(0), table.class_of(0)) == ("auto", None)
        assert project.mask(1).shape == (24, 32)
        assert table.cloud_fraction[0] == pytest.approx(np.mean(project.mask(1) == 1))
        assert 0 <= table.trust[0] <= 1
        rows, columns, facts = project.repository.connection.execute(
            "SELECT rows, columns, facts ->> 'FPA-TEMP' FROM frame"
        ).fetchone()
        assert (rows, columns, facts) == (24, 32, "-0.5")


@pytest.mark.parametrize("config", [None, CONFIG])
def test_unchanged_frames_are_not_read_again(
    tmp_path: Path, frames: list[Path], reads: list[str], config: MaskConfig | None
) -> None:
    with Project(tmp_path / "project") as project:
        for expected in ([path.name for path in frames], []):
            reads.clear()
            done, failed = take_in(project, frames, config)
            assert (sorted(done), failed) == (frames, [])
            assert reads == expected
    with Project(tmp_path / "project") as project:
        take_in(project, frames[2:4], config)
        assert reads == []
        assert len(project.table) == 6


def test_missing_masks_are_made_later(tmp_path: Path, frames: list[Path], reads: list[str]) -> None:
    with Project(tmp_path / "project") as project:
        take_in(project, frames[:3], CONFIG)
        take_in(project, frames)
        reads.clear()
        take_in(project, frames, CONFIG)
        assert reads == ["sky_3.fits", "sky_4.fits", "sky_5.fits"]
        assert project.status()["masks"]["auto"] == 6


def test_a_frame_that_has_changed_is_read_again_and_keeps_its_label(
    folder: Path, frames: list[Path], reads: list[str], write_frame: Callable, mask_of: Callable
) -> None:
    with Project(folder) as project:
        project.approve(2, mask_of(1))
        project.set_note(2, "cirrus")
        project.reject(3, "a bird")
        before = [project.decision(frame) for frame in range(1, 7)]
        for number in (1, 2):
            data = np.random.default_rng(number).integers(900, 999, (48, 64))
            write_frame(f"night/sky_{number}.fits", data, DATE_OBS="2024-01-16T00:00:00")
        take_in(project, frames)
        assert reads == ["sky_1.fits", "sky_2.fits"]
        assert [project.decision(frame) for frame in range(1, 7)] == before
        np.testing.assert_array_equal(project.mask(2), mask_of(1))
        assert names(project)[-2:] == ["sky_1.fits", "sky_2.fits"], "later than the others now"
        take_in(project, frames, CONFIG)
        np.testing.assert_array_equal(project.mask(2), mask_of(1))
        assert project.decision(2) == before[1]
        assert project.tags(2) == ("auto", "human")


def test_a_frame_that_changes_while_it_is_read_is_read_again(
    folder: Path, frames: list[Path], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while the camera is still writing it."""
    read_frame = indexing.read_frame

    def read(path: Path) -> object:
        frame = read_frame(path)
        os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))
        return frame

    os.utime(frames[0], ns=(1, 1))
    monkeypatch.setattr(indexing, "read_frame", read)
    with Project(folder) as project:
        for _ in range(2):
            take_in(project, frames)
    assert reads == ["sky_0.fits", "sky_0.fits"]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_unreadable_files_are_reported_and_the_rest_is_indexed(
    tmp_path: Path, write_frame: Callable, jobs: int
) -> None:
    good = [write_frame(f"night/{number}.fits") for number in range(40)]
    bad = [tmp_path / "night" / name for name in ("gone.fits", "empty.fits", "folder.fits")]
    bad[1].touch()
    bad[2].mkdir()
    with Project(tmp_path / "project") as project:
        done, failed = take_in(project, [*good[:3], *bad, *good[3:]], CONFIG, jobs)
        assert done == good
        assert [error.path for error in failed] == bad
        assert all(isinstance(error, FrameError) for error in failed)
        assert len(project.table) == 40
        assert take_in(project, bad)[0] == []


def test_an_abandoned_run_keeps_the_frames_it_yielded(tmp_path: Path, frames: list[Path]) -> None:
    with Project(tmp_path / "project") as project, pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "BATCH_S", 0)
        run = index(project, frames, None, jobs=1)
        yielded = [next(run) for _ in range(3)]
        run.close()
    with Project(tmp_path / "project") as project:
        assert set(yielded) <= set(project.table.paths)
        take_in(project, frames)
        assert list(project.table.paths) == frames


@pytest.mark.parametrize("opened_as", ["project", "other/../project"])
def test_frames_inside_the_project_move_with_it(
    tmp_path: Path, write_frame: Callable, reads: list[str], opened_as: str
) -> None:
    inside = write_frame("project/frames/night/in.fits", np.ones((24, 32)))
    outside = write_frame("out.fits", np.zeros((24, 32)))
    (tmp_path / "other").mkdir()
    with Project(tmp_path / opened_as) as project:
        take_in(project, [inside, outside, tmp_path / "other" / ".." / "out.fits"])
        stored = {
            path for (path,) in project.repository.connection.execute("SELECT path FROM frame")
        }
        assert stored == {"frames/night/in.fits", str(outside)}
    moved = tmp_path / "elsewhere"
    shutil.move(tmp_path / "project", moved)
    reads.clear()
    with Project(moved) as project:
        assert set(project.table.paths) == {moved / "frames" / "night" / "in.fits", outside}
        take_in(project, project.table.paths)
        assert reads == []


NAMES = ["sky 1 'quoted\" %3F #;.fits", "ciel_été_é.fits", "空_10.fits", "line\nbreak.fits"]


def test_file_names_of_any_kind_are_read_back(tmp_path: Path, write_frame: Callable) -> None:
    paths = [write_frame(name, np.full((24, 32), n)) for n, name in enumerate(NAMES)]
    with Project(tmp_path / "Projekt % #?ß") as project:
        assert take_in(project, paths) == (paths, [])
    with Project(tmp_path / "Projekt % #?ß", read_only=True) as project:
        assert sorted(project.table.paths) == sorted(paths)
        assert all(path.exists() for path in project.table.paths)


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
def test_a_name_that_is_not_unicode_is_reported_and_the_rest_is_indexed(
    tmp_path: Path, frames: list[Path], write_frame: Callable
) -> None:
    odd = Path(os.fsdecode(os.fsencode(write_frame("x.fits")).replace(b"x.fits", b"\xff.fits")))
    (tmp_path / "x.fits").rename(odd)
    with Project(tmp_path / "project") as project:
        done, failed = take_in(project, [*frames[:2], odd, *frames[2:]])
        assert sorted(done) == frames
        assert [error.reason for error in failed] == ["has a name that is not Unicode"]
        assert len(project.table) == 6


def test_frames_are_in_order_of_time_then_of_name(tmp_path: Path, write_frame: Callable) -> None:
    times = {
        "z.fits": "2024-01-15T18:00:00",
        "sky_10.fits": "2024-01-15T19:00:00",
        "sky_9.fits": "2024-01-15T19:00:00",
        "a.fits": "2024-01-15T20:00:00",
        "first.fits": "1969-12-31T23:59:59",
        "sky_20.fits": "",
        "sky_3.fits": "",
    }
    paths = [write_frame(name, **({"DATE_OBS": t} if t else {})) for name, t in times.items()]
    with Project(tmp_path / "project") as project:
        take_in(project, paths)
        timed = ["first.fits", "z.fits", "sky_9.fits", "sky_10.fits", "a.fits"]
        assert names(project) == [*timed, "sky_3.fits", "sky_20.fits"]
        assert np.isnat(project.table.time).tolist() == [False] * 5 + [True] * 2


def test_duplicates_are_marked_across_runs(tmp_path: Path, write_frame: Callable) -> None:
    sky = np.add.outer(np.sin(np.arange(48)), np.cos(np.arange(64))) * 50 + 700
    paths = [
        write_frame("a.fits", sky),
        write_frame("b.fits", sky + 1, DATE_OBS="2024-01-15"),
        write_frame("c.fits", sky, OBSERVER="Ada"),
        write_frame("d.fits", sky.T),
    ]
    with Project(tmp_path / "project") as project:
        for path in paths:
            take_in(project, [path])
        table = project.table
        twins = {
            path.name: (int(t), bool(s))
            for path, t, s in zip(table.paths, table.duplicate_of, table.is_copy, strict=True)
        }
        assert twins == {
            "a.fits": (0, False),
            "b.fits": (1, False),
            "c.fits": (1, True),
            "d.fits": (0, False),
        }
        assert project.status()["duplicates"] == {"same": 1, "alike": 1}
        write_frame("c.fits", sky.T * 3)
        take_in(project, paths)
        assert project.status()["duplicates"] == {"same": 0, "alike": 2}


def test_a_blank_frame_stays_unlabelled(tmp_path: Path, write_frame: Callable) -> None:
    """The shutter was closed: no mask can be made, but the frame can be rejected."""
    path = write_frame("blank.fits", np.full((128, 160), 600, np.int16))
    with Project(tmp_path / "project") as project:
        assert take_in(project, [path], CONFIG) == ([path], [])
        assert project.decision(1).status == "unlabelled"
        project.reject(1, "shutter closed")
        assert project.decision(1).status == "rejected"
