"""Watch a process that a test has started."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def wait_until(holds: Callable[[], object], timeout_s: float = 60) -> None:
    """Wait for a condition, polled every 10 ms."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, "the condition has not been met"
        time.sleep(0.01)


def cpu_s(pid: int) -> float:
    """CPU time that a process has used [s]; Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
