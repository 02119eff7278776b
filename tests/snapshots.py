"""Nights and projects, made once in a session and copied for each test that needs them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DATABASE = "iris.db"


class Snapshots:
    """Folders as the first test of a session made them.

    Parameters
    ----------
    place : Path
        Folder that keeps them.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._made: dict[str, Path] = {}

    def give(self, name: str, here: Path, make: Callable[[], Path], *beside: str) -> Path:
        """Make a folder of frames or a closed project, or copy the one of this name.

        Parameters
        ----------
        name : str
            Of what is made: another one for whatever differs.
        here : Path
            Folder of a test, in which it is made.
        make : callable
            Makes the folder, and those beside it.
        *beside : str
            Their names: of the folder of a project's frames.

        Returns
        -------
        Path
            The folder. A copy of a project has the paths of the frames in `here`.
        """
        assert not any((here / folder).exists() for folder in beside), "holds files of the test"
        if name not in self._made:
            made = make()
            for folder in (made.name, *beside):
                shutil.copytree(here / folder, self._place / name / folder)
            self._made[name] = made
            return made
        made = self._made[name]
        shutil.copytree(self._place / name, here, dirs_exist_ok=True)
        database = here / made.name / DATABASE
        if database.exists():
            _move(database, str(made.parent), str(here))
        return here / made.name


def _move(database: Path, old: str, new: str) -> None:
    """Have a project's paths begin with another folder."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, column in (("frame", "path"), ("project", "value")):
            connection.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (old, new))
