"""Every earlier mask comes back, from the menu of the frame's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def entries(desk: Desk) -> list:
    """What the history's menu lists when it opens, newest first."""
    menu = desk.dock.decision.history.menu()
    menu.aboutToShow.emit()
    return menu.actions()


def test_an_earlier_mask_is_restored_from_the_history(desk: Desk) -> None:
    desk.press("N", "N")
    automatic = desk.mask
    desk.press("G")
    desk.curation.save()
    grown = desk.mask
    desk.press("S", "S", "S")
    desk.curation.save()
    assert not np.array_equal(desk.mask, grown)
    listed = [action for action in entries(desk) if "Human mask: drawn" in action.text()]
    assert len(listed) == 2
    listed[1].trigger()
    np.testing.assert_array_equal(desk.mask, grown)
    np.testing.assert_array_equal(desk.stored(desk.row, "human"), grown)
    first = [action for action in entries(desk) if "Automatic mask:" in action.text()]
    first[0].trigger()
    np.testing.assert_array_equal(desk.mask, automatic)
    assert desk.decision(desk.row).status == "edited"
    desk.press("Control+Z")
    np.testing.assert_array_equal(desk.mask, automatic, "undo does not cross what was restored")


def test_decisions_are_listed_and_cannot_be_chosen(desk: Desk) -> None:
    row = desk.row
    desk.press("R")
    desk.curation.session.go_to(row)
    texts = {action.text().split("  ")[1]: action.isEnabled() for action in entries(desk)}
    assert texts["Reason: unusable"] is False
    assert texts["Status: rejected"] is False
