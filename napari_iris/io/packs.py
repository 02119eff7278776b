"""Packs: many masks or predictions in one FITS file, which is read like a folder of single files.

``OUT/mask.2-of-4_pack.fits/sky_1_mask.fits`` is the path of a file in a pack. It is restored byte
by byte as it is written without a pack.
"""

from __future__ import annotations

import errno
import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from napari_iris.errors import FileError
from napari_iris.io.pack_file import PackError, read_groups, restore
from napari_iris.io.pack_index import ENDING, index_of_folder, index_of_pack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from napari_iris.io.pack_file import Entry


def pack_name(command: str, shard: str) -> str:
    """Name the pack of a shard.

    Parameters
    ----------
    command : str
        Name of the command.
    shard : str
        Label of the shard, such as ``2-of-4``.
    """
    return f"{command}.{shard}{ENDING}"


def check_packs(out: Path, command: str, count: int = 0) -> None:
    """Refuse to write files into a folder that has packs of the same frames.

    Parameters
    ----------
    out : Path
        The folder.
    command : str
        Name of the command.
    count : int
        Number of shards, each with a pack; 0 for single files.

    Raises
    ------
    FileError
        If there is a pack of another number of shards, or any pack where files are single.
    """
    mine = f"-of-{count}{ENDING}"
    for path in out.glob(f"{command}.*-of-*{ENDING}"):
        if not path.name.endswith(mine):
            number = path.name.removesuffix(ENDING).rpartition("-")[2]
            fix = f"go on with --pack and {number} shards, or choose another --out"
            raise FileError(path, f"already has results of {command}", fix)


def check_single(out: Path, file: str) -> None:
    """Refuse to put a file into a pack where there is a single file of its name.

    Parameters
    ----------
    out : Path
        The output folder.
    file : str
        The file in the pack, relative to `out`.

    Raises
    ------
    FileError
        If there is one.
    """
    if (single := out / name_in_pack(file)).exists():
        reason = "is a single file already, which --pack neither replaces nor repeats"
        raise FileError(single, reason, "delete it, or choose another --out")


def name_in_pack(file: str) -> str:
    """Give the name that a file has in its pack, or as a single file.

    Parameters
    ----------
    file : str
        The file, relative to the output folder, with ``/`` as separator.

    Examples
    --------
    >>> name_in_pack("predict.2-of-4_pack.fits/night2/sky_1_pred.fits")
    'night2/sky_1_pred.fits'
    >>> name_in_pack("night2/sky_1_pred.fits")
    'night2/sky_1_pred.fits'
    """
    pack, _, name = file.partition("/")
    return name if name and pack.endswith(ENDING) else file


def is_pack(path: Path) -> bool:
    """Whether a file is a pack that can be read.

    Parameters
    ----------
    path : Path
        The file; may be missing.
    """
    try:
        return path.name.endswith(ENDING) and bool(read_groups(path))
    except (FileNotFoundError, PackError):
        return False


def find_packed(folder: Path, names: Collection[str], ending: str) -> list[str]:
    """List the files in the packs of a folder.

    Parameters
    ----------
    folder : Path
        The folder.
    names : collection of str
        Names of its files: packs among them are listed, without what is a single file, too.
    ending : str
        End of the names of the files in packs that are wanted.

    Returns
    -------
    list of str
        Each by its path through its pack, relative to the folder.

    Raises
    ------
    PackError
        If a pack is damaged, or another file has such a name.
    """
    single = set(names)
    return [
        f"{pack}/{name}"
        for pack in names
        if pack.endswith(ENDING) and pack[0] != "."
        for name in packed_names(folder / pack)
        if name.endswith(ending) and name not in single
    ]


def packed_names(pack: Path) -> Iterator[str]:
    """List the files in a pack.

    Parameters
    ----------
    pack : Path
        The pack.

    Yields
    ------
    str
        The name of each, in the order of the frames.

    Raises
    ------
    PackError
        If it is damaged, or another file.
    """
    for group in read_groups(pack):
        yield from (os.fsdecode(unquote_to_bytes(name)) for name in group.names.tolist())


def find_file(folder: Path, name: str) -> Path | None:
    """Find a mask or a prediction in a folder: a single file, or one in a pack.

    Parameters
    ----------
    folder : Path
        The folder.
    name : str
        The file, relative to the folder, with ``/`` as separator.

    Returns
    -------
    Path or None
        Its path, through the pack if it is in one; None where there is none.

    Raises
    ------
    PackError
        If a pack is damaged, or another file has such a name.
    """
    if (single := folder / name).is_file():
        return single
    try:
        changed = folder.stat().st_mtime_ns  # of a folder in which a pack was replaced, too
    except OSError:
        return None
    packs, index = index_of_folder(folder, changed)
    number = index.find(name)
    return None if number is None else packs[number] / name


def read_packed(path: Path | str) -> BytesIO:
    """Restore a file of a pack.

    Parameters
    ----------
    path : Path or str
        The file, by its path through the pack.

    Returns
    -------
    BytesIO
        Its content.

    Raises
    ------
    OSError
        If the pack does not hold it, or it is in no pack.
    PackError
        If the pack is damaged.
    """
    return BytesIO(restore(_stored(Path(path))))


def modified_ns(path: Path) -> int:
    """Give the time of a file: of one in a pack, that of the frame that it was made from.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    int
        In nanoseconds; what was made of a frame is current if the frame is not newer.

    Raises
    ------
    OSError
        If there is no such file.
    PackError
        If its pack is damaged.
    """
    try:
        return path.stat().st_mtime_ns
    except NotADirectoryError:
        return _stored(path).time


def _stored(path: Path) -> Entry:
    """Find a file of a pack."""
    pack = next((one for one in path.parents if one.name.endswith(ENDING)), None)
    if pack is None:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    state = pack.stat()
    groups, index = index_of_pack(pack, state.st_mtime_ns, state.st_size)
    number = index.find(path.relative_to(pack).as_posix())
    if number is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    for group in groups:
        if number < len(group.names):
            break
        number -= len(group.names)
    return group.entry(number)
