"""Poll a folder for new frames, each yielded once its file is complete."""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from napari_iris.errors import FrameError
from napari_iris.frames.names import is_frame_name
from napari_iris.frames.paths import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RECENT_S = 3.0
"""Time after which a changed folder is listed once more [s]: file systems store times in steps of
up to two seconds, and another file may have come in the same step."""

RELIST_S = 60.0
"""Time after which an unchanged folder is listed again [s]: some file systems store no times."""

RECENT, CHECKED = 50, 100
"""Frames that were written over are found among the last ones at every poll, and among all others
by checking so many at every poll, in turn: a ring of 1,000 frames within ten polls."""


class FileState(NamedTuple):
    """Size and times of a file; they change when it is written to or gets other permissions."""

    size: int
    modified_ns: int
    changed_ns: int


@dataclass
class _Folder:
    """A folder that is polled.

    Attributes
    ----------
    modified_ns : int
        Its modification time when it was last listed.
    due : float
        Time at which it is listed again even if unchanged, by the monotonic clock [s].
    names : dict of bytes to int or None
        The frames in it: what tells a later content of the file; None until it is complete.
    """

    modified_ns: int = -1
    due: float = -inf
    names: dict[bytes, int | None] = field(default_factory=dict)


class Arrivals:
    """Frames of a folder and its subfolders, as they arrive.

    A file is complete once its size and times have not changed for `settle_s`, or if they are
    older than that when it is first seen. Each is yielded once, and again if it is written over, or
    was removed and comes back. Folders are listed when they change, once more shortly afterwards,
    and every minute; this only polls, so it works on network file systems. Another thread may
    `look` meanwhile.

    Parameters
    ----------
    folder : Path
        Folder that frames arrive in; subfolders are included, hidden ones and links to folders
        are not.
    settle_s : float
        Time for which a file must stay unchanged [s].
    exclude : Path, optional
        A subfolder that is ignored.

    Raises
    ------
    FrameError
        If there is no such folder.

    Attributes
    ----------
    again : set of Path
        Frames of the last `poll` that were written over since they were yielded before.
    """

    def __init__(self, folder: Path, settle_s: float, exclude: Path | None = None) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 (Path.absolute keeps the dots)
        if not self.folder.is_dir():
            fix = "give the folder that the camera writes to"
            reason = "is not a folder" if folder.exists() else "does not exist"
            raise FrameError(folder, reason, fix)
        self._settle_s = settle_s
        self._begin = time.time() - settle_s
        self._exclude = None if exclude is None else os.path.realpath(exclude)
        self._folders = {os.fsencode(self.folder): _Folder()}
        self._waiting: dict[bytes, tuple[FileState | None, float]] = {}
        self._ready: dict[bytes, FileState] = {}
        self._complete: dict[bytes, FileState] = {}
        self._lock = RLock()
        self._problems: dict[bytes, str] = {}
        self._to_tell: list[FrameError] = []
        self._recent: deque[bytes] = deque(maxlen=RECENT)
        self._in_turn = self._known()
        self._changed: set[bytes] = set()
        self.again: set[Path] = set()

    def poll(self, *, look: bool = True) -> list[Path | FrameError]:
        """List the frames that have become complete since the last call.

        Parameters
        ----------
        look : bool
            Whether to `look` first; not needed where another thread does.

        Returns
        -------
        list of Path or FrameError
            Folders that cannot be read, each once until it can be; then the frames, in natural
            order.
        """
        with self._lock:
            if look:
                self.look()
            problems, self._to_tell = self._to_tell, []
            self._complete, self.again = {}, set()
            if os.fsencode(self.folder) in self._problems:
                return [*problems]
            self._complete, self._ready = self._ready, {}
            self.again = {_decoded(path) for path in self._changed & self._complete.keys()}
            self._changed -= self._complete.keys()
            return [*problems, *map(_decoded, sorted(self._complete, key=natural_key))]

    def look(self) -> None:
        """Note which files have changed by now, for the next `poll`; from any thread.

        A file settles from when it is first seen, so that who is busy between two polls should have
        this called.
        """
        with self._lock:
            self._to_tell += self._list_all()
            if os.fsencode(self.folder) not in self._problems:
                self._find_changed()
                for path in list(self._waiting):
                    self._check(path)

    def wait_for_change(self, path: Path) -> None:
        """Yield a frame again once its file has changed.

        Parameters
        ----------
        path : Path
            A frame of the last `poll`; its file is compared with its state at that time.
        """
        encoded = os.fsencode(path)
        with self._lock:
            if encoded in self._complete:
                self._waiting[encoded] = (self._complete[encoded], inf)

    def requeue(self, paths: Iterable[Path]) -> None:
        """Yield some frames again at the next `poll`.

        Parameters
        ----------
        paths : iterable of Path
            Frames of the last `poll`.
        """
        with self._lock:
            for path in paths:
                encoded = os.fsencode(path)
                self._waiting[encoded] = (self._complete.get(encoded), -inf)
                if path in self.again:
                    self._changed.add(encoded)

    def _find_changed(self) -> None:
        """Have some of the frames that were complete wait again where their files have changed."""
        found: set[bytes] = set()
        for path in islice(self._in_turn, CHECKED):
            if path is None:  # all have had their turn
                break
            found.add(path)
        for path in found.union(self._recent) - self._waiting.keys():
            folder, name = os.path.split(path)
            known = self._folders[folder].names.get(name) if folder in self._folders else None
            if known is not None and _content(path) not in (known, None):
                self._waiting[path] = (None, inf)
                self._changed.add(path)

    def _known(self) -> Iterator[bytes | None]:
        """Name all frames in turn, without end; None after each turn."""
        while True:
            for path, folder in list(self._folders.items()):
                for name in list(folder.names):
                    yield os.path.join(path, name)  # noqa: PTH118 (bytes)
            yield None

    def _list_all(self) -> list[FrameError]:
        """List the folders that are due, including new ones; return those that newly fail."""
        problems: list[FrameError] = []
        todo = list(self._folders)  # the root comes first
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
                    fix = "fix the folder; it will be checked again automatically"
                    problems.append(FrameError(_decoded(path), reason, fix))
                if is_root:
                    for one in self._folders.values():
                        one.due = -inf
                    break
        return problems

    def _list_if_due(self, path: bytes) -> list[bytes]:
        """List a folder if it is due; return its new subfolders."""
        folder = self._folders[path]
        modified, now = os.stat(path).st_mtime_ns, time.monotonic()  # noqa: PTH116 (bytes)
        if modified == folder.modified_ns and now < folder.due:
            return []
        due = now + (RELIST_S if modified == folder.modified_ns else RECENT_S)
        names, new = set(), []
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):  # links may form a circle
                    if entry.path not in self._folders and self._is_included(entry):
                        new.append(entry.path)
                elif entry.name in folder.names or is_frame_name(os.fsdecode(entry.name)):
                    names.add(entry.name)
        folder.modified_ns, folder.due = modified, due
        for name in names - folder.names.keys():
            folder.names[name] = None
            self._waiting[os.path.join(path, name)] = (None, inf)  # noqa: PTH118 (bytes)
        for name in folder.names.keys() - names:
            del folder.names[name]
            self._waiting.pop(os.path.join(path, name), None)  # noqa: PTH118 (bytes)
        self._folders.update((one, _Folder()) for one in new)
        return new

    def _is_included(self, entry: os.DirEntry[bytes]) -> bool:
        is_hidden = entry.name.startswith(b".")
        return not is_hidden and os.path.realpath(os.fsdecode(entry.path)) != self._exclude

    def _forget(self, path: bytes) -> None:
        """Stop polling a folder that was removed."""
        folder = self._folders.pop(path)
        self._problems.pop(path, None)
        for name in folder.names:
            self._waiting.pop(os.path.join(path, name), None)  # noqa: PTH118 (bytes)

    def _check(self, path: bytes) -> None:
        """Move a waiting file to the complete ones if it has not changed for long enough."""
        before, since = self._waiting[path]
        try:
            found = os.stat(path)  # noqa: PTH116 (bytes)
        except OSError:  # removed, which the next listing of its folder notes; or its disk is away
            return
        if not stat.S_ISREG(found.st_mode):
            del self._waiting[path]
            return
        state = FileState(found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if state != before:
            self._waiting[path] = (state, time.monotonic())
            if state.modified_ns / 1e9 > self._begin:
                return
        elif time.monotonic() - since < self._settle_s:
            return
        del self._waiting[path]
        self._ready[path] = state
        folder, name = os.path.split(path)
        self._folders[folder].names[name] = hash(state[:2])
        self._recent.append(path)


def _content(path: bytes) -> int | None:
    """Tell contents of a file apart by size and time; None where it is away."""
    try:
        found = os.stat(path)  # noqa: PTH116 (bytes)
    except OSError:
        return None
    return hash((found.st_size, found.st_mtime_ns))


def _decoded(path: bytes) -> Path:
    return Path(os.fsdecode(path))
