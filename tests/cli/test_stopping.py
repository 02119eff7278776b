"""Ctrl+C within a library that does not react to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from napari_iris.cli.stopping import stop_on_interrupt

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

DEAF = "import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)"
"""Minutes in C, without a look at Python's signals."""

PROGRAM = """
import sys, time
from napari_iris.cli.stopping import stop_on_interrupt
with stop_on_interrupt(lambda: print("last report", flush=True), 0.5):
    try:
        print("ready", flush=True)
        {work}
    except KeyboardInterrupt:
        print("stopped", flush=True)
        sys.exit(130)
"""


def stopped(work: str, shell: bool = False) -> tuple[int, str, float]:
    """Run a program, press Ctrl+C: its exit code, what it printed, and how long it took."""
    command = [sys.executable, "-c", PROGRAM.format(work=work)]
    if shell:  # which has commands after `&` ignore Ctrl+C
        command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "ready\n"
    time.sleep(0.3)
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
    code, out, seconds = stopped(DEAF)
    assert (code, out) == (130, "last report\n")
    assert seconds < 5


@pytest.mark.slow
def test_the_shutdown_of_a_computing_library_is_skipped() -> None:
    """As JAX in the midst of a computation: the exit code stays that of a stop."""
    crash = "import atexit, ctypes; atexit.register(lambda: ctypes.string_at(0))"
    assert stopped(f"{crash}; time.sleep(60)")[:2] == (130, "stopped\n")


def test_signal_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt(lambda: None):
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.set_wakeup_fd(-1) == -1
