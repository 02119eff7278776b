"""Pixels drawn over the current frame, as the application models need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from psygnal import SignalInstance


class Blinkable(Protocol):
    """Something over the current frame that can be shown and hidden temporarily."""

    @property
    def visible(self) -> bool:
        """Whether it can be seen."""

    def override(self, *, visible: bool) -> None:
        """Show or hide it, whatever is wanted, until `restore`."""

    def restore(self) -> None:
        """Show it if it is wanted, hide it if not."""


class Overlay(Blinkable, Protocol):
    """An image or a mask over the current frame, shown if it is wanted."""

    @property
    def wanted(self) -> bool:
        """Whether it is to be shown, where there is something to show."""

    @property
    def wanted_changed(self) -> SignalInstance:
        """Sent with `wanted` when that changes."""

    def set_wanted(self, wanted: bool) -> None:
        """Set whether it is to be shown."""

    def show(self, pixels: NDArray[Any], name: str) -> None:
        """Show pixels that cover the current frame, under a name."""

    def clear(self) -> None:
        """Show nothing."""
