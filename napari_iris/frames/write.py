"""Write files that are whole or not there at all."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from napari_iris.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from astropy.io import fits


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
    try:
        try:
            with part.open("wb") as file:
                yield file
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
            if durable:
                _sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})"
        raise FileError(path, reason, "make room there or choose another folder") from error


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


def write_fits(path: Path, hdus: fits.HDUList, *, durable: bool = False) -> None:
    """Write `hdus` to `path` atomically, in place of an older file.

    Parameters
    ----------
    path : Path
        File to write.
    hdus : astropy.io.fits.HDUList
        What to write.
    durable : bool
        Whether to wait until the bytes are on the disk.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(path, durable=durable) as file:
        hdus.writeto(file)


def _sync_folder(folder: Path) -> None:
    """Put the folder's new entry on the disk, where the system can (POSIX)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
