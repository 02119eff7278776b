"""TensorBoard event files of a run, written without TensorFlow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from napari_iris.errors import FileError
from napari_iris.io.atomic import make_folder
from napari_iris.networks.libraries import tensorboardx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Self

FLUSH_S = 5.0
"""Seconds between flushes, so that the curves of a running epoch can be watched."""

SESSION_START = 1
"""``SessionLog.START``: TensorBoard discards what it has read of this step and later ones."""


class EventLog:
    """Event file of one epoch.

    An epoch that is repeated after a kill overwrites its file, so that no step is recorded twice
    and no truncated record precedes a complete one.

    Parameters
    ----------
    folder : Path
        Folder of the event files; created if necessary.
    epoch : int
        Number of the epoch, from 1.
    first_step : int
        Number of its first step, counted over the whole run.

    Raises
    ------
    IrisError
        If tensorboardX is not installed, or the file cannot be written.
    """

    # tensorboardX's SummaryWriter(purge_step=...) would do in a few lines, but it writes from a
    # thread behind a bounded queue: on a full disk the thread dies, and after ten more events
    # add_scalar blocks forever. It also names files by the second, so that short epochs overwrite
    # each other. Its RecordWriter is synchronous and raises.

    def __init__(self, folder: Path, epoch: int, first_step: int) -> None:
        make_folder(folder)
        self._path = folder / f"events.out.tfevents.{epoch:010d}.iris"
        self._flushed = time.monotonic()
        self._file = self._try(tensorboardx().RecordWriter, str(self._path))
        self._write(file_version="brain.Event:2")
        self._write(step=first_step, session_log={"status": SESSION_START})

    def write(self, values: Mapping[str, float], step: int) -> None:
        """Write values of a step; each tag is a curve.

        Parameters
        ----------
        values : mapping of str to float
            Values by tag.
        step : int
            The step.

        Raises
        ------
        FileError
            If they cannot be written.
        """
        summary = [{"tag": tag, "simple_value": value} for tag, value in values.items()]
        self._write(step=step, summary={"value": summary})
        if time.monotonic() - self._flushed > FLUSH_S:
            self._try(self._file.flush)
            self._flushed = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._try(self._file.close)

    def _write(self, **event: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        message = Event(wall_time=time.time(), **event)
        self._try(self._file.write, message.SerializeToString())

    def _try(self, write: Any, *arguments: object) -> Any:
        try:
            return write(*arguments)
        except OSError as error:
            reason = f"cannot be written ({error.strerror or error})"
            fix = "free some space or choose another folder"
            raise FileError(self._path, reason, fix) from error
