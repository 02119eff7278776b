"""The standard streams of a command that was started without some of them."""

from __future__ import annotations

import os
import sys

STREAMS = ("stdin", "stdout", "stderr")


def fill_closed_streams() -> None:
    """Open the null device for each standard stream that is closed, as ``2>&-`` in a shell does.

    Python then has no such stream, and the next file opened takes its number: what a library logs
    to standard error would end up in that file.
    """
    for number, name in enumerate(STREAMS):
        if getattr(sys, name) is not None:
            continue
        null = os.open(os.devnull, os.O_RDWR)
        if null != number and _is_closed(number):
            os.dup2(null, number)
            os.close(null)
            null = number
        setattr(sys, name, open(null, "w" if number else "r", encoding="utf-8"))  # noqa: PTH123, SIM115


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False
