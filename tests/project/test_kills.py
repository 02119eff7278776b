"""Kills before each write of labelling, and at random: what is reported as saved is there."""

from __future__ import annotations

import os
import signal
import sys
import time
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.io.fits_files import write_fits
from napari_iris.labels import FRAME_CLASSES
from napari_iris.masks.config import MaskConfig
from napari_iris.project import indexing
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

KINDS = ("save", "approve", "label", "index")
FRAMES = 6
PIECES = 2
"""Frames worked on before each write in turn: the second finds the folders that the first made."""

AT_RANDOM = 10

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("kind", KINDS),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


class Reported(NamedTuple):
    """What a child reported as saved: kind, frame, and the seed of its mask."""

    kind: str
    frame: int
    seed: int


def kill_before(write: int, project: Project) -> Callable[[], None]:
    """Have this process killed before one of its next writes, counted from 0.

    A write is a change of the file system, the first one to a new file, a statement of SQL that is
    no query, and each call of the function that is returned.
    """
    left = count(write, -1)

    def one(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("os.rename", "os.remove", "os.mkdir") or (
            event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            one()

    def sync(file: int, fsync: Callable[[int], None] = os.fsync) -> None:
        one()
        fsync(file)

    def created(
        path: Path, *how: Any, open_file: Callable[..., IO[Any]] = Path.open, **named: Any
    ) -> IO[Any]:
        file = open_file(path, *how, **named)
        if file.writable():
            one()  # the file is there, and empty
        return file

    os.fsync = sync  # has no audit event
    Path.open = created
    sys.addaudithook(audit)
    project.repository.connection.set_trace_callback(
        lambda statement: None if statement.startswith("SELECT") else one()
    )
    return one


class Night:
    """One long-lived project, and what children do to it.

    Seeds go on where the last kill left off, so that what was under way is done again, as a person
    would.
    """

    def __init__(self, folder: Path, mask_of: Callable[..., NDArray[np.uint8]]) -> None:
        self.folder = folder
        self.mask_of = mask_of
        self.seed = 0
        self.whole: set[str] = set()

    def new_frames(self, number: int) -> list[Path]:
        """Write frames that no other looks like, each with clouds of its own."""
        paths = [self.folder.parent / "new" / f"{self.seed + i}.fits" for i in range(number)]
        for seed, path in enumerate(paths, self.seed):
            path.parent.mkdir(exist_ok=True)
            rng = np.random.default_rng(seed)
            clouds = np.kron(rng.random((6, 8)) > 0.5, np.ones((4, 4)))
            data = 600 + 300 * clouds + rng.normal(0, 3, clouds.shape)
            write_fits(path, [(data.astype(np.float32), fits.Header())])
        return paths

    def work(
        self, kind: str, paths: list[Path], tell: Callable[..., None], write: int | None = None
    ) -> None:
        """Do one kind of work, and tell each thing that a method has returned from.

        Be killed before a write, if its number is given.
        """
        with Project(self.folder, exclusive=kind != "index", by="ada") as project:
            before_telling = (lambda: None) if write is None else kill_before(write, project)
            if kind == "index":
                indexing.BATCH_S = 0  # each frame is a transaction of its own
                for _ in index(project, paths, MaskConfig(shape=(24, 32)), jobs=1):
                    before_telling()
                    tell(kind, 0, self.seed)
                    self.seed += 1
                return
            for frame in range(1, 1 + len(paths)):
                self.say(project, kind, frame, self.seed)
                before_telling()
                tell(kind, frame, self.seed)
                self.seed += 1

    def say(self, project: Project, kind: str, frame: int, seed: int) -> None:
        mask = self.mask_of(seed)
        match kind:
            case "save":
                project.save_mask(frame, mask, how=f"seed {seed}")
            case "approve":
                project.approve(frame, mask, how=f"seed {seed}")
            case "label":
                project.label(frame, mask, FRAME_CLASSES[seed % 3], f"seed {seed}")

    def check(self, kind: str, reported: list[Reported]) -> None:
        """Open the project as the next window would, and check all that this run reported.

        Of what was under way, all is there or nothing.
        """
        with Project(self.folder, exclusive=True) as project:
            assert project.repository.connection.execute("PRAGMA integrity_check").fetchall() == [
                ("ok",)
            ]
            for name in {*project.store.names()} - self.whole:
                project.store.read(name)
                self.whole.add(name)
            if kind == "index":
                for _, _, seed in reported:
                    assert project.mask(self.indexed(project, seed), "auto").shape == (24, 32)
                return
            for _, frame, seed in reported:
                self.check_done(project, kind, frame, seed)
            frame, seed = 1 + len(reported), self.seed + len(reported)
            if frame <= FRAMES and np.array_equal(project.mask(frame, "human"), self.mask_of(seed)):
                self.check_done(project, kind, frame, seed)
            for frame in range(1, FRAMES + 1):
                status = project.decision(frame).status
                assert status != "approved" or project.mask(frame, "human") is not None

    def check_done(self, project: Project, kind: str, frame: int, seed: int) -> None:
        np.testing.assert_array_equal(project.mask(frame, "human"), self.mask_of(seed))
        decision = project.decision(frame)
        assert decision.status == ("edited" if kind == "save" else "approved")
        assert decision.frame_class == FRAME_CLASSES[seed % 3] or kind != "label"
        assert project.table.status_of(project.table.row_of(frame)) == decision.status

    def indexed(self, project: Project, seed: int) -> int:
        path = str(self.folder.parent / "new" / f"{seed}.fits")
        found = project.repository.connection.execute(
            "SELECT id FROM frame WHERE path = ?", (path,)
        )
        return int(found.fetchone()[0])

    def check_all(self, reported: list[Reported]) -> None:
        """Check everything that was ever reported; no other file may pass for a mask."""
        with Project(self.folder) as project:
            rows = project.repository.connection.execute(
                "SELECT method, object FROM mask WHERE tag = 'human'"
            )
            objects = dict(rows.fetchall())
            for kind, _, seed in reported:
                if kind == "index":
                    assert project.mask(self.indexed(project, seed)) is not None
                else:
                    kept = project.store.read(objects[f"seed {seed}"])
                    np.testing.assert_array_equal(kept, self.mask_of(seed))
            named = project.repository.connection.execute(
                "SELECT DISTINCT object FROM mask"
            ).fetchall()
            assert {name for (name,) in named} <= set(project.store.names())
            assert not any("part" in name for name in project.store.names())


@pytest.fixture
def night(folder: Path, mask_of: Callable[..., NDArray[np.uint8]]) -> Night:
    night = Night(folder, mask_of)
    paths = night.new_frames(1)
    with Project(folder) as project:  # here, or each child has to import what makes masks
        assert list(index(project, paths, MaskConfig(shape=(24, 32)), jobs=1)) == paths
    night.seed += 1
    return night


def read(lines: list[str]) -> list[Reported]:
    shown = [line.split() for line in lines]
    return [Reported(kind, int(frame), int(seed)) for kind, frame, seed in shown]


def test_it_survives_a_kill_before_each_write(
    night: Night, child: Callable[..., Any], kind: str
) -> None:
    everything: list[Reported] = []
    for write in count():
        paths = night.new_frames(PIECES)
        run = child(lambda tell: night.work(kind, paths, tell, write))  # noqa: B023
        reported = read(run.end())
        night.check(kind, reported)
        night.seed += len(reported)
        everything.extend(reported)
        if run.code == 0:
            break
        assert run.code == -signal.SIGKILL
        assert write < 200, "it is killed again and again, and does not get on"
    print(f"{kind}: {write} writes")
    assert len(reported) == PIECES, "each write was one to be killed at"
    assert write > 8 * PIECES, "a file, its folder, and a transaction"
    night.check_all(everything)


def test_it_survives_kills_at_random_moments(
    night: Night, child: Callable[..., Any], kind: str
) -> None:
    """Also within SQLite and the file system."""
    rng = np.random.default_rng(5)
    everything: list[Reported] = []
    for kill in range(AT_RANDOM):
        paths = night.new_frames(FRAMES)
        run = child(lambda tell: night.work(kind, paths, tell))  # noqa: B023
        lines = [run.lines.readline() for _ in range(kill % FRAMES)]
        time.sleep(rng.uniform(0, 0.01))
        run.kill()
        reported = read([*lines, *run.end()])
        night.check(kind, reported)
        night.seed += len(reported)
        everything.extend(reported)
    night.check_all(everything)
    assert len(everything) >= sum(kill % FRAMES for kill in range(AT_RANDOM))
