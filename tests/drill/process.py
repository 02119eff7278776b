"""One run of a command: a fork of this process, or a process of its own, under limits."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 40.0
"""CPU time after which a run does not end, or time after which it must still compute [s]."""

ENDLESS_S = 4.0
"""Time after which a command that runs until Ctrl+C gets it [s]."""


@dataclass
class Plan:
    """What is done to one run.

    `bad` are texts of which each run that fails must print exactly one line; `named` weaker ones,
    of which it must print some. `limits` are called in the process before the command begins,
    `shell` is what a shell does before it,
    `meanwhile` beside it after a delay (to the path `touched`), `after` when it has been judged.
    """

    words: list[str]
    bad: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    limits: list[Callable[[], object]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    signal: int = 0
    delay_s: float = 0.0
    meanwhile: Callable[[], object] | None = None
    touched: str = ""
    after: Callable[[], object] | None = None
    own_process: bool = False
    shell: str = ""
    again: bool = False


@dataclass(frozen=True)
class Ran:
    """How a run ended: exit code (negative for a signal, None if it did not end), its output."""

    code: int | None
    out: str
    err: str
    seconds: float


def run(plan: Plan, ground: Path, logs: Path, *, endless: bool = False) -> Ran:
    """Run a command in the ground."""
    begun, begins = os.pipe()
    child = os.fork()
    if not child:
        try:
            _child(plan, ground, logs, begins)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(99)
    os.close(begins)
    os.read(begun, 1)  # at its end where the process ended before
    os.close(begun)
    start = time.monotonic()
    code = _wait(child, plan, start, endless=endless)
    seconds = time.monotonic() - start
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    out, err = ((logs / name).read_bytes().decode(errors="replace") for name in ("out", "err"))
    return Ran(code, out, err, seconds)


def _wait(child: int, plan: Plan, start: float, *, endless: bool) -> int | None:
    """Wait for the end of a process, with what is done to it meanwhile; its exit code."""
    steps: list[tuple[float, Callable[[], object]]] = []
    if endless:
        when = plan.delay_s + ENDLESS_S
        steps.append((when, lambda: os.killpg(child, signal.SIGINT)))
    if plan.signal:
        steps.append((plan.delay_s, lambda: os.kill(child, plan.signal)))
    if plan.meanwhile:
        steps.append((plan.delay_s, plan.meanwhile))
    handle = os.pidfd_open(child)
    ended = False
    for when, act in sorted(steps, key=lambda step: step[0]):
        ended = ended or _ends(handle, start + when - time.monotonic())
        if not ended:
            act()
    used = 0.0
    while not (ended := ended or _ends(handle, PATIENCE_S)):
        before, used = used, _cpu_s(child)  # on a busy machine it may need longer
        if used > PATIENCE_S or used - before < 0.05:
            break
    os.close(handle)
    if not ended:
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if ended else None


def _ends(handle: int, seconds: float) -> bool:
    return bool(select.select([handle], [], [], max(0.0, seconds))[0])


def _cpu_s(group: int) -> float:
    """CPU time of all processes of a group [s]."""
    ticks = 0
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdecimal():
                text = Path(entry.path, "stat").read_text(errors="replace")
                fields = text.rpartition(")")[2].split()
                ticks += int(fields[2]) == group and int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _child(plan: Plan, ground: Path, logs: Path, begins: int) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(ground)
    for number, name in enumerate((os.devnull, logs / "out", logs / "err")):
        handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(handle, number)
        os.close(handle)
    os.environ |= {"XDG_CACHE_HOME": str(ground / "cache"), **plan.environment}
    os.write(begins, b"b")
    os.close(begins)
    for limit in plan.limits:
        limit()
    if plan.own_process:
        words = [sys.executable, "-m", "napari_iris", *plan.words]
        begin = ["/bin/sh", "-c", f'{plan.shell}; exec "$@"', "sh"] if plan.shell else []
        words = [*begin, *words]
        os.execve(words[0], words, os.environ)
    os._exit(_end(_call(plan.words)))


def _call(words: list[str]) -> int:
    """Run the command as the interpreter would."""
    try:
        code = main(words)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    return code


def _end(code: int) -> int:
    """End as the interpreter would."""
    threading._shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            print(f"Exception ignored on flushing: {error}", file=sys.stderr)
            code = 120
    atexit._run_exitfuncs()
    return code
