"""Long nights by the real command: flat memory, and whole files however it is killed or stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.inference.prediction_file import read_prediction
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, initial_weights, save_weights
from tests.processes import cpu_s, wait_until
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals"),
    pytest.mark.slow,
]

KILLS = 8


@pytest.fixture
def long_night(cloudy_frame: Callable[..., Path]) -> Callable[[int], list[Path]]:
    """Make a night of a few frames under many names."""

    def make(count: int) -> list[Path]:
        frames = [cloudy_frame(f"few/{number}.fits", number / 9, number) for number in range(9)]
        folder = frames[0].parent.with_name("night")
        folder.mkdir()
        paths = [folder / f"sky_{number:05}.fits" for number in range(count)]
        for number, path in enumerate(paths):
            os.link(frames[number % 9], path)
        return paths

    return make


@pytest.fixture
def command(save_model: Callable[..., Path], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start ``napari-iris predict`` over the night; it ends with the test."""
    model = save_model()
    started: list[subprocess.Popen[str]] = []

    def start(*words: object) -> subprocess.Popen[str]:
        night, out = tmp_path / "night", tmp_path / "out"
        predict = [sys.executable, "-m", "napari_iris", "predict", model, night, "--out", out]
        started.append(
            subprocess.Popen(
                [str(word) for word in (*predict, *words, "--json")],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def events(command: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    for line in command.stdout:
        yield json.loads(line)


def until_done(command: subprocess.Popen[str], count: int) -> None:
    """Wait until so many frames are done."""
    for event in events(command):
        if event["event"] == "progress" and event["done"] >= count:
            return


def test_files_are_complete_after_many_kills_and_the_same_command_finishes(
    long_night: Callable[[int], list[Path]],
    command: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    check_whole: Callable[[Path, list[Path]], None],
    table_of: Callable[[Path], dict[str, dict[str, str]]],
) -> None:
    frames, out = long_night(1500), tmp_path / "out"
    rng = np.random.default_rng(1)
    done = 0
    at_work = 0
    for kill in range(KILLS):
        running = command()
        if kill % 4:  # else while it begins
            until_done(running, done + int(rng.integers(1, 40)))
        time.sleep(rng.uniform(0, 0.2))
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        at_work += running.returncode == -signal.SIGKILL
        if not (out / "predictions.csv").exists():
            continue
        lines = table_of(out)
        assert len(lines) >= done, "what had a line keeps it"
        done = len(lines)
        files = {path.name for path in out.glob("*_pred.fits")}
        assert {f"{Path(frame).stem}_pred.fits" for frame in lines} <= files
        for name in rng.choice(sorted(files), 10):
            read_prediction(out / name)
    assert at_work == KILLS
    assert 0 < done < len(frames)
    last = command()
    *_, end = events(last)
    assert last.wait() == 0
    assert end["done_before"] >= done
    assert end["done"] == len(frames)
    check_whole(out, frames)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    *_, end = events(command())
    assert end["done_before"] == len(frames)
    assert before == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}


@pytest.mark.parametrize("whom", ["the group, as a terminal does", "the command alone"])
@pytest.mark.parametrize("batch_size", [16, 256])
def test_ctrl_c_ends_it_soon_and_leaves_whole_files(
    long_night: Callable[[int], list[Path]],
    command: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    table_of: Callable[[Path], dict[str, dict[str, str]]],
    whom: str,
    batch_size: int,
) -> None:
    long_night(4000)
    running = command("--batch-size", batch_size, "--turned")
    until_done(running, 30)
    start = time.monotonic()
    (os.killpg if whom.startswith("the group") else os.kill)(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert time.monotonic() - start < SOON_S
    assert running.returncode == 130
    assert err.strip() == "napari-iris predict: interrupted; files written so far are complete"
    out = tmp_path / "out"
    files = {path.name for path in out.iterdir()} - {"predictions.csv", "predictions.json"}
    assert all(name.endswith("_pred.fits") for name in files), "no part file, no lock"
    assert 30 <= len(table_of(out)) <= len(files) < 4000
    for name in files:
        assert read_prediction(out / name).spread is not None


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's process table")
@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
@pytest.mark.parametrize("at_work_s", [0, 9], ids=["while it begins", "while it computes"])
def test_ctrl_c_ends_it_soon_in_the_midst_of_a_large_batch(
    long_night: Callable[[int], list[Path]],
    command: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    at_work_s: float,
) -> None:
    """A library does not hear it before the batch is done, which takes minutes."""
    long_night(600)
    network = NetworkSpec(kind="unet")
    save_weights(tmp_path / "models" / "unet" / WEIGHTS, initial_weights(network, 0))
    write_card(tmp_path / "models" / "unet", ModelCard.of(network))
    running = command("--engine", "keras", "--batch-size", 512)
    library = Path(f"/proc/{running.pid}/maps")
    wait_until(lambda: "tensorflow" in library.read_text(encoding="utf-8"))
    begun = cpu_s(running.pid)
    wait_until(lambda: cpu_s(running.pid) > begun + at_work_s)
    start = time.monotonic()
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert time.monotonic() - start < SOON_S
    assert running.returncode == 130
    assert err.strip() == "napari-iris predict: interrupted; files written so far are complete"


def resident_mib(process: int) -> float:
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (line,) = [line for line in text.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory and files from /proc")
def test_memory_and_open_files_do_not_grow_with_the_frames(
    long_night: Callable[[int], list[Path]], command: Callable[..., subprocess.Popen[str]]
) -> None:
    count = 4000
    long_night(count)
    running = command()
    memory, files = [], []
    for event in events(running):
        if event["event"] == "progress" and event["done"] < count:
            memory.append((event["done"], resident_mib(running.pid)))
            files.append(len(list(Path(f"/proc/{running.pid}/fd").iterdir())))
    assert running.wait() == 0
    early = max(mib for done, mib in memory if 400 < done < 1000)
    late = max(mib for done, mib in memory if done > count - 1000)
    assert late - early < 10, "MiB"
    assert max(files) < 40
