"""``reference learn`` and ``show``, ``mask --reference``, ``simulate --nights``."""

from __future__ import annotations

import csv
import json
import shutil
import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.cli.main import main
from napari_iris.inference.prediction_file import Prediction, write_prediction
from napari_iris.labels import IGNORE
from napari_iris.masks.mask_file import write_mask
from napari_iris.project.project import Project
from napari_iris.resources import sample_night
from napari_iris.sky import sample_frames
from napari_iris.sky.truth import rebin_truth

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow


NIGHT = str(sample_night())


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of a prediction and of its truth."""
    folder = tmp_path_factory.mktemp("labelled")
    frame = np.full((16, 20), 600, np.float32)
    predictions, truth = folder / "predictions", folder / "truth"
    predictions.mkdir()
    truth.mkdir()
    prediction = Prediction(frame, frame / 1000, fits.Header(), "m", 0.5)
    write_prediction(predictions / "a_pred.fits", prediction)
    write_mask(truth / "a_mask.fits", frame, np.zeros((16, 20), np.uint8), fits.Header(), {})
    return predictions, truth


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reference") / "camera.fits"
    assert main(["reference", "learn", str(sample_night()), "--out", str(path)]) == 0
    return path


def test_show_says_what_it_rests_on(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reference", "show", str(file), "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)["references"]
    assert facts["kind"] == "measured"
    assert facts["frames"] == 30
    assert facts["clear_frames"] >= 8
    assert main(["reference", "show", str(file)]) == 0
    assert "clear frames" in capsys.readouterr().out


def masks_of(folder: Path) -> np.ndarray:
    return np.stack([fits.getdata(path, 1) for path in sorted(folder.glob("*_mask.fits"))])


def test_masks_with_the_reference_are_nearer_to_the_truth(file: Path, tmp_path: Path) -> None:
    night = str(sample_night())
    found = {}
    for choice in ("auto", "none", str(file)):
        out = tmp_path / choice.replace("/", "_")
        assert main(["mask", night, "--out", str(out), "--reference", choice]) == 0
        found[choice] = masks_of(out)
    truth = np.stack([rebin_truth(one.truth, (128, 160), one.undecided) for one in sample_frames()])
    decided = truth != IGNORE
    right = {choice: np.mean((masks == truth)[decided]) for choice, masks in found.items()}
    assert right["auto"] > 0.98
    assert right["auto"] > right["none"] + 0.05
    np.testing.assert_array_equal(found["auto"], found[str(file)])


def test_cards_and_columns_tell_the_reference(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "masks"
    assert main(["mask", str(sample_night()), "--out", str(out), "--reference", str(file)]) == 0
    with (out / "masks.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        header = fits.getheader(out / row["mask"], 1)
        assert header["REFKIND"] == row["reference"] == "measured"
        assert header["REFLEVEL"] == pytest.approx(float(row["level"]), abs=0.01)
        parts = [float(row[f"{part}_part"]) for part in ("clear", "cloud", "undecided")]
        assert sum(parts) == pytest.approx(1)
        assert parts[1] - 0.02 <= float(row["cloud_fraction"]) <= 1.02 - parts[0]


COMMANDS = {
    "mask": ["mask", NIGHT, "--out", "OUT", "--reference", "FILE"],
    "index": ["project", "OUT", "index", NIGHT, "--reference", "FILE"],
    "predict": ["predict", "unet-lwir", NIGHT, "--out", "OUT", "--reference", "FILE"],
    "watch": ["watch", NIGHT, "--out", "OUT", "--reference", "FILE"],
    "evaluate": ["evaluate", "PREDICTIONS", "TRUTH", "--out", "OUT", "--reference", "FILE"],
    "show": ["reference", "show", "FILE"],
}


def damaged(file: Path, path: Path) -> None:
    path.write_bytes(file.read_bytes()[:9000])


def foreign(file: Path, path: Path) -> None:
    fits.writeto(path, np.zeros((4, 4)))


def future(file: Path, path: Path) -> None:
    with fits.open(file) as units:
        units[0].header["IRISREF"] = 99
        units.writeto(path)


def hostile(file: Path, path: Path) -> None:
    huge = file.read_bytes().replace(
        b"NAXIS1  =                   80", b"NAXIS1  =            900000000"
    )
    path.write_bytes(huge)


def a_folder(file: Path, path: Path) -> None:
    path.mkdir()


def missing(file: Path, path: Path) -> None:
    pass


@pytest.mark.parametrize("make", [damaged, foreign, future, hostile, a_folder, missing])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reference_that_cannot_be_used_is_one_line(
    file: Path,
    labelled: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    make: Callable[[Path, Path], None],
) -> None:
    bad, out = tmp_path / "bad.fits", tmp_path / "out"
    make(file, bad)
    places = dict(zip(("PREDICTIONS", "TRUTH"), map(str, labelled), strict=True))
    words = {**places, "OUT": str(out), "FILE": str(bad)}
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main([words.get(word, word) for word in COMMANDS[command]]) == 2
    finally:
        signal.signal(signal.SIGTERM, before)  # watch has it end the program like Ctrl+C
    lines = [
        line
        for line in capsys.readouterr().err.strip().splitlines()
        if "as named in its card" not in line
    ]
    assert len(lines) == 1
    assert str(bad) in lines[0]
    assert "; " in lines[0], "with a fix"
    assert not list(out.glob("*_*.fits")), "nothing was made"


def test_frames_without_a_camera_in_common_have_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(tmp_path), "--count", "10", "--seed", "3"]) == 0
    frames = str(tmp_path / "frames")
    assert main(["reference", "learn", frames, "--out", str(tmp_path / "r.fits")]) == 2
    assert "share no fixed pattern" in capsys.readouterr().err
    assert main(["mask", frames, "--out", str(tmp_path / "m")]) == 0
    assert "reference: none (the frames share no fixed pattern" in capsys.readouterr().err


def test_simulated_nights_keep_their_camera_and_say_where_truth_is_undecided(
    tmp_path: Path,
) -> None:
    assert main(["simulate", str(tmp_path), "--nights", "2", "--count", "4", "--seed", "5"]) == 0
    paths = sorted((tmp_path / "frames").iterdir())
    headers = [fits.getheader(path) for path in paths]
    assert len(headers) == 8
    assert {header["SERIAL"] for header in headers} == {"SIM000005"}
    assert [header["NIGHT"] for header in headers] == [0] * 4 + [1] * 4
    assert headers[4]["DATE-OBS"] > headers[3]["DATE-OBS"]
    assert len({header["SHU-TEMP"] for header in headers}) == 8
    truth = masks_of(tmp_path / "truth")
    assert set(np.unique(truth)) <= {0, 1, 2}


def test_a_project_keeps_its_references_and_learns_them_from_clear_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = str(tmp_path / "project")
    assert main(["project", project, "index", str(sample_night())]) == 0
    (file,) = (tmp_path / "project" / "references").iterdir()
    capsys.readouterr()
    assert main(["reference", "show", str(file)]) == 0
    assert "measured" in capsys.readouterr().out
    with Project(project) as opened:
        clear = opened.table.id[opened.table.cloud_fraction == 0].tolist()
        opened.approve(clear[0])
    assert main(["project", project, "relearn", "--night", file.stem, "--json"]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert end["failed"] == 0
    assert list(end["masks"]) == [file.stem]
    learned = str(tmp_path / "camera.fits")
    assert main(["reference", "learn", project, "--out", learned, "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)["references"]
    assert facts["frames"] == 30
    assert main(["project", project, "relearn", "--night", "1999-01-01"]) == 2
    assert f"has no night 1999-01-01; its nights: {file.stem}" in capsys.readouterr().err


def test_neither_a_frame_nor_a_file_of_ones_own_is_replaced(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame, picture = tmp_path / "frame.fits", tmp_path / "camera.svg"
    fits.PrimaryHDU(np.ones((8, 8))).writeto(frame)
    picture.write_text("<svg>my own</svg>")
    before = frame.read_bytes()
    for words, reason in [
        (
            ["learn", str(sample_night()), "--out", str(frame)],
            "is not a clear-sky reference, and is",
        ),
        (["show", str(file), "--figure", str(picture)], "is not what napari-iris reference show"),
    ]:
        assert main(["reference", *words]) == 2
        assert reason in capsys.readouterr().err
    assert frame.read_bytes() == before
    assert picture.read_text() == "<svg>my own</svg>"
    for _ in range(2):
        assert main(["reference", "show", str(file), "--figure", str(picture), "--overwrite"]) == 0


def test_learn_names_the_frames_that_it_cannot_read(
    cli: Callable[..., tuple], tmp_path: Path
) -> None:
    night = tmp_path / "night"
    shutil.copytree(NIGHT, night)
    (night / "bad.fits").write_bytes(b"no FITS" * 1000)
    ran = cli("reference", "learn", night, "--out", tmp_path / "camera.fits")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert ran.err.startswith(f"{night / 'bad.fits'}: is damaged or not FITS")
    assert (tmp_path / "camera.fits").exists()
