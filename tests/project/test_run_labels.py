"""A run of frames is labelled by one decision, and taken back as one, with nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.project import run_labels
from napari_iris.project.frame_table import read_table
from napari_iris.project.project import Project
from napari_iris.project.run_labels import RunLabel, label_run, last_run, take_back
from napari_iris.project.timestamps import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

AT = 1_700_000_000_000_000
"""When the run is decided [us]."""


def labels_of(project: Project, frames: Sequence[int], mask_of: Callable[..., Any]) -> list[Any]:
    """Labels with a mask of its own for each frame."""
    names = [project.store.save(mask_of(frame), durable=True) for frame in frames]
    return [
        RunLabel(frame, "approved", "cut at 40 ADU", name, 0.25, "cloudy")
        for frame, name in zip(frames, names, strict=True)
    ]


def facts(folder: Path, frame: int) -> Any:
    """All that the project says of the label of a frame."""
    with Project(folder, read_only=True) as project:
        table, row = project.table, project.table.row_of(frame)
        mask = project.mask(frame)
        return (
            project.decision(frame),
            project.tags(frame),
            int(table.labelled_at[row]),
            None if mask is None else mask.tobytes(),
        )


def test_each_frame_of_a_run_has_its_own_mask_and_its_history_says_so(
    project: Project, mask_of: Callable[..., Any]
) -> None:
    assert label_run(
        project.repository, labels_of(project, [1, 2, 3], mask_of), by="ada", at=AT
    ) == [
        1,
        2,
        3,
    ]
    for frame in (1, 2, 3):
        assert np.array_equal(project.mask(frame, "human"), mask_of(frame))
        decision = project.decision(frame)
        assert (decision.status, decision.frame_class) == ("approved", "cloudy")
        assert (decision.how, decision.by, decision.at) == ("cut at 40 ADU, from a run", "ada", AT)
        lines = [(entry.what, entry.value) for entry in project.history(frame)]
        assert ("mask", "human: cut at 40 ADU, from a run") in lines
        assert ("decision", "cut at 40 ADU, from a run") in lines


def test_taking_back_leaves_every_frame_as_before(
    project: Project, mask_of: Callable[..., Any]
) -> None:
    project.save_mask(2, mask_of(20))
    before = [facts(project.folder, frame) for frame in range(1, 7)]
    kept = RunLabel(2, "approved", "approved", None, 0.5, "cloudy")
    rejected = RunLabel(4, "rejected", "rejected", reason="bird")
    labels = [*labels_of(project, [1, 3], mask_of), kept, rejected]
    assert len(label_run(project.repository, labels, by="ada", at=AT, edited=[2])) == 4
    assert project.decision(4).reason == "bird"
    assert sorted(take_back(project.folder, AT, by="ada")) == [1, 2, 3, 4]
    assert [facts(project.folder, frame) for frame in range(1, 7)] == before
    assert project.history(1)[-1].value == "run taken back"
    assert take_back(project.folder, AT, by="ada") == []


def test_an_edited_mask_comes_back_from_under_that_of_a_run(
    project: Project, mask_of: Callable[..., Any]
) -> None:
    project.save_mask(2, mask_of(20))
    for at in (AT, AT + 1):  # what an earlier run left in the history is not a person's mask
        label_run(
            project.repository, labels_of(project, [2, 3], mask_of), by="ada", at=at, edited=[2]
        )
        assert np.array_equal(project.mask(2), mask_of(2))
        take_back(project.folder, at, by="ada")
        assert np.array_equal(project.mask(2), mask_of(20))
        assert project.mask(3) is None


LABELS: dict[str, Callable[[Project, Any], object]] = {
    "edited": lambda project, mask: project.save_mask(2, mask),
    "approved": lambda project, mask: project.approve(2, mask),
    "rejected": lambda project, _: project.reject(2, "bird"),
    "class": lambda project, _: project.set_class(2, "cloudy"),
    "reopened": lambda project, _: project.reopen(2),
}


@pytest.mark.parametrize("what", LABELS)
def test_a_persons_label_is_never_overwritten_by_a_run(
    project: Project, mask_of: Callable[..., Any], what: str
) -> None:
    LABELS[what](project, mask_of(20))
    before = facts(project.folder, 2)
    labels = labels_of(project, [1, 2, 3], mask_of)
    assert label_run(project.repository, labels, by="bob", at=AT) == [1, 3]
    assert facts(project.folder, 2) == before


@pytest.mark.parametrize("what", LABELS)
def test_what_a_person_changes_after_a_run_is_not_taken_back(
    project: Project, mask_of: Callable[..., Any], what: str
) -> None:
    label_run(project.repository, labels_of(project, [1, 2, 3], mask_of), by="bob", at=AT)
    LABELS[what](project, mask_of(20))
    before = facts(project.folder, 2)
    assert take_back(project.folder, AT, by="bob") == [1, 3]
    assert facts(project.folder, 2) == before


def test_an_error_within_a_run_changes_nothing(
    project: Project, mask_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, done = run_labels._apply, []

    def fail(change: Any, label: RunLabel) -> None:
        apply(change, label)
        done.append(label)
        if len(done) == 2:
            raise OSError("disk is full")

    monkeypatch.setattr(run_labels, "_apply", fail)
    before = [facts(project.folder, frame) for frame in range(1, 4)]
    with pytest.raises(OSError, match="full"):
        label_run(project.repository, labels_of(project, [1, 2, 3], mask_of), by="ada", at=AT)
    assert [facts(project.folder, frame) for frame in range(1, 4)] == before


def test_the_last_run_is_found_until_something_else_is_decided(
    project: Project, mask_of: Callable[..., Any]
) -> None:
    assert last_run(project.folder) is None
    at = now_us()
    label_run(project.repository, labels_of(project, [1, 2], mask_of), by="ada", at=at)
    assert last_run(project.folder) == at
    project.reject(5, "bird")
    assert last_run(project.folder) is None


def test_the_table_follows_a_run(project: Project, mask_of: Callable[..., Any]) -> None:
    frames = label_run(project.repository, labels_of(project, [5, 1, 3], mask_of), by="ada", at=AT)
    project.read_again(frames)
    fresh = read_table(project.folder)
    for name in ("id", "status", "frame_class", "cloud_fraction", "labelled_at"):
        np.testing.assert_array_equal(getattr(project.table, name), getattr(fresh, name))
    assert project.changed == frames
    project.read_again([99])  # not in the table, such as one indexed meanwhile
    np.testing.assert_array_equal(project.table.id, fresh.id)
