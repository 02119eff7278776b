"""Whatever makes the sky unsafe is published by every channel, and read by its own clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.frames.constant import CONSTANT_FRAME
from tests.observatory.conftest import get, read_boltwood, read_json
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow


def frozen(station: Any) -> None:
    station.frame(pixels="same")
    station.frame(pixels="same")


def clock_step(station: Any) -> None:
    station.step = -3600


def silence(station: Any) -> None:
    """The watching goes on, and no frame comes."""
    station.offset += station.config.max_age + 1
    station.publisher.beat()


def hanging(station: Any) -> None:
    """The watching does not go on."""
    station.offset += station.config.max_age + 1


FAULTS: dict[str, Callable[[Any], None]] = {
    "frozen": frozen,
    CONSTANT_FRAME: lambda one: one.publisher.fail(f"a.fits: {CONSTANT_FRAME}"),
    "output for it is NaN": lambda one: one.publisher.fail(
        "a.fits: the model's output for it is NaN"
    ),
    "clock was set back by 3600 s": clock_step,
    "No space left": lambda one: one.publisher.fail("out: cannot be written (No space left)"),
    "newest frame is 12": silence,
    "a prediction hangs": hanging,
    "cloud cover is 40 %": lambda one: one.frame(cloud=0.4),
    "napari-iris has ended: killed": lambda one: one.publisher.close(": killed"),
}
"""What is said, and how it comes about; the end last."""


def test_every_fault_is_unsafe_in_every_channel(
    station: Callable[..., Any],
    subscribe: Callable[[], dict[str, str]],
    broker: Any,
    tmp_path: Path,
) -> None:
    from alpaca.safetymonitor import SafetyMonitor

    line, document = tmp_path / "sky.txt", tmp_path / "sky.json"
    mqtt = f"mqtt={broker.port}"
    one = station(f"boltwood={line}", f"json={document}", "http=0", "alpaca=0", mqtt)
    pages, monitor = one.address("http=0"), SafetyMonitor(one.address("alpaca=0"), 0)
    monitor.Connected = True
    topics = subscribe()

    def answers() -> dict[str, object]:
        ended = one.publisher._ended.is_set()
        files = {
            "boltwood": read_boltwood(line)["close_roof"] == "0",
            "json": read_json(document)["roof_status"]["open_ok"] == 1,
            "mqtt": topics.get("napari-iris/safety") == "safe",
        }
        if ended:  # the servers have stopped, which no client takes for safe
            return files
        return files | {"http": get(pages, "/safe")[0] == 200, "alpaca": monitor.IsSafe}

    wait_until(lambda: one.said(mqtt, "publishes"))
    wait_until(lambda: topics.get("napari-iris/safety") == "unsafe")
    assert not any(answers().values()), "from the start"
    for words, happen in FAULTS.items():
        one.make_safe()
        wait_until(lambda: all(answers().values()))
        happen(one)
        wait_until(lambda: not any(answers().values()))
        reasons = read_json(document)["roof_status"]["reasons"]
        assert words in reasons
    assert topics["napari-iris/safety"] == "unsafe"
    assert not [line for _, line in one.lines if "trying again" in line]


def test_a_channel_that_fails_is_said_once_and_retried_and_the_others_go_on(
    station: Callable[..., Any], tmp_path: Path
) -> None:
    document, away = tmp_path / "sky.json", tmp_path / "away" / "sky.txt"
    one = station(f"boltwood={away}", f"json={document}")
    wait_until(lambda: one.said(f"boltwood={away}", "trying again"))
    one.make_safe()
    wait_until(lambda: read_json(document)["safe"])
    away.parent.mkdir()
    wait_until(lambda: one.said(f"boltwood={away}", "works again"))
    assert len(one.said(f"boltwood={away}", "trying again")) == 1
    assert read_boltwood(away)["close_roof"] == "0"


def test_a_port_in_use_is_waited_for(station: Callable[..., Any], free_port: int) -> None:
    import socket

    target = f"http={free_port}"
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        one = station(target)
        wait_until(lambda: one.said(target, "trying again"))
    wait_until(lambda: one.said(target, "works again; listens"))
    assert get(f"127.0.0.1:{free_port}", "/safe")[0] == 503


def test_a_broker_that_goes_and_comes_again(
    station: Callable[..., Any], broker: Any, subscribe: Callable[[], dict[str, str]]
) -> None:
    target = f"mqtt={broker.port}/north"
    broker.stop()
    one = station(target)
    wait_until(lambda: one.said(target, "trying again"))
    broker.start()
    wait_until(lambda: one.said(target, "works again"))
    topics = subscribe()
    wait_until(lambda: topics.get("north/safety") == "unsafe")
    broker.stop()
    wait_until(lambda: len(one.said(target, "trying again")) > 1)
    one.make_safe()
    broker.start()
    topics = subscribe()
    wait_until(lambda: topics.get("north/safety") == "safe")
