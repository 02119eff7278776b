"""Kills amid decisions on runs and selections: every label is whole, and all are taken back."""

from __future__ import annotations

import os
import random
import signal
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.curation import run_decision
from napari_iris.app.curation.run_decision import LabelWork, RunDecision
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.project.project import Project
from napari_iris.project.run_labels import take_back
from napari_iris.project.timestamps import now_us
from napari_iris.radiometry.reference_set import ReferenceSet
from tests.app.curation.conftest import COLUMNS, ROWS
from tests.project.conftest import Child
from tests.project.test_run_kills import be_killed_before

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.curation.run_decision import Kind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process the POSIX way"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

FIRST, DECIDED, ALONE = 1, 3, 4
"""Frames of six: one with an edited mask, one that a person has decided on, one meanwhile."""

KILLS = 15
"""Kills of each kind of decision."""

LABELS: dict[Kind, tuple[str, str]] = {
    "approve": ("approved", "approved as auto, from a run"),
    "overcast": ("approved", "overcast, from a run"),
    "carry": ("approved", "carry the mask on, from a run"),
    "reject": ("rejected", "rejected, from a run"),
}
"""Status and description of the labels that are made."""


def label_of(project: Project, frame: int) -> tuple[Any, ...]:
    mask = project.mask(frame)
    return project.decision(frame), None if mask is None else mask.tobytes()


def labels(folder: Path) -> dict[int, tuple[Any, ...]]:
    """All labels, with their masks, of a project that is as SQLite wants it."""
    with Project(folder, read_only=True) as project:
        checked = project.repository.connection.execute("PRAGMA integrity_check").fetchall()
        assert checked == [("ok",)]
        return {frame: label_of(project, frame) for frame in project.table.id.tolist()}


def work_on(folder: Path, kind: Kind, at: int) -> LabelWork:
    with Project(folder, read_only=True) as project:
        frames, paths = project.table.id.tolist(), list(project.table.paths)
        mask = project.mask(FIRST)
        assert mask is not None
        origin = rebin(read_frame(paths[0]).data, (ROWS, COLUMNS)), mask
    decision = RunDecision(kind, "rain" if kind == "reject" else "")
    return LabelWork(
        folder, frames, paths, decision, ReferenceSet(), "ada", at, FIRST, Event(), origin
    )


def do_all(folder: Path, kind: Kind, at: int, killed_before: int) -> None:
    """Label all frames, one in a transaction, in a process that is killed before a write."""
    be_killed_before(killed_before, folder)
    run_decision.CHUNK_S = 0
    work = work_on(folder, kind, at)
    while work.frames:
        done = work.do_some()
        assert not done.failed
        del work.frames[: done.count], work.paths[: done.count]


@pytest.mark.parametrize("kind", LABELS)
def test_kills_lose_no_label_and_all_are_taken_back(folder: Path, kind: Kind) -> None:
    with Project(folder, by="ada") as project:
        project.save_mask(FIRST, np.tri(ROWS, COLUMNS, dtype=np.uint8))
        project.reject(DECIDED, "bird")
    before, counts = labels(folder), set()
    choice = random.Random(kind)
    for _ in range(KILLS):
        at, write = now_us(), choice.randrange(70)
        run = Child(lambda _, at=at, write=write: do_all(folder, kind, at, write))
        with Project(folder, by="eve") as project:  # a second window, at the same time
            project.set_note(ALONE, f"seen {write}")
            project.set_note(ALONE, "")
        run.end()
        assert run.code in (0, -signal.SIGKILL)
        after = labels(folder)
        changed = [frame for frame in before if after[frame] != before[frame]]
        counts.add(len(changed))
        assert DECIDED not in changed
        for frame in changed:
            decision = after[frame][0]
            is_drawn = frame == FIRST and kind in ("approve", "carry")
            how = "approved, from a run" if is_drawn else LABELS[kind][1]
            assert (decision.status, decision.how) == (LABELS[kind][0], how)
            assert decision.reason == ("rain" if kind == "reject" else "")
        while take_back(folder, at, by="ada"):
            pass
        assert labels(folder) == before
    assert len(counts) > 2, "kills came at different moments"
