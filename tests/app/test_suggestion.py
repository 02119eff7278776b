"""A value that follows suggestions until the user chooses another."""

from __future__ import annotations

from unittest.mock import Mock

from napari_iris.app.suggestion import Suggestion


def test_suggestions_are_followed_until_a_choice() -> None:
    folder: Suggestion[str] = Suggestion()
    changed = Mock()
    folder.changed.connect(changed)
    folder.suggest("a")
    folder.suggest("b")
    assert folder.value == "b"
    assert not folder.is_chosen
    assert changed.call_count == 2
    folder.choose("mine")
    folder.suggest("c")
    assert folder.value == "mine"
    folder.choose(None)
    folder.suggest("d")
    assert folder.value == "d", "an emptied field follows again"
    folder.choose("mine")
    folder.suggest("e", replace=True)
    assert folder.value == "e"
    assert not folder.is_chosen


def test_the_suggestion_itself_is_no_choice() -> None:
    folder: Suggestion[str] = Suggestion()
    folder.suggest("a")
    folder.choose("a")
    folder.suggest("b")
    assert folder.value == "b"
