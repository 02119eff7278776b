"""Where the files of packs are, by their names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.io.blocks import path_card
from napari_iris.io.pack_file import read_groups

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.io.pack_file import Group

ENDING = "_pack.fits"
"""End of a pack's name."""


class NameIndex:
    """Names in the order of their bytes; a million of them are some 50 MB."""

    def __init__(self, groups: list[Group], numbers: NDArray[np.intp] | None = None) -> None:
        names = [group.names for group in groups]
        packed = np.concatenate(names) if names else np.array([], np.bytes_)
        order = np.argsort(packed, kind="stable")
        self._names = packed[order]
        self._numbers = order if numbers is None else numbers[order]

    def find(self, name: str) -> int | None:
        """Find the number of a name; None where there is no such name.

        Parameters
        ----------
        name : str
            Name of a file, as a path below its folder.
        """
        wanted = path_card(name).encode()
        place = int(np.searchsorted(self._names, np.bytes_(wanted)))
        is_there = place < len(self._names) and self._names[place] == wanted
        return int(self._numbers[place]) if is_there else None


@lru_cache(maxsize=8)
def index_of_pack(
    pack: Path,
    changed: int,  # noqa: ARG001 (a part of the cache's key)
    size: int,  # noqa: ARG001
) -> tuple[list[Group], NameIndex]:
    """Read the groups of a pack, and the numbers of its files by name.

    Parameters
    ----------
    pack : Path
        The pack.
    changed, size : int
        Its time [ns] and size [bytes]: another state is read anew.
    """
    groups = read_groups(pack)
    return groups, NameIndex(groups)


@lru_cache(maxsize=2)
def index_of_folder(
    folder: Path,
    changed: int,  # noqa: ARG001 (a part of the cache's key)
) -> tuple[list[Path], NameIndex]:
    """Read the packs of a folder, and the number of the pack of each of their files by name.

    Parameters
    ----------
    folder : Path
        The folder.
    changed : int
        Its time [ns]: another state is read anew.
    """
    packs = sorted(folder.glob(f"[!.]*{ENDING}"))
    groups = [(number, group) for number, pack in enumerate(packs) for group in read_groups(pack)]
    numbers = np.repeat(
        np.array([number for number, _ in groups], np.intp),
        np.array([len(group.names) for _, group in groups], np.intp),
    )
    return packs, NameIndex([group for _, group in groups], numbers)
