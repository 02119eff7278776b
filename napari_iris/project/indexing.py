"""Take frames into a project, with their facts and automatic masks."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError, FrameError, IrisError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.facts import facts, observed_at
from napari_iris.frames.identity import content_hash, earlier_twins, look
from napari_iris.frames.read import read_frame
from napari_iris.masks.make import make_mask
from napari_iris.project.database import told, transaction
from napari_iris.project.history import now_us
from napari_iris.project.mask_store import MaskStore

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_iris.masks.config import MaskConfig
    from napari_iris.project.project import Project

CHANGES = 1000
"""Rows that are changed in one go: a window that saves meanwhile waits some milliseconds."""

BATCH_S = 0.2
"""Seconds of work that are put into the database in one go."""


@dataclass(frozen=True)
class MachineMask:
    """A mask that a program made: its name in the store, and how far to trust it."""

    name: str
    cloud_fraction: float
    trust: float | None = None
    threshold: float | None = None
    method: str = "published"
    uncertainty: float | None = None


@dataclass(frozen=True)
class Found:
    """What is found out about a frame in one reading.

    Attributes
    ----------
    path : Path
        Its file.
    size, changed : int
        Bytes, and when it was changed [ns since 1970].
    time : int or None
        When it was taken [us since 1970, UTC].
    shape : (int, int)
        Rows and columns.
    facts : str
        Header cards, as JSON.
    hash : bytes
        Of shape and pixels.
    look : int
        Perceptual hash.
    auto : MachineMask or None
        Its automatic mask, where one was asked for.
    """

    path: Path
    size: int
    changed: int
    time: int | None
    shape: tuple[int, int]
    facts: str
    hash: bytes
    look: int
    auto: MachineMask | None


def index(
    project: Project, paths: Iterable[Path], config: MaskConfig | None, *, jobs: int = 0
) -> Iterator[Path | FileError]:
    """Take frames into the project, or look again at those that have changed.

    Parameters
    ----------
    project : Project
        Where to.
    paths : iterable of Path
        The frames.
    config : MaskConfig or None
        How to make their automatic masks; None for none.
    jobs : int
        Worker processes; 0 for one a core.

    Yields
    ------
    Path or FileError
        A frame that is in the project now, on the disk, or what is wrong with it. Labels are left
        as they are, also those of a frame that has changed.
    """
    known = _known(project, config)
    work = partial(find_out, store=project.store.folder, config=config)
    todo, done = _apart(project.folder, paths, known)
    yield from done
    batch: list[Found] = []
    started = time.monotonic()
    for outcome in each_frame(todo, work, jobs):
        if isinstance(outcome, FileError):
            yield outcome
            continue
        batch.append(outcome)
        if time.monotonic() - started > BATCH_S:
            yield from _take_in(project, batch)
            batch, started = [], time.monotonic()
    yield from _take_in(project, batch)
    mark_twins(project)
    project.reload()


def mark_twins(project: Project) -> None:
    """Mark the frames whose pixels or looks an earlier frame has.

    They are looked for before the database is locked, as of a million frames that takes seconds.
    """
    with told(project.folder):
        rows = project.connection.execute(
            "SELECT id, hash, likeness, same_as, like FROM frame ORDER BY id"
        ).fetchall()
    ids = np.array([row[0] for row in rows], np.int64)
    looks = np.array([row[2] for row in rows], np.int64)
    same, like = earlier_twins([row[1] for row in rows], looks)
    changes = []
    for row, one, other in zip(rows, same.tolist(), like.tolist(), strict=True):
        twins = int(ids[one]) if one >= 0 else None, int(ids[other]) if other >= 0 else None
        if twins != row[3:]:
            changes.append((*twins, row[0]))
    for start in range(0, len(changes), CHANGES):
        with transaction(project.folder, project.connection) as connection:
            connection.executemany(
                "UPDATE frame SET same_as = ?, like = ? WHERE id = ?",
                changes[start : start + CHANGES],
            )


def stored_path(folder: Path, path: Path) -> str:
    """Path as the database has it: relative where it lies inside the project, which may move.

    Raises
    ------
    FrameError
        If its name cannot be told in Unicode.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps the dots)
    inside = absolute.is_relative_to(folder)
    text = absolute.relative_to(folder).as_posix() if inside else str(absolute)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FrameError(path, "has a name that is not Unicode", "rename it") from error
    return text


def add_machine_mask(
    connection: sqlite3.Connection, frame: int, tag: str, mask: MachineMask, by: str
) -> None:
    """Put an automatic or a model's mask in force; a person's mask and status stay."""
    fraction = None if np.isnan(mask.cloud_fraction) else mask.cloud_fraction
    number = connection.execute(
        "INSERT INTO mask (frame, tag, object, cloud_fraction, trust, uncertainty, threshold,"
        " method, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(frame, tag, mask.name, fraction, mask.trust, mask.uncertainty, mask.threshold),
            *(mask.method, by, now_us()),
        ),
    ).lastrowid
    connection.execute(
        f"UPDATE frame SET {tag} = ?,"
        " status = CASE status WHEN 'unlabelled' THEN 'auto' ELSE status END WHERE id = ?",
        (number, frame),
    )


def _known(project: Project, config: MaskConfig | None) -> dict[str, tuple[int, int]]:
    """Size and time of change of the frames that need no second look."""
    query = "SELECT path, size, changed FROM frame"
    if config is not None:
        query += " WHERE auto IS NOT NULL"
    with told(project.folder):
        rows = project.connection.execute(query)
        return {path: (size, changed) for path, size, changed in rows}


def _apart(
    folder: Path, paths: Iterable[Path], known: dict[str, tuple[int, int]]
) -> tuple[list[Path], list[Path | FileError]]:
    """Split paths into those to read, and those that are known or cannot be."""
    todo: list[Path] = []
    done: list[Path | FileError] = []
    for path in paths:
        try:
            facts_known = known.get(stored_path(folder, path))
            stat = path.stat()
        except FrameError as error:
            done.append(error)
        except OSError:  # reading it says what is wrong
            todo.append(path)
        else:
            same = facts_known == (stat.st_size, stat.st_mtime_ns)
            (done if same else todo).append(path)
    return todo, done


def find_out(path: Path, *, store: Path, config: MaskConfig | None) -> Found:
    """Read a frame once and find out all that the project keeps of it."""
    try:
        stat = path.stat()  # before it is read: what changes meanwhile is read again the next time
    except OSError as error:
        raise FrameError(path, f"cannot be read ({error.strerror})", "check the name") from error
    frame = read_frame(path)
    moment = observed_at(frame.header)
    cards = {keyword: value for keyword, value, _ in facts(frame.header)}
    auto = None if config is None else _auto_mask(frame.data, store, config)
    rows, columns = frame.data.shape
    return Found(
        path,
        stat.st_size,
        stat.st_mtime_ns,
        None if np.isnat(moment) else int(moment.astype("i8")),
        (rows, columns),
        json.dumps(cards),
        content_hash(frame.data),
        look(frame.data),
        auto,
    )


def _auto_mask(frame: NDArray[np.float32], store: Path, config: MaskConfig) -> MachineMask | None:
    """Make a frame's automatic mask; a blank frame has none, and waits for a person's word."""
    try:
        made = make_mask(frame, config)
    except IrisError:
        return None
    trust = made.verdict.trust if made.verdict else None
    name = MaskStore(store).keep(made.mask, durable=False)
    return MachineMask(name, made.cloud_fraction, trust, made.threshold, made.method)


def _take_in(project: Project, batch: list[Found]) -> Iterator[Path]:
    """Put a batch into the database; its frames are named once they are on the disk."""
    with transaction(project.folder, project.connection) as connection:
        for found in batch:
            put_frame(connection, project.folder, found)
    yield from (found.path for found in batch)


def put_frame(connection: sqlite3.Connection, folder: Path, found: Found) -> int:
    """Put one frame's facts, and its automatic mask, into the database; give its number."""
    (frame,) = connection.execute(
        "INSERT INTO frame (path, size, changed, time, rows, columns, facts, hash, likeness)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
        " size = excluded.size, changed = excluded.changed, time = excluded.time,"
        " rows = excluded.rows, columns = excluded.columns, facts = excluded.facts,"
        " hash = excluded.hash, likeness = excluded.likeness RETURNING id",
        (
            *(stored_path(folder, found.path), found.size, found.changed, found.time),
            *(*found.shape, found.facts, found.hash, found.look),
        ),
    ).fetchone()
    if found.auto is not None:
        add_machine_mask(connection, frame, "auto", found.auto, "napari-iris")
    return int(frame)
