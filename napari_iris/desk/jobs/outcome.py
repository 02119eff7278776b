"""What came of a job, in words: the frames that failed, or why it ended."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.events import FailedEvent
    from napari_iris.jobs.job import Ending


def failed_file(event: FailedEvent) -> str:
    """Say which file failed and why, from its event."""
    reason = event["message"].removeprefix(f"{event['file']}: ")
    return f"{Path(event['file']).name}: {reason}"


def failure_of(ending: Ending) -> str:
    """Say why a job failed: the last line it wrote, or the signal that killed it."""
    if ending.code < 0:
        return f"it was killed ({signal.Signals(-ending.code).name}); see if memory ran out"
    line = ending.message.splitlines()[-1] if ending.message else f"exit code {ending.code}"
    return line.partition(": ")[2] if line.startswith("napari-iris ") else line
