"""The table of shortcuts."""

from __future__ import annotations

import pytest

from napari_iris.app.keys import CURATION, GROUPS, MODEL, NAPARI, RUN, TIPS, UNDO, VIEW, Shortcut


def test_no_key_has_two_actions() -> None:
    keys = [shortcut.key for shortcut in (*CURATION, *RUN, *UNDO, *VIEW, *MODEL, *NAPARI)]
    assert len(keys) == len(set(keys))


def test_every_shortcut_has_a_group_a_text_and_a_tip() -> None:
    for shortcut in (*CURATION, *RUN, *UNDO, *VIEW, *MODEL, *NAPARI):
        assert shortcut.group in GROUPS
        assert shortcut.text[0].isupper()
        assert TIPS[shortcut.action] == f"{shortcut.text}  [{shortcut.label}]"


@pytest.mark.parametrize(
    ("key", "label"),
    [("A", "A"), (",", ","), ("Comma", ","), ("Control-Shift-Z", "Ctrl+Shift+Z"), ("F1", "F1")],
)
def test_a_key_is_labelled_as_on_a_keyboard(key: str, label: str) -> None:
    assert Shortcut(key, "act", "go", "Act").label == label
