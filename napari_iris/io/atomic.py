"""Write files atomically: complete, or not at all."""

from __future__ import annotations

import os
import stat
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from socket import gethostname
from typing import IO, TYPE_CHECKING
from zlib import crc32

from napari_iris.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


ABANDONED_S = 3600.0
"""Time without a write after which a part file is abandoned [s]."""

NAME_BYTES = 180
"""Bytes of its name that a part file has in its own: a file system takes 255 in all."""

_swept: set[Path] = set()
"""Folders that this process has written into."""


@contextmanager
def atomic_open(path: Path, *, durable: bool = False) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` when the block ends without an error.

    The first file that a process writes into a folder sweeps it, see `sweep`.

    Parameters
    ----------
    path : Path
        File to write; its folder must exist. An older file stays until the block ends.
    durable : bool
        Whether to wait until the bytes are on the disk, so that they survive a power cut.

    Yields
    ------
    binary file
        The temporary file, in the same folder.

    Raises
    ------
    FileError
        If the folder is read-only, missing or full, or a folder or device has its name; the
        temporary file is removed.
    """
    name = os.fsdecode(os.fsencode(path.name)[-NAME_BYTES:])
    writer = f"{os.getpid()}.{threading.get_ident()}-{_machine()}"
    part = path.with_name(f".{name}.{writer}.part")
    exists_as_file(path)
    if path.parent not in _swept:
        _swept.add(path.parent)
        sweep(path.parent)
    with writing(path):
        try:
            with part.open("wb") as file:
                yield file
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        if durable:
            sync_folder(path.parent)


def exists_as_file(path: Path) -> bool:
    """Whether there is a file that would be replaced; anything but a regular file is refused.

    Parameters
    ----------
    path : Path
        The file to be written; it may not exist.

    Returns
    -------
    bool
        False where there is nothing.

    Raises
    ------
    FileError
        If there is a folder, device or pipe, or the name is not possible.
    """
    with writing(path):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return False
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
        raise FileError(path, f"is {kind}, not a file", "choose another --out")
    return True


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Convert errors of the operating system to a `FileError`.

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
    """Remove the temporary files of `atomic_open` that killed processes left in a folder.

    A file whose process has ended is removed at once. If the process number is in use (it may be
    another process by now; in a container it is often this one), or is of another machine that
    writes into a shared folder, it is removed an hour after the last write.

    Parameters
    ----------
    folder : Path
        The folder; folders within it are not searched.
    """
    for path in folder.glob(".*.part"):
        parts = path.name.split(".")
        if len(parts) < 4 or not parts[-3].isdecimal():  # not of `atomic_open`
            continue
        machine = parts[-2].partition("-")[2] or _machine()
        may_live = machine != _machine() or _is_alive(int(parts[-3]))
        with suppress(OSError):  # removed by another process, or not ours to remove
            if not may_live or time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()


@cache
def _machine() -> str:
    """Tell machines apart that write into one folder."""
    return f"{crc32(gethostname().encode(errors='surrogateescape')):08x}"


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # cannot be checked without side effects
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, unless it exists.

    Parameters
    ----------
    folder : Path
        The folder.

    Raises
    ------
    FileError
        If it cannot be created, is a file, or a ``..`` in it follows a folder that is missing.
    """
    for one in (folder, *folder.parents):
        if one.name == ".." and not one.parent.is_dir():  # mkdir would create this parent, too
            reason = "leads through a folder that does not exist"
            raise FileError(folder, reason, "choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be created ({error.strerror})"
        raise FileError(folder, reason, "choose another folder") from error


def sync_file(path: Path) -> None:
    """Flush a file's bytes to the disk, so that they survive a power cut.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileError
        If it is missing, or the disk fails.
    """
    # Windows flushes only what is open for writing
    with writing(path), path.open("rb" if os.name == "posix" else "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that a renamed file survives a power cut.

    Parameters
    ----------
    folder : Path
        The folder; without effect on systems that cannot (Windows).
    """
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
