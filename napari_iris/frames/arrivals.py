"""Frames as they arrive in a folder, each once it is whole."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import NamedTuple

from napari_iris.errors import FrameError
from napari_iris.frames.names import is_frame_name
from napari_iris.frames.paths import natural_key

RACY_S = 3.0
"""So long after it changed a folder is listed at every look [s]: file systems keep time in steps of
up to two seconds, and another file may come in the same one."""

NEVER = (-1, -inf)
"""When a folder was changed [ns] and until when it is listed, before it was looked at."""


class Stamp(NamedTuple):
    """What changes when a file is written to."""

    size: int
    changed_ns: int


class Arrivals:
    """The frames of a folder and its subfolders, as they arrive.

    A frame is whole when its file has stayed as it is for a while. Nothing but folders that changed
    and files that are not whole is looked at, so a long night costs no more than a short one; it
    works on any file system, those of a network too.

    Parameters
    ----------
    folder : Path
        Where frames arrive, in subfolders too; hidden ones and links are left out.
    settle_s : float
        How long a file has to stay as it is [s].
    leave_out : Path, optional
        A folder beneath it that is not looked into.

    Raises
    ------
    FrameError
        If there is no such folder.
    """

    def __init__(self, folder: Path, settle_s: float, leave_out: Path | None = None) -> None:
        self.folder = folder.absolute()
        if not self.folder.is_dir():
            fix = "give the folder that the camera writes to"
            reason = "is no folder" if folder.exists() else "does not exist"
            raise FrameError(folder, reason, fix)
        self._settle_s = settle_s
        self._before = time.time() - settle_s
        self._leave_out = None if leave_out is None else leave_out.absolute()
        self._listed: dict[str, tuple[int, float]] = {str(self.folder): NEVER}
        self._met: set[bytes] = set()
        self._waiting: dict[bytes, tuple[Stamp | None, float]] = {}

    def look(self) -> list[Path]:
        """Give the frames that have become whole since the last look, in natural order.

        Raises
        ------
        FrameError
            If the folder cannot be read, or is gone; it may come back.
        """
        self._list_what_changed()
        whole = [path for path in list(self._waiting) if self._is_whole(path)]
        for path in whole:
            del self._waiting[path]
        return [Path(os.fsdecode(path)) for path in sorted(whole, key=natural_key)]

    def wait_for_change(self, path: Path) -> None:
        """Give a frame that could not be read again once its file has changed."""
        encoded = os.fsencode(path)
        self._waiting[encoded] = (_stamp(encoded), inf)

    def _list_what_changed(self) -> None:
        """List the folders that have changed since they were listed last, and new ones in them."""
        todo = list(self._listed)
        while todo:
            name = todo.pop()
            try:
                changed = os.stat(name).st_mtime_ns  # noqa: PTH116 (paths are kept as text)
                known, until = self._listed[name]
                if changed != known:
                    until = time.monotonic() + RACY_S
                    self._listed[name] = changed, until
                if time.monotonic() <= until:
                    todo += self._list(name)
            except OSError as error:
                if name == str(self.folder):
                    reason = f"cannot be read ({error.strerror})"
                    raise FrameError(self.folder, reason, "mend this; it is looked for") from error
                del self._listed[name]

    def _list(self, name: str) -> list[str]:
        """Meet the frames that are new in a folder; give the subfolders that are."""
        new = []
        with os.scandir(name) as entries:
            for entry in entries:
                if is_frame_name(entry.name):
                    path = os.fsencode(entry.path)
                    if path not in self._met:
                        self._met.add(path)
                        self._waiting[path] = (None, inf)
                elif entry.path not in self._listed and self._is_subfolder(entry):
                    self._listed[entry.path] = NEVER
                    new.append(entry.path)
        return new

    def _is_subfolder(self, entry: os.DirEntry[str]) -> bool:
        hidden = entry.name.startswith(".")
        is_folder = not hidden and entry.is_dir(follow_symlinks=False)  # links may go in circles
        return is_folder and Path(entry.path) != self._leave_out

    def _is_whole(self, path: bytes) -> bool:
        """Whether a file has stayed as it is since it was met, or was there long before."""
        before, since = self._waiting[path]
        now = _stamp(path)
        if now is None:  # gone; where it comes again, it is new
            del self._waiting[path]
            self._met.discard(path)
            return False
        if now == before:
            return time.monotonic() - since >= self._settle_s
        self._waiting[path] = (now, time.monotonic())
        return now.changed_ns / 1e9 <= self._before


def _stamp(path: bytes) -> Stamp | None:
    with suppress(OSError):
        found = os.stat(path)  # noqa: PTH116 (paths are kept as bytes)
        return Stamp(found.st_size, found.st_mtime_ns)
    return None
