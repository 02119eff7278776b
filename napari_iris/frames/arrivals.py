"""Frames as they arrive in a folder, each once it is whole."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from napari_iris.errors import FrameError
from napari_iris.frames.names import is_frame_name
from napari_iris.frames.paths import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable

RACY_S = 3.0
"""So long after it changed a folder is listed once more [s]: file systems keep time in steps of up
to two seconds, and another file may come in the same one."""

RELIST_S = 60.0
"""So long after it was listed a folder is listed again [s]: some file systems keep no time."""


class Stamp(NamedTuple):
    """What changes when a file is written to, or may be read again."""

    size: int
    changed_ns: int
    noted_ns: int


@dataclass
class _Folder:
    """A folder that is watched.

    Attributes
    ----------
    changed_ns : int
        Its time when it was listed last.
    due : float
        When it is listed again, though it has not changed.
    names : set of bytes
        The frames in it.
    """

    changed_ns: int = -1
    due: float = -inf
    names: set[bytes] = field(default_factory=set)


class Arrivals:
    """The frames of a folder and its subfolders, as they arrive.

    A frame is whole when its file has stayed as it is for a while. It is given once, and again
    where it was taken away and comes back. Folders are listed when they change, once more soon
    after, and every minute: that asks nothing of the file system that a network's has not.

    Parameters
    ----------
    folder : Path
        Where frames arrive, in subfolders too; hidden ones and links to folders are left out.
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
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 (Path.absolute keeps the dots)
        if not self.folder.is_dir():
            fix = "give the folder that the camera writes to"
            reason = "is no folder" if folder.exists() else "does not exist"
            raise FrameError(folder, reason, fix)
        self._settle_s = settle_s
        self._before = time.time() - settle_s
        self._leave_out = None if leave_out is None else os.path.realpath(leave_out)
        self._folders = {os.fsencode(self.folder): _Folder()}
        self._waiting: dict[bytes, tuple[Stamp | None, float]] = {}
        self._given: dict[bytes, Stamp] = {}
        self._problems: dict[bytes, str] = {}

    def look(self) -> list[Path | FrameError]:
        """Give the frames that have become whole since the last look.

        Returns
        -------
        list of Path or FrameError
            Folders that cannot be read, once each until they can; then the frames, in natural
            order. Of the last ones it is kept how their files were, see `wait_for_change`.
        """
        problems = self._list_all()
        self._given = {}
        if os.fsencode(self.folder) in self._problems:
            return problems
        for path in list(self._waiting):
            self._settle(path)
        return [*problems, *map(_decoded, sorted(self._given, key=natural_key))]

    def wait_for_change(self, path: Path) -> None:
        """Give a frame of the last look again once its file has changed since then."""
        encoded = os.fsencode(path)
        if encoded in self._given:
            self._waiting[encoded] = (self._given[encoded], inf)

    def again(self, paths: Iterable[Path]) -> None:
        """Give some frames at the next look again."""
        for path in paths:
            self._waiting[os.fsencode(path)] = (self._given.get(os.fsencode(path)), -inf)

    def _list_all(self) -> list[Path | FrameError]:
        """List the folders that are due, the new ones in them too; tell of those that fail."""
        told: list[Path | FrameError] = []
        todo = list(self._folders)  # the first one is the folder itself
        for path in todo:
            try:
                todo += self._list_if_due(path)
                self._problems.pop(path, None)
            except OSError as error:
                is_root = path == todo[0]
                if isinstance(error, FileNotFoundError | NotADirectoryError) and not is_root:
                    self._forget(path)
                    continue
                self._folders[path].due = -inf
                reason = f"cannot be read ({error.strerror})"
                if self._problems.get(path) != reason:
                    self._problems[path] = reason
                    told.append(FrameError(_decoded(path), reason, "mend this; it is looked for"))
                if is_root:
                    for one in self._folders.values():
                        one.due = -inf
                    break
        return told

    def _list_if_due(self, path: bytes) -> list[bytes]:
        """List a folder where that is due; give the subfolders that are new."""
        folder = self._folders[path]
        changed, now = os.stat(path).st_mtime_ns, time.monotonic()  # noqa: PTH116 (paths as bytes)
        if changed != folder.changed_ns:
            soon = now + RACY_S
        elif now >= folder.due:
            soon = now + RELIST_S
        else:
            return []
        names, new = set(), []
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):  # links may go in circles
                    if entry.path not in self._folders and self._is_watched(entry):
                        new.append(entry.path)
                elif is_frame_name(os.fsdecode(entry.name)):
                    names.add(entry.name)
        folder.changed_ns, folder.due = changed, soon
        for name in names - folder.names:
            self._waiting[os.path.join(path, name)] = (None, inf)  # noqa: PTH118 (paths as bytes)
        for name in folder.names - names:
            self._waiting.pop(os.path.join(path, name), None)  # noqa: PTH118
        folder.names = names
        self._folders.update((one, _Folder()) for one in new)
        return new

    def _is_watched(self, entry: os.DirEntry[bytes]) -> bool:
        hidden = entry.name.startswith(b".")
        return not hidden and os.path.realpath(os.fsdecode(entry.path)) != self._leave_out

    def _forget(self, path: bytes) -> None:
        """Watch a folder no more that is gone."""
        folder = self._folders.pop(path)
        self._problems.pop(path, None)
        for name in folder.names:
            self._waiting.pop(os.path.join(path, name), None)  # noqa: PTH118 (paths as bytes)

    def _settle(self, path: bytes) -> None:
        """Give a file that has stayed as it is since it was met, or was there long before."""
        before, since = self._waiting[path]
        try:
            found = os.stat(path)  # noqa: PTH116 (paths as bytes)
        except OSError:  # gone, and forgotten when its folder is listed; or its disk is away
            return
        if not stat.S_ISREG(found.st_mode):
            del self._waiting[path]
            return
        now = Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if now != before:
            self._waiting[path] = (now, time.monotonic())
            if now.changed_ns / 1e9 > self._before:
                return
        elif time.monotonic() - since < self._settle_s:
            return
        del self._waiting[path]
        self._given[path] = now


def _decoded(path: bytes) -> Path:
    return Path(os.fsdecode(path))
