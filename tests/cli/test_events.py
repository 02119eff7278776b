"""Events with ``--json``, and the text without it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.cli import progress as room
from napari_iris.cli.progress import Progress
from napari_iris.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def night(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    """Four frames, the third of them damaged."""
    for number in range(4):
        data = np.random.default_rng(number).normal(650, 20, (24, 32)).astype(np.float32)
        write_frame(f"night/sky_{number}.fits", data)
    (tmp_path / "night" / "sky_2.fits").write_bytes(b"no FITS")
    return tmp_path / "night"


def events(text: str) -> list[dict[str, Any]]:
    """Events of a command's output: each of its lines is one."""
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("command", ["mask", "rebin"])
def test_events_of_start_progress_failures_and_end(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, command: str
) -> None:
    gone = tmp_path / "gone.fits"
    ran = cli(command, night, gone, "--out", tmp_path / "out", "--shape", "12", "16", "--json")
    assert ran.code == 1
    assert ran.err == ""
    start, *middle, end = events(ran.out)
    assert start == {"event": "start", "total": 5}
    failed = [event for event in middle if event["event"] == "failed"]
    assert [event["file"] for event in failed] == [str(gone), str(night / "sky_2.fits")]
    for event in failed:
        assert event["message"].startswith(f"{event['file']}: ")
    progress = [event for event in middle if event["event"] == "progress"]
    assert progress[-1] == {"event": "progress", "done": 5, "total": 5, "eta_s": 0.0}
    assert len(failed) + len(progress) == len(middle)
    assert (end["event"], end["done"], end["failed"]) == ("end", 5, 2)
    if command == "mask":
        assert sum(end["masks"].values()) == 3
        assert set(end["masks"]) <= {"clear", "cloudy", "overcast"}


def test_events_of_a_simulation(cli: Callable[..., tuple], tmp_path: Path) -> None:
    ran = cli("simulate", tmp_path / "out", "--count", "2", "--json")
    assert ran.code == 0
    start, *middle, end = events(ran.out)
    assert start == {"event": "start", "total": 2}
    assert middle[-1]["done"] == 2
    assert end == {"event": "end", "done": 2, "failed": 0}


def test_the_summary_is_one_line(cli: Callable[..., tuple], night: Path, tmp_path: Path) -> None:
    ran = cli("mask", night, "--out", tmp_path / "out", "--shape", "12", "16", "--no-gate")
    assert ran.out == ""
    failure, summary = ran.err.splitlines()
    assert failure.startswith(f"{night / 'sky_2.fits'}: ")
    pattern = r"3 masks in .*/out \(3 recipe; 1 failed; \d+\.\d s\)"
    assert re.fullmatch(pattern, summary)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(room, "time", clock)
    return clock


def test_progress_is_printed_ten_times_a_second_and_at_the_end(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress(1000, as_json=True)
    for _ in range(1000):
        clock.now += 0.011
        progress.step()
    printed = [event for event in events(capsys.readouterr().out) if event["event"] == "progress"]
    assert 90 <= len(printed) <= 110
    assert printed[-1]["done"] == 1000
    assert printed[-1]["eta_s"] == 0
    for event in printed:
        assert event["eta_s"] == pytest.approx(0.011 * (1000 - event["done"]), abs=0.06)


@pytest.mark.parametrize(
    ("seconds", "clock_face"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (60, "1:00 min"), (3599, "59:59 min"), (3723, "1:02:03")],
)
def test_durations_in_text(
    clock: Clock, capsys: pytest.CaptureFixture[str], seconds: float, clock_face: str
) -> None:
    progress = Progress(1, as_json=False)
    clock.now += seconds
    progress.end("1 frame", "1 clear")
    assert capsys.readouterr().err == f"1 frame (1 clear; {clock_face})\n"


def test_a_terminal_gets_a_progress_bar(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.sys.stderr, "isatty", lambda: True, raising=False)
    progress = Progress(4, as_json=False)
    outcomes = ["a", FrameError("b.fits", "is bad", "leave it out"), "c", "d"]
    seen = []
    for outcome in progress.follow(outcomes):
        clock.now += 1
        seen.append(outcome)
    progress.end("3 frames")
    assert seen == ["a", "c", "d"]
    assert (progress.done, progress.failed) == (4, 1)
    err = capsys.readouterr().err
    assert err.count("\n") == 2, "the failure and the summary; all else is on one line"
    assert "\r\x1b[Kb.fits: is bad; leave it out\n" in err
    assert err.endswith("\r\x1b[K3 frames (1 failed; 3.0 s)\n")
    assert "[" + "#" * 30 + "] 4/4  0.0 s left" in err


def test_no_progress_without_frames(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(0, as_json=True)
    assert list(progress.follow([])) == []
    progress.end("nothing")
    assert [event["event"] for event in events(capsys.readouterr().out)] == ["start", "end"]
