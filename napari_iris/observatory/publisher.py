"""Publish a verdict whenever a frame is predicted, a fault occurs, or time passes."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.observatory.notify import notify
from napari_iris.observatory.outlet import Outlet
from napari_iris.observatory.report import Report
from napari_iris.observatory.safety import Reading, Safety, Verdict, now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.inference.rows import PredictionRow
    from napari_iris.observatory.config import WatchConfig
    from napari_iris.observatory.outlet import Channel
    from napari_iris.observatory.safety import Moment

BEATS = 4
"""How often, at least, the verdict is renewed within the time that it holds."""

MOST_BETWEEN_S = 5.0
"""Longest time between two renewals [s]."""

LAST_S = 2.0
"""Time for the last verdict to be published [s]."""


class Publisher:
    """The verdict on the sky, published through channels; unsafe from its start, and at its end.

    A thread of its own renews the verdict as time passes, also while a prediction hangs.

    Parameters
    ----------
    config : WatchConfig
        Rules of the verdict.
    channels : sequence of Channel
        Where it is published.
    say : callable
        Takes a target and a line about it.
    changed : callable
        Takes the verdict, first and whenever it becomes safe or unsafe.
    clock : callable
        Gives the present.

    Attributes
    ----------
    model : str
        The model, once it is loaded.
    """

    def __init__(
        self,
        config: WatchConfig,
        channels: Sequence[Channel] = (),
        say: Callable[[str, str], None] = lambda _target, _line: None,
        changed: Callable[[Verdict], None] = lambda _verdict: None,
        clock: Callable[[], Moment] = now,
    ) -> None:
        self.model = ""
        self._config, self._clock, self._changed = config, clock, changed
        self._safety = Safety(config, clock)
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._frames = self._failed = 0
        self._prediction: Prediction | None = None
        self._said: bool | None = None
        self._beat_s = clock().steady_s
        self._outlets = [Outlet(one, say) for one in channels]
        self._every_s = min(config.max_age / BEATS, MOST_BETWEEN_S)
        self._watchdog = threading.Thread(target=self._renew, daemon=True, name="watchdog")

    def __enter__(self) -> Self:
        self._watchdog.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        self.close("" if error is None or not str(error) else f": {error}")

    def frame(self, row: PredictionRow, prediction: Prediction) -> None:
        """Publish the prediction of a frame."""
        reading = Reading(
            row.frame,
            _written(row.frame, self._clock().wall_s),
            row.sky,
            None if row.cloud_fraction is None else 100 * row.cloud_fraction,
            row.trust,
            row.novelty,
            prediction.frame_id,
            row.date_obs,
        )
        with self._lock:
            self._frames += 1
            self._prediction = prediction
            self._put(self._safety.frame(reading))

    def fail(self, reason: str) -> None:
        """Publish that something could not be read, predicted or written."""
        with self._lock:
            self._failed += 1
            self._put(self._safety.fail(reason))

    def ready(self) -> None:
        """Tell systemd that frames are predicted from now on."""
        notify("READY=1")

    def beat(self) -> None:
        """Note that `watch` makes progress: it does not hang."""
        self._beat_s = self._clock().steady_s

    def close(self, why: str = "") -> None:
        """Publish that it has ended; the first call counts."""
        with self._lock:
            if self._ended.is_set():
                return
            self._ended.set()
            report = self._report(self._safety.fail(f"napari-iris has ended{why}"))
        notify("STOPPING=1")
        for one in self._outlets:
            one.end(report)
        until = time.monotonic() + LAST_S
        for one in self._outlets:
            one.join(until)

    def _renew(self) -> None:
        """Renew the verdict until the end; tell systemd while `watch` makes progress."""
        while True:
            with self._lock:
                if self._ended.is_set():
                    return
                hangs_s = self._clock().steady_s - self._beat_s
                hangs = hangs_s > self._config.max_age
                text = f"watch has made no progress for {hangs_s:.0f} s: a prediction hangs"
                self._put(self._safety.fail(text) if hangs else self._safety.verdict())
            if not hangs:
                notify("WATCHDOG=1")
            if self._ended.wait(self._every_s):
                return

    def _put(self, verdict: Verdict) -> None:
        """Hand a verdict to all channels; a lock keeps them in order."""
        if self._ended.is_set():
            return
        report = self._report(verdict)
        for one in self._outlets:
            one.put(report)
        if verdict.is_safe != self._said:
            self._said = verdict.is_safe
            self._changed(verdict)

    def _report(self, verdict: Verdict) -> Report:
        return Report(
            verdict,
            self._clock(),
            self._config.max_age,
            self._frames,
            self._failed,
            self.model,
            self._prediction,
        )


def _written(frame: str, otherwise: float) -> float:
    """When a frame's file was written; now where it is gone already."""
    with suppress(OSError, ValueError):
        return Path(frame).stat().st_mtime
    return otherwise
