"""Find the folders and pictures of a published set, in the spellings in use."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from napari_iris.errors import FileError
from napari_iris.frames.paths import natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

DEEPEST = 2
"""Folders that may enclose the set: archives unpack into one, mirrors into two."""

PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
"""Endings of pictures, in lower case."""


class SetError(FileError):
    """A folder that does not hold the expected set."""


def find_root(source: Path, is_set: Callable[[Path], bool], missing: str) -> Path:
    """Find the one folder that is the set: `source`, or one or two levels below.

    Parameters
    ----------
    source : Path
        The set's folder, or one around it.
    is_set : callable
        Whether a folder is the set.
    missing : str
        What `source` lacks, for the error.

    Returns
    -------
    Path
        The set's own folder.

    Raises
    ------
    SetError
        If there is none, or more than one.
    """
    if not source.exists():
        raise SetError(source, "does not exist", "check the name")
    if not source.is_dir():
        raise SetError(source, "is not a folder", "unpack the set and give its folder")
    level = [source]
    for _ in range(DEEPEST + 1):
        found = [folder for folder in level if is_set(folder)]
        if len(found) > 1:
            names = ", ".join(str(folder.relative_to(source)) for folder in found)
            raise SetError(source, f"holds several such sets: {names}", "give one of them")
        if found:
            return found[0]
        level = [below for folder in level for below in subfolders(folder).values()]
    raise SetError(source, f"holds {missing}", "give the set's own folder, or another --format")


def by_name(
    paths: Iterable[Path], name: Callable[[Path], str], problems: list[FileError]
) -> dict[str, Path]:
    """Index files by their names, without case.

    Parameters
    ----------
    paths : iterable of Path
        The files.
    name : callable
        Gives the name of a file.
    problems : list of FileError
        Extended by one for each second file of a name.

    Returns
    -------
    dict of str to Path
        The first file of each name, by its name in lower case.
    """
    found: dict[str, Path] = {}
    for path in paths:
        first = found.setdefault(name(path).casefold(), path)
        if first is not path:
            reason = f"has the same name as {first.name}, except for case or ending"
            problems.append(FileError(path, reason, "remove or rename one of them"))
    return found


def pictures_in(folder: Path, *, bare: bool = False) -> list[Path]:
    """List the pictures directly in a folder.

    Parameters
    ----------
    folder : Path
        The folder.
    bare : bool
        Whether files without an ending are pictures too.

    Returns
    -------
    list of Path
        In natural order.
    """
    endings = (*PICTURES, "") if bare else PICTURES
    return [path for path in files_in(folder) if path.suffix.lower() in endings]


def files_in(folder: Path) -> list[Path]:
    """List the visible files directly in a folder.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    list of Path
        In natural order.

    Raises
    ------
    SetError
        If the folder is not readable.
    """
    files = [path for path in _visible(folder) if path.is_file()]
    return sorted(files, key=lambda path: natural_key(os.fsencode(path.name)))


def named_in(folder: Path, names: Iterable[str]) -> list[Path]:
    """List the subfolders with certain names, without case, spaces and dashes.

    Parameters
    ----------
    folder : Path
        The folder.
    names : iterable of str
        The names.

    Returns
    -------
    list of Path
        In the order of the names.
    """
    inside = subfolders(folder)
    return [inside[_plain(name)] for name in names if _plain(name) in inside]


def subfolders(folder: Path) -> dict[str, Path]:
    """Index the visible folders directly in a folder by their names, without case and punctuation.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    dict of str to Path
        Folders by letters and digits of their names, in lower case.
    """
    return {_plain(path.name): path for path in sorted(_visible(folder)) if path.is_dir()}


def _plain(name: str) -> str:
    """Letters and digits of a name, in lower case."""
    return re.sub(r"[\W_]", "", name.casefold())


def _visible(folder: Path) -> Iterator[Path]:
    try:
        inside = list(folder.iterdir())
    except PermissionError as error:
        raise SetError(folder, "is not readable", "ask for permission to read it") from error
    return (path for path in inside if not path.name.startswith((".", "__MACOSX")))
