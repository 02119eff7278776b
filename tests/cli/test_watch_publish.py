"""``watch --publish``: what an observatory reads while it runs, at its end, and when killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.cli import watch_reporter
from napari_iris.observatory.safety import Verdict
from napari_iris.resources import sample_night
from tests.connections import connections
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal"),
]

CLEAR = (0, 1, 2, 3)
"""Frames of the sample night, from 0."""


class Watching:
    """``watch`` of a folder, and what it publishes."""

    def __init__(self, folder: Path, *words: object) -> None:
        self.incoming, self.document = folder / "incoming", folder / "sky.json"
        self.incoming.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "napari_iris", "watch", str(self.incoming), "--json"]
        command += ["--settle-s", "0.2", "--hold", "0.5", "--max-age", "600"]
        command += ["--publish", f"json={self.document}", *map(str, words)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True)

    def put(self, number: int, name: str = "") -> Path:
        frame = sorted(sample_night().iterdir())[number]
        target = self.incoming / (name or frame.name)
        shutil.copyfile(frame, target)
        return target

    def events(self) -> Iterator[dict[str, Any]]:
        for line in self.process.stdout:
            yield json.loads(line)

    def until(self, kind: str, **keys: object) -> dict[str, Any]:
        for event in self.events():
            if event["event"] == kind and keys.items() <= event.items():
                return event
        raise AssertionError(f"it has ended without {kind} {keys}")

    def latest(self) -> dict[str, Any]:
        return json.loads(self.document.read_text(encoding="utf-8"))

    def reasons(self) -> str:
        return self.latest()["roof_status"]["reasons"]


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watching]]:
    made: list[Watching] = []

    def start(*words: object) -> Watching:
        made.append(Watching(tmp_path, "--out", tmp_path / "out", *words))
        return made[-1]

    yield start
    for one in made:
        one.process.kill()
        one.process.communicate()


def safe_page(address: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}/safe", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except urllib.error.URLError:
        return 0  # nobody answers


def test_from_the_start_to_a_kill_and_from_there_to_the_end(
    watch: Callable[..., Watching], write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    run = watch("--publish", "http=0")
    assert run.until("safety")["reasons"] == ["starting: no frame has been predicted yet"]
    wait_until(run.document.exists)
    assert "starting" in run.reasons()
    listens = run.until("channel", target="http=0")["message"]
    pages = listens.split()[-1].removesuffix("/latest")
    run.until("start")
    run.put(CLEAR[0])
    run.until("safety", safe=True)
    wait_until(lambda: run.latest()["safe"] and safe_page(pages) == 200)
    frozen = run.put(CLEAR[0], "again.fits.fz")
    assert "frozen" in run.until("safety", safe=False)["reasons"][0]
    wait_until(lambda: not run.latest()["safe"] and safe_page(pages) == 503)
    run.put(CLEAR[1], frozen.name)  # written over, with another frame
    run.until("predicted", frame=str(frozen))
    blank = write_frame("incoming/blank.fits", np.full((128, 160), 600, np.int16))
    assert run.until("failed")["file"] == str(blank)
    wait_until(lambda: "has the same value everywhere" in run.reasons())
    run.put(CLEAR[2])
    run.until("safety", safe=True)
    wait_until(lambda: run.latest()["safe"])
    run.process.kill()
    run.process.wait()
    left = run.latest()
    assert left["safe"], "a killed process says nothing more, but until when it held"
    assert datetime.now(UTC) < datetime.fromisoformat(left["valid_until"])
    assert safe_page(pages) == 0
    again = watch("--publish", "http=0")
    again.until("safety", safe=False)
    wait_until(lambda: "starting" in again.reasons())
    again.until("start")
    again.put(CLEAR[3])
    again.until("predicted")
    again.process.send_signal(signal.SIGTERM)
    out, _ = again.process.communicate(timeout=60)
    assert again.process.returncode == 130, out
    assert again.reasons() == "napari-iris has ended"
    assert not again.latest()["safe"]


def test_a_full_disk_is_unsafe(watch: Callable[..., Watching], small_disk: Path) -> None:
    (small_disk / "full").write_bytes(bytes(1_900_000))
    (small_disk / "out").mkdir()
    run = watch("--out", small_disk / "out")
    run.until("start")
    for number in (*CLEAR, 4, 5):
        run.put(number)
    run.until("waiting")
    wait_until(lambda: "No space left on device" in run.reasons())
    assert not run.latest()["safe"]


def test_files_open_no_connection(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    script = (
        f"{sys.executable} -m napari_iris watch incoming --out out --publish json=sky.json "
        "--publish boltwood=sky.txt & run=$!; "
        "until [ -s out/predictions.csv -a -s sky.json -a -s sky.txt ]; do sleep 0.05; done; "
        "kill -INT $run; wait $run; test $? = 130"
    )
    words = ["sh", "-c", f"cd {tmp_path}; {script}"]
    assert connections(words, tmp_path / "watched") == []


def test_an_output_that_nobody_reads_does_not_hold_up_the_publishing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_read, printed = threading.Event(), list[str]()

    def print_event(event: dict[str, Any]) -> None:
        assert is_read.wait(60)
        printed.append(event["event"])

    monkeypatch.setattr(watch_reporter, "print_event", print_event)
    reporter = watch_reporter.WatchReporter(as_json=True)
    reporter.channel("http=0", "listens")  # would wait here
    reporter.verdict(Verdict(True, ()))
    is_read.set()
    reporter.close()
    assert printed == ["channel", "safety"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--publish", "smoke=signals"], "--publish: expected boltwood=FILE"),
        (["--safe-below", "50"], "--safe-below must not be above --unsafe-above"),
        (["--hold", "-1"], "--hold: "),
    ],
)
def test_bad_usage_is_one_line(
    cli: Callable[..., Any], tmp_path: Path, words: list[str], message: str
) -> None:
    ran = cli("watch", str(tmp_path), "--out", str(tmp_path / "out"), *words)
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.strip().splitlines()) == 1
