"""Every action that needs no mouse does what its shortcut says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.curation.actions import curation_actions
from napari_iris.app.curation.run_labels import RunLabels
from napari_iris.app.curation.teaching import Teaching
from napari_iris.app.curation.undo import Undo
from napari_iris.app.keys import CURATION, RUN, UNDO
from napari_iris.app.view.histogram import METHODS
from napari_iris.masks import edit

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.app.curation.other_masks import OtherMasks

MOUSE = {"threshold", "scribble", "pick", "ignore", "keys"}
"""Actions of the dock: they need the canvas, or open a dialog."""


@pytest.fixture
def actions(decisions: Decisions, others: OtherMasks) -> dict[str, Callable[[], object]]:
    clear_sky = ClearSky(decisions.curation.session)
    teaching, runs = Teaching(decisions, clear_sky), RunLabels(decisions, clear_sky)
    return curation_actions(
        decisions, others, teaching, runs, Undo(decisions, runs.jobs), lambda: "bird"
    )


def test_every_shortcut_has_an_action(actions: dict[str, object]) -> None:
    called = {shortcut.action for shortcut in (*CURATION, *RUN, *UNDO)}
    assert called <= {*actions, *MOUSE, *METHODS}


@pytest.mark.parametrize(
    ("action", "tool"),
    [
        ("grow", edit.grow),
        ("shrink", edit.shrink),
        ("holes", edit.fill_holes),
        ("smooth", edit.smooth),
    ],
)
def test_an_edit(
    editor: MaskEditor,
    actions: dict[str, Callable[[], object]],
    action: str,
    tool: Callable[[np.ndarray], np.ndarray],
) -> None:
    mask = editor.mask
    mask[10, 3], mask[20, 30] = 0, 1
    editor.set_mask(mask)
    actions[action]()
    np.testing.assert_array_equal(editor.mask, tool(mask))
    assert (editor.mask != mask).any()
    actions["undo"]()
    np.testing.assert_array_equal(editor.mask, mask)
    actions["redo"]()
    np.testing.assert_array_equal(editor.mask, tool(mask))


def test_the_threshold_is_lowered_and_raised(
    editor: MaskEditor, actions: dict[str, Callable[[], object]]
) -> None:
    for action, more in (("lower", True), ("raise", False)):
        before = np.count_nonzero(editor.mask)
        actions[action]()
        assert (np.count_nonzero(editor.mask) > before) == more


def test_a_rejection_has_the_reason_given(
    opened: Curation, actions: dict[str, Callable[[], object]]
) -> None:
    actions["reject"]()
    assert opened.project.decision(1).reason == "bird"


def test_without_a_current_frame_nothing_happens(
    opened: Curation, actions: dict[str, Callable[[], object]]
) -> None:
    opened.session.show(None)
    before = opened.editor.mask
    for action in set(actions) - {"next", "back"}:
        actions[action]()
    np.testing.assert_array_equal(opened.editor.mask, before)
    assert opened.project.status()["status"]["auto"] == 6
