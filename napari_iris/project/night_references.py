"""The clear-sky references of a project: a file for each night, beside the database."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import ReferenceFileError
from napari_iris.io.atomic import make_folder
from napari_iris.radiometry.reference_file import read_references, write_references
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

REFERENCES = "references"
"""Folder of the references in a project's folder."""

UNDATED = "undated"
"""Night of the frames whose headers give no time."""

_HALF_DAY = np.timedelta64(12, "h")


def nights_of(times: NDArray[np.datetime64]) -> NDArray[np.str_]:
    """Give the nights, noon to noon UTC, that some times are of.

    Parameters
    ----------
    times : ndarray of datetime64
        UTC; NaT where not known.

    Returns
    -------
    ndarray of str
        The day on which each night begins, such as ``2024-01-15``; `UNDATED` where not known.
    """
    days = (np.asarray(times, "M8[us]") - _HALF_DAY).astype("M8[D]").astype(str)
    return np.where(np.isnat(times), UNDATED, days)


class NightReferences:
    """The references of each night of a project; read when they are needed.

    Parameters
    ----------
    project : Path
        The project folder.
    """

    def __init__(self, project: Path) -> None:
        self.folder = project / REFERENCES

    @property
    def nights(self) -> list[str]:
        """Nights that have a reference, in order."""
        return sorted(path.stem for path in self.folder.glob("*.fits"))

    def path(self, night: str) -> Path:
        """File of the references of a night."""
        return self.folder / f"{night}.fits"

    def of_night(self, night: str) -> ReferenceSet:
        """Read the references of a night, one for each camera.

        Parameters
        ----------
        night : str
            The night, as `nights_of` gives it.

        Returns
        -------
        ReferenceSet
            Empty where there is none.

        Raises
        ------
        ReferenceFileError
            If its file is damaged.
        """
        path = self.path(night)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            return ReferenceSet()
        try:
            return _read(path, changed)
        except ReferenceFileError as error:
            fix = (
                f"learn it again: napari-iris project {self.folder.parent} relearn --night {night}"
            )
            raise ReferenceFileError(path, error.reason, fix) from error

    def of_time(self, time: np.datetime64) -> ReferenceSet:
        """Read the references of the night that a time is in; see `of_night`."""
        return self.of_night(str(nights_of(np.array([time]))[0]))

    def save(self, night: str, references: ReferenceSet) -> None:
        """Replace the references of a night; without any, its file is removed.

        Parameters
        ----------
        night : str
            The night.
        references : ReferenceSet
            Its references.

        Raises
        ------
        FileError
            If they cannot be written.
        """
        if references.found:
            make_folder(self.folder)
            write_references(self.path(night), references.found)
        else:
            self.path(night).unlink(missing_ok=True)


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> ReferenceSet:  # noqa: ARG001 (a changed file is read again)
    return ReferenceSet(tuple(read_references(path)))
