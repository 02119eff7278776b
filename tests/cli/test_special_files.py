"""Pipes, devices, empty arguments and closed streams: nothing waits, and the work is done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX")

READING = ["mask", "rebin", "predict", "project", "reference"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_night: Callable[..., Path]) -> Path:
    """Working folder with a night of three frames, a pipe named as a frame, and a list pipe."""
    monkeypatch.chdir(tmp_path)
    make_night(3)
    os.mkfifo("pipe.fits")
    os.mkfifo("list.txt")
    return tmp_path


def words_of(command: str, *frames: str) -> list[str]:
    return {
        "mask": ["mask", *frames, "--out", "out", "--jobs", "1"],
        "rebin": ["rebin", *frames, "--out", "out", "--jobs", "1"],
        "project": ["project", "p", "index", *frames, "--jobs", "1"],
        "reference": ["reference", "learn", *frames, "--out", "r.fits"],
        "predict": ["predict", "unet-lwir", *frames, "--out", "out"],
    }[command]


@pytest.mark.parametrize("special", ["pipe.fits", "/dev/zero"])
@pytest.mark.parametrize("command", ["mask", "rebin", "project"])
def test_the_frames_beside_it_are_made(
    here: Path, cli: Callable[..., tuple], command: str, special: str
) -> None:
    ran = cli(*words_of(command, "night", special))
    assert ran.code == 1
    assert f"{special}: is not a regular file; give a FITS file\n" in ran.err
    assert ran.err.count("is not a regular file") == 1
    assert "Traceback" not in ran.err


def test_one_in_a_folder_is_named(here: Path, cli: Callable[..., tuple]) -> None:
    os.mkfifo("night/sky_9.fits")
    ran = cli(*words_of("mask", "night"))
    assert ran.code == 1
    assert "sky_9.fits: is not a regular file" in ran.err
    assert len(list((here / "out").glob("*_mask.fits"))) == 3


@pytest.mark.parametrize("name", ["predictions.csv", "predictions.json", "sky_1_pred.fits"])
def test_a_pipe_among_predictions_is_refused(
    here: Path, cli: Callable[..., tuple], name: str
) -> None:
    (here / "predictions").mkdir()
    os.mkfifo(here / "predictions" / name)
    ran = cli("evaluate", "predictions", "night", "--out", "scores")
    assert ran.code == 2
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors"])
def test_a_model_of_pipes_is_refused(
    here: Path, cli: Callable[..., tuple], make_model: Callable[..., Path], name: str
) -> None:
    model = make_model()
    (model / name).unlink()
    os.mkfifo(model / name)
    ran = cli("predict", model, "night", "--out", "out")
    assert ran.code == 2
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["import-model", "pipe.fits", "--out", "m"],
        ["reference", "show", "pipe.fits"],
        ["mask", "night", "--out", "out", "--reference", "pipe.fits"],
    ],
    ids=" ".join,
)
def test_a_pipe_in_the_place_of_a_file_is_refused(
    here: Path, cli: Callable[..., tuple], words: list[str]
) -> None:
    ran = cli(*words)
    assert ran.code == 2
    assert "it is not a regular file" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", READING)
def test_a_list_from_a_pipe_is_refused(here: Path, cli: Callable[..., tuple], command: str) -> None:
    for one in ("@list.txt", "@/dev/zero"):
        ran = cli(*words_of(command, one))
        assert ran.code == 2
        assert "cannot be read: it is not a regular file" in ran.err
        assert ran.err.count("\n") == 1


def test_a_list_in_a_list_may_be_no_pipe(here: Path, cli: Callable[..., tuple]) -> None:
    (here / "lists.txt").write_text("@list.txt\n")
    assert cli(*words_of("mask", "@lists.txt")).code == 2


def test_blank_lines_of_a_list_are_left_out(here: Path, cli: Callable[..., tuple]) -> None:
    (here / "frames.txt").write_text("night/sky_1.fits\n\n  \nnight/sky_2.fits\n")
    assert cli(*words_of("mask", "@frames.txt")).code == 0


@pytest.mark.parametrize("command", READING)
def test_an_empty_argument_is_not_the_current_folder(
    here: Path, cli: Callable[..., tuple], command: str
) -> None:
    """As of a variable that is not set in a script; before, the current folder was read."""
    for frames in ([""], ["night", ""]):
        ran = cli(*words_of(command, *frames))
        assert ran.code == 2
        assert "an argument is empty ('')" in ran.err
        assert ran.err.count("\n") == 1
    assert not (here / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["mask", "predict"])
def test_the_work_is_done_without_a_standard_stream(
    here: Path, make_model: Callable[..., Path], command: str, closed: str
) -> None:
    """Some service managers close them."""
    words = words_of(command, "night")
    if command == "predict":
        words[1] = str(make_model())
    shell = [shutil.which("sh") or "sh", "-c", f'exec "$@" {closed}', "sh"]
    assert subprocess.call([*shell, sys.executable, "-m", "napari_iris", *words]) == 0
    assert len(list((here / "out").glob("*_*.fits"))) == 3
    for made in (here / "out").iterdir():
        assert b"napari-iris" not in made.read_bytes()[:80]
