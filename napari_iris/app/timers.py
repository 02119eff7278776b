"""Timers as the application models need them; the window's come from Qt, a test's from a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer(Protocol):
    """A timer that calls a function in the thread it was made in."""

    @property
    def is_active(self) -> bool:
        """Whether it is running."""

    def start(self) -> None:
        """Start it, or start its interval anew."""

    def stop(self) -> None:
        """Stop it; nothing is called afterwards."""


class Timers(Protocol):
    """Makes timers."""

    def repeating(self, interval_ms: int, call: Callable[[], object]) -> Timer:
        """Make a stopped timer that calls every `interval_ms` milliseconds."""

    def single_shot(self, delay_ms: int, call: Callable[[], object]) -> Timer:
        """Make a stopped timer that calls once, `delay_ms` milliseconds after its start."""
