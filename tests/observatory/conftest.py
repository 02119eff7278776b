"""A publisher with a clock that the test moves, and real clients of its channels."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.inference.prediction_file import Prediction
from napari_iris.inference.rows import PredictionRow
from napari_iris.observatory import publisher as publisher_room
from napari_iris.observatory.config import WatchConfig
from napari_iris.observatory.publisher import Publisher
from napari_iris.observatory.safety import Moment
from napari_iris.observatory.targets import open_channels
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONFIG = WatchConfig(hold=600, max_age=120)


class Station:
    """A publisher, its clock, and what it said of its channels."""

    def __init__(self, config: WatchConfig, targets: list[str]) -> None:
        self.config, self.offset, self.step, self.count = config, 0.0, 0.0, 0
        self.lines: list[tuple[str, str]] = []
        channels = open_channels(targets, config)
        say = lambda target, line: self.lines.append((target, line))  # noqa: E731
        self.publisher = Publisher(config, channels, say, clock=self.clock)

    def clock(self) -> Moment:
        """The real time, and what the test adds to it."""
        return Moment(time.monotonic() + self.offset, time.time() + self.offset + self.step)

    def said(self, target: str, words: str = "") -> list[str]:
        return [line for of, line in self.lines if of == target and words in line]

    def address(self, target: str) -> str:
        """Where a server listens, with its port."""
        wait_until(lambda: self.said(target, "listens"))
        return self.said(target, "listens")[0].split("http://")[1].split("/")[0].rstrip(";")

    def frame(self, cloud: float = 0.0, pixels: str = "", **more: Any) -> None:
        """Have a frame predicted now."""
        self.count += 1
        probability = np.zeros((8, 10), np.float32)
        probability[:, : round(10 * cloud)] = 1
        frame = np.arange(80, dtype=np.float32).reshape(8, 10) + 600
        prediction = Prediction(
            frame, probability, fits.Header(), "m", 0.5, frame_id=pixels or str(self.count)
        )
        sky = "cloudy" if cloud else "clear"
        more = {"trust": 0.9, "novelty": 0.3} | more
        row = PredictionRow("gone.fits", "", None, sky, cloud, 0.1, "m", 0.5, "p", "r", **more)
        self.publisher.beat()
        self.publisher.frame(row, prediction)

    def make_safe(self) -> None:
        """Good frames for the hold."""
        self.step = 0.0
        self.frame()
        for _ in range(6):
            self.offset += self.config.hold / 6
            self.frame()


@pytest.fixture
def station(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Station]]:
    """Make a station that publishes to some targets."""
    monkeypatch.setattr(publisher_room, "MOST_BETWEEN_S", 0.05)
    made: list[Station] = []

    def make(*targets: str, config: WatchConfig = CONFIG) -> Station:
        made.append(Station(config, list(targets)))
        made[-1].publisher.__enter__()
        return made[-1]

    yield make
    for one in made:
        one.publisher.close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Broker:
    """Debian's mosquitto on a free port of this computer."""

    def __init__(self, folder: Path, port: int) -> None:
        self._settings, self.port = folder / "mosquitto.conf", port
        self._settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n")
        self.start()

    def start(self) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            pytest.skip("needs mosquitto")
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            [program, "-c", str(self._settings)], stdout=quiet, stderr=quiet
        )
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self._process.poll() is None, "mosquitto has ended"
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def broker(tmp_path: Path, free_port: int) -> Iterator[Broker]:
    made = Broker(tmp_path, free_port)
    yield made
    made.stop()


@pytest.fixture
def subscribe(broker: Broker) -> Iterator[Callable[[], dict[str, str]]]:
    """Subscribe to all topics; give the last message of each."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    clients: list[Client] = []

    def start() -> dict[str, str]:
        found: dict[str, str] = {}
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_connect = lambda one, *_: one.subscribe("#", qos=1)
        client.on_message = lambda _c, _u, one: found.update({one.topic: one.payload.decode()})
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        clients.append(client)
        return found

    yield start
    for one in clients:
        one.disconnect()
        one.loop_stop()


def get(address: str, path: str) -> tuple[int, bytes, str]:
    """Status, content and type of a page."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=20) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers["Content-Type"]


BOLTWOOD = {
    "date": (1, 10),
    "time": (12, 22),
    "temperature_unit": (24, 24),
    "wind_unit": (26, 26),
    "sky": (28, 33),
    "ambient": (35, 40),
    "sensor": (42, 47),
    "wind": (49, 54),
    "humidity": (56, 58),
    "dew_point": (60, 65),
    "heater": (67, 69),
    "rain": (71, 71),
    "wet": (73, 73),
    "since": (75, 79),
    "days": (81, 92),
    "cloud_condition": (94, 94),
    "wind_condition": (96, 96),
    "rain_condition": (98, 98),
    "daylight": (100, 100),
    "close_roof": (102, 102),
    "alert": (104, 104),
}
"""Columns of the one-line file, from 1, as Boltwood's manual gives them."""


def read_boltwood(path: Path) -> dict[str, str]:
    line = path.read_text(encoding="ascii")
    assert line.endswith("\n")
    assert len(line) == 105
    used = {place for first, last in BOLTWOOD.values() for place in range(first, last + 1)}
    assert all(line[place - 1] == " " for place in set(range(1, 105)) - used)
    return {name: line[first - 1 : last].strip() for name, (first, last) in BOLTWOOD.items()}


def read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
