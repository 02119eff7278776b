"""Background work: the newest request wins, errors arrive in the caller's thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from psygnal import EmitLoopError

from napari_iris.app.background import Background
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def background(timers: Mock) -> Iterator[Background]:
    background = Background(timers)
    yield background
    background.close()


def raising(error: Exception) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


def test_a_result_arrives(background: Background, timers: Mock) -> None:
    done = Mock()
    background.done.connect(done)
    assert background.is_idle
    background.submit(lambda: 6 * 7)
    assert not background.is_idle
    timers.wait_until(lambda: background.is_idle)
    done.assert_called_once_with(42)


def test_of_pending_requests_only_the_newest_runs(background: Background, timers: Mock) -> None:
    done, started, go_on, skipped = Mock(), threading.Event(), threading.Event(), Mock()
    background.done.connect(done)

    def first() -> str:
        started.set()
        go_on.wait(10)
        return "first"

    background.submit(first)
    assert started.wait(10)
    background.submit(skipped)
    background.submit(lambda: "newest")
    go_on.set()
    timers.wait_until(lambda: background.is_idle)
    done.assert_called_once_with("newest")
    skipped.assert_not_called()


def test_discarded_requests_deliver_nothing(background: Background, timers: Mock) -> None:
    done = Mock()
    background.done.connect(done)
    background.submit(lambda: 1)
    background.discard()
    assert background.is_idle
    timers.advance(1000)
    background.submit(lambda: 2)
    timers.wait_until(lambda: background.is_idle)
    done.assert_called_once_with(2)


def test_an_expected_error_is_a_result(background: Background, timers: Mock) -> None:
    done, error = Mock(), IrisError("no such file")
    background.done.connect(done)
    background.submit(raising(error))
    timers.wait_until(lambda: background.is_idle)
    done.assert_called_once_with(error)


def test_any_other_error_is_raised_in_the_callers_thread(
    background: Background, timers: Mock
) -> None:
    background.submit(raising(ZeroDivisionError("a fault")))
    with pytest.raises((ZeroDivisionError, EmitLoopError), match="a fault"):
        timers.wait_until(lambda: background.is_idle)
