"""Backups: they open like the project, and no label is lost in either."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from napari_iris.errors import FileError
from napari_iris.frames.read import read_frame
from napari_iris.importers.import_set import import_set
from napari_iris.masks.config import MaskConfig
from napari_iris.project import indexing
from napari_iris.project.backup import backup, count_files
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def labelled(folder: Path, frames: list[Path], mask_of: Callable[..., NDArray[np.uint8]]) -> Path:
    """Folder of a closed project with labels of every kind by Ada."""
    with Project(folder, by="ada") as project:
        assert len(list(index(project, frames[:3], MaskConfig(shape=(24, 32)), jobs=1))) == 3
        project.save_mask(1, mask_of(1))
        project.approve(1, mask_of(2))
        project.label(2, mask_of(3), "clear", "drawn")
        project.approve(3)
        project.reject(4, "a bird")
        project.set_note(5, "cirrus")
    return folder


def paths_of(project: Project, out: Path) -> list[str]:
    """Files that a backup copies, relative to it; none may fail."""
    return sorted(path.relative_to(out).as_posix() for path in backup(project, out))


def everything(folder: Path) -> dict[str, list[tuple]]:
    """All rows of a project, and the pixels of its masks."""
    with Project(folder, read_only=True) as project:
        rows = {
            name: project.repository.connection.execute(f"SELECT * FROM {name}").fetchall()
            for name in ("project", "frame", "mask", "event")
        }
        objects = project.repository.connection.execute("SELECT object FROM mask").fetchall()
        rows["pixels"] = [(project.store.read(name).tobytes(),) for (name,) in objects]
    return rows


def content(folder: Path) -> dict[str, bytes]:
    """Files of a folder, without SQLite's temporary files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@pytest.mark.parametrize("read_only", [False, True])
def test_a_backup_is_the_same_project(labelled: Path, out: Path, read_only: bool) -> None:
    before = everything(labelled)
    with Project(labelled, read_only=read_only) as project:
        copied = paths_of(project, out)
        assert len(copied) == count_files(project) == 1 + len(set(before["pixels"]))
    assert copied[0] == "iris.db"
    shutil.rmtree(labelled)
    assert everything(out) == before
    assert len(before["mask"]) >= 6
    with Project(out, by="ben") as project:
        assert project.decision(4).reason == "a bird"
        assert project.save_mask(5, np.ones((24, 32), np.uint8)) > len(before["mask"])


def test_a_second_backup_copies_only_new_files(
    labelled: Path, out: Path, mask_of: Callable[..., NDArray[np.uint8]]
) -> None:
    with Project(labelled) as project:
        assert len(paths_of(project, out)) == 5
        before = content(out)
        assert paths_of(project, out) == ["iris.db"]
        project.save_mask(6, mask_of(9))
        project.save_mask(6, mask_of(1))  # a mask that there is already
        name = project.store.save(mask_of(9), durable=False)
        assert paths_of(project, out) == ["iris.db", f"masks/{name[:2]}/{name}.fits.gz"]
    assert before.items() - content(out).items() <= {("iris.db", before["iris.db"])}
    assert everything(out) == everything(labelled)


def test_a_backup_that_was_stopped_is_completed(labelled: Path, out: Path) -> None:
    with Project(labelled) as project:
        stopped = backup(project, out)
        first = [next(stopped), next(stopped)]
        stopped.close()
        again = list(backup(project, out))
        assert first[1] not in again
        assert len(again) + 1 == count_files(project)
    assert everything(out) == everything(labelled)


@pytest.mark.parametrize("harm", ["missing", "cut", "another's"])
def test_a_damaged_mask_is_reported_and_not_copied(
    labelled: Path, out: Path, mask_of: Callable[..., NDArray[np.uint8]], harm: str
) -> None:
    with Project(labelled) as project:
        path = project.store.path(project.store.save(mask_of(2), durable=False))
        other = project.store.path(project.store.save(mask_of(3), durable=False))
        whole = path.read_bytes()
        if harm == "missing":
            path.unlink()
        else:
            path.write_bytes(whole[:-40] if harm == "cut" else other.read_bytes())
        outcomes = list(backup(project, out))
        [problem] = [one for one in outcomes if isinstance(one, FileError)]
        assert problem.path == path
        assert "is missing" in problem.reason or "is damaged" in problem.reason
        assert len(outcomes) == count_files(project)
        assert not (out / path.relative_to(labelled)).exists()
        path.write_bytes(whole)
        assert paths_of(project, out) == ["iris.db", path.relative_to(labelled).as_posix()]
    assert everything(out) == everything(labelled)


def test_a_mask_lost_in_the_project_stays_in_the_backup(labelled: Path, out: Path) -> None:
    with Project(labelled) as project:
        list(backup(project, out))
        before = everything(out)
        shutil.rmtree(labelled / "masks")
        assert paths_of(project, out) == ["iris.db"]
    assert everything(out) == before


def places(labelled: Path, root: Path) -> dict[str, tuple[Path, str]]:
    """Folders unsuitable for a backup, and the message for each."""
    (root / "link").symlink_to(labelled)
    (root / "other").mkdir()
    (root / "full").mkdir()
    (root / "full" / "thesis.tex").write_text("years of work")
    (root / "file").write_text("a file")
    (root / "foreign").mkdir()
    (root / "foreign" / "iris.db").write_bytes(b"not SQLite at all" * 99)
    return {
        "itself": (labelled, "is inside the project; choose another folder"),
        "inside": (labelled / "a" / "backup", "is inside the project"),
        "itself by a link": (root / "link", "is inside the project"),
        "inside by a link": (root / "link" / "backup", "is inside the project"),
        "itself by dots": (root / "other" / ".." / labelled.name, "is inside the project"),
        "other things": (root / "full", "is not empty; choose an empty folder"),
        "a file": (root / "file", r"cannot be created \(File exists\)"),
        "no project": (root / "foreign", "its iris.db is damaged"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "itself", "inside", "itself by a link", "inside by a link", "itself by dots",
        "other things", "a file", "no project",
    ],
)  # fmt: skip
def test_an_unsuitable_folder_is_an_error_and_stays_unchanged(
    labelled: Path, tmp_path: Path, refused: Callable, case: str
) -> None:
    place, message = places(labelled, tmp_path)[case]
    before = content(tmp_path)
    with Project(labelled) as project, refused(message, FileError):
        list(backup(project, place))
    assert content(tmp_path) == before


@pytest.mark.parametrize("case", ["another", "worked in", "newer"])
def test_labels_of_another_project_are_never_overwritten(
    labelled: Path,
    out: Path,
    tmp_path: Path,
    write_frame: Callable[..., Path],
    mask_of: Callable[..., NDArray[np.uint8]],
    refused: Callable,
    case: str,
) -> None:
    """Such as a typing error that names another project, or labelling in a backup."""
    with Project(labelled) as project:
        match case:
            case "another":
                with Project(out) as other:
                    list(index(other, [write_frame("b.fits")], MaskConfig(shape=(24, 32)), jobs=1))
                    other.approve(1)
            case "worked in":
                list(backup(project, out))
                with Project(out) as other:
                    other.set_note(2, "in the backup")
                project.set_note(2, "in the project")
            case "newer":
                list(backup(project, tmp_path / "old"))
                project.save_mask(6, mask_of(7))
                list(backup(project, out))
    source = tmp_path / "old" if case == "newer" else labelled
    before = everything(out)
    with (
        Project(source) as project,
        refused("is another project, or a backup that has been changed since"),
    ):
        list(backup(project, out))
    assert everything(out) == before


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_window_may_label_meanwhile(
    folder: Path, tmp_path: Path, child: Callable, mask_of: Callable[..., NDArray[np.uint8]]
) -> None:
    def label(tell: Callable) -> None:
        with Project(folder, exclusive=True, by="ada") as project:
            for number in range(100_000):
                project.approve(1 + number % 6, mask_of(number), how=f"number {number}")
                tell(number)

    window = child(label)
    reported = []
    for number in range(5):
        reported.append([int(window.lines.readline()) for _ in range(20)][-1])
        with Project(folder, read_only=True) as project:
            assert all(isinstance(one, Path) for one in backup(project, tmp_path / f"{number % 2}"))
        saved = everything(tmp_path / f"{number % 2}")
        assert len(saved["mask"]) > reported[-1], "all that was reported before"
        assert [row[8] for row in saved["mask"]] == [
            f"number {number}" for number in range(len(saved["mask"]))
        ]
    window.kill()
    window.end()
    assert reported == sorted(set(reported))


def import_two(folder: Path, source: Path) -> list[NDArray[np.float32]]:
    """Import two pictures with their masks; return the expected frames."""
    rng = np.random.default_rng(0)
    for name in ("1", "2"):
        for place, pixels in {
            f"images/{name}.png": rng.integers(0, 255, (24, 32)),
            f"GTmaps/{name}_GT.png": rng.integers(0, 2, (24, 32)) * 255,
        }.items():
            (source / place).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(source / place)
    with Project(folder) as project:
        return [read_frame(path).data for path in import_set(project, source, "swimseg")]


def test_imported_frames_are_copied_and_outside_frames_are_not(
    labelled: Path, frames: list[Path], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = import_two(labelled, tmp_path / "set")
    with Project(labelled) as project:
        assert {"frames/set/1.fits", "frames/set/2.fits"} <= set(paths_of(project, out))
    moved = shutil.move(labelled, tmp_path / "moved")
    for place in (Path(moved), shutil.move(out, tmp_path / "restored")):
        with Project(place) as project:
            paths = list(project.table.paths)
            assert set(paths) == {*frames, *(place / f"frames/set/{n}.fits" for n in (1, 2))}
            for path, expected in zip(sorted(set(paths) - {*frames}), imported, strict=True):
                np.testing.assert_array_equal(read_frame(path).data, expected)
            monkeypatch.setattr(indexing, "read_frame", lambda path: pytest.fail(f"read {path}"))
            assert len(list(index(project, paths, None, jobs=1))) == 8, "none has changed"
            monkeypatch.undo()


def test_a_frame_that_was_imported_again_is_copied_again(
    labelled: Path, out: Path, tmp_path: Path
) -> None:
    import_two(labelled, tmp_path / "set")
    with Project(labelled) as project:
        list(backup(project, out))
        frame = labelled / "frames" / "set" / "1.fits"
        size = frame.stat().st_size
        picture = Image.fromarray(np.eye(24, 32, dtype=np.uint8) * 200)
        picture.save(tmp_path / "set" / "images" / "1.png")
        list(import_set(project, tmp_path / "set", "swimseg"))
        assert frame.stat().st_size == size
        assert paths_of(project, out) == ["frames/set/1.fits", "iris.db"]
        frame.unlink()
        os.utime(labelled / "frames" / "set" / "2.fits", ns=(1, 1))
        _, problem, _ = backup(project, out)
        assert (problem.path, problem.fix) == (frame, "import it again")
    assert (out / "frames" / "set" / "1.fits").exists()
