"""A million frame paths in little memory, in natural order."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.names import is_frame_name
from napari_iris.io.packs import is_pack, packed_names
from napari_iris.io.remote import RemotePath, list_urls, url_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

_DIGITS = re.compile(rb"\d+")


class FramePaths:
    """Immutable sequence of frame paths, stored as packed bytes: about 60 bytes a frame.

    Parameters
    ----------
    packed : ndarray of bytes
        Absolute paths, encoded for the file system.
    remote : bool
        Whether URLs among them are read: a person has named them.
    """

    def __init__(self, packed: NDArray[np.bytes_], *, remote: bool = False) -> None:
        self.packed, self.remote = packed, remote

    @classmethod
    def of(cls, paths: Iterable[Path | str]) -> FramePaths:
        """Pack paths in the order given; relative ones are made absolute."""
        return cls(np.array([_absolute(path) for path in paths], dtype=np.bytes_))

    def __len__(self) -> int:
        return len(self.packed)

    def __getitem__(self, index: int) -> Path:
        name = os.fsdecode(self.packed[index])
        return RemotePath(name) if self.remote and url_of(name) else Path(name)

    def __iter__(self) -> Iterator[Path]:
        return (self[index] for index in range(len(self)))

    def take(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> FramePaths:
        """Give some of the paths.

        Parameters
        ----------
        places : ndarray of int or bool
            Their places, or whether each is one of them.
        """
        return FramePaths(self.packed[places], remote=self.remote)

    def find(self, text: str) -> int | None:
        """Find the first frame whose file name contains `text`; None where there is none."""
        names = np.strings.rfind(self.packed, os.fsencode(os.sep)) + 1
        hits = np.flatnonzero(np.strings.find(self.packed, os.fsencode(text), names) >= 0)
        return int(hits[0]) if len(hits) else None


def find_frames(sources: Iterable[Path | str]) -> tuple[FramePaths, list[FrameError]]:
    """List the frames in files, folders and globs, those of each in natural order.

    A folder means the FITS files directly in it, without masks and predictions; a glob, in
    which ``**`` matches any depth, for those that match; a pack for the frames in it; another file
    for itself, whatever its name.

    Parameters
    ----------
    sources : iterable of Path or str
        Files, folders and globs; or URLs, of folders with a slash at the end.

    Returns
    -------
    paths : FramePaths
        The frames; ``frame_2`` comes before ``frame_10``.
    problems : list of FrameError
        One for each source without a frame.
    """
    found: list[bytes] = []
    problems: list[FrameError] = []
    sources = list(sources)
    for source in sources:
        try:
            found += _expand(str(source))
        except FrameError as problem:
            problems.append(problem)
        except OSError as error:  # such as too long a name
            reason = f"cannot be found ({error.strerror or error})"
            problems.append(FrameError(source, reason, "check the name"))
    remote = any(map(url_of, sources))
    return FramePaths(np.array(found, dtype=np.bytes_), remote=remote), problems


def _expand(source: str) -> list[bytes]:
    """Absolute encoded paths of the frames of one source."""
    if not source:
        raise FrameError("''", "is an empty name", "give a file, a folder or a glob")
    if url := url_of(source):
        return _at_url(url)
    path = Path(source)
    if path.is_dir():
        return _in_folder(path)
    if path.exists():
        root = _absolute(path)
        names = packed_names(path) if is_pack(path) else ()
        return [root + os.fsencode(f"/{name}") for name in names] or [root]
    if not glob.has_magic(source):
        raise FrameError(source, "does not exist", "check the name")
    names = glob.iglob(source, recursive=True)  # noqa: PTH207 (Path.glob takes no absolute one)
    matches = [_absolute(name) for name in names if is_frame_name(Path(name).name)]
    if not matches:
        raise FrameError(source, "matches no FITS frame", "check the pattern")
    return sorted(matches, key=natural_key)


def _at_url(url: str) -> list[bytes]:
    """Encode the URLs of the frames at a URL."""
    found = list_urls(url)
    if found != [url]:
        found = [one for one in found if is_frame_name(one.rpartition("/")[2])]
    if not found:
        raise FrameError(url, "holds no FITS frame", "check the URL")
    return sorted(map(os.fsencode, found), key=natural_key)


def _in_folder(folder: Path) -> list[bytes]:
    """Absolute encoded paths of the frames directly in a folder."""
    try:
        with os.scandir(folder) as entries:
            names = [os.fsencode(entry.name) for entry in entries if is_frame_name(entry.name)]
    except PermissionError as error:
        raise FrameError(folder, "is not readable", "ask for permission to read it") from error
    if not names:
        fix = f"for frames in its subfolders give '{folder}/**/*.fits'"
        raise FrameError(folder, "holds no FITS frame", fix)
    root = _absolute(folder) + os.fsencode(os.sep)
    return [root + name for name in sorted(names, key=natural_key)]


def natural_key(name: bytes) -> bytes:
    """Sort key that orders runs of digits by their value.

    Parameters
    ----------
    name : bytes
        A file name or path, encoded for the file system.

    Returns
    -------
    bytes
        The name with each run of digits padded to twelve.
    """
    return _DIGITS.sub(lambda digits: digits.group().zfill(12), name)


def _absolute(path: Path | str) -> bytes:
    """Absolute path without dots, encoded for the file system."""
    return os.fsencode(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps the dots)
