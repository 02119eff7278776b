"""The parts of the demo, one after the other, with the time left for all that remain."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from napari_iris.cli.main import OK
from napari_iris.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KNOWN_S = 5.0
"""Weight of the expected durations against the measured ones, as seconds of work."""


class Part(NamedTuple):
    """A part of the demo.

    Attributes
    ----------
    title : str
        What it does.
    seconds : float
        How long it takes on two cores of an Intel Xeon; only the ratios matter.
    work : callable
        Does it, and gives its exit code.
    """

    title: str
    seconds: float
    work: Callable[[], int]


def run_parts(parts: Sequence[Part], clock: Callable[[], float] = time.monotonic) -> int:
    """Do parts in turn until one fails; before each, print its title and the time left for all.

    Parameters
    ----------
    parts : sequence of Part
        What to do.
    clock : callable
        Gives the time in seconds.

    Returns
    -------
    int
        Exit code of the last part that was done.
    """
    start = clock()
    expected = [part.seconds for part in parts]
    for number, part in enumerate(parts):
        pace = (clock() - start + KNOWN_S) / (sum(expected[:number]) + KNOWN_S)
        left = _roughly(pace * sum(expected[number:]))
        print(f"\n[{number + 1}/{len(parts)}, {left} left] {part.title}", flush=True)
        if code := part.work():
            return code
    return OK


def run_command(words: Sequence[str]) -> int:
    """Print a command and run it in a child process, as from a shell; give its exit code."""
    print(f"$ {shlex.join(['napari-iris', *words])}", flush=True)
    command = [sys.executable, "-m", "napari_iris", *words]
    return subprocess.run(command, check=False).returncode  # noqa: S603


def _roughly(seconds: float) -> str:
    """Format a duration in steps of five seconds, or in minutes from two on."""
    if seconds >= 120:
        return f"about {format_count(round(seconds / 60), 'minute')}"
    return f"about {max(5, 5 * round(seconds / 5))} s"
