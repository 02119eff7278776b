"""Decisions on a frame, and the frame that comes after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.curation.decisions import HIDDEN
from napari_iris.masks import edit
from tests.app.curation.conftest import COLUMNS, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.mask_editor import MaskEditor

CASES: dict[str, tuple[Callable[[Decisions], object], tuple[object, ...], float | None]] = {
    "approve": (lambda one: one.approve(), ("approved", "cloudy", "", "approved"), 0.2),
    "reject": (lambda one: one.reject("bird"), ("rejected", None, "bird", "by hand"), 0.2),
    "clear": (lambda one: one.clear(), ("approved", "clear", "", "clear sky"), 0),
    "overcast": (lambda one: one.overcast(), ("approved", "cloudy", "", "overcast"), 1),
    "unsure": (lambda one: one.unsure(), ("rejected", "unsure", "unsure", "by hand"), 0.2),
    "accept": (
        lambda one: one.accept(np.eye(ROWS, COLUMNS, dtype=np.uint8), "accepted from unet1"),
        ("approved", "cloudy", "", "accepted from unet1"),
        1 / COLUMNS,
    ),
}
"""What is called; status, class, reason, how; cloud fraction of the human mask."""


@pytest.mark.parametrize("case", CASES)
def test_a_decision_is_stored_and_the_next_frame_comes(
    opened: Curation,
    editor: MaskEditor,
    decisions: Decisions,
    decision: Any,
    stored: Any,
    case: str,
) -> None:
    decide, expected, cloud = CASES[case]
    decide(decisions)
    known = decision(2)
    assert (known.status, known.frame_class, known.reason, known.how) == expected
    assert known.by == "ada"
    assert stored(2, "human").mean() == pytest.approx(cloud)
    assert opened.row == 3


@pytest.mark.parametrize("how", ["hidden", "another mask in its place"])
def test_a_mask_is_not_approved_unseen(
    opened: Curation, editor: MaskEditor, decisions: Decisions, decision: Any, how: str
) -> None:
    if how == "hidden":
        editor.canvas.override(visible=False)
    else:
        editor.compare(np.ones((ROWS, COLUMNS), np.uint8), "auto")
    decisions.approve()
    assert (decision(2).status, opened.row, opened.message) == ("edited", 2, HIDDEN)
    assert editor.canvas.visible
    decisions.approve()
    assert (decision(2).status, opened.row, opened.message) == ("approved", 3, "")


def test_an_edit_is_part_of_the_decision(
    editor: MaskEditor, decisions: Decisions, stored: Any
) -> None:
    editor.apply(edit.grow)
    edited = editor.mask
    decisions.approve()
    np.testing.assert_array_equal(stored(2, "human"), edited)


def test_ignored_pixels_stay_ignored_under_a_clear_sky(
    editor: MaskEditor, decisions: Decisions, stored: Any
) -> None:
    mask = editor.mask
    mask[:4] = 2
    editor.set_mask(mask)
    decisions.clear()
    np.testing.assert_array_equal(stored(2, "human") == 2, mask == 2)
    assert set(np.unique(stored(2, "human"))) == {0, 2}


def test_a_class_is_set_without_leaving_the_frame_and_outlasts_approval(
    opened: Curation, decisions: Decisions, decision: Any
) -> None:
    for name in ("clear", "unsure", "cloudy"):
        decisions.set_class(name)
        assert (opened.row, decision(0).frame_class, decision(0).status) == (0, name, "auto")
    decisions.approve()
    assert decision(0).frame_class == "cloudy"


def test_a_note_is_stored_once(opened: Curation, decisions: Decisions, decision: Any) -> None:
    decisions.set_note("contrail")
    decisions.set_note("contrail")
    assert decision(0).note == "contrail"
    notes = [entry for entry in opened.project.history(1) if entry.what == "note"]
    assert len(notes) == 1


def test_the_last_frame_stays_and_shows_its_new_mask(
    opened: Curation, decisions: Decisions
) -> None:
    for _ in range(6):
        decisions.approve()
    assert opened.message == "Queue finished."
    decisions.overcast()
    assert opened.row == 5
    assert (opened.editor.mask == 1).all()


def test_decisions_are_counted_failures_are_not(
    opened: Curation, decisions: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    count: list[int] = []
    monkeypatch.setattr(opened.pace, "count", lambda: count.append(1))
    decisions.approve()
    decisions.reject("bird")
    opened.session.go_to(2)
    opened.project.store.path(opened.project.mask_facts(3).name).unlink()
    decisions.approve()
    assert opened.row == 2
    assert "is missing" in opened.message
    assert len(count) == 2


def test_without_a_frame_nothing_is_decided(curation: Curation) -> None:
    from napari_iris.app.curation.decisions import Decisions

    decisions = Decisions(curation)
    for decide, _, _ in CASES.values():
        decide(decisions)
    decisions.set_note("contrail")
    decisions.set_class("clear")
    assert curation.pace.per_minute() is None
