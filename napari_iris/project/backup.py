"""A copy of a project that can be opened like the project itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import FileError, ProjectError
from napari_iris.frames.write import atomic_open, make_folder
from napari_iris.project.database import DATABASE, connect, told
from napari_iris.project.project import MASKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.project.project import Project


def backup(project: Project, out: Path) -> Iterator[Path | FileError]:
    """Copy a project; a second backup to the same folder copies only what is new.

    The database is copied as it is at one moment, while a window may go on; then the masks and
    the imported frames that it names. Frames outside the project are left where they are.

    Parameters
    ----------
    project : Project
        What to copy.
    out : Path
        Folder to copy to: a new one, or an earlier backup.

    Yields
    ------
    Path or FileError
        What was copied, or what could not be.

    Raises
    ------
    ProjectError
        If `out` holds something else, or cannot be written.
    """
    if out.absolute() == project.folder or project.folder in out.absolute().parents:
        raise ProjectError(out, "lies in the project itself", "choose another folder")
    if out.exists() and any(out.iterdir()) and not (out / DATABASE).is_file():
        raise ProjectError(out, "holds something else", "choose an empty folder")
    make_folder(out)
    with told(out), closing(connect(out)) as copy:
        project.connection.backup(copy)
        yield out / DATABASE
        masks = {name for (name,) in copy.execute("SELECT DISTINCT object FROM mask")}
        inside = [path for (path,) in copy.execute("SELECT path FROM frame") if not _outside(path)]
    yield from project.store.copy_to(out / MASKS, masks)
    for path in inside:
        yield from _copy(project.folder / path, out / path)


def _outside(path: str) -> bool:
    return Path(path).is_absolute()


def _copy(source: Path, target: Path) -> Iterator[Path | FileError]:
    """Copy an imported frame that the backup has not yet."""
    try:
        if target.exists() and target.stat().st_size == source.stat().st_size:
            return
        content = source.read_bytes()
    except OSError as error:
        yield FileError(source, f"cannot be read ({error.strerror})", "import it again")
        return
    make_folder(target.parent)
    with atomic_open(target) as file:
        file.write(content)
    yield target
