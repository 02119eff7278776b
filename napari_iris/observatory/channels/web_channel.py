"""A channel that answers requests: its server runs from the first report on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from napari_iris.observatory.targets import address_of
from napari_iris.observatory.web_server import WebServer

if TYPE_CHECKING:
    from aiohttp import web

    from napari_iris.observatory.config import WatchConfig
    from napari_iris.observatory.report import Report


class WebChannel(ABC):
    """Answers by the newest report."""

    page = ""
    """Path of the page that its message names."""

    def __init__(self, target: str, where: str, _config: WatchConfig) -> None:
        self.target, self._address = target, address_of(where)
        self._server: WebServer | None = None
        self._report: Report

    def publish(self, report: Report) -> None:
        """Answer by a report from now on."""
        self._report = report
        if self._server is None:
            self._server = WebServer(self._address, self._app)

    def opened(self) -> str:
        """Say where."""
        return "" if self._server is None else self._server.opened(self.page)

    def close(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.stop()

    @abstractmethod
    def _app(self) -> web.Application:
        """Make the application."""
