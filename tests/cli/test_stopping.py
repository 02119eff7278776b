"""Ctrl+C within a library that does not react to it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from napari_iris.cli.stopping import stop_on_interrupt
from tests.processes import cpu_s, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's process table")

COMPUTING = "hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)"
"""Minutes of C code, in which Python handles no signal."""

CRASH = "atexit.register(lambda: ctypes.string_at(0))"

PROGRAM = """
import atexit, ctypes, hashlib, sys, time
from napari_iris.cli.stopping import stop_on_interrupt
with stop_on_interrupt(lambda: print("last report", flush=True), 0.5):
    try:
        {setup}
        print("ready", flush=True)
        {work}
    except KeyboardInterrupt:
        print("stopped", flush=True)
        sys.exit(130)
"""


def stopped(work: str, *, setup: str = "pass", shell: bool = False) -> tuple[int, str, float]:
    """Run a program, press Ctrl+C; return its exit code, its output, and the time it took."""
    command = [sys.executable, "-c", PROGRAM.format(setup=setup, work=work)]
    if shell:  # which has commands after `&` ignore Ctrl+C
        command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "ready\n"
    if work == COMPUTING:
        before = cpu_s(run.pid)
        wait_until(lambda: cpu_s(run.pid) > before + 0.1)
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=60)
    return run.returncode, out, time.monotonic() - began


@pytest.mark.timed
@pytest.mark.slow
@pytest.mark.parametrize("shell", [False, True])
def test_a_command_that_handles_ctrl_c_stops_by_itself(shell: bool) -> None:
    code, out, seconds = stopped("time.sleep(60)", shell=shell)
    assert (code, out) == (130, "stopped\n")
    assert seconds < 3


@pytest.mark.timed
@pytest.mark.slow
def test_a_command_that_does_not_is_ended_after_a_report() -> None:
    code, out, seconds = stopped(COMPUTING)
    assert (code, out) == (130, "last report\n")
    assert seconds < 5


@pytest.mark.slow
def test_the_shutdown_of_a_computing_library_is_skipped() -> None:
    """It may crash in it, as JAX does; the exit code stays that of an interruption."""
    assert stopped("time.sleep(60)", setup=CRASH)[:2] == (130, "stopped\n")


def test_signal_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt(lambda: None):
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.parametrize(
    ("error", "printed"), [(KeyboardInterrupt, False), (ZeroDivisionError, True)]
)
def test_ctrl_c_in_a_callback_of_a_library_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException], printed: bool
) -> None:
    """Python cannot raise an error of a callback of the garbage collector, and prints it."""
    unraisable: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)

    class Callback:
        def __del__(self) -> None:
            raise error

    with stop_on_interrupt(lambda: None):
        Callback()
    assert bool(unraisable) == printed
    assert sys.unraisablehook == unraisable.append
