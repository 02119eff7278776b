"""The label of a frame in words: who made it, as far as that is still true, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_iris.app.curation.frame_summary import FrameSummary, history_lines
from napari_iris.masks import edit

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.app.curation.other_masks import OtherMasks


def shown(curation: Curation) -> tuple[str, str]:
    summary = FrameSummary.of(curation)
    return summary.title, summary.detail


def test_without_a_frame_there_is_nothing_to_say(curation: Curation) -> None:
    assert FrameSummary.of(curation) == FrameSummary()
    assert shown(curation) == ("No frame", "")
    assert history_lines(curation) == []


def test_the_frame_is_named_with_its_time(opened: Curation) -> None:
    frame = FrameSummary.of(opened).frame
    assert opened.session.path is not None
    assert frame.startswith(opened.session.path.name)
    assert "01-15 " in frame


def test_only_what_is_still_true_is_shown(
    opened: Curation, editor: MaskEditor, others: OtherMasks, decisions: Decisions
) -> None:
    others.revert()
    assert shown(opened) == ("Unreviewed", "")
    editor.apply(edit.grow)
    assert shown(opened) == ("Unreviewed", "Saving...")
    opened.save()
    assert shown(opened) == ("Edited", "drawn, ada"), "the revert before is not said"
    decisions.approve()
    opened.session.go_to(2)
    assert shown(opened) == ("Approved", "approved, ada")
    editor.apply(edit.grow)
    opened.save()
    assert shown(opened) == ("Edited", "drawn, ada"), "the approval is not said"


@pytest.mark.parametrize(
    ("decide", "title", "detail", "reason", "frame_class"),
    [
        (lambda one: one.approve(), "Approved", "automatic mask approved, ada", "", "clear"),
        (lambda one: one.reject("bird"), "Rejected", "by hand, ada", "bird", None),
        (lambda one: one.overcast(), "Approved", "overcast, ada", "", "cloudy"),
    ],
)
def test_a_decision_is_described(
    opened: Curation,
    decisions: Decisions,
    decide: Callable[[Decisions], object],
    title: str,
    detail: str,
    reason: str,
    frame_class: str | None,
) -> None:
    decisions.set_note("contrail")
    decide(decisions)
    opened.session.go_to(0)
    summary = FrameSummary.of(opened)
    assert (summary.title, summary.detail) == (title, detail)
    assert (summary.reason, summary.frame_class) == (reason, frame_class)
    assert summary.note == "contrail"


def test_the_history_is_listed_newest_first(
    opened: Curation, editor: MaskEditor, decisions: Decisions
) -> None:
    decisions.reject("bird")
    opened.session.go_to(2)
    lines = [line.text.split("  ", 1)[1] for line in history_lines(opened)]
    assert lines == [
        "Status: rejected  (ada)",
        "Reason: bird  (ada)",
        "Human mask: drawn, 20% cloud  (ada)",
        lines[-1],
    ]
    assert lines[-1].startswith("Automatic mask: ")
    masks = [line.mask is not None for line in history_lines(opened)]
    assert masks == [False, False, True, True]


def test_a_status_in_the_history_has_its_shown_name(
    opened: Curation, editor: MaskEditor, others: OtherMasks
) -> None:
    others.revert()
    texts = [line.text for line in history_lines(opened)]
    assert any("Status: unreviewed" in text for text in texts)
    assert any("Human mask: reverted to auto" in text for text in texts)
