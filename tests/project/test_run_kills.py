"""Kills before each write of a run and of taking it back: every frame is whole, and undo works."""

from __future__ import annotations

import signal
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.project.project import Project
from napari_iris.project.repository import Repository
from napari_iris.project.run_labels import RunLabel, label_run, last_run, take_back
from tests.project.test_kills import kill_before

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

FRAMES = range(1, 7)
CHUNK = 2
"""Frames that a transaction labels."""

AT = 1_700_000_000_000_000


def label_all(folder: Path, mask_of: Callable[..., Any]) -> None:
    """Label the run, some frames at a time, as the window does."""
    with Project(folder, by="ada") as project:
        for start in range(0, len(FRAMES), CHUNK):
            labels = [
                RunLabel(
                    frame,
                    "approved",
                    "cut",
                    project.store.save(mask_of(frame), durable=True),
                    0.5,
                    "cloudy",
                )
                for frame in FRAMES[start : start + CHUNK]
            ]
            label_run(project.repository, labels, by="ada", at=AT)


def be_killed_before(write: int, folder: Path) -> None:
    """Have this process killed before one of its writes, by whichever connection."""
    with Project(folder, read_only=True) as project:
        one = kill_before(write, project)
    begin = Repository.__init__

    def traced(self: Repository, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        self.connection.set_trace_callback(
            lambda statement: None if statement.startswith("SELECT") else one()
        )

    Repository.__init__ = traced  # type: ignore[method-assign]


def labelled(folder: Path, mask_of: Callable[..., Any]) -> list[int]:
    """Frames of the run that are labelled; each is so wholly, or not at all."""
    found = []
    with Project(folder, read_only=True) as project:
        checked = project.repository.connection.execute("PRAGMA integrity_check").fetchall()
        assert checked == [("ok",)]
        for frame in FRAMES:
            decision = project.decision(frame)
            if decision.status == "approved":
                assert (decision.frame_class, decision.how) == ("cloudy", "cut, from a run")
                assert np.array_equal(project.mask(frame, "human"), mask_of(frame))
                found.append(frame)
            else:
                assert (decision.status, decision.frame_class) == ("unlabelled", None)
                assert decision.at == 0
                assert project.mask(frame, "human") is None
    return found


@pytest.mark.parametrize("kind", ["label", "take back"])
def test_a_kill_leaves_the_run_shorter_and_undo_works(
    folder: Path, mask_of: Callable[..., Any], child: Callable[..., Any], kind: str
) -> None:
    lengths = set()
    for write in count():
        if kind == "take back":
            label_all(folder, mask_of)

        def work(_: Any) -> None:
            be_killed_before(write, folder)  # noqa: B023
            if kind == "label":
                label_all(folder, mask_of)
            else:
                take_back(folder, AT, by="ada")

        run = child(work)
        run.end()
        assert run.code in (0, -signal.SIGKILL)
        left = labelled(folder, mask_of)
        assert left == list(FRAMES)[: len(left)]
        lengths.add(len(left))
        assert last_run(folder) == (AT if left else None)
        assert take_back(folder, AT, by="ada") == left
        assert labelled(folder, mask_of) == []
        if run.code == 0:
            break
    print(f"{kind}: {write} writes")
    assert write >= 20, "statements of a transaction at least"
    assert lengths == ({0, 2, 4, 6} if kind == "label" else {0, 6})
