"""No command connects or looks a name up, whatever engine it loads, but for frames by URL."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from napari_iris.cli.main import main
from tests.connections import connections

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

NIGHT, MODEL, TRUTH, OUT = "night", "night_models/unet1", "truth", "out"
TRAINED = ["train", "unet", TRUTH, "--out", OUT, "--channels", "2", "--epochs", "1"]
COMMANDS = {
    "info": [["info"]],
    "OpenVINO": [
        ["predict", MODEL, NIGHT, "--out", OUT, "--engine", "openvino"],
        ["predict", MODEL, NIGHT, "--out", "int8", "--precision", "int8"],
    ],
    "Keras": [["predict", MODEL, NIGHT, "--out", OUT, "--engine", "keras"]],
    "Flax": [["predict", MODEL, NIGHT, "--out", OUT, "--engine", "flax"]],
    "training with Keras, and export": [[*TRAINED, "--engine", "keras", "--no-evaluate"]],
    "training with Flax, and export": [[*TRAINED, "--engine", "flax", "--no-evaluate"]],
    "without an engine": [
        ["mask", NIGHT, "--out", "masks"],
        ["rebin", NIGHT, "--out", "rebinned"],
        ["simulate", "simulated", "--count", "2"],
        ["project", "project", "index", NIGHT],
        ["diagram", MODEL],
        ["models", "list"],
    ],
}
"""Commands of one process each: with an engine (`info` looks for all of them), and without."""

RUN = """
import json, sys
from napari_iris.cli.main import main
if any([main(words) for words in json.loads(sys.argv[1])]):
    sys.exit("a command failed")
"""

ASKS = "import socket; socket.create_connection(('localhost', 9))"


@pytest.mark.parametrize("commands", COMMANDS.values(), ids=COMMANDS)
def test_nothing_leaves_the_computer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_night: Callable[..., Path],
    make_model: Callable[..., Path],
    commands: list[list[str]],
) -> None:
    """Keras that computes with OpenVINO would load it, and send its telemetry."""
    make_night(4)
    make_model()
    monkeypatch.chdir(tmp_path)
    if TRUTH in commands[0]:
        assert main(["mask", NIGHT, "--out", TRUTH, "--no-gate", "--jobs", "1"]) == 0
    run = [sys.executable, "-c", RUN, json.dumps(commands)]
    assert connections(run, tmp_path / "watched", KERAS_BACKEND="openvino") == []


def test_a_connection_is_seen(tmp_path: Path) -> None:
    """Otherwise the tests above would show nothing."""
    script = f"try: {ASKS}\nexcept PermissionError: pass"
    found = connections([sys.executable, "-c", script], tmp_path / "watched")
    assert found
    assert "localhost" in found[0]
