"""What is reported to systemd: ready, alive while `watch` makes progress, stopping."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.observatory.notify import notify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd is of Linux")


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Socket of a service manager."""
    monkeypatch.chdir(tmp_path)  # the name of a socket has 107 bytes at most
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind("notify")
        one.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", "notify")
        yield one


def test_ready_alive_and_stopping(manager: socket.socket, station: Callable[..., Any]) -> None:
    one = station()
    assert manager.recv(100) == b"WATCHDOG=1"
    one.publisher.ready()
    while (found := manager.recv(100)) == b"WATCHDOG=1":
        pass
    assert found == b"READY=1"
    one.publisher.close()
    while (found := manager.recv(100)) == b"WATCHDOG=1":
        pass
    assert found == b"STOPPING=1"


def test_a_watching_that_hangs_is_not_alive(
    manager: socket.socket, station: Callable[..., Any]
) -> None:
    one = station()
    assert manager.recv(100) == b"WATCHDOG=1"
    one.offset += one.config.max_age + 1
    one.publisher._watchdog.join(0.2)  # some renewals
    manager.setblocking(False)
    with suppress(BlockingIOError):
        while manager.recv(100):
            pass
    one.publisher._watchdog.join(0.2)
    with pytest.raises(BlockingIOError):
        manager.recv(100)
    one.publisher.beat()
    manager.settimeout(20)
    assert manager.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "@nobody"])
def test_without_a_manager_nothing_happens(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify("READY=1")
