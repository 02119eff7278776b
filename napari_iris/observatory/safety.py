"""Whether the sky is safe: a state machine without input, output or a clock of its own.

Unsafe by default: the sky is safe only while every rule holds, and has held for a while. Whatever
breaks a rule is unsafe at once, and is said in words.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from napari_iris.observatory.trend import Trend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_iris.labels import FrameClass
    from napari_iris.observatory.config import WatchConfig

CLOCK_STEP_S = 2.0
"""Difference of the wall clock from the steady one that is a step, not an adjustment [s]."""

AHEAD_S = 5.0
"""Time by which a file's time may lie ahead of the clock: file servers have their own [s]."""

STARTING = "starting: no frame has been predicted yet"


class Moment(NamedTuple):
    """The present by two clocks [s]: one that never steps, and the time of day."""

    steady_s: float
    wall_s: float


def now() -> Moment:
    """Read both clocks.

    Returns
    -------
    Moment
        The present.
    """
    return Moment(time.monotonic(), time.time())


@dataclass(frozen=True)
class Reading:
    """What the prediction of a frame says.

    Attributes
    ----------
    frame : str
        The frame's file.
    written_s : float
        When the file was written, by the time of day [s].
    sky : str
        Class of the frame: clear, cloudy, unsure.
    cover : float or None
        Cloud cover [%]; None of a classifier alone.
    trust, novelty : float or None
        Trust in the prediction, 0 to 1, and novelty of the frame; None where not known.
    pixels : str
        Hash of the frame's pixels; empty where not known.
    date_obs : str
        When it was taken, by its header; empty where that does not say.
    """

    frame: str
    written_s: float
    sky: FrameClass
    cover: float | None = None
    trust: float | None = None
    novelty: float | None = None
    pixels: str = ""
    date_obs: str = ""

    @property
    def okta(self) -> float | None:
        """Cloud cover in eighths of the sky."""
        return None if self.cover is None else self.cover * 8 / 100


@dataclass(frozen=True)
class Verdict:
    """Whether the sky is safe.

    Attributes
    ----------
    is_safe : bool
        Whether it is.
    reasons : tuple of str
        Why it is not; empty only where it is.
    reading : Reading or None
        The newest frame.
    trend : float or None
        Trend of the cover [okta/h].
    """

    is_safe: bool
    reasons: tuple[str, ...]
    reading: Reading | None = None
    trend: float | None = None


class Safety:
    """The verdict, from each prediction, each fault, and the time that passes.

    Unsafe at once, safe only after every frame of `hold` seconds was good: below the lower
    threshold, new, trusted. While it is safe, frames between the thresholds leave it so.

    Parameters
    ----------
    config : WatchConfig
        Thresholds and times.
    clock : callable
        Gives the present.
    """

    def __init__(self, config: WatchConfig, clock: Callable[[], Moment] = now) -> None:
        self._config, self._clock = config, clock
        self._seen = clock()
        self._is_safe = False
        self._good_since: float | None = None
        self._newest: float | None = None  # when the newest frame was written, by the steady clock
        self._faults: tuple[str, ...] = (STARTING,)
        self._cause = STARTING
        self._reading: Reading | None = None
        self._trend = Trend()

    def frame(self, reading: Reading) -> Verdict:
        """Take the prediction of a frame.

        Parameters
        ----------
        reading : Reading
            What it says.

        Returns
        -------
        Verdict
            The verdict now.
        """
        events = self._look()
        age = max(self._seen.wall_s - reading.written_s, 0.0)
        written = self._seen.steady_s - age
        self._newest = written if self._newest is None else max(self._newest, written)
        is_late = age > self._config.max_age and not self._stale()
        late = [f"a frame was already {age:.0f} s old when it arrived"] if is_late else []
        self._faults = (*late, *self._faults_of(reading))
        self._reading = reading
        if reading.okta is not None:
            self._trend.add(self._seen.steady_s, reading.okta)
        if self._faults:
            self._break(self._faults)
        elif self._good_since is None:
            self._good_since = self._seen.steady_s
        return self._verdict(events)

    def fail(self, reason: str) -> Verdict:
        """Take a fault: something could not be read, predicted or written.

        Parameters
        ----------
        reason : str
            What is wrong, in words.

        Returns
        -------
        Verdict
            Unsafe; it stays so until a good frame, and `hold` seconds more.
        """
        events = self._look()
        self._faults = (reason,)
        self._break(self._faults)
        return self._verdict(events)

    def verdict(self) -> Verdict:
        """Give the verdict at this moment.

        Returns
        -------
        Verdict
            The verdict.
        """
        return self._verdict(self._look())

    def _look(self) -> list[str]:
        """Note what the time that has passed changes; return what happened meanwhile."""
        before, self._seen = self._seen, self._clock()
        events = []
        passed = self._seen.steady_s - before.steady_s
        step = self._seen.wall_s - before.wall_s - passed
        if abs(step) > CLOCK_STEP_S:
            way = "forward" if step > 0 else "back"
            events.append(f"the computer's clock was set {way} by {abs(step):.0f} s")
        if self._good_since is not None and self._stale():
            events.append(self._stale())
        if events:
            self._break(events)
        since = self._good_since
        if since is not None and self._seen.steady_s - since >= self._config.hold:
            self._is_safe = True
        return events

    def _break(self, reasons: tuple[str, ...] | list[str]) -> None:
        """Be unsafe from now on; the time to hold begins with the next good frame."""
        self._is_safe, self._good_since = False, None
        self._cause = reasons[0] if reasons else self._cause

    def _stale(self) -> str:
        """Say that there is no new frame; empty where there is."""
        if self._newest is None or self._seen.steady_s - self._newest <= self._config.max_age:
            return ""
        age = self._seen.steady_s - self._newest
        return f"the newest frame is {age:.0f} s old, more than {self._config.max_age:g} s"

    def _faults_of(self, reading: Reading) -> Iterator[str]:
        """Say what is wrong with a frame."""
        config = self._config
        ahead = reading.written_s - self._seen.wall_s
        if ahead > AHEAD_S:
            yield f"the time of the frame's file is {ahead:.0f} s ahead of the clock"
        if reading.pixels and self._reading and reading.pixels == self._reading.pixels:
            yield "the camera is frozen: the last two frames have the same pixels"
        if reading.trust is not None and reading.trust < config.min_trust:
            yield f"the trust in the prediction is {reading.trust:.2f}, below {config.min_trust:g}"
        if reading.novelty is not None and reading.novelty > config.max_novelty:
            yield f"the frame is unlike the model's training frames ({reading.novelty:.2f})"
        yield from self._cloud(reading)

    def _cloud(self, reading: Reading) -> Iterator[str]:
        """Say that there is too much cloud."""
        config = self._config
        if reading.cover is None:
            if reading.sky != "clear":
                yield f"the sky is {reading.sky}"
            return
        cover = f"cloud cover is {reading.cover:.0f} % ({reading.okta:.1f} oktas)"
        if reading.cover > config.unsafe_above:
            yield f"{cover}, above {config.unsafe_above:g} %"
        elif reading.cover > config.safe_below and not self._is_safe:
            yield f"{cover}, not yet below {config.safe_below:g} %"

    def _verdict(self, events: list[str]) -> Verdict:
        reasons = [] if self._is_safe else [*events, *self._faults]
        if not self._is_safe and (stale := self._stale()) and stale not in reasons:
            reasons.append(stale)
        if not self._is_safe and not reasons:
            since = self._good_since
            passed = 0.0 if since is None else self._seen.steady_s - since
            left = self._config.hold - passed
            reasons = [f"good for {passed:.0f} s, safe in {left:.0f} s; before: {self._cause}"]
        trend = self._trend.slope(self._seen.steady_s)
        return Verdict(self._is_safe, tuple(reasons), self._reading, trend)
