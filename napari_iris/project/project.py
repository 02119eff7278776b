"""One curation project: its frames, their masks, and what a person said of each."""

from __future__ import annotations

import json
import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_iris.errors import ProjectError
from napari_iris.frames.write import make_folder
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.project.database import DATABASE, connect, told, transaction
from napari_iris.project.frame_table import FrameTable
from napari_iris.project.labels import (
    SKIES,
    STATUSES,
    TAGS,
    Entry,
    Sky,
    Status,
    Tag,
    moment,
    now_us,
    person,
    sky_of,
)
from napari_iris.project.mask_store import MaskStore

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from filelock import FileLock
    from numpy.typing import NDArray

MASKS = "masks"

LOCK = ".lock"

HISTORY = """
SELECT at, by, 'mask', tag || ': ' || method, id FROM mask WHERE frame = ?
UNION ALL SELECT at, by, what, value, NULL FROM event WHERE frame = ? ORDER BY at
"""


@dataclass(frozen=True)
class Decision:
    """What is known of one frame's label, beside its mask.

    Attributes
    ----------
    status : str
        Where it stands.
    sky : str or None
        Its class.
    reason, note : str
        Why it was rejected, and what a person noted.
    by, how : str
        Who decided last, and how; empty where nobody has.
    at : int
        When [us since 1970]; 0 where nobody has.
    """

    status: Status
    sky: Sky | None
    reason: str
    note: str
    by: str
    how: str
    at: int


@dataclass(frozen=True)
class MaskFacts:
    """What is known of a mask in force, beside its pixels.

    Attributes
    ----------
    tag : str
        Who made it: auto, model or human.
    name : str
        Its name in the store.
    cloud_fraction, trust, uncertainty : float or None
        Cloud fraction of the seen sky, the gate's trust, the model's uncertainty; 0 to 1.
    threshold : float or None
        Of the recipe, in the frame's unit.
    method : str
        How it came about.
    by : str
        Who drew or approved it, or the program that made it.
    at : int
        When [us since 1970].
    """

    tag: Tag
    name: str
    cloud_fraction: float | None
    trust: float | None
    uncertainty: float | None
    threshold: float | None
    method: str
    by: str
    at: int


class Project:
    """A project folder: ``iris.db`` and ``masks/``, apart from the frames, which may be read-only.

    Whatever a method has returned from is on the disk; `changed` lists the frames it changed. Masks
    of the tags auto, model and human never overwrite one another, and every mask there ever was
    comes back with `restore`.

    Parameters
    ----------
    folder : Path or str
        The project folder; made, with an empty project, if need be.
    read_only : bool
        Whether to look only; then the project must exist.
    alone : bool
        Whether to label alone: no second window may open the project so. Commands that index or
        import may still run beside.
    by : str, optional
        Who decides; by default whoever is logged in.

    Raises
    ------
    ProjectError
        If it is no project, damaged, locked, or of a newer version.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        read_only: bool = False,
        alone: bool = False,
        by: str | None = None,
    ) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 (Path.absolute keeps the dots)
        self.by = by or person()
        self.changed: list[int] = []
        self.read_only = read_only
        self.store = MaskStore(self.folder / MASKS)
        self._check_there()
        make_folder(self.folder)
        self._lock = _lock(self.folder) if alone else None
        try:
            self.connection = connect(self.folder, read_only=read_only)
            self.reload()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; nothing is pending."""
        if hasattr(self, "connection"):
            self.connection.close()
        if self._lock is not None:
            self._lock.release()

    def adopt(self, table: FrameTable, since: int) -> None:
        """Take over a table that was read beside this one, with what was changed here since.

        Parameters
        ----------
        table : FrameTable
            Read by `read_table`.
        since : int
            Length of `changed` when the reading began.
        """
        self.table = table
        with told(self.folder):
            for frame in set(self.changed[since:]):
                table.renew(self.folder, self.connection, frame)

    def reload(self) -> None:
        """Read all frames again, as another program left them."""
        with told(self.folder):
            self.table = FrameTable.load(self.folder, self.connection)

    @property
    def sources(self) -> list[str]:
        """Files, folders and globs that frames were taken from, to look there again."""
        with told(self.folder):
            row = self.connection.execute(
                "SELECT value FROM project WHERE key = 'sources'"
            ).fetchone()
        return list(json.loads(row[0])) if row else []

    def add_sources(self, sources: Sequence[str]) -> None:
        """Remember where frames were taken from."""
        known = dict.fromkeys([*self.sources, *sources])
        with transaction(self.folder, self.connection) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO project VALUES ('sources', ?)", (json.dumps(list(known)),)
            )

    def shape_of(self, row: int) -> tuple[int, int]:
        """Rows and columns of the frame in a row of the table."""
        rows, columns = self._one(
            "SELECT rows, columns FROM frame WHERE id = ?", int(self.table.id[row])
        )
        return rows, columns

    def _check_there(self) -> None:
        """Refuse to look at what is no project, and to begin anew over the masks of a lost one."""
        path = self.folder / DATABASE
        try:
            size = path.stat().st_size
            if size and not os.access(path, os.R_OK):
                raise PermissionError
        except (FileNotFoundError, NotADirectoryError):
            size = 0
        except OSError as error:
            raise ProjectError(self.folder, "may not be read", "ask for permission") from error
        if size:
            return
        if any(self.store.names()):
            fix = f"restore it from a backup; to begin anew, move {MASKS}/ away"
            raise ProjectError(self.folder, f"has masks, but its {DATABASE} is gone or empty", fix)
        if self.read_only:
            fix = f"make one with: napari-iris project {self.folder} index FRAMES"
            raise ProjectError(self.folder, "is no project", fix)

    def status(self) -> dict[str, object]:
        """Count frames by status and class, masks by tag, and duplicates."""
        table = self.table
        with told(self.folder):
            masks = self.connection.execute(
                f"SELECT {', '.join(f'COUNT({tag})' for tag in TAGS)} FROM frame"
            ).fetchone()
        return {
            "frames": len(table),
            "status": {
                name: int(np.count_nonzero(table.status == code))
                for code, name in enumerate(STATUSES)
            },
            "class": {
                name: int(np.count_nonzero(table.sky == code)) for code, name in enumerate(SKIES)
            },
            "masks": dict(zip(TAGS, map(int, masks), strict=True)),
            "duplicates": {
                "same": int(np.count_nonzero(table.same)),
                "alike": int(np.count_nonzero((table.twin > 0) & ~table.same)),
            },
        }

    def decision(self, frame: int) -> Decision:
        """Give what is known of a frame's label."""
        row = self._one(
            "SELECT status, sky, reason, note, COALESCE(labelled_by, ''),"
            " COALESCE(labelled_how, ''), COALESCE(labelled_at, 0) FROM frame WHERE id = ?",
            frame,
        )
        return Decision(*row)

    def mask(self, frame: int, tag: Tag | None = None) -> NDArray[np.uint8] | None:
        """Mask in force of a frame: of a tag, or the best there is: human, model, auto.

        Returns
        -------
        ndarray of uint8, shape (rows, columns), or None
            0 sky, 1 cloud, 2 ignore; None where there is none.

        Raises
        ------
        MaskError
            If its file is missing or damaged.
        """
        tags = [tag] if tag else list(reversed(TAGS))
        for one in tags:
            found = self._one(
                f"SELECT object FROM frame LEFT JOIN mask ON mask.id = frame.{one}"
                " WHERE frame.id = ?",
                frame,
            )[0]
            if found:
                return self.store.read(found)
        return None

    def mask_facts(self, frame: int, tag: Tag | None = None) -> MaskFacts | None:
        """Give what is known of the mask that `mask` gives; None where there is none."""
        for one in [tag] if tag else reversed(TAGS):
            row = self._one(
                "SELECT tag, object, cloud_fraction, trust, uncertainty, threshold, method, by, at"
                f" FROM frame LEFT JOIN mask ON mask.id = frame.{one} WHERE frame.id = ?",
                frame,
            )
            if row[0]:
                return MaskFacts(*row)
        return None

    def tags(self, frame: int) -> tuple[Tag, ...]:
        """Tags a frame has masks of."""
        found = self._one(f"SELECT {', '.join(TAGS)} FROM frame WHERE id = ?", frame)
        return tuple(tag for tag, mask in zip(TAGS, found, strict=True) if mask)

    def history(self, frame: int) -> list[Entry]:
        """All that was ever decided of a frame, oldest first."""
        with told(self.folder):
            rows = self.connection.execute(HISTORY, (frame, frame)).fetchall()
        return [Entry(moment(at), by, what, value, mask) for at, by, what, value, mask in rows]

    def save_mask(self, frame: int, mask: NDArray[np.uint8], how: str = "drawn") -> int:
        """Save a person's mask of a frame, which is under correction from now on.

        A class that the mask belies is taken back; approval tells it from the mask again.

        Parameters
        ----------
        frame : int
            Number of the frame.
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        how : str
            How it came about, for the history.

        Returns
        -------
        int
            Number of the mask, to restore it by.
        """
        name = self._keep(mask)
        with self._change(frame) as connection:
            fraction = cloud_fraction(mask)
            number = self._put_in_force(frame, "human", name, fraction, how)
            _set_status(connection, frame, "edited")
            connection.execute(
                "UPDATE frame SET sky = NULL WHERE id = ? AND sky = ?",
                (frame, "clear" if sky_of(fraction) == "cloudy" else "cloudy"),
            )
        return number

    def approve(
        self, frame: int, mask: NDArray[np.uint8] | None = None, how: str = "approved"
    ) -> None:
        """Approve a frame's label: the mask given, else the best it has, becomes a person's.

        The frame's class follows the mask, unless a person has said another.

        Raises
        ------
        ProjectError
            If the frame has no mask.
        MaskError
            If the mask's file is missing or damaged.
        """
        name = None if mask is None else self._keep(mask)
        fraction = None if mask is None else cloud_fraction(mask)
        with self._change(frame) as connection:
            if name is None and self.mask(frame, "human") is None:
                name, fraction, how = self._best_machine(frame)
            if name is not None:
                self._put_in_force(frame, "human", name, fraction, how)
            self._decide(frame, "approved", how)
            if not self._said_sky(frame):
                connection.execute(
                    "UPDATE frame SET sky = ? WHERE id = ?",
                    (sky_of(self._fraction(frame)), frame),
                )

    def label(self, frame: int, mask: NDArray[np.uint8], sky: Sky, how: str) -> None:
        """Approve a mask and a class in one go: a clear sky, an overcast one, an imported truth."""
        name = self._keep(mask)
        with self._change(frame) as connection:
            self._put_in_force(frame, "human", name, cloud_fraction(mask), how)
            connection.execute("UPDATE frame SET sky = ? WHERE id = ?", (sky, frame))
            self._note_event(frame, "class", sky)
            self._decide(frame, "approved", how)

    def reject(self, frame: int, reason: str) -> None:
        """Reject a frame: it is no use as a label, for a reason."""
        with self._change(frame) as connection:
            connection.execute("UPDATE frame SET reason = ? WHERE id = ?", (reason, frame))
            self._note_event(frame, "reason", reason)
            self._decide(frame, "rejected", "by hand")

    def reopen(self, frame: int) -> None:
        """Take an approval or a rejection back: the frame is to do again."""
        with self._change(frame):
            self._decide(frame, self._status_by_masks(frame), "reopened")

    def set_sky(self, frame: int, sky: Sky | None, how: str = "by hand") -> None:
        """Say whether a frame is clear, cloudy, or not to be told."""
        with self._change(frame) as connection:
            connection.execute("UPDATE frame SET sky = ? WHERE id = ?", (sky, frame))
            self._sign(frame, how)
            self._note_event(frame, "class", sky or "")

    def set_note(self, frame: int, note: str) -> None:
        """Keep a note on a frame."""
        with self._change(frame) as connection:
            connection.execute("UPDATE frame SET note = ? WHERE id = ?", (note, frame))
            self._note_event(frame, "note", note)

    def revert(self, frame: int) -> None:
        """Go back to the automatic mask: the person's is no longer in force, but stays kept."""
        with self._change(frame) as connection:
            connection.execute("UPDATE frame SET human = NULL WHERE id = ?", (frame,))
            self._note_event(frame, "mask", "human: reverted to auto")
            self._decide(frame, self._status_by_masks(frame), "reverted")

    def restore(self, frame: int, mask: int) -> None:
        """Put an earlier mask in force again, as a person's, by its number in the history.

        Raises
        ------
        ProjectError
            If the frame has no such mask.
        MaskError
            If its file is missing or damaged.
        """
        with self._change(frame) as connection:
            found = connection.execute(
                "SELECT object, cloud_fraction FROM mask WHERE id = ? AND frame = ?", (mask, frame)
            ).fetchone()
            if found is None:
                fix = "choose one of its history"
                raise ProjectError(self.folder, f"frame {frame} has no mask {mask}", fix)
            name, fraction = found
            self.store.settle(name)
            self._put_in_force(frame, "human", name, fraction, f"restored mask {mask}")
            _set_status(connection, frame, "edited")

    def _best_machine(self, frame: int) -> tuple[str, float | None, str]:
        """Mask of a model, else the automatic one: object, cloud fraction, how it is approved."""
        for tag in ("model", "auto"):
            found = self.connection.execute(
                f"SELECT object, cloud_fraction FROM mask JOIN frame ON frame.{tag} = mask.id"
                " WHERE frame.id = ?",
                (frame,),
            ).fetchone()
            if found:
                self.store.settle(found[0])
                return found[0], found[1], f"approved as {tag}"
        fix = "draw one, or say clear or overcast"
        raise ProjectError(self.folder, f"frame {frame} has no mask to approve", fix)

    def _said_sky(self, frame: int) -> bool:
        """Whether a frame's class is the one that a person said last."""
        query = (
            "SELECT sky = (SELECT value FROM event WHERE frame = frame.id AND what = 'class'"
            " ORDER BY event.id DESC LIMIT 1) FROM frame WHERE id = ?"
        )
        return bool(self._one(query, frame)[0])

    def _status_by_masks(self, frame: int) -> Status:
        """Status of a frame of which nothing is decided, from the masks it has."""
        tags = self.tags(frame)
        return "edited" if "human" in tags else "auto" if tags else "unlabelled"

    def _keep(self, mask: NDArray[np.uint8]) -> str:
        """Keep a person's mask on the disk, and give its name."""
        self._check_writable()
        return self.store.keep(mask, durable=True)

    def _check_writable(self) -> None:
        if self.read_only:
            raise ProjectError(self.folder, "is open read-only", "open it to label")

    def _fraction(self, frame: int) -> float:
        found = self._one(
            "SELECT cloud_fraction FROM frame JOIN mask ON mask.id = frame.human"
            " WHERE frame.id = ?",
            frame,
        )[0]
        return float("nan" if found is None else found)

    def _put_in_force(
        self, frame: int, tag: Tag, name: str, fraction: float | None, how: str
    ) -> int:
        fraction = None if fraction is None or np.isnan(fraction) else fraction
        number = self.connection.execute(
            "INSERT INTO mask (frame, tag, object, cloud_fraction, method, by, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (frame, tag, name, fraction, how, self.by, now_us()),
        ).lastrowid
        self.connection.execute(f"UPDATE frame SET {tag} = ? WHERE id = ?", (number, frame))
        return int(number or 0)

    def _decide(self, frame: int, status: Status, how: str) -> None:
        _set_status(self.connection, frame, status)
        self._sign(frame, how)
        self._note_event(frame, "status", status)

    def _sign(self, frame: int, how: str) -> None:
        self.connection.execute(
            "UPDATE frame SET labelled_by = ?, labelled_at = ?, labelled_how = ? WHERE id = ?",
            (self.by, now_us(), how, frame),
        )

    def _note_event(self, frame: int, what: str, value: str) -> None:
        self.connection.execute(
            "INSERT INTO event (frame, at, by, what, value) VALUES (?, ?, ?, ?, ?)",
            (frame, now_us(), self.by, what, value),
        )

    @contextmanager
    def _change(self, frame: int) -> Iterator[sqlite3.Connection]:
        """Change one frame, all or nothing; its row in the table follows."""
        self._check_writable()
        with transaction(self.folder, self.connection) as connection:
            self._one("SELECT id FROM frame WHERE id = ?", frame)
            yield connection
        self.changed.append(frame)
        with told(self.folder):
            self.table.renew(self.folder, self.connection, frame)

    def _one(self, query: str, frame: int) -> tuple[Any, ...]:
        with told(self.folder):
            row = self.connection.execute(query, (frame,)).fetchone()
        if row is None:
            raise ProjectError(self.folder, f"has no frame {frame}", "reload the project")
        return tuple(row)


def read_table(folder: Path) -> FrameTable:
    """Read all frames of a project, in any thread."""
    with told(folder), closing(connect(folder, read_only=True)) as connection:
        return FrameTable.load(folder, connection)


def _set_status(connection: sqlite3.Connection, frame: int, status: Status) -> None:
    """Set where a frame stands; the reason of a rejection goes with it."""
    reason = "reason" if status == "rejected" else "''"
    connection.execute(
        f"UPDATE frame SET status = ?, reason = {reason} WHERE id = ?", (status, frame)
    )


def _lock(folder: Path) -> FileLock | None:
    """Take the lock of whoever labels; it is free again when the process ends, however it does.

    Some network file systems have no locks: there two windows are not told of one another.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        fix = "close it there, or open it read-only"
        raise ProjectError(folder, "is open in another window", fix) from error
    except NotImplementedError:
        return None
    except OSError as error:
        fix = "ask for permission to write, or open it read-only"
        raise ProjectError(folder, f"may not be written ({error.strerror})", fix) from error
    return lock
