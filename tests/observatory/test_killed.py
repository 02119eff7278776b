"""A process that is killed while the sky is safe: a second later no channel says so any more."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

import pytest
from requests.exceptions import ConnectionError as NobodyAnswers

from tests.observatory.conftest import get, read_boltwood, read_json
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

MAX_AGE_S = 1.0

SCRIPT = f"""
import sys, time
import numpy as np
from astropy.io import fits
from napari_iris.inference.prediction_file import Prediction
from napari_iris.inference.rows import PredictionRow
from napari_iris.observatory.config import WatchConfig
from napari_iris.observatory.publisher import Publisher
from napari_iris.observatory.targets import open_channels
count, targets = int(sys.argv[1]), sys.argv[2:]
config = WatchConfig(hold=0, max_age={MAX_AGE_S})
pixels = np.zeros((8, 8), np.float32)
with Publisher(config, open_channels(targets, config), print) as publisher:
    for number in range(10**6):
        publisher.beat()
        if number < count:
            found = Prediction(pixels, pixels, fits.Header(), "m", 0.5, frame_id=str(number))
            publisher.frame(PredictionRow("gone", "", 0, "clear", 0, 0, "m", 0.5, "p", "r"), found)
        time.sleep(0.02)
"""


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the script with some good frames; it ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SCRIPT, *map(str, words)]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        return started[-1]

    yield begin
    for one in started:
        one.kill()
        one.wait()


def test_killed_and_restarted(
    start: Callable[..., subprocess.Popen[bytes]],
    broker: Any,
    subscribe: Callable[[], dict[str, str]],
    tmp_path: Path,
) -> None:
    from alpaca.safetymonitor import SafetyMonitor

    line, document = tmp_path / "sky.txt", tmp_path / "sky.json"
    ports = [_free_port(), _free_port()]
    targets = [f"boltwood={line}", f"json={document}", f"mqtt={broker.port}"]
    targets += [f"http={ports[0]}", f"alpaca={ports[1]}"]
    monitor, topics = SafetyMonitor(f"127.0.0.1:{ports[1]}", 0), subscribe()

    def is_safe() -> dict[str, bool]:
        """What a careful client of each channel takes the sky for."""
        found = {"mqtt": topics.get("napari-iris/safety") == "safe"}
        if document.exists() and line.exists():
            state, columns = read_json(document), read_boltwood(line)
            found["json"] = state["safe"] and datetime.now(UTC) < _time(state["valid_until"])
            written = datetime.fromisoformat(f"{columns['date']}T{columns['time']}0000")
            is_old = (datetime.now() - written).total_seconds() > MAX_AGE_S
            found["boltwood"] = columns["close_roof"] == "0" and not is_old
        try:
            found["http"] = get(f"127.0.0.1:{ports[0]}", "/safe")[0] == 200
            monitor.Connected = True
            found["alpaca"] = monitor.IsSafe
        except (URLError, NobodyAnswers):
            pass
        return found

    run = start(1_000_000, *targets)
    wait_until(lambda: len(found := is_safe()) == 5 and all(found.values()))
    run.kill()
    run.wait()
    end = time.time() + MAX_AGE_S
    wait_until(lambda: not any(is_safe().values()))
    assert read_json(document)["safe"], "what was left is too old"
    assert _time(read_json(document)["valid_until"]).timestamp() <= end
    start(0, *targets)
    wait_until(lambda: topics["napari-iris/safety"] == "unsafe")
    wait_until(lambda: len(is_safe()) == 5)
    assert not any(is_safe().values())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
