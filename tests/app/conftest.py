"""Timers that tests advance by hand, and sequences of small frames: no window, no display."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.background import Background
from napari_iris.app.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydantic import BaseModel

    from napari_iris.app.form import Form

PATIENCE_S = 60.0


@dataclass
class ManualTimer:
    """A timer of `ManualTimers`."""

    interval_ms: int
    call: Callable[[], object]
    once: bool
    due: int | None = None
    now: Callable[[], int] = field(default=lambda: 0)

    @property
    def is_active(self) -> bool:
        return self.due is not None

    def start(self) -> None:
        self.due = self.now() + self.interval_ms

    def stop(self) -> None:
        self.due = None


class ManualTimers:
    """Timers whose clock stands still until `advance`."""

    def __init__(self) -> None:
        self.time_ms = 0
        self.timers: list[ManualTimer] = []

    def repeating(self, interval_ms: int, call: Callable[[], object]) -> ManualTimer:
        return self._make(interval_ms, call, once=False)

    def single_shot(self, delay_ms: int, call: Callable[[], object]) -> ManualTimer:
        return self._make(delay_ms, call, once=True)

    def _make(self, interval_ms: int, call: Callable[[], object], *, once: bool) -> ManualTimer:
        timer = ManualTimer(interval_ms, call, once, now=lambda: self.time_ms)
        self.timers.append(timer)
        return timer

    def advance(self, milliseconds: int) -> None:
        """Call what is due within some milliseconds, in order."""
        end = self.time_ms + milliseconds
        while due := [timer for timer in self.timers if timer.due is not None and timer.due <= end]:
            timer = min(due, key=lambda one: one.due or 0)
            self.time_ms = timer.due or end
            timer.due = None if timer.once else self.time_ms + timer.interval_ms
            timer.call()
        self.time_ms = end

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Advance the clock, as background threads work, until something holds."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, "it never came to that"
            threading.Event().wait(0.002)
            self.advance(10)


@pytest.fixture(autouse=True)
def threads_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End the threads of all `Background` objects with their test."""
    made: list[Background] = []
    begin = Background.__init__

    def make(self: Background, timers: Any) -> None:
        begin(self, timers)
        made.append(self)

    monkeypatch.setattr(Background, "__init__", make)
    yield
    for background in made:
        background.close()


@pytest.fixture
def timers() -> ManualTimers:
    return ManualTimers()


@pytest.fixture
def session(timers: ManualTimers) -> Iterator[Session]:
    session = Session(timers)
    yield session
    session.close()
    if session.sequence is not None:
        session.sequence.close()


@pytest.fixture
def make_frames(write_frame: Callable[..., Path]) -> Callable[..., Path]:
    """Write frames ten minutes apart: ``make_frames(6)`` gives their folder."""

    def make(count: int, first: int = 0) -> Path:
        for number in range(first, first + count):
            pixels = np.random.default_rng(number).integers(590, 610, (32, 40)).astype(np.int16)
            moment = np.datetime64("2024-01-15T21:00:00") + np.timedelta64(10 * number, "m")
            path = write_frame(f"frames/sky_{number + 1}.fits", pixels, DATE_OBS=str(moment))
        return path.parent

    return make


def fill(form: Form[Any], config: BaseModel) -> None:
    """Show a config in a form."""
    for name, value in config:
        form.set(name, value)
