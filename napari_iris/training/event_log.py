"""The curves of a run as TensorBoard reads them, written without TensorFlow."""

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
"""Seconds after which what was written is handed to the disk, so that curves can be watched."""


START = 1
"""Status of a session's first event: what was read of these steps before is to be forgotten."""


class EventLog:
    """Event file of one epoch.

    An epoch that is trained again, after a kill, writes its file anew: no step is there twice, and
    no half-written record stays before a whole one.

    Parameters
    ----------
    folder : Path
        Folder of the event files; made if need be.
    epoch : int
        Number of the epoch, from 1.
    first_step : int
        Number of its first step, counted from the run's beginning: a TensorBoard that has read
        an earlier try forgets that from here on.

    Raises
    ------
    IrisError
        If tensorboardX is not installed, or the file cannot be written.
    """

    def __init__(self, folder: Path, epoch: int, first_step: int) -> None:
        make_folder(folder)
        self._path = folder / f"events.out.tfevents.{epoch:010d}.iris"
        self._flushed = time.monotonic()
        self._file = self._try(tensorboardx().RecordWriter, str(self._path))
        self._write(file_version="brain.Event:2")
        self._write(step=first_step, session_log={"status": START})

    def write(self, values: Mapping[str, float], step: int) -> None:
        """Write some values of a step, each a curve of its own, by their tags."""
        each = [{"tag": tag, "simple_value": value} for tag, value in values.items()]
        self._write(step=step, summary={"value": each})
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
            fix = "make room there or choose another folder"
            raise FileError(self._path, reason, fix) from error
