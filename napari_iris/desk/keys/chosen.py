"""The keys that a person has chosen in napari's preferences: bound, and bound anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from psygnal import Signal

from napari_iris.app.chosen_keys import chosen_shortcuts
from napari_iris.app.keys import CHANGEABLE
from napari_iris.desk.keys.binding import bind, unbind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from weakref import ReferenceType

    from napari_iris.app.keys import Shortcut

    Actions = Mapping[str, Callable[[], object]]


class Keys:
    """Binds the keys of `CHANGEABLE` as a person has chosen them.

    Parameters
    ----------
    preferences : napari.utils.events.EventedModel
        What was typed, by `Shortcut.setting`.

    Attributes
    ----------
    shortcuts : dict of str to Shortcut
        The shortcuts as they are, by action.
    changed : Signal
        Others were chosen.
    """

    changed = Signal()

    def __init__(self, preferences: Any) -> None:
        self._preferences = preferences
        self._bound: list[tuple[ReferenceType[Any], Sequence[Shortcut], Actions]] = []
        self.shortcuts = self._chosen()
        preferences.events.connect(self._follow)

    def bind(self, place: Any, table: Sequence[Shortcut], actions: Actions) -> None:
        """Bind the keys of a table, now and whenever others are chosen.

        Parameters
        ----------
        place : napari.Viewer or napari.layers.Layer
            Where they are bound; it is not kept alive.
        table : sequence of Shortcut
            A part of `CHANGEABLE`.
        actions : mapping of str to callable
            What to call, by action.
        """
        self._bound.append((ref(place), table, actions))
        bind(place, self._of(table), actions)

    def unbind(self, place: Any, table: Sequence[Shortcut]) -> None:
        """Remove the bindings of a table."""
        self._bound = [one for one in self._bound if one[0]() is not place or one[1] is not table]
        unbind(place, self._of(table))

    def tip(self, action: str) -> str:
        """Give the tooltip of the button of an action."""
        return self.shortcuts[action].tip

    def _of(self, table: Sequence[Shortcut]) -> list[Shortcut]:
        """Give the shortcuts of a table that have a key."""
        shortcuts = (self.shortcuts[one.action] for one in table)
        return [one for one in shortcuts if one.key]

    def _chosen(self) -> dict[str, Shortcut]:
        from napari.components import ViewerModel
        from napari.layers import Labels

        texts = {one.setting: getattr(self._preferences, one.setting) for one in CHANGEABLE}
        taken = {str(key) for kind in (Labels, ViewerModel) for key in kind.class_keymap}
        return chosen_shortcuts(texts, taken)

    def _follow(self, _: Any = None) -> None:
        """Bind other keys that were chosen."""
        shortcuts = self._chosen()
        if shortcuts == self.shortcuts:
            return
        places = [(place(), table, actions) for place, table, actions in self._bound]
        for place, table, _actions in places:
            if place is not None:
                unbind(place, self._of(table))
        self.shortcuts = shortcuts
        for place, table, actions in places:
            if place is not None:
                bind(place, self._of(table), actions)
        self.changed.emit()
