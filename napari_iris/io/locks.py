"""Locks between processes: one writer at a time, released when it ends."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from napari_iris.errors import FileError


class Lock:
    """A lock file that this process holds, until released, or until the process ends.

    Some network file systems have no locks; there, no process notices another.

    Parameters
    ----------
    path : Path
        The lock file; its folder must exist.
    busy : FileError
        What is raised where another process holds the lock.
    fix : str
        What the user can do where the lock file cannot be written.
    remove : bool
        Whether the lock file is removed in the end.

    Raises
    ------
    FileError
        `busy`, or an error of its type for the same path where the file cannot be written.
    """

    def __init__(self, path: Path, busy: FileError, fix: str, *, remove: bool = False) -> None:
        from filelock import FileLock, Timeout

        self._path, self._remove = path, remove
        self._lock = FileLock(path, timeout=0)
        try:
            with suppress(NotImplementedError):
                self._lock.acquire()
        except Timeout as error:
            raise busy from error
        except OSError as error:
            reason = f"cannot be written ({error.strerror or error})"
            raise type(busy)(busy.path, reason, fix) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Release the lock; again has no effect."""
        if self._remove:
            self._remove = False  # the next lock file of this name may be another process's
            with suppress(OSError):  # one that stays does no harm
                self._path.unlink()
        self._lock.release()
