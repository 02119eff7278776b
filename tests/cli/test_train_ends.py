"""However a training ends, it is reported in one line, and the run can be resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from napari_iris.networks.card import read_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, load_weights
from napari_iris.sky import SimulationConfig, write_simulation
from napari_iris.training.config import TrainConfig
from napari_iris.training.memory import memory_errors
from napari_iris.training.run_folder import RunFolder
from tests.processes import cpu_s, wait_until
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

pytestmark = [pytest.mark.slow, pytest.mark.learning]

SMALL = ["--channels", "4", "8", "--shape", "32", "40", "--batch-size", "4", "--no-evaluate"]
LARGE = ["--batch-size", "32", "--aug-batch-size", "32", "--precision", "float32"]


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve simulated frames with their truth."""
    folder = tmp_path_factory.mktemp("sky")
    for outcome in write_simulation(SimulationConfig(count=12, seed=3), folder):
        assert not isinstance(outcome, Exception)
    return folder


@pytest.fixture(params=["keras", "flax"])
def engine(request: pytest.FixtureRequest) -> str:
    library = {"keras": "tensorflow", "flax": "flax"}[request.param]
    pytest.importorskip(library, reason=f"{library} is not installed")
    return str(request.param)


def start(*words: object) -> subprocess.Popen[str]:
    """Train in a separate process, as the window does."""
    return subprocess.Popen(
        [sys.executable, "-m", "napari_iris", "train", *map(str, words), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupt(run: subprocess.Popen[str]) -> tuple[list[dict[str, Any]], str]:
    """Press Ctrl+C; give the events that came after, and standard error."""
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert time.monotonic() - began < SOON_S
    assert run.returncode == 130, err
    assert err.endswith("napari-iris train: interrupted; files written so far are complete\n")
    return [json.loads(line) for line in out.splitlines()], err


def wait_for(run: subprocess.Popen[str], event: str) -> None:
    for line in run.stdout:
        if json.loads(line)["event"] == event:
            return
    pytest.fail(f"ended before the first {event}: {run.stderr.read()}")


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_a_run_interrupted_after_an_epoch_keeps_the_best_and_is_resumed(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, engine: str
) -> None:
    words = ["unet", sky, "--out", tmp_path / "m", "--engine", engine, *SMALL, "--epochs", "9999"]
    run = start(*words)
    wait_for(run, "epoch")
    *_, end = interrupt(run)[0]
    assert end["event"] == "end"
    assert end["cancelled"] is True
    assert end["epochs"] >= 1
    card = read_card(tmp_path / "m")
    assert card.metrics["val_loss"] == end["val_loss"]
    load_weights(tmp_path / "m" / WEIGHTS, card.network)
    assert not list(tmp_path.rglob("*.part"))
    epochs = str(end["epochs"] + 1)
    resumed = cli("train", "unet", sky, "--out", tmp_path / "m", "--resume", "--epochs", epochs)
    assert resumed.code == 0, resumed.err
    assert len(RunFolder(tmp_path / "m").epochs()) == end["epochs"] + 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's process table")
@pytest.mark.parametrize("when", ["importing", "compiling", "within a step"])
def test_a_run_can_be_interrupted_at_any_time(
    sky: Path, tmp_path: Path, engine: str, when: str
) -> None:
    """While the library is imported, while it compiles, within a step of many seconds."""
    run = start("unet", sky, "--out", tmp_path / "m", "--engine", engine, *LARGE)
    if when == "importing":
        library = {"keras": "tensorflow", "flax": "jaxlib"}[engine]
        wait_until(lambda: library in Path(f"/proc/{run.pid}/maps").read_text(encoding="utf-8"))
    else:
        wait_for(run, "data")
    if when == "within a step":
        before = cpu_s(run.pid)
        wait_until(lambda: cpu_s(run.pid) > before + 6)
    *_, end = interrupt(run)[0]
    nothing = {"epochs": 0, "best_epoch": 0, "val_loss": None, "failed": 0}
    assert end == {"event": "end", "model": str(tmp_path / "m"), "cancelled": True, **nothing}


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_a_killed_run_is_resumed_with_the_same_curve(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, engine: str
) -> None:
    words = ["unet", sky, "--engine", engine, *SMALL, "--epochs", "4", "--precision", "float32"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert cli("train", *words, "--out", whole).code == 0
    run = start(*words, "--out", killed)
    for event in ("epoch", "epoch", "step"):
        wait_for(run, event)
    run.kill()
    run.communicate()
    assert cli("train", *words, "--out", killed, "--resume").code == 0
    curves = [
        [(epoch.loss, epoch.val_loss) for epoch in RunFolder(folder).epochs()]
        for folder in (whole, killed)
    ]
    assert len(curves[0]) == 4
    for one, other in zip(*curves, strict=True):
        assert one == pytest.approx(other, rel=1e-4)


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_running_out_of_memory_is_reported_in_one_line(sky: Path, tmp_path: Path) -> None:
    pytest.importorskip("flax", reason="flax is not installed")
    words = ["train", "unet", sky, "--out", tmp_path, "--engine", "flax", "--batch-size", "1024"]
    command = [sys.executable, "-m", "napari_iris"]
    run = subprocess.run(
        ["sh", "-c", 'ulimit -v 6000000; exec "$@"', "sh", *command, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2, run.stderr
    *_, last = run.stderr.splitlines()
    assert last.startswith("napari-iris train: out of memory on ")
    assert last.endswith("use a smaller --batch-size")


def test_a_run_without_a_complete_epoch_is_started_again(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, engine: str
) -> None:
    """For example after running out of memory: the same folder, smaller batches."""
    words = ["train", "unet", sky, "--out", tmp_path, "--engine", engine, *SMALL, "--epochs", "1"]
    RunFolder(tmp_path).create(TrainConfig(network=NetworkSpec(kind="unet")), {})
    assert cli(*words).code == 0
    assert RunFolder(tmp_path).config().batch_size == 4


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("config.json", b'{"network": {"kind"', "config.json: is damaged"),
        ("config.json", b'{"network": {"kind": "unet"}, "colour": 3}', "is damaged (colour"),
        ("facts.json", b"{", "facts.json: is damaged"),
        ("last.safetensors", b"\x08", "last.safetensors: is damaged"),
    ],
)
def test_a_damaged_run_is_reported_in_one_line(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, file: str, content: bytes, reason: str
) -> None:
    RunFolder(tmp_path).create(TrainConfig(network=NetworkSpec(kind="unet")), {})
    (tmp_path / "run" / file).write_bytes(content)
    ran = cli("train", "unet", sky, "--out", tmp_path, "--resume")
    assert ran.code == 2
    assert reason in ran.err
    assert ran.err.count("\n") == 1


def test_two_processes_do_not_train_into_one_folder(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, engine: str
) -> None:
    words = ["train", "unet", sky, "--out", tmp_path, "--engine", engine, *SMALL, "--epochs", "1"]
    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"):
        ran = cli(*words)
    assert ran.code == 2
    assert "is being trained by another process" in ran.err
    assert cli(*words).code == 0


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 17179869184 bytes."),
        RuntimeError("OOM when allocating tensor with shape[64,128,160,64]"),
        ValueError("Unable to allocate 12.0 GiB for an array with shape (1, 2)"),
        type("ResourceExhaustedError", (Exception,), {})("failed"),
    ],
    ids=repr,
)
def test_the_memory_errors_of_every_library_are_recognised(error: Exception) -> None:
    with (
        pytest.raises(Exception, match=r"^out of memory on a GPU; use a smaller --batch-size$"),
        memory_errors("a GPU"),
    ):
        raise error


def test_other_errors_are_passed_on() -> None:
    with pytest.raises(ValueError, match="room"), memory_errors("a GPU"):
        raise ValueError("no room for doom")
