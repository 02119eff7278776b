"""The frames that a person came from."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REMEMBERED = 1000
"""Frames that one can go back to."""


class Visited:
    """Frames visited before the current one, by their numbers in the database."""

    def __init__(self) -> None:
        self._frames: deque[int] = deque(maxlen=REMEMBERED)

    def add(self, frame: int) -> None:
        """Remember a frame that was left."""
        self._frames.append(frame)

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()

    @contextmanager
    def back(self) -> Iterator[int | None]:
        """Give the frame to go back to, or None; what is left meanwhile is not remembered."""
        frame = self._frames.pop() if self._frames else None
        length = len(self._frames)
        yield frame
        while len(self._frames) > length:
            self._frames.pop()
