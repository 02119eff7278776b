"""Keys that a person has chosen: what may be typed, and two actions that want one key."""

from __future__ import annotations

from importlib import resources

import pytest
import yaml

from napari_iris.app.chosen_keys import chosen_shortcuts, parse_key
from napari_iris.app.keys import CHANGEABLE, FIXED

TYPED = {
    "k": "K",
    " K ": "K",
    "Ctrl+K": "Control-K",
    "shift-control-k": "Control-Shift-K",
    "Alt+F3": "Alt-F3",
    "f12": "F12",
    "Ctrl++": "Control-+",
    ",": ",",
    "": "",
    "F13": None,
    "Return": None,
    "Hyper-K": None,
    "KK": None,
    "ä": None,
}


@pytest.mark.parametrize("text", TYPED)
def test_what_is_typed_names_a_key(text: str) -> None:
    assert parse_key(text) == TYPED[text]


def test_every_key_is_read_as_it_is_written() -> None:
    for one in CHANGEABLE:
        assert parse_key(one.label) == parse_key(one.key) == one.key


def keys(**texts: str) -> dict[str, str]:
    """Keys that differ from those of the table, by action."""
    found = chosen_shortcuts(texts, {"M"})
    return {one.action: found[one.action].key for one in CHANGEABLE if found[one.action] != one}


def test_nothing_is_changed_at_first() -> None:
    assert keys() == {}
    assert keys(**{one.setting: one.label for one in CHANGEABLE}) == {}


CHOICES = {
    "another key": ({"approve_key": "v"}, {"approve": "V"}),
    "no key": ({"approve_key": ""}, {"approve": ""}),
    "not a key": ({"approve_key": "Return"}, {}),
    "the key of another action": ({"approve_key": "R"}, {}),
    "a key of napari": ({"approve_key": "M"}, {}),
    "a fixed key": ({"approve_key": FIXED[-3].label}, {}),
    "two are swapped": ({"approve_key": "R", "reject_key": "A"}, {"approve": "R", "reject": "A"}),
    "the key of one that has another": (
        {"approve_key": "R", "reject_key": "V"},
        {"approve": "R", "reject": "V"},
    ),
    "one key for two": ({"approve_key": "V", "reject_key": "V"}, {"approve": "V"}),
    "its own is taken, and the other too": (
        {"approve_key": "R", "reject_key": "M"},
        {"approve": "R", "reject": ""},
    ),
}


@pytest.mark.parametrize("case", CHOICES)
def test_no_key_has_two_actions(case: str) -> None:
    texts, expected = CHOICES[case]
    assert keys(**texts) == expected


def test_the_manifest_lists_every_key_of_the_table() -> None:
    manifest = yaml.safe_load((resources.files("napari_iris") / "napari.yaml").read_text())
    properties = manifest["contributions"]["configurations"]["keyboard"]["properties"]
    listed = [(name, one["default"], one["title"]) for name, one in properties.items()]
    assert listed == [(one.setting, one.label, one.text) for one in CHANGEABLE]
