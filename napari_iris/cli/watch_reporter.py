"""What `watch` prints: a line per frame for people, or events for programs."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal, cast

from napari_iris.cli.progress import print_event
from napari_iris.errors import printable

if TYPE_CHECKING:
    from napari_iris.errors import FileError
    from napari_iris.events import Event, PredictedEvent
    from napari_iris.inference.predictor import Predictor
    from napari_iris.inference.rows import PredictionRow
    from napari_iris.observatory.safety import Verdict
    from napari_iris.radiometry.live import LiveReferences
    from napari_iris.radiometry.reference import Kind


LAST_S = 1.0
"""Time for the last lines to be read [s]."""


class WatchReporter:
    """Prints a line per frame for people, or events for programs.

    Parameters
    ----------
    as_json : bool
        Whether to print events.

    Attributes
    ----------
    predictor : Predictor
        What predicts, to be set before the first frame.
    """

    predictor: Predictor

    def __init__(self, *, as_json: bool) -> None:
        self._json, self._lock = as_json, threading.Lock()
        self._later: SimpleQueue[tuple[Event, str] | None] = SimpleQueue()
        self._speaker = threading.Thread(target=self._speak, daemon=True, name="report")
        self._speaker.start()
        self._classes: Counter[str] = Counter()
        self._failed: set[Path] = set()
        self._waiting_for = ""
        self._known: Kind | Literal["none"] = "none"
        self.has_started = False

    def start(self, folder: Path) -> None:
        """Report the start, once."""
        if self.has_started:
            return
        self.has_started = True
        self._emit({"event": "start", "folder": str(folder), "model": self.predictor.id})
        self._print(f"watching {folder} with {self.predictor.id}; press Ctrl+C to stop")

    def predicted(self, row: PredictionRow) -> None:
        """Report a frame."""
        self._classes[row.sky] += 1
        self._failed.discard(Path(row.frame))
        self._waiting_for = ""
        self._emit(cast("PredictedEvent", {"event": "predicted", **asdict(row)}))
        if not self._json:
            cloud = "" if row.cloud_fraction is None else f"{row.cloud_fraction:.1%}"
            time = row.date_obs or "no time"
            line = f"{time:<26}  {row.sky:<6}  {cloud:>6}  {printable(row.frame)}"
            with self._lock:
                print(line, flush=True)

    def reference(self, live: LiveReferences | None) -> None:
        """Report what is known of the clear sky, where that has changed."""
        if live is None or live.references.kind == self._known:
            return
        self._known = live.references.kind
        self._emit({"event": "reference", "kind": self._known, "message": str(live.references)})
        self._print(f"clear-sky reference: {live.references}")

    def fail(self, error: FileError) -> None:
        """Report a frame that cannot be used."""
        self._failed.add(error.path)
        self._emit({"event": "failed", "file": str(error.path), "message": str(error)})
        self._print(str(error))

    def waiting(self, error: FileError) -> None:
        """Report what is waited for, once until the next frame is predicted."""
        if self._waiting_for == str(error):
            return
        self._waiting_for = str(error)
        self._emit({"event": "waiting", "file": str(error.path), "message": str(error)})
        self._print(str(error))

    def close(self) -> None:
        """Print what is still to be printed, where anybody reads it."""
        self._later.put(None)
        self._speaker.join(LAST_S)

    def channel(self, target: str, message: str) -> None:
        """Report where it is published, or what fails; from any thread."""
        event: Event = {"event": "channel", "target": target, "message": message}
        self._later.put((event, f"--publish {target}: {message}"))

    def verdict(self, verdict: Verdict) -> None:
        """Report that the sky is safe now, or not any more, and why; from any thread."""
        reasons = list(verdict.reasons)
        event: Event = {"event": "safety", "safe": verdict.is_safe, "reasons": reasons}
        self._later.put((event, f"unsafe: {'; '.join(reasons)}" if reasons else "safe"))

    def end(self, out: Path) -> None:
        """Report what was done."""
        self._emit(
            {
                "event": "end",
                "done": self._classes.total() + len(self._failed),
                "failed": len(self._failed),
                "predictions": dict(self._classes),
                "model": self.predictor.id,
                "engine": self.predictor.main.engine.name,
                "precision": self.predictor.main.engine.precision,
            }
        )
        counts = [f"{count} {sky}" for sky, count in self._classes.most_common()]
        counts += [f"{len(self._failed)} failed"] if self._failed else []
        detail = f" ({', '.join(counts)})" if counts else ""
        self._print("")
        self._print(f"{self._classes.total()} predictions in {out}{detail}")

    def _speak(self) -> None:
        """Print what the publishing has to say; it must not wait for a pipe that nobody reads."""
        while (one := self._later.get()) is not None:
            with suppress(OSError):
                self._emit(one[0])
                self._print(one[1])

    def _emit(self, event: Event) -> None:
        if self._json:
            with self._lock:
                print_event(event)

    def _print(self, text: str) -> None:
        if not self._json:
            with self._lock:
                print(printable(text), file=sys.stderr)
