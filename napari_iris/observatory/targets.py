"""The targets of ``--publish``: which channel, and where."""

from __future__ import annotations

import ipaddress
from pkgutil import resolve_name
from typing import TYPE_CHECKING, NamedTuple

from napari_iris.errors import IrisError, MissingPackageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_iris.observatory.config import WatchConfig
    from napari_iris.observatory.outlet import Channel

LOOPBACK = "127.0.0.1"

_ROOM = "napari_iris.observatory.channels"
CHANNELS = {
    "boltwood": f"{_ROOM}.files:Boltwood",
    "json": f"{_ROOM}.files:Json",
    "http": f"{_ROOM}.http:Http",
    "mqtt": f"{_ROOM}.mqtt:Mqtt",
    "alpaca": f"{_ROOM}.alpaca:Alpaca",
}
"""The class of each kind of channel, which is imported when it is asked for."""

HELP = "boltwood=FILE, json=FILE, http=[HOST:]PORT, mqtt=[HOST:]PORT or alpaca=[HOST:]PORT"


class Address(NamedTuple):
    """Where a channel listens, or connects to."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        """Write it as in an address of the web."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(text: str) -> Address:
    """Parse an address; a port alone is of this computer only.

    Parameters
    ----------
    text : str
        ``PORT`` or ``HOST:PORT``; an IPv6 address stands in brackets.

    Returns
    -------
    Address
        The address.

    Raises
    ------
    ValueError
        If it is not one.

    Examples
    --------
    >>> address_of("8080"), str(address_of("[::1]:80"))
    (Address(host='127.0.0.1', port=8080), '[::1]:80')
    """
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) < 65536) or text.startswith(":"):
        raise ValueError(text)
    host = host.removeprefix("[").removesuffix("]")
    return Address(LOOPBACK if host in ("", "localhost") else host, int(port))


def open_channels(targets: Iterable[str], config: WatchConfig) -> list[Channel]:
    """Make the channels; none connects or listens yet.

    Parameters
    ----------
    targets : iterable of str
        Such as ``json=/run/sky.json``.
    config : WatchConfig
        Rules of the verdict.

    Returns
    -------
    list of Channel
        One for each target.

    Raises
    ------
    IrisError
        If a target is not understood, or given twice.
    MissingPackageError
        If a library is not installed.
    """
    channels: dict[str, Channel] = {}
    for target in targets:
        kind, _, where = target.partition("=")
        if kind not in CHANNELS or not where:
            raise IrisError(f"--publish: expected {HELP}, got {target!r}")
        if target in channels:
            raise IrisError(f"--publish: {target} is given twice")
        try:
            channels[target] = resolve_name(CHANNELS[kind])(target, where, config)
        except ValueError as error:
            fix = f"give PORT (of this computer) or HOST:PORT, such as {kind}=127.0.0.1:8080"
            raise IrisError(f"--publish {target}: is not an address; {fix}") from error
        except ModuleNotFoundError as error:
            fix = f"--publish {kind} needs {error.name}: pip install 'napari-iris[observatory]'"
            raise MissingPackageError(fix) from error
    return list(channels.values())
