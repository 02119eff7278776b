"""Progress of a long command: a progress bar for people, JSON lines for programs."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TypeVar

from napari_iris.cli.streams import replace_line
from napari_iris.errors import FileError, printable
from napari_iris.numbers import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Unpack

    from napari_iris.events import Event, Result

One = TypeVar("One")


class Progress:
    """Progress of a command over a number of files.

    Prints either events (see `napari_iris.events`) as JSON lines on standard output, or a progress
    bar on standard error, with each failure on a line of its own.

    Parameters
    ----------
    total : int
        Number of files.
    as_json : bool
        Whether to print events.

    Attributes
    ----------
    done, failed : int
        Files done so far, failures included, and failures.
    """

    def __init__(self, total: int, *, as_json: bool) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._json = as_json
        self._start = self._shown = time.monotonic()
        self._live = sys.stderr.isatty() and not as_json
        self._emit({"event": "start", "total": total})

    def follow(self, outcomes: Iterable[One | FileError]) -> Iterator[One]:
        """Yield the results, report the failures, count both."""
        for outcome in outcomes:
            if isinstance(outcome, FileError):
                self.fail(outcome)
            else:
                yield outcome
            self.step()

    def step(self) -> None:
        """Count one more file as done; printed at most ten times a second."""
        self.done += 1
        now = time.monotonic()
        if now - self._shown < 0.1 and self.done < self.total:
            return
        self._shown = now
        eta = (now - self._start) / self.done * (self.total - self.done)
        self._emit(
            {
                "event": "progress",
                "done": self.done,
                "total": self.total,
                "eta_s": round(eta, 1),
            }
        )
        if self._live:
            share = self.done / max(self.total, 1)
            bar = "#" * round(30 * share)
            replace_line(f"[{bar:<30}] {self.done}/{self.total}  {_clock(eta)} left ")

    def fail(self, error: FileError) -> None:
        """Report a file that cannot be used."""
        self.failed += 1
        self._emit({"event": "failed", "file": str(error.path), "message": str(error)})
        if not self._json:
            self._say(str(error))

    def end(self, summary: str, detail: str = "", **result: Unpack[Result]) -> None:
        """Print a summary: one line for people, an `EndEvent` with the result for programs."""
        self._emit({"event": "end", "done": self.done, "failed": self.failed, **result})
        if not self._json:
            details = [detail] if detail else []
            details += [f"{self.failed} failed"] if self.failed else []
            details += [_clock(time.monotonic() - self._start)]
            self._say(f"{summary} ({'; '.join(details)})")

    def _emit(self, event: Event) -> None:
        if self._json:
            print_event(event)

    def _say(self, text: str) -> None:
        if self._live:
            replace_line("", clear=True)
        print(printable(text), file=sys.stderr)


def print_event(event: Event) -> None:
    """Print an event as a line of JSON on standard output."""
    print(to_json(event), flush=True)


def _clock(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
        if minutes >= 60
        else f"{minutes}:{rest:02} min"
    )
