"""Heavy libraries: imported quietly, and nothing leaves the computer."""

from __future__ import annotations

import subprocess
import sys

import pytest

WATCHED = """
import multiprocessing.process, socket, sys, time

def refuse(*_, **__):
    print("something was sent")
    raise OSError("no network")

multiprocessing.process.BaseProcess.start = socket.getaddrinfo = refuse
socket.socket.connect = refuse
from napari_iris.networks.openvino_network import build_openvino
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import initial_weights
spec = NetworkSpec(kind="unet", channels=(2,), shape=(16, 20))
build_openvino(spec, initial_weights(spec, 0))
time.sleep(1)  # the telemetry sends from a thread
print(*sorted(name for name in sys.modules if "openvino_telemetry" in name), "end")
"""


@pytest.mark.slow
def test_openvino_reports_nothing() -> None:
    """Imported as it is, it starts a process that calls an analytics host."""
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "end\n"
    assert not ran.stderr
