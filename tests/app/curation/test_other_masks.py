"""Other masks than the edited one: compare, restore, revert, copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.curation.frame_summary import FrameSummary
from napari_iris.masks import edit
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.app.curation.other_masks import OtherMasks
    from tests.app.conftest import ManualTimers
    from tests.app.curation.conftest import FakeView


@pytest.fixture
def model_mask(folder: Path, editor: MaskEditor, stored: Any) -> np.ndarray:
    """A model's mask of the frame, put into the project as prediction does."""
    mask = edit.grow(stored(2, "auto"), 5)
    with Project(folder) as project:
        made = NewMask(project.store.save(mask, durable=False), float(mask.mean()))
        with project.repository.transaction() as transaction:
            transaction.add_mask(3, "model", made, "a model")
    return mask


def test_compare_shows_each_mask_in_turn(
    opened: Curation,
    editor: MaskEditor,
    others: OtherMasks,
    view: FakeView,
    model_mask: np.ndarray,
    stored: Any,
) -> None:
    editor.apply(edit.grow)
    edited = editor.mask
    for tag, mask, detail in (
        ("auto", stored(2, "auto"), "Showing: automatic mask"),
        ("model", model_mask, "Showing: model mask"),
        (None, None, "drawn, ada"),
        ("auto", stored(2, "auto"), "Showing: automatic mask"),
    ):
        others.compare()
        assert editor.compared == tag
        assert view.canvas.visible == (tag is None)
        assert FrameSummary.of(opened).detail == detail
        np.testing.assert_array_equal(view.canvas.other, mask)
    np.testing.assert_array_equal(editor.mask, edited)
    opened.session.go_to(3)
    assert editor.compared is None
    assert view.canvas.visible


def test_an_undo_during_a_comparison_ends_it_once_saved(
    editor: MaskEditor, others: OtherMasks, timers: ManualTimers, view: FakeView
) -> None:
    editor.apply(edit.grow)
    others.compare()
    editor.undo()
    timers.advance(500)
    assert editor.compared is None
    assert view.canvas.visible


def test_a_mask_that_is_gone_is_skipped(
    opened: Curation, editor: MaskEditor, others: OtherMasks, model_mask: np.ndarray
) -> None:
    opened.project.store.path(opened.project.mask_facts(3, "auto").name).unlink()
    others.compare()
    assert editor.compared == "model"
    assert "is missing" in opened.message
    others.compare()
    assert editor.compared is None


def test_revert_goes_back_to_the_automatic_mask_and_restore_returns(
    opened: Curation, editor: MaskEditor, others: OtherMasks, stored: Any, decision: Any
) -> None:
    editor.apply(edit.grow)
    edited = editor.mask
    others.revert()
    np.testing.assert_array_equal(editor.mask, stored(2, "auto"))
    assert decision(2).status == "auto"
    assert stored(2, "human") is None
    saved = [entry.mask for entry in opened.project.history(3) if "human: drawn" in entry.value]
    others.restore(saved[-1])
    np.testing.assert_array_equal(editor.mask, edited)
    assert decision(2).status == "edited"
    editor.undo()
    np.testing.assert_array_equal(editor.mask, edited, "undo does not cross a restored mask")


def test_the_previous_mask_is_copied_as_one_step(
    opened: Curation, editor: MaskEditor, others: OtherMasks, stored: Any
) -> None:
    before = editor.mask
    others.copy_previous()
    np.testing.assert_array_equal(editor.mask, stored(1))
    editor.undo()
    np.testing.assert_array_equal(editor.mask, before)
    opened.session.go_to(0)
    others.copy_previous()
    assert opened.message == "There is no previous frame."


def test_a_previous_mask_of_another_shape_or_gone_is_not_copied(
    opened: Curation, editor: MaskEditor, others: OtherMasks
) -> None:
    before = editor.mask
    opened.project.save_mask(2, np.zeros((8, 10), np.uint8))
    others.copy_previous()
    assert opened.message == "The previous frame has no mask of this shape."
    opened.project.store.path(opened.project.mask_facts(2).name).unlink()
    others.copy_previous()
    assert "is missing" in opened.message
    np.testing.assert_array_equal(editor.mask, before)
