"""Two hundred kills during labelling: everything reported as saved is there, pixel for pixel."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from napari_iris.frames.rebin import rebin
from napari_iris.io.fits_files import write_fits
from napari_iris.labels import FRAME_CLASSES
from napari_iris.masks.config import MaskConfig
from napari_iris.project import indexing
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.sky.config import SimulationConfig
from napari_iris.sky.simulate import simulate_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

KILLS = 200
KINDS = ("save", "approve", "label", "index")
EACH = 6
"""Frames that a run works through: none of them twice, so that only the last one is in doubt."""


class Reported(NamedTuple):
    """What a child reported as saved: kind, frame, and the seed of its mask."""

    kind: str
    frame: int
    seed: int


class Night:
    """One long-lived project, and what children do to it.

    Seeds go on where the last kill left off, so that what was under way is done again, as a person
    would.
    """

    def __init__(self, folder: Path, mask_of: Callable[..., NDArray[np.uint8]]) -> None:
        self.folder = folder
        self.mask_of = mask_of
        scene = simulate_frame(SimulationConfig(count=2, seed=3, sky="cloudy"), 0)
        self.scene = rebin(scene.data, (24, 32)), scene.header
        self.seed = 0

    def new_frames(self) -> list[Path]:
        """Write new copies of a simulated frame, each with noise of its own."""
        data, header = self.scene
        paths = [self.folder.parent / "copies" / f"{self.seed + i}.fits" for i in range(EACH)]
        for number, path in enumerate(paths, self.seed):
            path.parent.mkdir(exist_ok=True)
            noise = np.random.default_rng(number).normal(0, 3, data.shape).astype(np.float32)
            write_fits(path, [(data + noise, header)])
        return paths

    def work(self, kind: str, paths: list[Path], tell: Callable[..., None]) -> None:
        """Do one kind of work, and tell each thing that a method has returned from."""
        with Project(self.folder, exclusive=kind != "index", by="ada") as project:
            if kind == "index":
                indexing.BATCH_S = 0.002  # commit often: more moments to be killed in
                config = MaskConfig(shape=(24, 32))
                for seed, path in enumerate(index(project, paths, config, jobs=1), self.seed):
                    tell(kind, 0, seed, path)
                return
            for place in range(EACH):
                self.say(project, kind, 1 + place, self.seed + place)
                tell(kind, 1 + place, self.seed + place)

    def say(self, project: Project, kind: str, frame: int, seed: int) -> None:
        mask = self.mask_of(seed)
        match kind:
            case "save":
                project.save_mask(frame, mask, how=f"seed {seed}")
            case "approve":
                project.approve(frame, mask, how=f"seed {seed}")
            case "label":
                project.label(frame, mask, FRAME_CLASSES[seed % 3], f"seed {seed}")

    def check(self, reported: list[Reported]) -> None:
        """Open the project as the next window would, and check all that this run reported."""
        with Project(self.folder, exclusive=True) as project:
            assert project.repository.connection.execute("PRAGMA integrity_check").fetchall() == [
                ("ok",)
            ]
            for kind, frame, seed in reported:
                if kind == "index":
                    assert project.mask(self.indexed(project, seed), "auto").shape == (24, 32)
                    continue
                np.testing.assert_array_equal(project.mask(frame, "human"), self.mask_of(seed))
                decision = project.decision(frame)
                assert decision.status == ("edited" if kind == "save" else "approved")
                assert decision.frame_class == FRAME_CLASSES[seed % 3] or kind != "label"
                assert project.table.status_of(project.table.row_of(frame)) == decision.status
            for frame in range(1, EACH + 1):  # also the one that was under way
                status = project.decision(frame).status
                assert status != "approved" or project.mask(frame, "human") is not None

    def indexed(self, project: Project, seed: int) -> int:
        path = str(self.folder.parent / "copies" / f"{seed}.fits")
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
            for name in project.store.names():
                project.store.read(name)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_saved_labels_survive_two_hundred_kills(
    folder: Path, mask_of: Callable[..., NDArray[np.uint8]], child: Callable[..., object]
) -> None:
    night = Night(folder, mask_of)
    rng = np.random.default_rng(5)
    paces = {kind: pace(night, kind, child) for kind in 2 * KINDS}  # the second time warm
    everything: list[Reported] = []
    left_off: Counter[str] = Counter()
    wanted = KILLS / len(KINDS) / 2  # of each kind, half of the kills come while it is at work

    def kill_at_work(kind: str) -> None:
        paths = night.new_frames() if kind == "index" else []
        run = child(lambda tell: night.work(kind, paths, tell))
        lines = [run.lines.readline() for _ in range(rng.integers(EACH))]
        time.sleep(rng.uniform(0, paces[kind][bool(lines)]))
        run.kill()
        reported = [read(line) for line in (*lines, *run.end())]
        night.check(reported)
        left_off[kind] += len(reported) < EACH
        everything.extend(reported)
        night.seed += len(reported)

    for kind in KINDS * (KILLS // len(KINDS)):
        kill_at_work(kind)
    for _ in range(KILLS):  # on a busy machine more kills come late
        kind = min(KINDS, key=lambda kind: left_off[kind])
        if left_off[kind] > wanted:
            break
        kill_at_work(kind)
    night.check_all(everything)
    assert min(left_off.values()) > wanted, "most were killed at work"
    assert min(Counter(one.kind for one in everything).values()) > KILLS / len(KINDS)


def pace(night: Night, kind: str, child: Callable[..., object]) -> tuple[float, float]:
    """Seconds until a kind of work reports the first result, and between results."""
    paths = night.new_frames() if kind == "index" else []
    moments = [time.monotonic()]
    run = child(lambda tell: night.work(kind, paths, tell))
    reported = []
    for line in run.lines:
        reported.append(read(line))
        moments.append(time.monotonic())
    run.end()
    assert run.code == 0
    assert len(reported) == EACH
    night.check(reported)
    night.seed += EACH
    gaps = np.diff(moments)
    return float(gaps[0]), float(gaps[1:].mean())


def read(line: str) -> Reported:
    kind, frame, seed = line.split()[:3]
    return Reported(kind, int(frame), int(seed))
