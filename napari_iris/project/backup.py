"""A copy of a project that can be opened like the project itself."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import FileError, MaskError, ProjectError
from napari_iris.io.atomic import atomic_open, make_folder
from napari_iris.project.database import DATABASE, connect, told
from napari_iris.project.folder import MASKS
from napari_iris.project.mask_store import MaskStore

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from napari_iris.project.project import Project

GROWING = {"frame": "id, path", "mask": "id, object, at", "event": "id, at, what, value"}
"""Tables that only grow, and columns that tell one row from another project's."""


def backup(project: Project, out: Path) -> Iterator[Path | FileError]:
    """Copy a project; a second backup to the same folder copies only what is new.

    The database is copied as it is at one moment, while a window may go on; then the masks and
    the imported frames that it names. Frames outside the project are left where they are.

    Parameters
    ----------
    project : Project
        What to copy; it is only read.
    out : Path
        Folder to copy to: a new one, or an earlier backup.

    Yields
    ------
    Path or FileError
        What was copied, or what could not be: a mask that is missing or damaged, say.

    Raises
    ------
    ProjectError
        If `out` holds something else, such as another project, or a backup that was worked in
        since, or cannot be written.
    """
    folder, place = project.folder.resolve(), out.resolve()
    if place == folder or folder in place.parents:
        raise ProjectError(out, "lies in the project itself", "choose another folder")
    make_folder(out)
    if any(out.iterdir()) and not (out / DATABASE).is_file():
        raise ProjectError(out, "holds something else", "choose an empty folder")
    with told(out), closing(connect(out)) as copy:
        _refuse_another(project, copy, out)
        project.connection.backup(copy)
        yield out / DATABASE
        masks, frames = _files(copy)
    for name in masks:
        yield from _copy_mask(name, project.store, MaskStore(out / MASKS))
    for path in frames:
        yield from _copy(project.folder / path, out / path)


def count_files(project: Project) -> int:
    """Count the files that a backup of a project consists of."""
    with told(project.folder):
        return 1 + sum(map(len, _files(project.connection)))


def _files(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Names of all masks, and paths of the frames that lie inside the project."""
    masks = connection.execute("SELECT DISTINCT object FROM mask ORDER BY object").fetchall()
    paths = connection.execute("SELECT path FROM frame ORDER BY path").fetchall()
    inside = [path for (path,) in paths if not Path(path).is_absolute()]
    return [name for (name,) in masks], inside


def _refuse_another(project: Project, copy: sqlite3.Connection, out: Path) -> None:
    """Refuse to write over what the project does not know: its tables are to hold all of it."""
    for table, columns in GROWING.items():
        last = copy.execute(f"SELECT {columns} FROM {table} ORDER BY id DESC LIMIT 1").fetchone()
        query = f"SELECT {columns} FROM {table} WHERE id = ?"
        if last and last != project.connection.execute(query, last[:1]).fetchone():
            reason = "is another project, or a backup that was worked in since"
            raise ProjectError(out, reason, "choose an empty folder")


def _copy_mask(name: str, store: MaskStore, copy: MaskStore) -> Iterator[Path | FileError]:
    """Copy a mask that the backup has not yet, if it is whole."""
    if copy.path(name).exists():
        return
    try:
        store.read(name)
    except MaskError as error:
        yield error
    else:
        yield from _copy(store.path(name), copy.path(name))


def _copy(source: Path, target: Path) -> Iterator[Path | FileError]:
    """Copy a file that the backup has not yet, or another version of, with its time of change."""
    try:
        stat = source.stat()
        times = stat.st_atime_ns, stat.st_mtime_ns
        if target.exists():
            there = target.stat()
            if (there.st_size, there.st_mtime_ns) == (stat.st_size, stat.st_mtime_ns):
                return
        content = source.read_bytes()
    except OSError as error:
        yield FileError(source, f"cannot be read ({error.strerror})", "import it again")
        return
    make_folder(target.parent)
    with atomic_open(target) as file:
        file.write(content)
    with suppress(OSError):  # where a disk keeps no times, it is copied again the next time
        os.utime(target, ns=times)
    yield target
