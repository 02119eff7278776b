"""Ctrl+C that is heard while a library computes: Python itself waits until that is done."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_iris.cli.main import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GRACE_S = 2.5
"""Seconds in which a command may stop by itself; a `Job` kills it after four."""

LAST_WORDS_S = 0.5


@contextmanager
def stops_soon(say: Callable[[], None], grace_s: float = GRACE_S) -> Iterator[None]:
    """End the process soon after Ctrl+C, even in the midst of a step or of compiling.

    Python raises KeyboardInterrupt when the library it is in returns, which may take a minute. A
    process that is still there after `grace_s` seconds is ended from a second thread; all files
    are whole at every moment. Ctrl+C also counts where a shell started the command with ``&``.

    Parameters
    ----------
    say : callable
        Called before the process is ended from outside.
    grace_s : float
        Seconds to wait.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are heard by the main thread alone
        return
    ear, mouth = socket.socketpair()
    mouth.settimeout(0)
    done = threading.Event()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    earlier = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    guard = threading.Thread(target=_guard, args=(ear, done, say, grace_s), daemon=True)
    guard.start()
    try:
        yield
    finally:
        done.set()
        signal.set_wakeup_fd(earlier)
        signal.signal(signal.SIGINT, handler)
        mouth.close()
        guard.join()  # where it has heard Ctrl+C, it sees to a quiet end first


def _guard(
    ear: socket.socket,
    done: threading.Event,
    say: Callable[[], None],
    grace_s: float,
) -> None:
    """Wait for Ctrl+C; then for the command to stop; else end it."""
    with ear:
        while number := ear.recv(1):
            if number[0] == signal.SIGINT:
                break
        else:
            return
    atexit.register(_leave)
    if not done.wait(grace_s):
        last_words = threading.Thread(target=say, daemon=True)
        last_words.start()
        last_words.join(LAST_WORDS_S)  # whoever listens may be gone
        os._exit(INTERRUPTED)


def _leave() -> None:
    """End the process at once: libraries that still compute crash when they are taken down."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
