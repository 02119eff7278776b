"""Which layers lie over the frame: those of the dock in front; as outlines, filled, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from psygnal import Signal

if TYPE_CHECKING:
    from napari_iris.app.view.stretch import Preferences

MaskStyle = Literal["outline", "fill", "none"]

STYLES: tuple[MaskStyle, ...] = ("outline", "fill", "none")


class Shown:
    """What is to be seen over the frame.

    Parameters
    ----------
    preferences : Preferences
        Keep the style of the masks.

    Attributes
    ----------
    style : MaskStyle
        How masks are drawn; 'none' hides all that lies over the frame.
    front : str
        Name of the dock in front; empty where all docks are alike.
    changed : Signal
        Another style, or another dock in front.
    """

    changed = Signal()

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self.style: MaskStyle = "fill" if preferences.masks == "fill" else "outline"
        self.front = ""

    def shows(self, docks: tuple[str, ...]) -> bool:
        """Whether the layers that belong to some docks are shown; those of none always are."""
        return not docks or (self.style != "none" and (self.front in docks or not self.front))

    def bring(self, dock: str) -> None:
        """Bring a dock to the front."""
        self._set(self.style, dock)

    def leave(self, dock: str) -> None:
        """Note that a dock is gone."""
        if dock == self.front:
            self._set(self.style, "")

    def next_style(self) -> None:
        """Draw masks as outlines, filled, or not at all."""
        self._set(STYLES[(STYLES.index(self.style) + 1) % len(STYLES)], self.front)
        if self.style != "none":
            self._preferences.masks = self.style

    def reveal(self, docks: tuple[str, ...]) -> None:
        """Show the layers that belong to some docks, whatever hides them."""
        style = "outline" if self.style == "none" else self.style
        self._set(style, self.front if self.front in docks or not docks else docks[0])

    def _set(self, style: MaskStyle, front: str) -> None:
        if (style, front) != (self.style, self.front):
            self.style, self.front = style, front
            self.changed.emit()
