"""No command opens a connection or looks a name up, whatever engine it loads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.connections import connections

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

NIGHT, MODEL, TRUTH, OUT = "night", "night_models/unet1", "truth", "out"
TRAINED = ["train", "unet", TRUTH, "--out", OUT, "--channels", "2", "--epochs", "1"]
COMMANDS = {
    "info": ["info"],
    "OpenVINO": ["predict", MODEL, NIGHT, "--out", OUT, "--engine", "openvino"],
    "int8": ["predict", MODEL, NIGHT, "--out", OUT, "--precision", "int8"],
    "Keras": ["predict", MODEL, NIGHT, "--out", OUT, "--engine", "keras"],
    "Flax": ["predict", MODEL, NIGHT, "--out", OUT, "--engine", "flax"],
    "training with Keras, and export": [*TRAINED, "--engine", "keras", "--no-evaluate"],
    "training with Flax, and export": [*TRAINED, "--engine", "flax", "--no-evaluate"],
    "mask": ["mask", NIGHT, "--out", OUT],
    "rebin": ["rebin", NIGHT, "--out", OUT],
    "simulate": ["simulate", OUT, "--count", "2"],
    "project": ["project", OUT, "index", NIGHT],
    "diagram": ["diagram", MODEL],
    "models": ["models", "list"],
}
"""Those that load an engine (`info` looks for all of them), and some that do not."""

ASKS = "import socket; socket.create_connection(('localhost', 9))"


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_nothing_leaves_the_computer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_night: Callable[..., Path],
    make_model: Callable[..., Path],
    words: list[str],
) -> None:
    """Keras told to compute with OpenVINO would load it, and send its telemetry."""
    make_night(4)
    make_model()
    monkeypatch.chdir(tmp_path)
    if TRUTH in words:
        _run(tmp_path, "masks", ["mask", NIGHT, "--out", TRUTH, "--no-gate"])
    assert _run(tmp_path, "watched", words, KERAS_BACKEND="openvino") == []


def test_an_address_is_no_frame(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    script = (
        "import sys; from napari_iris.cli.main import main;"
        "sys.exit(main(['mask', 'http://localhost:9/a.fits', '--out', sys.argv[1]]) == 0)"
    )
    assert connections([sys.executable, "-c", script, out], tmp_path / "watched") == []


def test_a_connection_is_seen(tmp_path: Path) -> None:
    """Otherwise the tests above would show nothing."""
    script = f"try: {ASKS}\nexcept PermissionError: pass"
    found = connections([sys.executable, "-c", script], tmp_path / "watched")
    assert found
    assert "localhost" in found[0]


def _run(folder: Path, name: str, words: list[str], **environment: str) -> list[str]:
    python = [sys.executable, "-m", "napari_iris"]
    return connections([*python, *words], folder / name, **environment)
