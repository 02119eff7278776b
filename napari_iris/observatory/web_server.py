"""A web application in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.observatory.targets import Address

START_S, STOP_S = 10.0, 0.5
"""Time to open the port, and for the last answers [s]."""

OPEN_TO_ALL = "; any computer that reaches this address may read it, without a password"


class WebServer:
    """Serves an application until it is stopped.

    Parameters
    ----------
    address : Address
        Where it listens; port 0 is any free one.
    app : callable
        Makes the application.

    Raises
    ------
    OSError
        If the port cannot be opened.
    """

    def __init__(self, address: Address, app: Callable[[], web.Application]) -> None:
        self._address, self._app = address, app
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True, name="web")
        self._thread.start()
        self._address = address._replace(port=ready.result(START_S))

    def call(self, work: Callable[..., object], *arguments: object) -> None:
        """Have a function called in the loop's thread."""
        self._loop.call_soon_threadsafe(work, *arguments)

    def opened(self, pages: str) -> str:
        """Say where it listens."""
        warning = "" if self._address.is_loopback else OPEN_TO_ALL
        return f"listens at http://{self._address}{pages}{warning}"

    def stop(self) -> None:
        """Answer what is asked already, and close the port."""
        self.call(self._stop.set)
        self._thread.join(4 * STOP_S)

    def _run(self, ready: Future[int]) -> None:
        try:
            self._loop.run_until_complete(self._serve(ready))
        finally:
            self._loop.close()

    async def _serve(self, ready: Future[int]) -> None:
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=STOP_S)
        try:
            await runner.setup()
            site = web.TCPSite(runner, self._address.host, self._address.port)
            await site.start()
        except OSError as error:
            ready.set_exception(error)
        else:
            ready.set_result(runner.addresses[0][1])
            await self._stop.wait()
        await runner.cleanup()
