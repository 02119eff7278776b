"""Durations and failures in words."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.app.form_fields import field_label

if TYPE_CHECKING:
    from napari_iris.events import FailedEvent
    from napari_iris.jobs.job import Ending

_OPTION = re.compile(r"--([a-z][a-z-]*[a-z])")
"""An option of the command line in a message."""


def duration(seconds: float) -> str:
    """Write a duration: ``12 s``, ``3 min``, ``2 h 05 min``.

    Parameters
    ----------
    seconds : float
        The duration [s].

    Returns
    -------
    str
        Seconds below 90 s, minutes below an hour, else hours and minutes.
    """
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def failed_file(event: FailedEvent) -> str:
    """Describe a file that failed: its name and the reason.

    Parameters
    ----------
    event : FailedEvent
        The job's event.
    """
    reason = event["message"].removeprefix(f"{event['file']}: ")
    return f"{Path(event['file']).name}: {_with_labels(reason)}"


def failure_reason(ending: Ending) -> str:
    """Say why a job failed: the last line it wrote, or the signal that killed it.

    Parameters
    ----------
    ending : Ending
        The end of its process.
    """
    if ending.code < 0:
        return f"killed ({signal_name(ending)}); check whether memory ran out"
    lines = [line for line in ending.message.splitlines() if line.strip()]
    line = lines[-1] if lines else f"exit code {ending.code}"
    return _with_labels(line.partition(": ")[2] if line.startswith("napari-iris ") else line)


def _with_labels(message: str) -> str:
    """Name the options in a message as the docks label their fields."""
    return _OPTION.sub(lambda found: f"“{field_label(found[1].replace('-', '_'))}”", message)


def signal_name(ending: Ending) -> str:
    """Give the name of the signal that killed a job.

    Parameters
    ----------
    ending : Ending
        The end of its process.
    """
    try:
        return signal.Signals(-ending.code).name
    except ValueError:  # not every number has a name
        return f"signal {-ending.code}"


def shortened(failure: str, most: int = 40) -> str:
    """Shorten a long file name in its middle.

    Parameters
    ----------
    failure : str
        File name, colon, reason.
    most : int
        Longest file name that is left as it is.
    """
    name, _, reason = failure.partition(": ")
    if len(name) > most:
        name = f"{name[: most // 2]}…{name[-most // 2 :]}"
    return f"{name}: {reason}"
