"""Undo: steps on the mask in view, then the decisions before, each with its frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.curation.frame_summary import history_lines, picture_of
from napari_iris.app.curation.run_labels import RunLabels
from napari_iris.app.curation.undo import Undo
from napari_iris.masks import edit
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions

DECISIONS: dict[str, Callable[[Decisions], object]] = {
    "approve": lambda decisions: decisions.approve(),
    "reject": lambda decisions: decisions.reject("bird"),
    "clear": lambda decisions: decisions.clear(),
    "overcast": lambda decisions: decisions.overcast(),
    "unsure": lambda decisions: decisions.unsure(),
}


@pytest.fixture
def undo(decisions: Decisions) -> Undo:
    runs = RunLabels(decisions, ClearSky(decisions.curation.session))
    return Undo(decisions, runs.jobs)


def label(folder: Path, row: int) -> tuple[Any, ...]:
    """All that a second program reads of the label of a frame, and its mask."""
    with Project(folder, read_only=True) as project:
        frame = int(project.table.id[row])
        mask = project.mask(frame)
        is_set = project.repository.is_class_set(frame)
        return project.decision(frame), project.tags(frame), is_set, mask.tobytes()


@pytest.mark.parametrize("name", DECISIONS)
@pytest.mark.parametrize("is_edited", [False, True])
def test_a_decision_is_taken_back_at_its_frame(
    opened: Curation, decisions: Decisions, undo: Undo, folder: Path, name: str, is_edited: bool
) -> None:
    opened.session.go_to(2)
    if is_edited:
        opened.editor.apply(edit.grow)
        assert opened.save()
    before = label(folder, 2)
    decisions.set_note("contrail")
    DECISIONS[name](decisions)
    assert opened.row == 3
    undo.undo()
    assert opened.row == 2
    decision, *others = label(folder, 2)
    assert decision.note == "contrail", "a note is not a decision"
    decisions.set_note("")
    assert label(folder, 2) == before
    assert opened.editor.mask.tobytes() == others[-1]
    undo.undo()
    assert opened.message == "Nothing to undo."


def test_steps_on_the_mask_are_undone_before_the_decision(
    opened: Curation, decisions: Decisions, undo: Undo
) -> None:
    opened.session.go_to(2)
    decisions.approve()
    automatic = opened.editor.mask
    opened.editor.apply(edit.grow)
    undo.undo()
    assert opened.row == 3
    assert np.array_equal(opened.editor.mask, automatic)
    undo.undo()
    assert opened.row == 2


def test_decisions_are_taken_back_the_last_first(
    opened: Curation, decisions: Decisions, undo: Undo, folder: Path
) -> None:
    before = [label(folder, row) for row in range(4)]
    for _ in range(4):
        decisions.overcast()
    for row in (3, 2, 1, 0):
        undo.undo()
        assert opened.row == row
    assert [label(folder, row) for row in range(4)] == before


@pytest.mark.parametrize("name", [None, *DECISIONS])
def test_a_frame_with_all_edits_undone_has_its_label_again(
    opened: Curation, decisions: Decisions, undo: Undo, folder: Path, name: str | None
) -> None:
    opened.session.go_to(2)
    if name is not None:
        DECISIONS[name](decisions)
        opened.session.go_to(2)
    before = label(folder, 2)
    for rows in (4, 8):
        opened.editor.apply(lambda mask, rows=rows: np.vstack([1 - mask[:rows], mask[rows:]]))
        assert opened.save()
    assert label(folder, 2)[0].status == "edited"
    opened.editor.undo()
    opened.editor.undo()
    assert opened.save()
    assert label(folder, 2) == before
    opened.editor.redo()
    assert opened.save()
    assert label(folder, 2)[0].status == "edited"


def test_another_project_has_no_decisions_to_undo(
    opened: Curation, decisions: Decisions, undo: Undo, folder: Path
) -> None:
    decisions.overcast()
    opened.open(Project(folder, by="ada"))
    undo.undo()
    assert opened.message == "Nothing to undo."
    assert label(folder, 0)[0].status == "approved"


def test_the_history_names_the_tools_and_shows_the_mask(opened: Curation) -> None:
    opened.session.go_to(2)
    editor = opened.editor
    for name, function in (("grow", edit.grow), ("smooth", edit.smooth), ("grow", edit.grow)):
        editor.apply(function, name)
    editor.canvas.labels[:, 70:] = 1  # as napari's brush does
    assert opened.save()
    line = history_lines(opened)[0]
    cloud = f"{np.mean(editor.mask == 1):.0%}"
    assert line.text.split("  ")[1] == f"Human mask: drawn with grow, smooth, brush, {cloud} cloud"
    assert np.array_equal(picture_of(opened, line), editor.mask)


def test_autosaves_of_one_tool_are_one_line(opened: Curation) -> None:
    opened.session.go_to(2)
    for function in (edit.grow, edit.grow, edit.grow):
        opened.editor.apply(function, "grow")
        assert opened.save()
    opened.editor.apply(edit.shrink, "shrink")
    assert opened.save()
    lines = [line.text for line in history_lines(opened) if "Human mask" in line.text]
    assert len(lines) == 2
    assert "shrink" in lines[0]
    assert "grow" in lines[1]
