"""A copy of a project that can be opened like the project itself."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import FileError, MaskError, ProjectError
from napari_iris.io.atomic import atomic_open, make_folder
from napari_iris.io.regular import refuse_special
from napari_iris.project.folder import DATABASE, MASKS
from napari_iris.project.mask_store import MaskStore
from napari_iris.project.night_references import NightReferences
from napari_iris.project.repository import Repository
from napari_iris.project.site_mask import SITE_MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.project.project import Project


def backup(project: Project, out: Path) -> Iterator[Path | FileError]:
    """Copy a project; a second backup to the same folder copies only what is new.

    A snapshot of the database is copied, while a window may continue to label; then the masks and
    the imported frames that it names, the clear-sky references and the site mask. Frames that lie
    outside the project are not copied.

    Parameters
    ----------
    project : Project
        The project; it is only read.
    out : Path
        Folder to copy to: a new one, or an earlier backup.

    Yields
    ------
    Path or FileError
        A file that was copied, or what could not be: a missing or damaged mask, say.

    Raises
    ------
    ProjectError
        If `out` is not writable, has other files, or is another project or a backup that was
        changed since.
    """
    folder, place = (Path(os.path.realpath(one)) for one in (project.folder, out))
    if place == folder or folder in place.parents:
        raise ProjectError(out, "is inside the project", "choose another folder")
    make_folder(out)
    if any(out.iterdir()) and not (out / DATABASE).is_file():
        raise ProjectError(out, "is not empty", "choose an empty folder")
    with Repository(out) as copy:
        if not project.repository.contains(copy):
            reason = "is another project, or a backup that has been changed since"
            raise ProjectError(out, reason, "choose an empty folder")
        project.repository.copy_to(copy)
        yield out / DATABASE
        masks, frames = copy.mask_names(), copy.own_frames()
    # masks are never changed, so those of the snapshot can be copied while others are saved
    for name in masks:
        yield from _copy_mask(name, project.store, MaskStore(out / MASKS))
    for path in [*frames, *_files_beside(project)]:
        yield from _copy(project.folder / path, out / path)


def count_files(project: Project) -> int:
    """Count the files of a backup.

    Parameters
    ----------
    project : Project
        The project.

    Returns
    -------
    int
        The database, all masks, references, the site mask, and frames inside the project folder.
    """
    repository, beside = project.repository, _files_beside(project)
    return 1 + len(repository.mask_names()) + len(repository.own_frames()) + len(beside)


def _files_beside(project: Project) -> list[str]:
    """Files of the nights' references and the site mask, relative to the project folder."""
    references = NightReferences(project.folder)
    site = [SITE_MASK] if (project.folder / SITE_MASK).exists() else []
    return site + [
        references.path(night).relative_to(project.folder).as_posix() for night in references.nights
    ]


def _copy_mask(name: str, store: MaskStore, copy: MaskStore) -> Iterator[Path | FileError]:
    """Copy a mask that the backup does not have yet, if it is intact."""
    if copy.path(name).exists():
        return
    try:
        store.read(name)
    except MaskError as error:
        yield error
    else:
        yield from _copy(store.path(name), copy.path(name))


def _copy(source: Path, target: Path) -> Iterator[Path | FileError]:
    """Copy a file that is missing or differs in the backup, with its modification time."""
    try:
        stat = source.stat()
        times = stat.st_atime_ns, stat.st_mtime_ns
        if target.exists():
            there = target.stat()
            if (there.st_size, there.st_mtime_ns) == (stat.st_size, stat.st_mtime_ns):
                return
        refuse_special(source)
        content = source.read_bytes()
    except OSError as error:
        yield FileError(source, f"cannot be read ({error.strerror})", "import it again")
        return
    make_folder(target.parent)
    with atomic_open(target) as file:
        file.write(content)
    with suppress(OSError):  # without times it is copied again next time
        os.utime(target, ns=times)
    yield target
