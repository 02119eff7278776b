"""Ctrl+C while frames are processed: a quick end, and every file complete."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.masks.mask_file import read_mask
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal"),
    pytest.mark.slow,
]

FRAMES = 4000


@pytest.fixture
def night(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    """One frame under thousands of names."""
    noise = np.random.default_rng(0).normal(650, 20, (512, 640))
    frame = write_frame("frame.fits", noise.astype(np.int16))
    (tmp_path / "night").mkdir()
    for number in range(FRAMES):
        os.link(frame, tmp_path / "night" / f"sky_{number}.fits")
    return tmp_path / "night"


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("whom", ["the group, as a terminal does", "the command alone"])
def test_an_interrupted_run_ends_soon_and_leaves_complete_files(
    night: Path, tmp_path: Path, jobs: int, whom: str
) -> None:
    out = tmp_path / "out"
    words = ["mask", night, "--out", out, "--jobs", str(jobs), "--json"]
    command = subprocess.Popen(
        [sys.executable, "-m", "napari_iris", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in command.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and event["done"] > 40:
            break
    start = time.monotonic()
    (os.killpg if whom.startswith("the group") else os.kill)(command.pid, signal.SIGINT)
    _, err = command.communicate(timeout=60)
    assert time.monotonic() - start < SOON_S
    assert command.returncode == 130
    assert err.strip() == "napari-iris mask: interrupted; files written so far are complete"
    names = {path.name for path in out.iterdir()}
    with (out / "masks.csv").open(newline="", encoding="utf-8") as file:
        lines = [row["mask"] for row in csv.DictReader(file)]
    assert 40 < len(lines) < FRAMES
    assert len(set(lines)) == len(lines)
    assert set(lines) <= names
    for name in names - {"masks.csv"}:
        assert read_mask(out / name).mask.shape == (128, 160), "no part files, all masks whole"


def test_a_closed_output_pipe_ends_the_run_quietly(night: Path, tmp_path: Path) -> None:
    """As in ``napari-iris mask ... --json | head -1``."""
    words = ["mask", night, "--out", tmp_path / "out", "--json"]
    command = subprocess.Popen(
        [sys.executable, "-m", "napari_iris", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert json.loads(command.stdout.readline()) == {"event": "start", "total": FRAMES}
    command.stdout.close()
    err = command.stderr.read()
    command.stderr.close()
    assert command.wait(timeout=60) == 0
    assert err == ""
    for path in (tmp_path / "out").glob("*.fits"):
        read_mask(path)


def test_an_interrupt_before_the_command_has_begun_is_one_line() -> None:
    """While Python still imports: no traceback, and dead by that signal."""
    script = "import napari_iris.cli; raise KeyboardInterrupt"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ran.returncode == -signal.SIGINT
    assert ran.stderr.strip() == "napari-iris: interrupted"
