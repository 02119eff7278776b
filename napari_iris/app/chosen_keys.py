"""The keys that a person has chosen for the actions of the docks."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_iris.app.keys import CHANGEABLE, FIXED, Shortcut

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MODIFIERS = {"ctrl": "Control", "control": "Control", "shift": "Shift", "alt": "Alt"}
"""Modifiers as they are typed, and as napari spells them."""

ORDER = ("Control", "Shift", "Alt")

_KEY = re.compile(r"((?:(?:ctrl|control|shift|alt)[-+])*)(f[1-9]|f1[0-2]|[!-~])", re.IGNORECASE)


def parse_key(text: str) -> str | None:
    """Read a key that a person has typed.

    Parameters
    ----------
    text : str
        A letter, digit, sign or F key, with Ctrl, Shift or Alt before it.

    Returns
    -------
    str or None
        As napari spells it; empty for an empty text, None for one that names no key.

    Examples
    --------
    >>> parse_key("ctrl+k"), parse_key("Shift-F3"), parse_key(","), parse_key("Return")
    ('Control-K', 'Shift-F3', ',', None)
    """
    if not text.strip():
        return ""
    found = _KEY.fullmatch(text.strip())
    if found is None:
        return None
    typed = {MODIFIERS[one.lower()] for one in re.findall("[a-z]+", found[1], re.IGNORECASE)}
    return "-".join([*(one for one in ORDER if one in typed), found[2].upper()])


def chosen_shortcuts(texts: Mapping[str, str], taken: Collection[str] = ()) -> dict[str, Shortcut]:
    """Give the shortcuts with the keys that a person has chosen.

    A key that is not valid, or that another action has, is not used: the action keeps its own.

    Parameters
    ----------
    texts : mapping of str to str
        What was typed, by `Shortcut.setting`; those left out are as they were.
    taken : collection of str
        Other keys that are in use, as on a keyboard.

    Returns
    -------
    dict of str to Shortcut
        By action, those of `CHANGEABLE`; without a key where none was wanted, or another action
        has the one that it had.
    """
    wanted = {one: parse_key(texts.get(one.setting, one.key)) for one in CHANGEABLE}
    others = {one: key for one, key in wanted.items() if key not in (None, one.key)}
    found = {one.action: one for one in CHANGEABLE if one not in others}
    used = {one.label for one in (*found.values(), *FIXED)}
    for one, key in others.items():
        new = replace(one, key=key or "")
        if new.label in used | set(taken):
            new = one if one.label not in used else replace(one, key="")
        found[one.action] = new
        used |= {new.label} if new.key else set()
    return found
