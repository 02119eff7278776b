"""The folders of a published set, as they are found: spelt in many ways, wrapped in others."""

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
"""How many folders may lie around the set: archives unpack into one, mirrors into two."""

PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
"""Endings of pictures, in lower case."""


class SetError(FileError):
    """A folder that does not hold the set it is said to hold."""


def find_root(source: Path, is_set: Callable[[Path], bool], missing: str) -> Path:
    """Find the one folder that is the set, in `source` or not far below.

    Parameters
    ----------
    source : Path
        The set's folder, or one around it.
    is_set : callable
        Tells whether a folder is the set.
    missing : str
        What `source` holds where none is, for the error.

    Raises
    ------
    SetError
        If there is none, or more than one.
    """
    if not source.exists():
        raise SetError(source, "does not exist", "check the name")
    if not source.is_dir():
        raise SetError(source, "is no folder", "unpack the set and give its folder")
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
    """Files by their name in lower case; of two with one name the second is a problem."""
    found: dict[str, Path] = {}
    for path in paths:
        first = found.setdefault(name(path).casefold(), path)
        if first is not path:
            reason = f"has the name of {first.name} but for case or ending"
            problems.append(FileError(path, reason, "remove or rename one of them"))
    return found


def pictures_in(folder: Path, *, bare: bool = False) -> list[Path]:
    """Pictures right in a folder, in natural order; `bare` for those without an ending as well."""
    endings = (*PICTURES, "") if bare else PICTURES
    return [path for path in files_in(folder) if path.suffix.lower() in endings]


def files_in(folder: Path) -> list[Path]:
    """Visible files right in a folder, in natural order."""
    files = [path for path in _visible(folder) if path.is_file()]
    return sorted(files, key=lambda path: natural_key(os.fsencode(path.name)))


def named_in(folder: Path, names: Iterable[str]) -> list[Path]:
    """Those of a folder's subfolders that are called so."""
    inside = subfolders(folder)
    return [inside[_plain(name)] for name in names if _plain(name) in inside]


def subfolders(folder: Path) -> dict[str, Path]:
    """Visible folders right in a folder, by their plain names."""
    return {_plain(path.name): path for path in sorted(_visible(folder)) if path.is_dir()}


def _plain(name: str) -> str:
    """Leave a name its letters and digits, in lower case."""
    return re.sub(r"[\W_]", "", name.casefold())


def _visible(folder: Path) -> Iterator[Path]:
    try:
        inside = list(folder.iterdir())
    except PermissionError as error:
        raise SetError(folder, "may not be read", "ask for permission to read it") from error
    return (path for path in inside if not path.name.startswith((".", "__MACOSX")))
