"""The keys of the curation desk: one table, from which they are bound, shown and tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Shortcut:
    """One key.

    Attributes
    ----------
    key : str
        As napari spells it.
    action : str
        What it does, by name.
    group : str
        Heading that it stands under.
    what : str
        What it does, for a person.
    """

    key: str
    action: str
    group: str
    what: str

    @property
    def shown(self) -> str:
        """The key as a keyboard has it."""
        return {"Comma": ",", "Period": "."}.get(self.key, self.key.replace("-", "+"))


SHORTCUTS = (
    Shortcut("N", "next", "go", "next frame to do"),
    Shortcut("J", "back", "go", "back to the frame before"),
    Shortcut("A", "approve", "decide", "approve and go on"),
    Shortcut("R", "reject", "decide", "reject and go on"),
    Shortcut("0", "clear", "decide", "clear sky (0 okta): empty mask, approved"),
    Shortcut("8", "overcast", "decide", "overcast (8 okta): full mask, approved"),
    Shortcut("9", "unsure", "decide", "not to be told (9: sky obscured): class unsure"),
    Shortcut("T", "threshold", "correct", "threshold brush: paint cloud, with Shift clear sky"),
    Shortcut(",", "lower", "correct", "lower the threshold: more cloud"),
    Shortcut(".", "raise", "correct", "raise the threshold: less cloud"),
    Shortcut("K", "pick", "correct", "mark a cloud by a click, with Shift a clear patch"),
    Shortcut("I", "ignore", "correct", "brush for pixels to ignore: trees, buildings"),
    Shortcut("G", "grow", "correct", "grow the cloud by a pixel"),
    Shortcut("S", "shrink", "correct", "shrink the cloud by a pixel"),
    Shortcut("H", "holes", "correct", "fill holes in the cloud"),
    Shortcut("W", "smooth", "correct", "wash: smooth edges, drop specks"),
    Shortcut("D", "ditto", "correct", "ditto: the mask of the frame before"),
    Shortcut("U", "revert", "correct", "back to the automatic mask"),
    Shortcut("Q", "compare", "look", "blink: this mask, automatic, model"),
    Shortcut("F1", "keys", "look", "these keys"),
)

MODEL = (
    Shortcut("Y", "accept", "model", "yes: the prediction becomes the label, approved; go on"),
    Shortcut("O", "blink", "model", "over: the prediction alone, the truth alone, none"),
)
"""Keys of the Predict and the Review dock. napari binds both for image layers in 3D."""

NAPARI = (
    Shortcut("P", "paint", "napari", "paint with the label chosen"),
    Shortcut("E", "erase", "napari", "erase: paint clear sky"),
    Shortcut("F", "fill", "napari", "fill a region"),
    Shortcut("Z", "pan", "napari", "pan and zoom; hold Space for a moment of it"),
    Shortcut("[", "smaller", "napari", "smaller brush"),
    Shortcut("]", "larger", "napari", "larger brush"),
    Shortcut("Control-Z", "undo", "napari", "undo; it never leaves the frame"),
    Shortcut("Control-Shift-Z", "redo", "napari", "redo"),
    Shortcut("Left", "earlier", "napari", "earlier frame"),
    Shortcut("Right", "later", "napari", "later frame"),
)
"""Keys that napari binds itself and that the desk leaves alone."""


def bind(viewer: Any, actions: Mapping[str, Callable[[], object]]) -> None:
    """Bind every key of the table.

    Parameters
    ----------
    viewer : napari.Viewer
        The viewer whose window hears them.
    actions : mapping of str to callable
        What to call, by action; one for each of the table.
    """
    for shortcut in SHORTCUTS:
        viewer.bind_key(shortcut.key, _calling(actions[shortcut.action]), overwrite=True)


def unbind(viewer: Any) -> None:
    """Give the keys back."""
    for shortcut in SHORTCUTS:
        viewer.bind_key(shortcut.key, None, overwrite=True)


def _calling(action: Callable[[], object]) -> Callable[[Any], None]:
    def call(_: Any) -> None:
        action()

    return call
