"""Targets of ``--publish``: what is meant, and what is refused in one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import IrisError, MissingPackageError
from napari_iris.observatory.config import WatchConfig
from napari_iris.observatory.targets import Address, address_of, open_channels

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("text", "expected", "is_loopback"),
    [
        ("8080", Address("127.0.0.1", 8080), True),
        ("localhost:1", Address("127.0.0.1", 1), True),
        ("127.0.0.1:1883", Address("127.0.0.1", 1883), True),
        ("[::1]:80", Address("::1", 80), True),
        ("0.0.0.0:80", Address("0.0.0.0", 80), False),
        ("sky.example:80", Address("sky.example", 80), False),
    ],
)
def test_addresses(text: str, expected: Address, is_loopback: bool) -> None:
    assert address_of(text) == expected
    assert address_of(text).is_loopback == is_loopback


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (["smoke=signals"], "expected boltwood=FILE, json=FILE, http="),
        (["json="], "expected boltwood=FILE"),
        (["json"], "got 'json'"),
        (["http=here"], "--publish http=here: is not an address; give PORT"),
        (["http=127.0.0.1:99999"], "is not an address"),
        (["alpaca=:80"], "is not an address"),
        (["mqtt=1883/a+b"], "is not an address"),
        (["json=a", "json=a"], "json=a is given twice"),
    ],
)
def test_what_is_not_understood_is_refused(targets: list[str], words: str) -> None:
    with pytest.raises(IrisError) as caught:
        open_channels(targets, WatchConfig())
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "package"),
    [("http", "aiohttp"), ("alpaca", "aiohttp"), ("mqtt", "paho"), ("http", "prometheus_client")],
)
def test_a_missing_library_is_named_with_its_extra(
    kind: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [
        name for name in sys.modules if name.startswith("napari_iris.observatory.channels.")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "napari_iris.observatory.web_server", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match=r"pip install 'napari-iris\[observatory\]'"):
        open_channels([f"{kind}=1883"], WatchConfig())


def test_an_address_that_others_reach_is_said(station: Callable[..., object]) -> None:
    from tests.processes import wait_until

    one = station("http=0.0.0.0:0", "http=0")
    wait_until(lambda: len(one.lines) == 2)
    assert "any computer that reaches this address" in one.said("http=0.0.0.0:0")[0]
    assert "any computer" not in one.said("http=0")[0]
