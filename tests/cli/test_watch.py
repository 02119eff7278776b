"""``watch``: each frame is predicted and reported as it arrives."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.cli.main import main
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.resources import sample_night
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal"),
]

CLEAR, CLOUDY, OTHER = 0, 15, 20
"""Frames of the sample night, from 0."""


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


@pytest.fixture
def arrive(incoming: Path) -> Callable[..., Path]:
    """Have a frame of the sample night arrive, under its own name or another one."""
    frames = sorted(sample_night().iterdir())

    def put(number: int, name: str = "") -> Path:
        target = incoming / (name or frames[number].name)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(frames[number], target)
        return target

    return put


@pytest.fixture
def watch(incoming: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``napari-iris watch`` on the folder; it ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "napari_iris", "watch", str(incoming), "--settle-s", "0.3"]
        command += ["--out", str(tmp_path / "out"), *map(str, words)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def event(run: subprocess.Popen[str]) -> dict[str, Any]:
    line = run.stdout.readline()
    assert line, run.stderr.read()
    return json.loads(line)


def stop(run: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl+C; return the rest of the output."""
    begin = time.monotonic()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert time.monotonic() - begin < SOON_S
    assert run.returncode == 130, err
    assert err.endswith("napari-iris watch: interrupted; files written so far are complete\n")
    return out, err


def table(out: Path) -> list[dict[str, str]]:
    with (out / "predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_frames_are_predicted_as_they_arrive(
    watch: Callable[..., Any], arrive: Callable[..., Path], incoming: Path, tmp_path: Path
) -> None:
    first = arrive(CLEAR)
    run = watch("--json")
    start = event(run)
    assert (start["event"], start["folder"]) == ("start", str(incoming))
    found = event(run)
    assert (found["event"], found["frame"], found["sky"]) == ("predicted", str(first), "clear")
    assert (found["date_obs"][:16], found["cloud_fraction"]) == ("2024-01-15T18:00", 0)
    second = arrive(CLOUDY, "night2/a.fits.fz")
    found = event(run)
    assert (found["frame"], found["sky"]) == (str(second), "cloudy")
    assert 0.3 < found["cloud_fraction"] < 0.9
    assert [row["frame"] for row in table(tmp_path / "out")] == [str(first), str(second)]
    stored = read_prediction(tmp_path / "out" / found["prediction"])
    assert stored.cloud_fraction == pytest.approx(found["cloud_fraction"], abs=1e-6)
    out, _ = stop(run)
    end = json.loads(out.splitlines()[-1])
    assert (end["event"], end["done"], end["failed"]) == ("end", 2, 0)
    assert end["predictions"] == {"clear": 1, "cloudy": 1}
    assert (end["model"], end["engine"]) == (start["model"], "openvino")


def test_a_damaged_frame_is_named_and_predicted_once_it_is_complete(
    watch: Callable[..., Any], arrive: Callable[..., Path], incoming: Path
) -> None:
    run = watch("--json")
    event(run)
    whole = arrive(CLEAR).read_bytes()
    assert event(run)["event"] == "predicted"
    cut = incoming / "cut.fits.fz"
    cut.write_bytes(whole[:9000])
    found = event(run)
    assert (found["event"], found["file"]) == ("failed", str(cut))
    assert found["message"].startswith(f"{cut}: ")
    other = arrive(OTHER)
    assert event(run)["frame"] == str(other), "the rest goes on"
    cut.write_bytes(whole)
    assert event(run)["frame"] == str(cut)
    end = json.loads(stop(run)[0].splitlines()[-1])
    assert (end["done"], end["failed"]) == (3, 0), "in the end all were predicted"


def test_one_line_per_frame_and_the_same_command_continues(
    watch: Callable[..., Any], arrive: Callable[..., Path], tmp_path: Path
) -> None:
    first = arrive(CLOUDY)
    run = watch("--classifier", "none", "--threshold", "0.4")
    words = run.stdout.readline().split()
    assert words[0].startswith("2024-01-16T00:00")
    assert (words[1], words[2][-1], words[3]) == ("cloudy", "%", str(first))
    _, err = stop(run)
    assert "watching " in err
    assert f"1 predictions in {tmp_path / 'out'} (1 cloudy)" in err
    second = arrive(OTHER)
    run = watch("--classifier", "none", "--threshold", "0.4")
    assert run.stdout.readline().split()[3] == str(second), "the first one is done"
    stop(run)
    assert [row["threshold"] for row in table(tmp_path / "out")] == ["0.4", "0.4"]


def test_the_output_folder_may_be_within_the_watched_one(
    watch: Callable[..., Any], arrive: Callable[..., Path], incoming: Path
) -> None:
    run = watch("--json", "--out", incoming / "made")
    event(run)
    first, second = arrive(CLEAR), None
    assert event(run)["frame"] == str(first)
    second = arrive(OTHER)
    assert event(run)["frame"] == str(second), "nothing that was made comes between"
    stop(run)


def test_a_folder_that_disappears_is_waited_for(
    watch: Callable[..., Any], arrive: Callable[..., Path], incoming: Path
) -> None:
    run = watch("--json")
    event(run)
    incoming.rename(incoming.with_name("away"))
    found = event(run)
    assert (found["event"], found["file"]) == ("waiting", str(incoming))
    incoming.with_name("away").rename(incoming)
    path = arrive(CLEAR)
    assert event(run)["frame"] == str(path)
    stop(run)


def test_a_full_disk_is_waited_for(
    watch: Callable[..., Any], arrive: Callable[..., Path], small_disk: Path
) -> None:
    full = small_disk / "full"
    full.write_bytes(bytes(1_900_000))
    out = small_disk / "out"
    out.mkdir()
    run = watch("--json", "--out", out)
    event(run)
    frames = [arrive(CLEAR), arrive(CLOUDY), arrive(OTHER)]
    found = [event(run)]
    while found[-1]["event"] != "waiting":
        found.append(event(run))
    assert "make room there" in found[-1]["message"]
    full.unlink()
    while len(found) < 4:
        found.append(event(run))
    done = [one["frame"] for one in found if one["event"] == "predicted"]
    assert sorted(done) == sorted(map(str, frames))
    assert sorted(row["frame"] for row in table(out)) == sorted(map(str, frames))
    stop(run)


def test_sigterm_ends_it_like_ctrl_c(
    watch: Callable[..., Any], arrive: Callable[..., Path], tmp_path: Path
) -> None:
    arrive(CLEAR)
    run = watch()
    run.stdout.readline()
    run.send_signal(signal.SIGTERM)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert f"1 predictions in {tmp_path / 'out'} (1 clear)" in err
    assert not list((tmp_path / "out").glob(".*"))


def test_a_closed_output_pipe_ends_it_quietly(
    watch: Callable[..., Any], arrive: Callable[..., Path]
) -> None:
    run = watch("--json")
    event(run)
    run.stdout.close()
    arrive(CLEAR)
    assert run.wait(60) == 0
    assert "cannot be written" not in run.stderr.read()


def test_any_file_name_stays_on_one_line(
    watch: Callable[..., Any], arrive: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    run = watch()
    arrive(CLEAR, os.fsdecode(b"\xc3\xa9 a\nb\xff.fits.fz"))
    assert run.stdout.readline().rstrip("\n").endswith("é a\\nb\\udcff.fits.fz")
    stop(run)


def test_two_processes_do_not_write_to_one_folder(watch: Callable[..., Any]) -> None:
    run = watch("--json")
    event(run)
    second = watch()
    _, err = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "is being written to by another process" in err
    assert len(err.splitlines()) == 2, "and which classifier it takes"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["nowhere", "--out", "out"], "nowhere: does not exist; give the folder"),
        ([".", "--out", "out", "--model", "nowhere"], "nowhere: is not a model"),
        ([".", "--out", "out", "--settle-s", "-1"], "--settle-s"),
        (["."], "--out"),
    ],
)
def test_bad_usage_is_reported_in_one_line(
    cli: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    found: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cli("watch", *words)
    assert ran.code == 2
    assert found in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_what_is_known_of_the_clear_sky_is_said_when_it_changes(
    watch: Callable[..., Any], arrive: Callable[..., Path], tmp_path: Path
) -> None:
    for number in range(30):
        arrive(number)
    run = watch("--json")
    events = [event(run)]
    while sum(one["event"] == "predicted" for one in events) < 30:
        events.append(event(run))
    stop(run)
    changes = [one["kind"] for one in events if one["event"] == "reference"]
    assert changes
    assert changes[-1] == "measured"
    found = [one["reference"] for one in events if one["event"] == "predicted"]
    assert found[:6] == ["none"] * 6
    assert "none" in found[6:8], "of two that are read together, either may be the eighth"
    assert found[-1] == "measured"
    arrive(3, "another.fits.fz")
    run = watch("--json")
    assert event(run)["event"] == "start"
    again = {one["event"]: one for one in (event(run), event(run))}
    assert again["reference"]["kind"] == "measured", "learned from the frames of before"
    stop(run)


def test_a_stored_reference_is_known_from_the_first_frame(
    watch: Callable[..., Any], arrive: Callable[..., Path], tmp_path: Path
) -> None:
    file = tmp_path / "camera.fits"
    assert main(["reference", "learn", str(sample_night()), "--out", str(file)]) == 0
    arrive(CLOUDY)
    run = watch("--json", "--reference", file)
    assert event(run)["event"] == "start"
    found = event(run)
    assert (found["event"], found["reference"]) == ("predicted", "measured")
    assert found["clear_part"] + found["cloud_part"] + found["undecided_part"] == pytest.approx(1)
    assert 0 <= found["trust"] <= 1
    stop(run)
