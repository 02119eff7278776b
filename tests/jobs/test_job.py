"""A command as a child process: its events, its end, its shell line."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.jobs import job as job_module
from napari_iris.jobs.job import Ending, Job, shell_line
from tests.processes import wait_until
from tests.timing import SOON_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.events import Event

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="speaks to a POSIX shell"),
]


class Recorded:
    """A job, its events and its end."""

    def __init__(self, arguments: list[str]) -> None:
        self.events: list[Event] = []
        self.endings: list[Ending] = []
        self.order: list[str] = []
        self.job = Job(arguments, self._record, self._end)

    def _record(self, event: Event) -> None:
        self.events.append(event)
        self.order.append(event["event"])

    def _end(self, ending: Ending) -> None:
        self.endings.append(ending)
        self.order.append("ENDED")

    def until_end(self) -> Ending:
        self.job.wait(SOON_S)
        assert len(self.endings) == 1
        return self.endings[0]

    def until_event(self) -> Event:
        wait_until(lambda: self.events)
        return self.events[0]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recorded]:
    """Start a job whose child is a shell script: ``start("echo ...", "argument")``."""

    def start_script(script: str, *arguments: str) -> Recorded:
        path = tmp_path / "child.sh"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))
        return Recorded(list(arguments))

    return start_script


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_command_line_is_run(start: Callable[..., Recorded]) -> None:
    script = """printf '{"event": "failed", "file": "", "message": "%s"}\n' "$*" """
    recorded = start(script, "mask", "a b", "--x")
    recorded.until_end()
    assert recorded.events[0]["message"] == "-m napari_iris mask a b --x --json"


def test_events_come_in_order_before_the_end(start: Callable[..., Recorded]) -> None:
    recorded = start(
        """for n in 1 2 3; do echo "{\\"event\\": \\"start\\", \\"total\\": $n}"; done"""
    )
    assert recorded.until_end() == Ending(0, cancelled=False, message="")
    assert [event["total"] for event in recorded.events] == [1, 2, 3]
    assert recorded.order == ["start", "start", "start", "ENDED"]


@pytest.mark.parametrize("line", ["no json", "", "[1, 2]", '{"event": "new"}', r"\377\376"])
def test_lines_that_are_not_events_are_ignored(start: Callable[..., Recorded], line: str) -> None:
    recorded = start(
        f"""printf {shlex.quote(line)}; echo; echo '{{"event": "start", "total": 1}}'"""
    )
    recorded.until_end()
    assert recorded.events == [{"event": "start", "total": 1}]


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_exit_code_is_reported(start: Callable[..., Recorded], code: int) -> None:
    assert start(f"exit {code}").until_end().code == code


def test_the_last_lines_of_standard_error_are_reported(start: Callable[..., Recorded]) -> None:
    ending = start("for n in $(seq 1 200); do echo line $n >&2; done; exit 2").until_end()
    assert ending.message.splitlines() == [f"line {number}" for number in range(181, 201)]


def test_heavy_output_on_both_pipes_does_not_block(start: Callable[..., Recorded]) -> None:
    flood = """i=0; while [ $i -lt 3000 ]; do i=$((i+1))
        echo '{"event": "end", "failed": 0}'; echo err >&2; done"""
    recorded = start(flood)
    assert recorded.until_end().code == 0
    assert len(recorded.events) == 3000


def test_a_killed_child_ends_with_its_signal(start: Callable[..., Recorded]) -> None:
    assert start("kill -KILL $$").until_end().code == -signal.SIGKILL


def test_workers_of_a_killed_child_are_killed(start: Callable[..., Recorded]) -> None:
    """They hold its pipes open, so the job would not end."""
    recorded = start(
        """sleep 60 & echo "{\\"event\\": \\"start\\", \\"total\\": $!}"; kill -KILL $$"""
    )
    assert recorded.until_end().code == -signal.SIGKILL
    wait_until(lambda: not is_alive(recorded.events[0]["total"]))


def test_the_end_comes_after_the_workers_are_killed(
    start: Callable[..., Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if they do not hold the pipes open."""
    order: list[str] = []
    kill = os.killpg

    def slow_kill(group: int, number: int) -> None:
        time.sleep(0.2)
        kill(group, number)
        order.append("killed")

    monkeypatch.setattr(os, "killpg", slow_kill)
    recorded = start("sleep 60 >/dev/null 2>&1 & kill -KILL $$")
    recorded.until_end()
    assert order == ["killed"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux chooses whom to end")
def test_a_child_has_a_lower_priority_than_the_window(start: Callable[..., Recorded]) -> None:
    recorded = start("""echo '{"event": "start", "total": 1}'; sleep 60""")
    recorded.until_event()
    ours, theirs = (Path(f"/proc/{pid}/oom_score_adj") for pid in ("self", recorded.job.pid))
    assert int(theirs.read_text(encoding="ascii")) >= 800 > int(ours.read_text(encoding="ascii"))
    assert os.getpriority(os.PRIO_PROCESS, recorded.job.pid) == max(5, os.nice(0))
    recorded.job.cancel()
    recorded.until_end()


def test_cancel_interrupts_the_child(start: Callable[..., Recorded]) -> None:
    recorded = start("""trap 'echo "{\\"event\\": \\"end\\", \\"failed\\": 0}"; exit 130' INT
        echo '{"event": "start", "total": 1}'; while :; do sleep 0.05; done""")
    recorded.until_event()
    assert recorded.job.running
    assert not recorded.job.cancelled
    recorded.job.cancel()
    recorded.job.cancel()
    assert recorded.until_end() == Ending(130, cancelled=True, message="")
    assert recorded.order == ["start", "end", "ENDED"]
    assert not recorded.job.running


def test_a_job_is_interrupted_only_once(
    start: Callable[..., Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second Ctrl+C would disturb the child while it finishes its files."""
    recorded = start("""echo '{"event": "start", "total": 1}'; exec sleep 60""")
    recorded.until_event()
    sent: list[int] = []
    send = recorded.job._process.send_signal
    monkeypatch.setattr(
        recorded.job._process, "send_signal", lambda number: sent.append(number) or send(number)
    )
    for _ in range(3):
        recorded.job.cancel()
    recorded.until_end()
    assert sent == [signal.SIGINT]


def test_a_child_that_does_not_stop_is_killed(
    start: Callable[..., Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_module, "KILL_AFTER_S", 1)
    recorded = start(
        """trap '' INT; echo '{"event": "start", "total": 1}'; while :; do sleep 0.05; done"""
    )
    recorded.until_event()
    begin = time.monotonic()
    recorded.job.cancel()
    assert not recorded.endings, "cancel does not wait for the end"
    ending = recorded.until_end()
    assert ending.cancelled
    assert ending.code == -signal.SIGKILL
    assert time.monotonic() - begin > 1, "it had time to end"


def test_a_cancelled_job_is_killed_within_five_seconds() -> None:
    assert job_module.KILL_AFTER_S < 5


def test_cancel_after_the_end_changes_nothing(start: Callable[..., Recorded]) -> None:
    recorded = start("exit 0")
    recorded.until_end()
    recorded.job.cancel()
    assert not recorded.job.cancelled


def test_a_job_leaves_no_pipe_open(
    start: Callable[..., Recorded], count_open_files: Callable[..., int]
) -> None:
    before = count_open_files("pipe:")
    recorded = start("echo x; echo y >&2")
    recorded.until_end()
    assert count_open_files("pipe:") == before


@pytest.mark.slow
def test_events_of_a_real_command(tmp_path: Path, write_frame: Callable[..., Path]) -> None:
    frame, broken = write_frame("night/a.fits"), tmp_path / "night/b.fits"
    broken.write_bytes(b"")
    recorded = Recorded(["mask", str(frame.parent), "--out", str(tmp_path / "masks")])
    recorded.job.wait(60)
    assert recorded.endings[0].code == 1
    assert recorded.order[0] == "start"
    assert recorded.order[-2:] == ["end", "ENDED"]
    assert [event["file"] for event in recorded.events if event["event"] == "failed"] == [
        str(broken)
    ]
    assert (tmp_path / "masks" / "a_mask.fits").exists()


def test_bad_usage_is_reported_in_one_line(tmp_path: Path) -> None:
    recorded = Recorded(["mask", str(tmp_path / "gone"), "--out", str(tmp_path / "masks")])
    recorded.job.wait(60)
    assert recorded.endings[0].code in (1, 2)
    assert "Traceback" not in recorded.endings[0].message


ODD_NAMES = ["a b", "quo'te", 'dou"ble', "$HOME", "*", "~", "back\\slash", "semi;colon", "ü☁", "-x"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_shell_parses_a_shell_line_into_the_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    command = tmp_path / "napari-iris"
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    line = shell_line(["mask", name, "--out", f"/tmp/{name}"])
    assert line.startswith("napari-iris mask ")
    said = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True, text=True)
    assert said.stdout.splitlines() == ["mask", name, "--out", f"/tmp/{name}"]


@given(st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8"))))
def test_a_shell_line_can_be_split_again(arguments: list[str]) -> None:
    words = shlex.split(shell_line(arguments))
    assert words[len(words) - len(arguments) :] == arguments


def test_a_shell_line_works_where_the_command_is_not_on_the_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    line = shell_line(["info", "--json"])
    assert line == f"{shlex.quote(sys.executable)} -m napari_iris info --json"


def test_the_shell_line_of_a_job(start: Callable[..., Recorded]) -> None:
    recorded = start("exit 0", "mask", "a b")
    recorded.until_end()
    assert recorded.job.shell_line.endswith("mask 'a b'")
