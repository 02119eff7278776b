"""Errors of the system that no command expects: one line, exit code 2, no traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX")


def shell(line: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a command line of a shell, in which ``"$@"`` is this program."""
    program = [shutil.which("sh") or "sh", "-c", line, "sh", sys.executable, "-m", "napari_iris"]
    words = tuple(map(str, words))
    return subprocess.run([*program, *words], capture_output=True, text=True, check=False)


def check_one_line(code: int, err: str, *texts: str) -> None:
    assert code == 2, err
    assert err.count("\n") == 1, err
    for text in texts:
        assert text in err


@pytest.mark.parametrize("name", ["n" * 300, "loop", "folder/file/below"])
@pytest.mark.parametrize(
    "words",
    [
        ["import", "{}", "--format", "swimseg", "--out", "out"],
        ["models", "rename", "{}", "other"],
        ["models", "describe", "{}"],
        ["reference", "show", "{}"],
        ["train", "unet", "{}", "--out", "out"],
        ["evaluate", "{}", "{}", "--out", "out"],
        ["project", "{}", "status"],
        ["diagram", "{}"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_path_that_leads_nowhere(
    cli: Callable[..., tuple],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    ran = cli(*(word.format(name) for word in words))
    check_one_line(ran.code, ran.err, name[:60])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("@list.txt\n", "a list names itself (@list.txt)"),
        ("a\0b.fits\n", "an argument contains a NUL"),
    ],
)
def test_a_list_that_names_itself_or_no_file(
    cli: Callable[..., tuple],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text(content)
    ran = cli("mask", "@list.txt", "--out", "out")
    check_one_line(ran.code, ran.err, said)


def test_a_list_of_names_that_are_not_utf_8(
    cli: Callable[..., tuple], make_night: Callable[..., Path], tmp_path: Path
) -> None:
    night = make_night(2)
    name = os.fsdecode(os.fsencode(night) + b"/n\xe4chtlich.fits")
    (night / "sky_1.fits").rename(name)
    (tmp_path / "list.txt").write_bytes(os.fsencode(f"{name}\n\nmissing\xff.fits\n"))
    ran = cli("rebin", f"@{tmp_path}/list.txt", "--out", tmp_path / "out")
    assert ran.code == 1, ran.err
    assert ran.err.count("does not exist") == 1
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
@pytest.mark.parametrize("words", [["diagram", "unet"], ["models", "list"], ["info"]])
def test_a_full_disk_under_standard_output(words: list[str]) -> None:
    ran = shell('exec "$@" >/dev/full', *words)
    check_one_line(ran.returncode, ran.stderr, "No space left on device")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
def test_a_full_disk_under_standard_error_does_not_stop_the_work(
    make_night: Callable[..., Path], tmp_path: Path
) -> None:
    night = make_night(3)
    (night / "bad.fits").touch()
    ran = shell('exec "$@" 2>/dev/full', "rebin", night, "--out", tmp_path / "out")
    assert ran.returncode == 1
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.slow
def test_a_working_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    line = f'cd "{tmp_path}/here" && rmdir ../here && exec "$@"'
    ran = shell(line, "mask", "night", "--out", "out")
    assert ran.returncode in (1, 2)
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("\n") <= 2


@pytest.mark.slow
def test_the_limit_on_cpu_time_is_named(tmp_path: Path) -> None:
    """A shell sets soft and hard limit alike, and the system kills in silence at the hard one."""
    ran = shell('ulimit -t 3; exec "$@"', "simulate", tmp_path / "sky", "--count", 10**6)
    check_one_line(ran.returncode, ran.stderr, "napari-iris simulate: the limit on CPU time")


@pytest.mark.slow
def test_the_limit_on_cpu_time_is_named_where_a_library_hides_standard_error() -> None:
    script = (
        "import os, signal; from napari_iris.cli.failures import warn_of_cpu_limit;"
        "warn_of_cpu_limit('napari-iris train'); os.dup2(os.open(os.devnull, os.O_WRONLY), 2);"
        "os.kill(os.getpid(), signal.SIGXCPU)"
    )
    words = ["-c", f'ulimit -S -t 1000; exec "{sys.executable}" -c "{script}"']
    ran = subprocess.run(["/bin/sh", *words], capture_output=True, text=True, check=False)
    check_one_line(ran.returncode, ran.stderr, "napari-iris train: the limit on CPU time")


def test_an_interrupt_in_the_last_steps_of_a_command_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("napari_iris.cli.main.forget_cpu_limit", interrupted)
    assert main(["models", "list"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.slow
def test_cpu_time_that_runs_out_after_the_command_is_no_failure() -> None:
    script = (
        "import os, signal, sys; from napari_iris.cli.main import main;"
        "code = main(['diagram', 'unet']);"
        "os.kill(os.getpid(), signal.SIGXCPU); sys.exit(code)"
    )
    words = ["-c", f'ulimit -S -t 1000; exec "{sys.executable}" -c "{script}"']
    ran = subprocess.run(["/bin/sh", *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("words", [["mask", "n", "--out", "o"], ["train", "unet", "--out", "o"]])
@pytest.mark.parametrize("limit_kb", [100_000, 900_000])
def test_too_little_address_space_is_named_before_libraries_end_the_process(
    tmp_path: Path, words: list[str], limit_kb: int
) -> None:
    ran = shell(f'cd "{tmp_path}"; ulimit -v {limit_kb}; exec "$@"', *words)
    check_one_line(ran.returncode, ran.stderr, "the address space is limited to", "(ulimit -v)")
