"""Which layers are shown: those of the dock in front, in a style that one key changes."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from napari_iris.app.view.shown import STYLES, Shown


@pytest.fixture
def preferences() -> SimpleNamespace:
    return SimpleNamespace(stretch="frame", masks="outline")


@pytest.fixture
def shown(preferences: SimpleNamespace) -> Shown:
    return Shown(preferences)


@pytest.mark.parametrize(
    ("front", "docks", "expected"),
    [
        ("mask", ("mask",), True),
        ("review", ("predict", "review"), True),
        ("mask", ("predict", "review"), False),
        ("", ("mask",), True),
        ("mask", (), True),
    ],
)
def test_the_dock_in_front_shows_its_layers_and_hides_the_others(
    shown: Shown, front: str, docks: tuple[str, ...], expected: bool
) -> None:
    shown.bring(front)
    assert shown.shows(docks) == expected


def test_one_key_goes_round_the_styles(shown: Shown) -> None:
    seen = [shown.style]
    for _ in STYLES:
        shown.next_style()
        seen.append(shown.style)
        assert shown.shows(("mask",)) == (shown.style != "none")
        assert shown.shows(()), "what belongs to no dock stays"
    assert seen == ["outline", "fill", "none", "outline"]


def test_a_style_is_kept_but_never_that_nothing_is_shown(
    shown: Shown, preferences: SimpleNamespace
) -> None:
    shown.next_style()
    assert Shown(preferences).style == "fill"
    shown.next_style()
    assert shown.style == "none"
    assert Shown(preferences).style == "fill"


def test_what_is_revealed_is_shown_whatever_hid_it(shown: Shown) -> None:
    shown.bring("mask")
    shown.next_style()
    shown.next_style()
    shown.reveal(("predict", "review"))
    assert shown.shows(("predict", "review"))
    shown.bring("review")
    shown.reveal(("predict", "review"))
    assert shown.front == "review", "the dock in front stays there"


def test_without_the_dock_in_front_all_docks_are_alike(shown: Shown) -> None:
    shown.bring("mask")
    shown.leave("curate")
    assert shown.front == "mask"
    shown.leave("mask")
    assert shown.shows(("curate",))


def test_a_change_is_told_once(shown: Shown) -> None:
    listener = Mock()
    shown.changed.connect(listener)
    shown.bring("mask")
    shown.bring("mask")
    assert listener.call_count == 1
