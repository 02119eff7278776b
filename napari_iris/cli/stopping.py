"""Ctrl+C that takes effect while a library computes; Python would wait for the library."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from napari_iris.cli.main import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GRACE_S = 2.5
"""Time that a command has to stop after Ctrl+C [s]; a `Job` kills it after four seconds."""

REPORT_S = 0.5
"""Time for the last output before the process is ended [s]."""


@contextmanager
def stop_on_interrupt(report: Callable[[], None], grace_s: float = GRACE_S) -> Iterator[None]:
    """End the process soon after Ctrl+C, even during a training step or compilation.

    Python raises KeyboardInterrupt only when the library call returns, which may take a minute. A
    process that still runs after `grace_s` seconds is ended by a second thread; this is safe as all
    files are written atomically. Ctrl+C also takes effect if a shell started the command with
    ``&``, where it is ignored by default.

    Parameters
    ----------
    report : callable
        Called before the second thread ends the process.
    grace_s : float
        Time to wait after Ctrl+C [s].
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals
        return
    receiver, sender = socket.socketpair()
    sender.settimeout(0)
    done = threading.Event()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    earlier = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    guard = threading.Thread(target=_guard, args=(receiver, done, report, grace_s), daemon=True)
    guard.start()
    hook = sys.unraisablehook
    sys.unraisablehook = partial(_ignore_interrupt, hook)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        done.set()
        signal.set_wakeup_fd(earlier)
        signal.signal(signal.SIGINT, handler)
        sender.close()
        guard.join()  # after Ctrl+C it has to register `_exit_at_once` first


def _guard(
    receiver: socket.socket,
    done: threading.Event,
    report: Callable[[], None],
    grace_s: float,
) -> None:
    """After Ctrl+C, wait for the command to stop; if it does not, end the process."""
    with receiver:
        while number := receiver.recv(1):
            if number[0] == signal.SIGINT:
                break
        else:
            return
    atexit.register(_exit_at_once)
    if not done.wait(grace_s):
        reporter = threading.Thread(target=report, daemon=True)
        reporter.start()
        reporter.join(REPORT_S)  # it blocks if nobody reads our output
        os._exit(INTERRUPTED)


def _ignore_interrupt(
    hook: Callable[[sys.UnraisableHookArgs], object], error: sys.UnraisableHookArgs
) -> None:
    """Print no traceback for Ctrl+C in a callback of a library, such as JAX's for the gc."""
    if not issubclass(error.exc_type, KeyboardInterrupt):
        hook(error)


def _exit_at_once() -> None:
    """Skip the shutdown of libraries, which crash in it while they still compute."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
