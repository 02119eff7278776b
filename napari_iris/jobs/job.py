"""Run a ``napari-iris`` command as a child process and receive its events.

A job is a command line, so it can be pasted into a shell; a crash of the child process leaves this
one running.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.jobs.parse_event import parse_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_iris.events import OnEvent

KILL_AFTER_S = 4.0
"""Time that a cancelled job has to end before it is killed [s]."""

NICENESS = 5
"""Niceness of a child, from 0 (the priority of this process) to 19 (the lowest)."""

OOM_SCORE = 800
"""``oom_score_adj`` of a child: how soon Linux kills it when memory runs out, 0 to 1000."""


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes
    ----------
    code : int
        Exit code: 0 ok, 1 some inputs failed, 2 bad usage or input; minus the signal that killed
        it.
    cancelled : bool
        Whether `Job.cancel` was called.
    message : str
        The last lines on standard error.
    """

    code: int
    cancelled: bool
    message: str


class Job:
    """A command running as a child process.

    Parameters
    ----------
    arguments : sequence of str
        The command and its arguments, without ``napari-iris`` and ``--json``.
    on_event : callable
        Called with each event, from a background thread.
    on_end : callable
        Called once with the `Ending`, from the same thread, after the last event.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        on_event: OnEvent,
        on_end: Callable[[Ending], None],
    ) -> None:
        self.arguments = list(arguments)
        self._on_event, self._on_end = on_event, on_end
        self._cancelled = False
        self._errors: deque[str] = deque(maxlen=20)
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            [sys.executable, "-m", "napari_iris", *self.arguments, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        _lower_priority(self._process.pid)
        self._waiter = threading.Thread(
            target=self._wait_for_child, name="iris-job-wait", daemon=True
        )
        self._reader = threading.Thread(target=self._read, name="iris-job", daemon=True)
        self._waiter.start()
        self._reader.start()

    @property
    def shell_line(self) -> str:
        """The same command as typed into a shell."""
        return shell_line(self.arguments)

    @property
    def pid(self) -> int:
        """Process number of the child."""
        return self._process.pid

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called while it was running."""
        return self._cancelled

    @property
    def running(self) -> bool:
        """Whether the child process is alive."""
        return self._process.poll() is None

    def cancel(self) -> None:
        """Interrupt the job, and return at once; the files written so far are complete.

        A child that does not end within `KILL_AFTER_S` seconds is killed.
        """
        if self.running and not self._cancelled:
            self._cancelled = True
            self._process.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
            threading.Thread(target=self._kill_later, name="iris-job-kill", daemon=True).start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the job has ended and `on_end` has been called.

        Parameters
        ----------
        timeout_s : float, optional
            Seconds to wait at most; by default, without limit.
        """
        self._reader.join(timeout_s)

    def _kill_later(self) -> None:
        self._waiter.join(KILL_AFTER_S)
        if self.running:
            self._process.kill()

    def _wait_for_child(self) -> None:
        """Wait for the child to end, then kill the workers that a killed child left behind."""
        self._process.wait()
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _read(self) -> None:
        """Pass on events line by line until the child closes its output."""
        assert self._process.stdout is not None  # noqa: S101 (it is a pipe)
        errors = threading.Thread(target=self._read_errors, name="iris-job-errors", daemon=True)
        errors.start()
        with self._process:
            for line in self._process.stdout:
                event = parse_event(line)
                if event is not None:
                    self._on_event(event)
            self._waiter.join()
            errors.join()
        code = self._process.returncode
        self._on_end(Ending(code, self._cancelled, "\n".join(self._errors)))

    def _read_errors(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 (it is a pipe)
        self._errors.extend(line.rstrip() for line in self._process.stderr)


def _lower_priority(pid: int) -> None:
    """Give a child less of a busy CPU, and have the system kill it first when memory runs out.

    Otherwise the system may kill the window, and unsaved work with it.
    """
    with suppress(OSError, AttributeError):  # Windows has no niceness
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    if sys.platform == "linux":
        with suppress(OSError):
            Path(f"/proc/{pid}/oom_score_adj").write_text(f"{OOM_SCORE}", encoding="ascii")


def shell_line(arguments: Sequence[str]) -> str:
    """Format a command as typed into a shell.

    Parameters
    ----------
    arguments : sequence of str
        The command and its arguments, without ``napari-iris``.

    Returns
    -------
    str
        Quoted for a POSIX shell; it works where ``napari-iris`` is not on the PATH, too.
    """
    found = shutil.which("napari-iris")
    command = ["napari-iris"] if found else [sys.executable, "-m", "napari_iris"]
    return shlex.join([*command, *arguments])
