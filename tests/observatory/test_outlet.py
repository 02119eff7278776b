"""A channel's own thread: failures are said once, the newest and the last report are sent."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import IrisError
from napari_iris.observatory import outlet as room
from napari_iris.observatory.outlet import Outlet
from napari_iris.observatory.report import Report
from napari_iris.observatory.safety import Moment, Verdict
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tape:
    """A channel that notes what it publishes, after some failures."""

    target = "tape"

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.numbers = list(failures), list[int]()
        self.may_go_on, self.is_closed = threading.Event(), False
        self.may_go_on.set()

    def publish(self, report: Report) -> None:
        self.may_go_on.wait(60)
        if self.failures:
            raise self.failures.pop(0)
        self.numbers.append(report.frames)

    def opened(self) -> str:
        return "turns"

    def close(self) -> None:
        self.is_closed = True


def report(number: int) -> Report:
    return Report(Verdict(False, ("a reason",)), Moment(0, 0), 60, number)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(room, "RETRY_S", 0.001)
    return


def run(tape: Tape) -> tuple[Outlet, list[str]]:
    lines: list[str] = []
    return Outlet(tape, lambda _, line: lines.append(line)), lines


def end(outlet: Outlet, number: int = 99) -> None:
    outlet.end(report(number))
    outlet.join(time.monotonic() + 60)


def test_each_problem_is_said_once_and_then_that_it_works_again() -> None:
    full, away = OSError(28, "No space left on device"), IrisError("the broker is away")
    tape = Tape(full, full, full, away, away, ValueError("odd"))
    outlet, lines = run(tape)
    outlet.put(report(1))
    wait_until(lambda: tape.numbers == [1])
    end(outlet)
    assert lines == [
        "does not work (No space left on device); trying again",
        "the broker is away; trying again",
        "does not work (ValueError: odd); trying again",
        "works again; turns",
    ]
    assert tape.numbers == [1, 99]
    assert tape.is_closed


def test_a_slow_channel_publishes_the_newest_and_the_last() -> None:
    tape = Tape()
    tape.may_go_on.clear()
    outlet, lines = run(tape)
    for number in range(5):
        outlet.put(report(number))
    tape.may_go_on.set()
    wait_until(lambda: tape.numbers[-1:] == [4])
    assert len(tape.numbers) <= 2
    outlet.end(report(5))
    outlet.put(report(6))
    outlet.join(time.monotonic() + 60)
    assert tape.numbers[-1] == 5, "nothing follows the end"
    assert lines == ["turns"]


def test_a_channel_that_fails_at_the_end_does_not_hold_it_up() -> None:
    tape = Tape(*[OSError("broken")] * 1000)
    outlet, _ = run(tape)
    outlet.put(report(1))
    end(outlet)
    assert tape.is_closed
    assert tape.numbers == []
