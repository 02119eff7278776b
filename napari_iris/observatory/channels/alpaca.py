"""ASCOM Alpaca: a SafetyMonitor, and ObservingConditions with the cloud cover.

The answers follow the *ASCOM Alpaca API Reference*: errors of a device are numbers in an answer of
status 200; requests that the interface does not have are refused with status 400. There is no
discovery, which would listen on every network: give the address to the client.
"""

from __future__ import annotations

import platform
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web

from napari_iris import __version__
from napari_iris.numbers import to_json
from napari_iris.observatory.channels.alpaca_devices import DEVICES, AlpacaError, Question
from napari_iris.observatory.channels.web_channel import WebChannel
from napari_iris.observatory.safety import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_iris.observatory.config import WatchConfig

LARGEST = 2**32
"""Numbers of clients and transactions are below this."""


class _Transaction(NamedTuple):
    """Who asks, and the number of the question; 0 where it has none."""

    client: int
    number: int


class Alpaca(WebChannel):
    """Management and device interface, in one server."""

    def __init__(self, target: str, where: str, config: WatchConfig) -> None:
        super().__init__(target, where, config)
        self._where = where
        self._count = count(1)
        self._connected: set[tuple[str, int]] = set()

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/management/{page:apiversions|v1/.+}", self._manage),
                web.get("/api/v1/{device}/{number}/{member}", self._get),
                web.put("/api/v1/{device}/{number}/{member}", self._put),
            ]
        )
        return app

    async def _manage(self, request: web.Request) -> web.Response:
        pages: dict[str, Any] = {
            "apiversions": [1],
            "v1/description": {
                "ServerName": "napari-iris",
                "Manufacturer": "The napari-iris developers",
                "ManufacturerVersion": __version__,
                "Location": platform.node(),
            },
            "v1/configureddevices": [
                {
                    "DeviceName": one.title,
                    "DeviceType": one.kind,
                    "DeviceNumber": 0,
                    "UniqueID": str(uuid5(NAMESPACE_URL, self._where + platform.node() + one.kind)),
                }
                for one in DEVICES.values()
            ],
        }
        page = request.match_info["page"]
        if page not in pages:
            raise web.HTTPBadRequest(text=f"there is no page {page}")
        return self._answer(_transaction(_lowered(request.query)), pages[page])

    async def _get(self, request: web.Request) -> web.Response:
        """Answer a property; names of parameters may be in either case."""
        device, member = self._member(request, "gets")
        given = _lowered(request.query)
        who = _transaction(given)
        is_connected = (device, who.client) in self._connected
        asked = Question(member, given, is_connected, self._report, now())
        try:
            return self._answer(who, DEVICES[device].get(asked))
        except AlpacaError as error:
            return self._answer(who, None, error)

    async def _put(self, request: web.Request) -> web.Response:
        """Do what is asked; names of parameters are in the case of the interface."""
        device, member = self._member(request, "puts")
        given = {name: str(value) for name, value in (await request.post()).items()}
        who = _transaction({name.lower(): value for name, value in given.items() if name in _IDS})
        try:
            if member in CONNECTS:
                change = self._connected.add if _wanted(member, given) else self._connected.discard
                change((device, who.client))
            else:
                DEVICES[device].put(member, given)
        except AlpacaError as error:
            return self._answer(who, None, error)
        return self._answer(who, None)

    def _member(self, request: web.Request, kind: str) -> tuple[str, str]:
        """Find the device and what is asked of it; refuse what the interface does not have."""
        device, number, member = (request.match_info[x] for x in ("device", "number", "member"))
        if device not in DEVICES or number != "0":
            raise web.HTTPBadRequest(text=f"there is no device {device} {number}")
        if member not in getattr(DEVICES[device], kind):
            raise web.HTTPBadRequest(text=f"{device} has no {member} to {request.method}")
        return device, member

    def _answer(
        self, who: _Transaction, value: Any, error: AlpacaError | None = None
    ) -> web.Response:
        document: dict[str, Any] = {} if value is None else {"Value": value}
        document |= {
            "ClientTransactionID": who.number,
            "ServerTransactionID": next(self._count) % LARGEST,
            "ErrorNumber": 0 if error is None else error.number,
            "ErrorMessage": "" if error is None else str(error),
        }
        return web.json_response(document, dumps=to_json)


_IDS = ("ClientID", "ClientTransactionID")
CONNECTS = ("connect", "disconnect", "connected")


def _lowered(given: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in given.items()}


def _transaction(given: Mapping[str, str]) -> _Transaction:
    """Parse the numbers of a request, its names in lower case."""
    words = [given.get(name.lower(), "0").strip() or "0" for name in _IDS]
    if not all(word.isascii() and word.isdecimal() and int(word) < LARGEST for word in words):
        text = f"{' and '.join(_IDS)} must be integers from 0 to {LARGEST - 1}"
        raise web.HTTPBadRequest(text=text)
    return _Transaction(*map(int, words))


def _wanted(member: str, given: Mapping[str, str]) -> bool:
    """Whether a client wants to be connected."""
    word = given.get("Connected", "").lower()
    if member == "connected" and word not in ("true", "false"):
        raise web.HTTPBadRequest(text="Connected must be True or False")
    return member == "connect" or (member == "connected" and word == "true")
