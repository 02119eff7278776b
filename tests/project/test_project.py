"""Labelling: status and class after each action, masks by origin, history."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_iris.errors import MaskError
from napari_iris.labels import STATUSES
from napari_iris.project.frame_table import FrameTable
from napari_iris.project.project import Project
from napari_iris.project.records import FrameFacts, NewMask

if TYPE_CHECKING:
    from collections.abc import Callable

CLEAR = np.zeros((24, 32), np.uint8)
CLOUDY = np.ones((24, 32), np.uint8)
BLIND = np.full((24, 32), 2, np.uint8)
HAZE = np.pad(np.ones((1, 3), np.uint8), ((0, 23), (0, 29)))
"""3 of 768 pixels: below the 0.5 % from which a frame is cloudy."""


def add_machine(project: Project, tag: str, frame: int = 1, mask: object = CLOUDY) -> None:
    name = project.store.save(mask, durable=False)
    made = NewMask(name, float(np.mean(mask == 1)), 0.8, 640.0, "recipe")
    with project.repository.transaction() as transaction:
        transaction.add_mask(frame, tag, made, "a program")
    project.reload()


ACTIONS: dict[str, Callable[[Project], object]] = {
    "auto": lambda project: add_machine(project, "auto"),
    "model": lambda project: add_machine(project, "model"),
    "save": lambda project: project.save_mask(1, CLEAR),
    "save cloudy": lambda project: project.save_mask(1, CLOUDY),
    "save haze": lambda project: project.save_mask(1, HAZE),
    "save blind": lambda project: project.save_mask(1, BLIND),
    "approve": lambda project: project.approve(1),
    "approve cloudy": lambda project: project.approve(1, CLOUDY),
    "approve clear": lambda project: project.approve(1, CLEAR),
    "label": lambda project: project.label(1, CLEAR, "clear", "key 1"),
    "reject": lambda project: project.reject(1, "a bird"),
    "reopen": lambda project: project.reopen(1),
    "say clear": lambda project: project.set_class(1, "clear"),
    "unsure": lambda project: project.set_class(1, "unsure"),
    "no class": lambda project: project.set_class(1, None),
    "note": lambda project: project.set_note(1, "contrails"),
    "revert": lambda project: project.revert(1),
    "restore": lambda project: project.restore(1, 1),
}
CASES = """
                                        | unlabelled | None
auto                                    | auto       | None
model                                   | auto       | None
note                                    | unlabelled | None
unsure                                  | unlabelled | unsure
unsure, no class                        | unlabelled | None
save                                    | edited     | None
auto, save, auto                        | edited     | None
save, approve                           | approved   | clear
save cloudy, approve                    | approved   | cloudy
save haze, approve                      | approved   | clear
save blind, approve                     | approved   | unsure
approve cloudy                          | approved   | cloudy
auto, approve                           | approved   | cloudy
model, approve                          | approved   | cloudy
unsure, approve cloudy                  | approved   | unsure
unsure, no class, approve cloudy        | approved   | cloudy
say clear, approve cloudy               | approved   | clear
unsure, say clear, approve cloudy       | approved   | clear
say clear, unsure, approve cloudy       | approved   | unsure
say clear, save                         | edited     | clear
say clear, save cloudy                  | edited     | None
say clear, save cloudy, approve         | approved   | cloudy
unsure, save cloudy, approve            | approved   | unsure
label                                   | approved   | clear
label, save cloudy, approve             | approved   | cloudy
label, approve cloudy                   | approved   | clear
approve cloudy, unsure                  | approved   | unsure
approve cloudy, save                    | edited     | None
approve cloudy, save, approve           | approved   | clear
approve cloudy, approve clear           | approved   | clear
unsure, approve clear                   | approved   | unsure
say clear, approve cloudy, approve      | approved   | clear
save, approve cloudy, restore, approve  | approved   | clear
approve cloudy, auto                    | approved   | cloudy
approve cloudy, model                   | approved   | cloudy
approve cloudy, reopen                  | edited     | cloudy
auto, approve, reopen                   | edited     | cloudy
reject                                  | rejected   | None
auto, reject                            | rejected   | None
reject, auto                            | rejected   | None
reject, reopen                          | unlabelled | None
auto, reject, reopen                    | auto       | None
model, reject, reopen                   | auto       | None
save, reject, reopen                    | edited     | None
reject, save                            | edited     | None
reject, approve cloudy                  | approved   | cloudy
save, revert                            | unlabelled | None
auto, save, revert                      | auto       | None
model, save, revert                     | auto       | None
auto, approve, revert                   | auto       | cloudy
save, revert, restore                   | edited     | None
save cloudy, save, restore, approve     | approved   | cloudy
auto, restore                           | edited     | None
"""


@pytest.mark.parametrize("case", CASES.strip("\n").splitlines())
def test_status_and_class_after_each_action(folder: Path, case: str) -> None:
    actions, status, sky = (part.strip() for part in case.split("|"))
    with Project(folder) as project:
        for action in filter(None, actions.split(", ")):
            ACTIONS[action](project)
        decision = project.decision(1)
        assert (decision.status, str(decision.frame_class)) == (status, sky)
        assert (decision.reason == "a bird") == (status == "rejected")
        assert_table_is_fresh(project)
    with Project(folder, read_only=True) as project:
        assert project.decision(1) == decision, "on the disk"
        assert [project.decision(frame).status for frame in range(2, 7)] == ["unlabelled"] * 5


def assert_table_is_fresh(project: Project) -> None:
    """The table in memory equals one that is read again."""
    read = FrameTable.load(project.repository)
    for field in dataclasses.fields(read):
        ours, theirs = getattr(project.table, field.name), getattr(read, field.name)
        np.testing.assert_array_equal(ours, theirs, err_msg=field.name)


@given(st.lists(st.sampled_from(sorted(set(ACTIONS) - {"approve", "restore"})), max_size=8))
@settings(max_examples=25)
def test_after_any_actions_the_label_is_consistent(
    tmp_path_factory: pytest.TempPathFactory, actions: list[str]
) -> None:
    with Project(tmp_path_factory.mktemp("any") / "project") as project:
        add_frame(project)
        for action in actions:
            ACTIONS[action](project)
        decision, tags = project.decision(1), project.tags(1)
        assert decision.status in STATUSES
        assert decision.status != "approved" or "human" in tags
        assert decision.status != "unlabelled" or not tags
        assert set(actions) & {"auto", "model"} == set(tags) - {"human"}
        assert_table_is_fresh(project)


def add_frame(project: Project) -> None:
    facts = FrameFacts(Path("sky.fits"), 1, 1, None, (24, 32), "{}", bytes(16), 1, None)
    with project.repository.transaction() as transaction:
        transaction.add_frame(facts)
    project.reload()


def test_masks_of_different_origins_never_replace_one_another(project: Project) -> None:
    assert project.mask(1) is None
    assert project.tags(1) == ()
    project.save_mask(1, HAZE)
    add_machine(project, "model", mask=CLOUDY)
    add_machine(project, "auto", mask=CLEAR)
    assert project.tags(1) == ("auto", "model", "human")
    for tag, mask in {None: HAZE, "human": HAZE, "model": CLOUDY, "auto": CLEAR}.items():
        np.testing.assert_array_equal(project.mask(1, tag), mask)
    project.revert(1)
    np.testing.assert_array_equal(project.mask(1), CLOUDY)
    assert project.mask(1, "human") is None
    assert project.status()["masks"] == {"auto": 1, "model": 1, "human": 0}


@pytest.mark.parametrize(
    ("tags", "how", "mask"),
    [
        (["auto"], "approved as auto", CLEAR),
        (["model"], "approved as model", CLOUDY),
        (["auto", "model"], "approved as model", CLOUDY),
    ],
)
def test_an_approved_machine_mask_becomes_a_human_mask(
    project: Project, tags: list[str], how: str, mask: np.ndarray
) -> None:
    for tag in tags:
        add_machine(project, tag, mask={"auto": CLEAR, "model": CLOUDY}[tag])
    project.approve(1)
    np.testing.assert_array_equal(project.mask(1, "human"), mask)
    decision = project.decision(1)
    assert (decision.by, decision.how) == ("ada", how)


def test_the_history_lists_everything_and_masks_can_be_restored(
    project: Project, mask_of: Callable[..., np.ndarray]
) -> None:
    numbers = [project.save_mask(2, mask_of(seed), how=f"stroke {seed}") for seed in range(3)]
    project.approve(2)
    project.set_note(2, "thin cirrus")
    project.reject(2, "a bird")
    project.revert(2)
    entries = [(entry.what, entry.value, entry.by) for entry in project.history(2)]
    assert entries == [
        *[("mask", f"human: stroke {seed}", "ada") for seed in range(3)],
        ("status", "approved", "ada"),
        ("note", "thin cirrus", "ada"),
        ("reason", "a bird", "ada"),
        ("status", "rejected", "ada"),
        ("mask", "human: reverted to auto", "ada"),
        ("status", "unlabelled", "ada"),
    ]
    times = [entry.at for entry in project.history(2)]
    assert times == sorted(times)
    for seed, number in enumerate(numbers):
        project.restore(2, number)
        np.testing.assert_array_equal(project.mask(2), mask_of(seed))
    assert [entry.mask for entry in project.history(2) if entry.mask][:3] == numbers


def test_a_mask_of_another_frame_is_not_restored(
    project: Project, refused: Callable[..., object]
) -> None:
    number = project.save_mask(1, CLOUDY)
    with refused(f"frame 2 has no mask {number}; choose one from its history"):
        project.restore(2, number)
    assert project.decision(2).status == "unlabelled"
    assert project.tags(2) == ()


def test_a_frame_without_a_mask_is_not_approved(
    project: Project, refused: Callable[..., object]
) -> None:
    with refused("frame 1 has no mask to approve; draw one"):
        project.approve(1)
    assert project.decision(1).status == "unlabelled"


NOBODY = [action for action in ACTIONS if action not in {"auto", "model"}]


@pytest.mark.parametrize("action", NOBODY)
def test_a_frame_that_does_not_exist_is_an_error(
    tmp_path: Path, refused: Callable[..., object], action: str
) -> None:
    with Project(tmp_path / "empty") as project:
        with refused("has no frame 1; reload"):
            ACTIONS[action](project)
        assert project.history(1) == []


@pytest.mark.parametrize("action", NOBODY)
def test_a_read_only_project_is_not_changed(
    folder: Path, refused: Callable[..., object], action: str
) -> None:
    match = "is open read-only; open it to label"
    with Project(folder, read_only=True) as project, refused(match):
        ACTIONS[action](project)
    assert not (folder / "masks").exists()


def test_a_mask_with_other_values_is_refused_and_the_label_stays(
    project: Project, refused: Callable[..., object]
) -> None:
    project.approve(1, CLOUDY)
    with refused("holds values from 5 to 5", MaskError):
        project.save_mask(1, CLEAR + 5)
    assert project.decision(1).status == "approved"
    np.testing.assert_array_equal(project.mask(1), CLOUDY)


def test_the_status_counts(project: Project) -> None:
    add_machine(project, "auto")
    add_machine(project, "auto", frame=2)
    project.approve(2)
    project.reject(3, "blurred")
    project.set_class(4, "unsure")
    assert project.status() == {
        "frames": 6,
        "status": {"unlabelled": 3, "auto": 1, "edited": 0, "approved": 1, "rejected": 1},
        "class": {"clear": 0, "cloudy": 1, "unsure": 1},
        "masks": {"auto": 2, "model": 0, "human": 1},
        "duplicates": {"same": 0, "alike": 0},
    }
