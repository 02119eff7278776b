"""Run a ``napari-iris`` command as a child process and hear its events.

What runs is the command line itself, so a job can be pasted into a shell; whatever becomes of the
child, this process lives on.
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

from napari_iris.events import parse_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_iris.events import OnEvent

PATIENCE_S = 4.0
"""Seconds that a cancelled job has to end by itself."""

NICE = 5
"""Priority of a child, from 0, this process's own at most, to 19."""

EXPENDABLE = 800
"""How readily Linux ends a child where memory runs out, from 0 to 1000."""


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes
    ----------
    code : int
        Exit code: 0 ok, 1 some inputs failed, 2 bad input; negative for the signal that killed it.
    cancelled : bool
        Whether it was asked to stop.
    message : str
        The last lines it wrote on standard error.
    """

    code: int
    cancelled: bool
    message: str


class Job:
    """A command running beside this process.

    Parameters
    ----------
    arguments : sequence of str
        The command and its arguments, without ``napari-iris`` and ``--json``.
    on_event : callable
        Called with each event, from a thread of the job's.
    on_end : callable
        Called once with the `Ending`, from the same thread.
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
        _give_way(self._process.pid)
        self._reaper = threading.Thread(target=self._reap, name="iris-job-end", daemon=True)
        self._listener = threading.Thread(target=self._listen, name="iris-job", daemon=True)
        self._reaper.start()
        self._listener.start()

    @property
    def shell_line(self) -> str:
        """The same command for a shell."""
        return shell_line(self.arguments)

    @property
    def pid(self) -> int:
        """Number of the child process."""
        return self._process.pid

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._cancelled

    @property
    def running(self) -> bool:
        """Whether the child process is alive."""
        return self._process.poll() is None

    def cancel(self) -> None:
        """Ask the job to stop; what it made so far is whole. Returns at once.

        A child that does not end within `PATIENCE_S` seconds is killed.
        """
        if self.running and not self._cancelled:
            self._cancelled = True
            self._process.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
            threading.Thread(target=self._kill_later, name="iris-job-kill", daemon=True).start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the job has ended and `on_end` has been called."""
        self._listener.join(timeout_s)

    def _kill_later(self) -> None:
        self._reaper.join(PATIENCE_S)
        if self.running:
            self._process.kill()

    def _reap(self) -> None:
        """Wait for the child's end; workers that a killed child leaves behind end with it."""
        self._process.wait()
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        """Pass on events line by line until the child closes its output."""
        assert self._process.stdout is not None  # noqa: S101 (we asked for a pipe)
        reader = threading.Thread(target=self._hear_errors, name="iris-job-errors", daemon=True)
        reader.start()
        with self._process:
            for line in self._process.stdout:
                event = parse_event(line)
                if event is not None:
                    self._on_event(event)
            self._reaper.join()
            reader.join()
        code = self._process.returncode
        self._on_end(Ending(code, self._cancelled, "\n".join(self._errors)))

    def _hear_errors(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 (we asked for a pipe)
        self._errors.extend(line.rstrip() for line in self._process.stderr)


def _give_way(pid: int) -> None:
    """Have a child give way to the window: on a busy CPU, and first of all where memory runs out.

    Else the system may choose the window to end, and with it what is not saved yet.
    """
    with suppress(OSError, AttributeError):  # Windows has no such priorities
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
    if sys.platform == "linux":
        with suppress(OSError):
            Path(f"/proc/{pid}/oom_score_adj").write_text(f"{EXPENDABLE}", encoding="ascii")


def shell_line(arguments: Sequence[str]) -> str:
    """Write a command as it is typed into a shell, on its path or not."""
    found = shutil.which("napari-iris")
    command = ["napari-iris"] if found else [sys.executable, "-m", "napari_iris"]
    return shlex.join([*command, *arguments])
