"""The frames of a campaign, and those of each of its shards."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.names import frame_stem
from napari_iris.frames.paths import FramePaths, find_frames
from napari_iris.inference.table_index import key_of
from napari_iris.io.remote import url_of
from napari_iris.matching.names import possible_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_iris.campaign.shard import Shard
    from napari_iris.errors import FrameError


@dataclass(frozen=True, eq=False)
class ShardFrames:
    """The frames of one shard.

    Attributes
    ----------
    shard : Shard
        The shard.
    paths : FramePaths
        Its frames, in the order of the campaign.
    numbers : ndarray of int
        Place of each among all frames of the campaign, from 0.
    files : dict of str to str
        By frame: file of its prediction, where frames share a name.
    later : frozenset of str
        Frames whose name a frame before them has.
    total, digest : int, str
        Number of frames of the campaign, and a hash of their relative paths.
    """

    shard: Shard
    paths: FramePaths
    numbers: NDArray[np.intp]
    files: dict[str, str]
    later: frozenset[str]
    total: int
    digest: str


@dataclass(frozen=True, eq=False)
class CampaignFrames:
    """All frames of a campaign: the same for every worker, whatever its mounts are called.

    Attributes
    ----------
    paths : FramePaths
        The frames, in the order of a single run.
    keys : ndarray of uint64
        Hashes of their paths relative to the sources.
    problems : list of FrameError
        One for each source without a frame.
    """

    paths: FramePaths
    keys: NDArray[np.uint64]
    problems: list[FrameError]

    @classmethod
    def find(cls, sources: Iterable[Path | str]) -> CampaignFrames:
        """Find the frames in files, folders and globs, see `find_frames`; each of them once."""
        packed: list[NDArray[np.bytes_]] = [np.array([], np.bytes_)]
        keys: list[int] = []
        problems: list[FrameError] = []
        remote = False
        for source in sources:
            paths, missing = find_frames([source])
            base = len(_base(str(source)))
            packed.append(paths.packed)
            keys += [_key(path[base:].lstrip(os.fsencode(os.sep))) for path in paths.packed]
            problems += missing
            remote = remote or paths.remote
        together = np.concatenate(packed)
        first = np.sort(np.unique(together, return_index=True)[1])
        return cls(
            FramePaths(together[first], remote=remote), np.array(keys, np.uint64)[first], problems
        )

    def of(self, shard: Shard) -> ShardFrames:
        """Give the frames of a shard.

        Parameters
        ----------
        shard : Shard
            The shard.
        """
        numbers = np.flatnonzero(shard.holds(self.keys))
        paths = self.paths.take(numbers)
        later, files = self._sharing
        mine = {str(self.paths[number]) for number in np.intersect1d(numbers, later)}
        places = {
            str(self.paths[number]): files[number] for number in numbers.tolist() if number in files
        }
        total = len(self.paths)
        return ShardFrames(shard, paths, numbers, places, frozenset(mine), total, self.digest)

    @cached_property
    def digest(self) -> str:
        """Hash of all relative paths, in order."""
        return blake2b(self.keys.tobytes(), digest_size=8).hexdigest()

    @cached_property
    def _sharing(self) -> tuple[NDArray[np.intp], dict[int, str]]:
        """Frames that share a name: those after the first, and the prediction's file of each."""
        names = (os.fsdecode(path).rpartition(os.sep)[2] for path in self.paths.packed)
        stems = np.fromiter((key_of(frame_stem(name)) for name in names), np.uint64)
        _, first, inverse, counts = np.unique(
            stems, return_index=True, return_inverse=True, return_counts=True
        )
        shared = np.flatnonzero(counts[inverse] > 1)
        files: dict[int, str] = {}
        taken: set[str] = set()
        for number in shared.tolist():
            path = self.paths[number]
            options = (str(one) for one in possible_paths(path, Path()))
            if (file := next((one for one in options if one not in taken), None)) is not None:
                taken.add(file)
                files[number] = file
        return np.setdiff1d(shared, first), files


def _key(relative: bytes) -> int:
    return int.from_bytes(blake2b(relative, digest_size=8).digest())


def _base(source: str) -> bytes:
    """Absolute path of what the frames of a source are relative to: its folder."""
    if url := url_of(source):
        return os.fsencode(url.partition("*")[0].rpartition("/")[0])
    path = Path(source)
    if path.is_dir():
        folder = path
    elif path.exists():
        folder = path.parent
    else:
        folder = Path(*takewhile(lambda part: not glob.has_magic(part), path.parts))
    return os.fsencode(os.path.abspath(folder))  # noqa: PTH100 (as `find_frames`)
