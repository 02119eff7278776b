"""Write files that are whole or not there at all."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from napari_iris.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


LEFT_S = 3600.0
"""Age from which a part file is nobody's any more [s]."""


@contextmanager
def atomic_open(path: Path, *, durable: bool = False) -> Iterator[IO[bytes]]:
    """Open a temporary neighbour of `path` that takes its name when the block ends well.

    Parameters
    ----------
    path : Path
        File to write; its folder must exist. Until the block ends well an older file stays.
    durable : bool
        Whether to wait until the bytes are on the disk, so that they outlast a power cut.

    Raises
    ------
    FileError
        If the folder is read-only, missing or full; no part file is left behind.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    with writing(path):
        try:
            with part.open("wb") as file:
                yield file
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
            if durable:
                sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise an error of the system as one that names the file and the fix.

    Parameters
    ----------
    path : Path
        File that is written in the block.

    Raises
    ------
    FileError
        In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})"
        raise FileError(path, reason, "make room there or choose another folder") from error


def sweep(folder: Path) -> None:
    """Remove what killed processes left half written right in a folder.

    A part file of a process that is no more goes at once; one whose process's number is in use (in
    a container always by us) when nothing has been written to it for an hour.
    """
    for path in folder.glob(".*.part"):
        words = path.name.split(".")
        if len(words) < 4 or not words[-3].isdecimal():  # not of `atomic_open`
            continue
        with suppress(OSError):  # gone already, or not ours to remove: nothing is lost by it
            if not _is_alive(int(words[-3])) or time.time() - path.stat().st_mtime > LEFT_S:
                path.unlink()


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # who knows
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, if need be.

    Raises
    ------
    FileError
        If it cannot be made, or is a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made a folder ({error.strerror})"
        raise FileError(folder, reason, "choose another folder") from error


def sync_folder(folder: Path) -> None:
    """Put the folder's new entry on the disk, where the system can (POSIX)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
