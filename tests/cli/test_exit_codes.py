"""Exit codes: 0 ok, 1 some inputs failed, each named, 2 bad usage; never a traceback."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.cli.main import main
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import read_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = ("--shape", "12", "16")


@pytest.fixture
def night(write_frame: Callable[..., Path], tmp_path: Path) -> Path:
    """Three good frames."""
    for number in range(3):
        data = np.random.default_rng(number).normal(650, 20, (24, 32)).astype(np.float32)
        write_frame(f"night/sky_{number}.fits", data)
    return tmp_path / "night"


@pytest.fixture
def bad(write_frame: Callable[..., Path], tmp_path: Path, night: Path) -> dict[Path, str]:
    """Frames that cannot be masked, with the reason for each."""
    for name, content in {"text": b"no FITS" * 1000, "zero": b"", "cut": b""}.items():
        (night / f"{name}.fits").write_bytes(content)
    (night / "cut.fits").write_bytes((night / "sky_0.fits").read_bytes()[:4000])
    cube = write_frame("night/cube.fits", np.zeros((3, 24, 32), np.int16))
    table = fits.BinTableHDU(np.zeros(3, [("x", "f4")]))
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(night / "table.fits")
    return {
        night / "text.fits": "not FITS",
        night / "zero.fits": "is empty (0 bytes)",
        night / "cut.fits": "is damaged",
        cube: "is a cube of 3 frames",
        night / "table.fits": "holds no image",
        tmp_path / "gone.fits": "does not exist",
    }


def test_masks_equal_those_of_the_python_api(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    settings = ("--a-log", "500", "--contrast", "0.5", "--no-gate")
    ran = cli("mask", night, "--out", tmp_path / "masks", *SMALL, *settings)
    assert ran.code == 0
    assert ran.out == ""
    assert f"3 masks in {tmp_path / 'masks'}" in ran.err
    config = MaskConfig(shape=(12, 16), a_log=500, contrast=0.5, gate=False)
    for path in sorted(night.iterdir()):
        made = make_mask(read_frame(path).data, config)
        found = read_mask(tmp_path / "masks" / f"{path.stem}_mask.fits")
        np.testing.assert_array_equal(found.mask, made.mask)
        assert found.mask_header["ALOG"] == 500
    assert len((tmp_path / "masks" / "masks.csv").read_text().splitlines()) == 4


def test_frames_are_rebinned(cli: Callable[..., tuple], night: Path, tmp_path: Path) -> None:
    ran = cli("rebin", night, "--out", tmp_path / "binned", *SMALL)
    assert ran.code == 0
    for path in sorted(night.iterdir()):
        found = fits.getdata(tmp_path / "binned" / path.name)
        np.testing.assert_array_equal(found, rebin(read_frame(path).data, (12, 16)))


def test_skies_are_simulated(cli: Callable[..., tuple], tmp_path: Path) -> None:
    ran = cli("simulate", tmp_path / "sim", "--count", "2", "--sky", "overcast", "--seed", "5")
    assert ran.code == 0
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.fits"))
    assert names == [
        *(f"sim/frames/sim_00000{number}.fits" for number in range(2)),
        *(f"sim/truth/sim_00000{number}_mask.fits" for number in range(2)),
    ]
    assert fits.getheader(tmp_path / names[0])["SKY"] == "overcast"
    assert read_mask(tmp_path / names[2]).mask.all()


@pytest.mark.parametrize("command", ["mask", "rebin"])
def test_bad_frames_are_named_and_the_others_processed(
    cli: Callable[..., tuple], night: Path, bad: dict[Path, str], tmp_path: Path, command: str
) -> None:
    ran = cli(command, night, tmp_path / "gone.fits", "--out", tmp_path / "out", *SMALL)
    assert ran.code == 1
    lines = ran.err.splitlines()
    for path, reason in bad.items():
        (line,) = [line for line in lines if line.startswith(f"{path}: ")]
        assert reason in line
        assert "; " in line, "and what to do"
    assert len(lines) == len(bad) + 1
    assert "6 failed" in lines[-1]
    made = {path.name for path in (tmp_path / "out").glob("sky_*.fits")}
    assert len(made) == 3


@pytest.mark.parametrize("command", ["mask", "rebin"])
def test_only_bad_frames_give_code_1(
    cli: Callable[..., tuple], tmp_path: Path, command: str
) -> None:
    ran = cli(command, tmp_path / "gone.fits", tmp_path / "*.fits", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "does not exist; check the name" in ran.err
    assert "matches no FITS frame; check the pattern" in ran.err


def test_frames_of_the_same_name_do_not_overwrite_each_other(
    cli: Callable[..., tuple], night: Path, write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    other = write_frame("other/sky_0.fits", np.full((24, 32), 7.0))
    for command in ("mask", "rebin"):
        ran = cli(command, night, other, "--out", tmp_path / command, *SMALL)
        assert ran.code == 1
        assert f"{other}: another frame is already called sky_0" in ran.err
    first = rebin(read_frame(night / "sky_0.fits").data, (12, 16))
    np.testing.assert_array_equal(fits.getdata(tmp_path / "rebin" / "sky_0.fits"), first)


def test_frames_are_not_overwritten_by_rebin(cli: Callable[..., tuple], night: Path) -> None:
    before = {path: path.read_bytes() for path in night.iterdir()}
    other = night.parent / "other"
    other.mkdir()
    for path in night.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    for folders in ([night], [other, night]):
        ran = cli("rebin", *folders, "--out", night, *SMALL)
        assert ran.code == 2
        assert "which would be overwritten; choose another --out" in ran.err
    assert {path: path.read_bytes() for path in night.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--shape", "7", "160"], "--shape: each side needs at least 8 pixels (got [7, 160])"),
        (["--shape", "128"], "argument --shape: expected 2 arguments"),
        (["--shape", "a", "b"], "argument --shape: invalid int value: 'a'"),
        (["--jobs", "-1"], "argument --jobs: expected an integer of 0 or more, got '-1'"),
        (["--jobs", "two"], "argument --jobs: expected an integer of 0 or more, got 'two'"),
        (["--hdu", "-1"], "argument --hdu: expected an integer of 0 or more"),
        (["--plane", "-1"], "argument --plane: expected an integer of 0 or more"),
    ],
)
@pytest.mark.parametrize("command", ["mask", "rebin"])
def test_a_bad_value_gives_code_2_and_writes_nothing(
    cli: Callable[..., tuple],
    night: Path,
    tmp_path: Path,
    command: str,
    words: list[str],
    message: str,
) -> None:
    ran = cli(command, night, "--out", tmp_path / "out", *words)
    assert ran.code == 2
    assert message in ran.err
    assert ran.err.count("\n") == 1, "one line"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mask", "--a-log", "0"], "--a-log: Input should be greater than 0 (got 0.0)"),
        (["mask", "--contrast", "11"], "--contrast: Input should be less than or equal to 10"),
        (["mask", "--contrast", "much"], "argument --contrast: invalid float value: 'much'"),
        (["simulate", "--count", "0"], "--count: Input should be greater than 0 (got 0)"),
        (["simulate", "--count", "1", "--seed", "-1"], "--seed: Input should be greater than"),
        (["simulate", "--count", "1", "--sky", "blue"], "argument --sky: invalid choice: 'blue'"),
        (["simulate", "--count", "x"], "argument --count: invalid int value: 'x'"),
    ],
)
def test_a_value_out_of_range_is_named_with_code_2(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    command, *settings = words
    where = [night, "--out", tmp_path / "out"] if command == "mask" else [tmp_path / "out"]
    ran = cli(command, *where, *settings)
    assert ran.code == 2
    assert ran.err.startswith(f"napari-iris {command}: ")
    assert message in ran.err
    assert ran.err.count("\n") == 1, "one line"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["mask", "rebin", "simulate"])
def test_a_folder_that_cannot_be_created_gives_code_2(
    cli: Callable[..., tuple], night: Path, tmp_path: Path, command: str
) -> None:
    out = tmp_path / "file"
    out.touch()
    words = [out, "--count", "1"] if command == "simulate" else [night, "--out", out]
    ran = cli(command, *words)
    assert ran.code == 2
    assert ran.err.startswith(f"napari-iris {command}: {out}")
    assert "choose another folder" in ran.err
    assert ran.err.count("\n") == 1, "one line"


def test_a_plane_and_an_hdu_can_be_chosen(
    cli: Callable[..., tuple], write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    planes = np.random.default_rng(0).normal(650, 20, (3, 12, 16)).astype(np.float32)
    cube = write_frame("cube.fits", planes)
    assert cli("rebin", cube, "--out", tmp_path / "out", *SMALL, "--plane", "2").code == 0
    np.testing.assert_array_equal(fits.getdata(tmp_path / "out" / "cube.fits"), planes[2])
    ran = cli("rebin", cube, "--out", tmp_path / "out", "--hdu", "4")
    assert ran.code == 1
    assert "holds no image in HDU 4 (it has 1); choose another with --hdu" in ran.err


def test_frames_are_read_from_a_list_file(
    cli: Callable[..., tuple], night: Path, tmp_path: Path
) -> None:
    """``@list.txt`` gives a source a line, spaces and all."""
    spaced = night / "a frame.fits"
    spaced.write_bytes((night / "sky_0.fits").read_bytes())
    (tmp_path / "list.txt").write_text(f"{night / 'sky_1.fits'}\n\n{spaced}\n")
    out = tmp_path / "out"
    assert cli("rebin", f"@{tmp_path / 'list.txt'}", "--out", out, *SMALL).code == 0
    assert {path.name for path in out.iterdir()} == {"sky_1.fits", "a frame.fits"}
    ran = cli("rebin", f"@{tmp_path / 'gone.txt'}", "--out", out)
    assert ran.code == 2
    assert "gone.txt" in ran.err
    assert ran.err.count("\n") == 1, "one line"


@pytest.mark.slow
def test_every_odd_file_is_masked_or_named(shared_data: Path, tmp_path: Path) -> None:
    """As a person runs it, in a separate process, over everything in the folder."""
    odd = sorted(path for path in (shared_data / "odd_fits").rglob("*") if path.is_file())
    (tmp_path / "list.txt").write_text("\n".join(map(str, odd)))
    out = tmp_path / "out"
    ran = subprocess.run(
        [sys.executable, "-m", "napari_iris", "mask", f"@{tmp_path / 'list.txt'}", "--out", out],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    *failures, summary = ran.stderr.splitlines()
    masks = list(out.glob("*_mask.fits"))
    assert len(masks) + len(failures) == len(odd)
    assert len(masks) >= 15
    assert summary.startswith(f"{len(masks)} masks in {out}")
    for line in failures:
        path, _, reason = line.partition(": ")
        assert path in map(str, odd)
        assert "; " in reason
    for path in masks:
        read_mask(path)


@pytest.mark.slow
def test_the_command_runs_as_a_module(night: Path, tmp_path: Path) -> None:
    words = ["rebin", night, "--out", tmp_path / "out", *SMALL]
    ran = subprocess.run(
        [sys.executable, "-m", "napari_iris", *words], capture_output=True, check=True
    )
    assert b"3 frames in" in ran.stderr


@pytest.mark.parametrize("command", ["mask", "demo", "diagram"])
def test_an_output_is_no_address(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"mask": ["night"], "diagram": ["unet"]}.get(command, [])
    with pytest.raises(SystemExit, match="2"):
        main([command, *given, "--out", "s3://sky/night"])
    assert "'s3://sky/night' is an address; give a path" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
