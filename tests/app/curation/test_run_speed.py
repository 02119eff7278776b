"""A run of five hundred frames is labelled within a second, on the disk."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.app.curation.run_decision import LabelWork, RunDecision
from napari_iris.project.project import Project
from napari_iris.project.records import FrameFacts, NewMask
from napari_iris.project.run_labels import take_back
from napari_iris.project.timestamps import now_us
from napari_iris.radiometry.reference_set import ReferenceSet
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.curation.run_decision import Kind

pytestmark = [pytest.mark.slow, pytest.mark.timed]

COUNT, SHAPE = 500, (128, 160)
MOST_S = 1.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder of a closed project of frames that are not there, each with a mask of its own."""
    clouds = np.random.default_rng(0).normal(size=(COUNT, 8, 10)).repeat(16, 1).repeat(16, 2)
    with Project(tmp_path / "project") as project, project.repository.transaction() as transaction:
        for number, cloud in enumerate(clouds > 0):
            name = project.store.save(cloud.astype(np.uint8), durable=False)
            auto = NewMask(name, float(cloud.mean()), method="recipe")
            path, mark = tmp_path / f"{number}.fits", number.to_bytes(16)
            time = 60_000_000 * number
            facts = FrameFacts(path, 1, 1, time, (512, 640), "{}", mark, number, auto)
            transaction.add_frame(facts)
    return tmp_path / "project"


@pytest.mark.parametrize("kind", ["approve", "overcast", "reject"])
def test_a_run_is_labelled_and_taken_back_within_a_second(folder: Path, kind: Kind) -> None:
    with Project(folder, read_only=True) as project:
        frames, paths = project.table.id.tolist(), list(project.table.paths)
    origin = np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.uint8)

    def label() -> int:
        at, decision = now_us(), RunDecision(kind, "rain" if kind == "reject" else "")
        facts = (folder, list(frames), list(paths), decision, ReferenceSet(), "ada", at, 1, Event())
        work = LabelWork(*facts, origin)
        done = 0
        while work.frames:
            found = work.do_some()
            assert not found.failed
            done += len(found.frames)
            del work.frames[: found.count], work.paths[: found.count]
        assert done == COUNT
        return at

    def measure() -> float:
        runs: list[int] = []
        took = seconds(lambda: runs.append(label()))
        back = seconds(lambda: take_back(folder, runs[0], by="ada"))
        print(f"{kind}: {took:.2f} s, taken back in {back:.2f} s")
        return max(took, back)

    assert_within(MOST_S, measure)
