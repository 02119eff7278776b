"""Heavy libraries: imported quietly, Ctrl+C deferred, and nothing leaves the computer."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from napari_iris.networks import libraries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


INTERRUPTED = "import signal; signal.raise_signal(signal.{name}); done = True"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Handlers as in a running command."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = [signal.signal(number, signal.default_int_handler) for number in numbers]
    yield
    for number, handler in zip(numbers, handlers, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_import_is_completed_before_ctrl_c_takes_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """KeyboardInterrupt in the initialisation of JAX's C++ module crashes the process."""
    module = f"interrupted_by_{name.lower()}"
    (tmp_path / f"{module}.py").write_text(INTERRUPTED.format(name=name))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KeyboardInterrupt), libraries._uninterrupted():
        import_module(module)
    assert sys.modules.pop(module).done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler


def test_other_signal_handlers_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "handled.py").write_text(INTERRUPTED.format(name="SIGINT"))
    monkeypatch.syspath_prepend(tmp_path)
    received: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        with libraries._uninterrupted():
            assert import_module("handled").done
    finally:
        signal.signal(signal.SIGINT, handler)
        sys.modules.pop("handled", None)
    assert received == [signal.SIGINT]
