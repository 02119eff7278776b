"""Qt's timers for the application models, and psygnal connections that end with a widget."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

from qtpy.compat import isalive
from qtpy.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from psygnal import SignalInstance


class QtTimer:
    """One timer of Qt's event loop.

    Parameters
    ----------
    interval_ms : int
        Its interval.
    call : callable
        What it calls; a bound method is not kept alive.
    once : bool
        Whether it calls once only.
    """

    def __init__(self, interval_ms: int, call: Callable[[], object], *, once: bool) -> None:
        self._timer = QTimer()
        self._timer.setInterval(interval_ms)
        self._timer.setSingleShot(once)
        self._timer.timeout.connect(call)

    @property
    def is_active(self) -> bool:
        """Whether it is running."""
        return bool(self._timer.isActive())

    def start(self) -> None:
        """Start it, or start its interval anew."""
        self._timer.start()

    def stop(self) -> None:
        """Stop it; Qt may have deleted it already, as at the end of the program."""
        if isalive(self._timer):
            self._timer.stop()


class QtTimers:
    """Makes timers of Qt's event loop."""

    def repeating(self, interval_ms: int, call: Callable[[], object]) -> QtTimer:
        """Make a stopped timer that calls every `interval_ms` milliseconds."""
        return QtTimer(interval_ms, call, once=False)

    def single_shot(self, delay_ms: int, call: Callable[[], object]) -> QtTimer:
        """Make a stopped timer that calls once, `delay_ms` milliseconds after its start."""
        return QtTimer(delay_ms, call, once=True)


def connect(signal: SignalInstance, slot: Callable[..., Any]) -> None:
    """Connect a psygnal signal to a method of a QObject, until that object is destroyed.

    Qt may destroy a widget while its Python object lives on, which psygnal cannot know. Qt's own
    ``destroyed`` does not help: a Python slot of it runs in the middle of a garbage collection.

    Parameters
    ----------
    signal : psygnal.SignalInstance
        The signal.
    slot : bound method
        A method of a QObject.
    """
    method: WeakMethod[Any] = WeakMethod(slot)
    accepted = len(signature(slot).parameters)

    def relay(*values: object) -> None:
        bound = method()
        if bound is not None and isalive(bound.__self__):
            bound(*values[:accepted])

    signal.connect(relay)
