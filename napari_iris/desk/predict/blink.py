"""Blink: the prediction alone, the truth alone, the frame alone, and all as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qtpy.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

BLINK_MS = 700
"""Milliseconds that a blinking mask is shown."""

PREDICTION, TRUTH, NONE = "prediction", "truth", "none"


class Part(Protocol):
    """Something over the frame that can be seen or not."""

    def peek(self, *, visible: bool) -> None:
        """Show or hide it for a moment."""

    def settle(self) -> None:
        """Be seen or not as is wanted."""


class Blink(QObject):
    """Shows one of some parts at a time, and all of them as they are wanted at the end.

    Parameters
    ----------
    parts : callable
        Gives what takes part, by 'prediction', 'truth' and 'other'; each may be empty.
    parent : QObject
        Whose it is.

    Attributes
    ----------
    shown : str
        What is shown: 'prediction', 'truth', 'none', or '' for all as it is wanted.
    changed : Signal
        Sent with that.
    """

    changed = Signal(str)

    def __init__(self, parts: Callable[[], Mapping[str, Sequence[Part]]], parent: QObject) -> None:
        super().__init__(parent)
        self._parts = parts
        self.shown = ""
        self._clock = QTimer(self)
        self._clock.setInterval(BLINK_MS)
        self._clock.timeout.connect(self._swap)

    @property
    def runs(self) -> bool:
        """Whether it blinks by itself."""
        return self._clock.isActive()

    def step(self) -> None:
        """Show the next: prediction, truth, none, and then all as it is wanted."""
        parts = self._parts()
        turn = [PREDICTION, *([TRUTH] if parts[TRUTH] else []), NONE, ""]
        place = turn.index(self.shown) if self.shown in turn else -2
        self.show(turn[(place + 1) % len(turn)] if parts[PREDICTION] else "")

    def show(self, what: str) -> None:
        """Show one part; '' for all as it is wanted."""
        changed = what != self.shown
        self.shown = what
        for name, parts in self._parts().items():
            for part in parts:
                if what:
                    part.peek(visible=name == what)
                elif changed:
                    part.settle()
        if changed:
            self.changed.emit(what)

    def run(self, on: bool) -> None:
        """Swap prediction and truth by itself, or stop that."""
        if on:
            self._clock.start()
            self._swap()
        else:
            self._clock.stop()
            self.show("")

    def follow(self) -> None:
        """Go on with what is drawn anew: a blink by hand ends with its frame."""
        self.show(self.shown if self.runs else "")

    def _swap(self) -> None:
        other = TRUTH if self._parts()[TRUTH] else NONE
        self.show(other if self.shown == PREDICTION else PREDICTION)
