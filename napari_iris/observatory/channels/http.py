"""Pages for programs and browsers: the verdict, its metrics, its changes, the newest picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from napari_iris.numbers import to_json
from napari_iris.observatory.channels.metrics import Metrics
from napari_iris.observatory.channels.picture import picture
from napari_iris.observatory.channels.web_channel import WebChannel
from napari_iris.observatory.safety import now

if TYPE_CHECKING:
    from napari_iris.observatory.config import WatchConfig
    from napari_iris.observatory.report import Report

WAITING = 100
"""Events that a slow reader may lag behind; it loses the oldest."""


class Http(WebChannel):
    """Pages ``/latest``, ``/safe``, ``/metrics``, ``/events`` and ``/latest.png``."""

    page = "/latest"

    def __init__(self, target: str, where: str, config: WatchConfig) -> None:
        super().__init__(target, where, config)
        self._readers: set[asyncio.Queue[str]] = set()
        self._metrics = Metrics()

    def publish(self, report: Report) -> None:
        """Show a report, and send it to all who read the events."""
        super().publish(report)
        if self._server is not None:
            self._server.call(self._send, to_json(report.document()))

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/latest", self._latest),
                web.get("/safe", self._safe),
                web.get("/metrics", self._show_metrics),
                web.get("/events", self._events),
                web.get("/latest.png", self._picture),
            ]
        )
        app.on_shutdown.append(self._end_events)
        return app

    async def _latest(self, _request: web.Request) -> web.Response:
        return web.json_response(self._report.document(now()), dumps=to_json)

    async def _safe(self, _request: web.Request) -> web.Response:
        """Answer 200 or 503, so that `curl --fail` tells."""
        reasons = self._report.reasons_at(now())
        text = "\n".join(["unsafe", *reasons] if reasons else ["safe"])
        return web.Response(text=f"{text}\n", status=503 if reasons else 200)

    async def _show_metrics(self, _request: web.Request) -> web.Response:
        text, kind = self._metrics.text(self._report, now())
        return web.Response(body=text, headers={"Content-Type": kind})

    async def _picture(self, _request: web.Request) -> web.Response:
        prediction = self._report.prediction
        if prediction is None:
            raise web.HTTPNotFound(text="no frame has been predicted yet\n")
        png = await asyncio.to_thread(picture, prediction)
        headers = {"Content-Type": "image/png", "Cache-Control": "no-cache"}
        return web.Response(body=png, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send each report as it is published, as a server-sent event."""
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._readers.add(queue)
        queue.put_nowait(to_json(self._report.document(now())))
        try:
            while text := await queue.get():
                await response.write(f"data: {text}\n\n".encode())
        except ConnectionResetError:  # the reader has left
            pass
        finally:
            self._readers.discard(queue)
        return response

    def _send(self, text: str) -> None:
        for queue in self._readers:
            if queue.qsize() >= WAITING:
                queue.get_nowait()
            queue.put_nowait(text)

    async def _end_events(self, _app: web.Application) -> None:
        self._send("")
