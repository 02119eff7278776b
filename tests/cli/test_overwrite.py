"""A command replaces only what it made itself, and one bad file does not end the batch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.io.outputs import MARK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = ("--shape", "12", "16")


def frame(number: int) -> np.ndarray:
    return np.random.default_rng(number).normal(650, 20, (24, 32)).astype(np.float32)


@pytest.fixture
def nights(write_frame: Callable[..., Path]) -> tuple[Path, Path]:
    """Two nights of three frames each, whose files have the same names."""
    for night in range(2):
        for number in range(3):
            write_frame(f"night{night}/sky_{number}.fits", frame(10 * night + number))
    return tuple(write_frame(f"night{night}/sky_0.fits", frame(night)).parent for night in (0, 1))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_masks_of_version_0_1_0_are_replaced_for_the_same_frames_alone(
    cli: Callable[..., tuple], nights: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = nights
    out = tmp_path / "out"
    assert cli("mask", first, "--out", out, *SMALL).code == 0
    for path in out.glob("*_mask.fits"):
        with fits.open(path, mode="update") as units:
            for name in MARK:  # that version left none
                del units[-1].header[name]
    before = contents(out)
    ran = cli("mask", second, "--out", out, *SMALL)
    assert ran.code == 1
    assert ran.err.count("was made from other input") == 3
    assert {name: contents(out)[name] for name in before if name.endswith("fits")} == {
        name: content for name, content in before.items() if name.endswith("fits")
    }
    assert cli("mask", first, "--out", out, *SMALL).code == 0


@pytest.mark.parametrize("options", [[], ["--overwrite"]])
def test_raw_frames_of_another_night_are_never_replaced(
    cli: Callable[..., tuple], nights: tuple[Path, Path], options: list[str]
) -> None:
    first, second = nights
    (second / "sky_2.fits").unlink()
    before = contents(second)
    ran = cli("rebin", first, "--out", second, *SMALL, *options)
    assert ran.code == 1
    for name in before:
        assert f"{second / name}: may be a frame, which is never replaced; choose" in ran.err
    assert len(ran.err.splitlines()) == 3
    after = contents(second)
    assert after.keys() == before.keys() | {"sky_2.fits"}
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("command", ["rebin", "mask"])
def test_files_of_another_night_are_replaced_only_on_request(
    cli: Callable[..., tuple], nights: tuple[Path, Path], tmp_path: Path, command: str
) -> None:
    first, second = nights
    out = tmp_path / "out"
    assert cli(command, first, "--out", out, *SMALL).code == 0
    before = contents(out)
    ran = cli(command, second, "--out", out, *SMALL)
    assert ran.code == 1
    assert ran.err.count("was made from other input; choose another --out, or give --over") == 3
    assert contents(out) == before
    assert cli(command, second, "--out", out, *SMALL, "--overwrite").code == 0
    after = contents(out)
    assert all(after[name] != before[name] for name in before)
    assert cli(command, second, "--out", out, "--shape", "8", "8").code == 0, "its own again"


@pytest.mark.parametrize("command", ["rebin", "mask"])
def test_one_bad_frame_does_not_end_the_batch(
    cli: Callable[..., tuple], write_frame: Callable[..., Path], tmp_path: Path, command: str
) -> None:
    out = tmp_path / "out"
    write_frame("night/early.fits", frame(1), DATE_OBS="0001-01-01T00:00:00+14:00")
    write_frame("night/late.fits", frame(2), DATE_OBS="9999-12-31T23:59:59-14:00")
    latin = write_frame("night/latin.fits", frame(3))
    latin.rename(latin.with_name(os.fsdecode(b"caf\xe9.fits")))
    write_frame(f"night/{'n' * 250}.fits", frame(4))
    folder = out / ("folder.fits" if command == "rebin" else f"folder_{command}.fits")
    folder.mkdir(parents=True)
    write_frame("night/folder.fits", frame(5))
    write_frame("night/plain.fits", frame(6))
    ran = cli(command, tmp_path / "night", "--out", out, *SMALL)
    assert ran.code == 1
    made = {os.fsencode(path.name).split(b".")[0].split(b"_")[0] for path in out.glob("*.fits")}
    long = b"n" * 250
    assert made - {long, b"folder"} == {b"early", b"late", b"caf\xe9", b"plain"}
    assert f"{folder}: is a folder, not a file; choose another --out" in ran.err
    if command != "rebin":
        named = [line for line in ran.err.splitlines() if f"{'n' * 100}_mask.fits: " in line]
        assert len(named) == 1, "its product would have too long a name"
        assert len(named[0]) <= 300
    assert len(ran.err.splitlines()) == (2 if command == "rebin" else 3)


def simulated(out: Path) -> tuple[str, ...]:
    return "simulate", str(out), "--count", "2", "--sky", "clear"


@pytest.mark.parametrize("edit", ["pixels", "cards"])
def test_a_corrected_truth_is_kept(cli: Callable[..., tuple], tmp_path: Path, edit: str) -> None:
    assert cli(*simulated(tmp_path)).code == 0
    assert cli(*simulated(tmp_path)).code == 0, "its own again"
    path = tmp_path / "truth" / "sim_000000_mask.fits"
    with fits.open(path, mode="update") as units:
        units["MASK"].data[:5] = 2
        if edit == "cards":
            units["MASK"].header["LABELER"] = "Ada"
    before = path.read_bytes()
    ran = cli(*simulated(tmp_path))
    assert ran.code == 1
    assert ran.err.startswith(f"{path}: ")
    assert ran.err.splitlines()[1].startswith(f"1 frames in {tmp_path / 'frames'} (1 failed")
    assert path.read_bytes() == before
    cli(*simulated(tmp_path), "--overwrite")
    assert (path.read_bytes() == before) == (edit == "cards"), "a human mask stays"


def test_another_series_does_not_replace_the_first(
    cli: Callable[..., tuple], tmp_path: Path
) -> None:
    assert cli(*simulated(tmp_path), "--seed", "1").code == 0
    before = contents(tmp_path / "frames") | contents(tmp_path / "truth")
    ran = cli(*simulated(tmp_path), "--seed", "2")
    assert (ran.code, ran.err.count("was made from other input")) == (1, 2)
    assert contents(tmp_path / "frames") | contents(tmp_path / "truth") == before
    assert cli(*simulated(tmp_path), "--seed", "2", "--overwrite").code == 0
    assert contents(tmp_path / "frames") != before


def test_a_diagram_replaces_only_itself(cli: Callable[..., tuple], tmp_path: Path) -> None:
    path = tmp_path / "unet.svg"
    words = ("diagram", "unet", "--format", "svg", "--out", path)
    assert [cli(*words).code for _ in range(2)] == [0, 0]
    own = path.read_text().replace("</svg>", "<!-- my own colours --></svg>")
    path.write_text(own)
    ran = cli(*words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"{path}: is not what napari-iris diagram made from this input; choose" in ran.err
    assert path.read_text() == own
    assert cli(*words, "--overwrite").code == 0
    assert path.read_text() != own


@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_a_diagram_never_replaces_a_device_or_a_frame(
    cli: Callable[..., tuple],
    write_frame: Callable[..., Path],
    tmp_path: Path,
    options: tuple[str, ...],
) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = (raw := write_frame()).read_bytes()
    for path, reason in [
        (tmp_path / "pipe", "is a device or pipe, not a file"),
        (tmp_path, "is a folder, not a file"),
        (raw, "may be a frame, which is never replaced"),
    ]:
        ran = cli("diagram", "unet", "--out", path, *options)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == f"napari-iris diagram: {path}: {reason}; choose another --out\n"
    assert (tmp_path / "pipe").is_fifo()
    assert raw.read_bytes() == before
