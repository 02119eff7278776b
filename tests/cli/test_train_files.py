"""A training names each file that cannot be used, and continues with the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FrameError, IrisError
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.networks.card import read_card
from napari_iris.resources import sample_night
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.learning, pytest.mark.usefixtures("stub_trainer")]

SMALL = ["--channels", "2", "4", "--shape", "32", "40", "--epochs", "1"]
MIXED = [0.5, 0.2, 0.8, 0.0, 0.6, 1.0, 0.4, 0.3] * 2


def spoil(path: Path, value: object = None) -> None:
    """Make a mask of another shape than its frame, or of one value."""
    with fits.open(path, mode="update") as units:
        if value is None:
            units[1].data = units[1].data[:16]
        else:
            units[1].data = np.full_like(units[1].data, value)


def test_unusable_files_are_named_and_the_others_used(
    cli: Callable[..., tuple], write_night: Callable[..., Path], tmp_path: Path
) -> None:
    night = write_night(MIXED)
    bad = sorted(night.iterdir())[::2]
    for path in bad:
        spoil(path)
    ran = cli("train", "unet", night, "--out", tmp_path / "m", *SMALL, "--no-evaluate")
    assert ran.code == 1, ran.err
    for path in bad:
        (line,) = (line for line in ran.err.splitlines() if line.startswith(str(path)))
        assert line.endswith("differ in shape; make the mask again from its frame")
    assert "8 files could not be used" in ran.err.splitlines()[-1]
    assert (tmp_path / "m" / "openvino" / "model.xml").exists()
    ran = cli("train", "unet", night, "--out", tmp_path / "n", *SMALL, "--no-evaluate", "--json")
    events = [json.loads(line) for line in ran.out.splitlines()]
    failed = [event for event in events if event["event"] == "failed"]
    assert [event["file"] for event in failed] == list(map(str, bad))
    assert (ran.code, events[-1]["failed"], events[-1]["best_epoch"]) == (1, 8, 1)


def test_a_constant_frame_does_not_stop_the_run(
    cli: Callable[..., tuple], write_night: Callable[..., Path], tmp_path: Path
) -> None:
    night = write_night(MIXED)
    for path in night.iterdir():
        if path.name in ("sky_00_mask.fits", "sky_08_mask.fits"):
            with fits.open(path, mode="update") as units:
                units[0].data[:] = 600
    out = tmp_path / "m"
    ran = cli("train", "unet", night, "--out", out, *SMALL)
    assert ran.code == 1
    assert ran.err.count("has the same value everywhere") == 2
    for name in ("run/validation/report.json", "run/test/report.json", "openvino/model.xml"):
        assert (out / name).exists()


def test_a_frame_that_fails_in_the_evaluation_is_named_and_the_others_evaluated(
    cli: Callable[..., tuple],
    write_night: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from napari_iris.evaluation import trained_model
    from napari_iris.inference.pipeline import predict_frames

    def first_fails(paths: list[Path], *rest: object) -> Iterator[object]:
        yield FrameError(paths[0], "is gone", "bring it back")
        yield from predict_frames([paths[row] for row in range(1, len(paths))], *rest)

    monkeypatch.setattr(trained_model, "predict_frames", first_fails)
    out = tmp_path / "m"
    words = ["train", "unet", write_night(MIXED), "--out", out, *SMALL]
    ran = cli(*words, "--percent", 50, 30, 20)
    assert ran.code == 1
    assert ran.err.count("is gone; bring it back") == 2, "one of each part, once"
    for part in ("validation", "test"):
        assert (out / "run" / part / "report.json").exists()
    assert (out / "openvino" / "model.xml").exists()


def test_unusable_files_are_named_if_too_few_are_left(
    cli: Callable[..., tuple], write_night: Callable[..., Path], tmp_path: Path
) -> None:
    night = write_night([0.0] * 4 + [0.5] * 8)
    for path in sorted(night.iterdir())[4:]:
        spoil(path, 255)
    ran = cli("train", "unet", night, "--out", tmp_path / "m", *SMALL)
    assert ran.code == 2
    assert "the masks of all 4 frames are clear sky everywhere" in ran.err
    assert "8 files could not be used, the first: " in ran.err
    assert "sky_04_mask.fits" in ran.err
    assert ran.err.count("\n") == 1


def strict(text: str) -> list[dict[str, object]]:
    """Read events as a program does that knows no NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def test_a_part_with_one_class_is_reported_before_and_after(
    cli: Callable[..., tuple], write_night: Callable[..., Path], tmp_path: Path
) -> None:
    """Two clear frames of sixteen cannot be in three parts; what is not defined is null."""
    night = write_night([0.0, *[0.5] * 15])
    words = ["train", "vgg8", night, "--channels", 2, 2, 2, "--shape", 64, 80, "--epochs", 1]
    ran = cli(*words, "--out", tmp_path / "m", "--json")
    assert ran.code == 0, ran.err
    events = {event["event"]: event for event in strict(ran.out)}
    sides = events["data"]["one_class"]
    assert {"validation", "test"} == set(sides)
    assert events["judged"]["warnings"] == [
        "The truth of all frames is cloud: scores that need both classes are 0 or not defined."
    ]
    printed = cli(*words, "--out", tmp_path / "n").err
    first, *_ = (number for number, line in enumerate(printed.splitlines()) if "epoch 1/1" in line)
    (warned,) = (
        number
        for number, line in enumerate(printed.splitlines())
        if "validation frames are" in line
    )
    assert warned < first
    assert "nan" not in printed
    assert printed.count("The truth of all frames is cloud") == 2


def test_a_rejected_run_leaves_no_files(
    cli: Callable[..., tuple],
    write_night: Callable[..., Path],
    tmp_path: Path,
    stub_trainer: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(*_: object) -> None:
        raise IrisError("the engine is not installed")

    night, out = write_night(MIXED), tmp_path / "models" / "m"
    kept = tmp_path / "models" / "kept"
    kept.mkdir(parents=True)
    (kept / "model.json").write_text("{}")
    refused = cli("train", "unet", night, "--out", kept, *SMALL)
    assert (refused.code, "already holds a model" in refused.err) == (2, True)
    assert [path.name for path in kept.iterdir()] == ["model.json"]
    monkeypatch.setattr("napari_iris.training.train.make_trainer", missing)
    assert cli("train", "unet", night, "--out", out, *SMALL).code == 2
    assert not out.exists()
    there = f"{tmp_path}/new/../models"  # seems not to exist, as `new` does not
    assert cli("train", "unet", night, "--out", there, *SMALL).code == 2
    assert (kept / "model.json").exists()


def test_without_data_simulated_frames_are_trained_on(
    cli: Callable[..., tuple], tmp_path: Path
) -> None:
    out = tmp_path / "model"
    words = ["train", "unet", "--out", out, "--json"]
    learning = ["--simulated", "12", "--planes", "2", "--normalisation", "asinh", "--channels", "4"]
    sizes = ["--shape", "32", "40", "--epochs", "1", "--schedule", "cosine", "--average", "0.9"]
    ran = cli(*words, *learning, *sizes)
    assert ran.code == 0, ran.err
    events = {event["event"]: event for event in map(json.loads, ran.out.splitlines())}
    assert (events["data"]["train"], events["data"]["validation"]) == (0, 20)
    assert events["data"]["simulated"] == 12
    assert events["end"]["epochs"] == 1
    card = read_card(out)
    assert (card.network.planes, card.normalisation) == (2, "asinh")
    assert card.training["simulated"] == 12
    assert RunFolder(out).facts()["data"] is None
    assert not any(map(len, RunFolder(out).split().values())), "no simulated frame has a file"
    again = cli(*words, "--resume")
    assert again.code == 0, again.err
    longer = cli(*words, "--resume", "--epochs", "3")
    assert longer.code == 2
    assert "was started with --epochs 1" in longer.err


@pytest.mark.slow
@pytest.mark.parametrize(("choice", "kind"), [("auto", "measured"), ("none", "none")])
def test_a_network_with_the_excess_is_trained_and_evaluated_with_that_of_its_frames(
    cli: Callable[..., tuple], tmp_path: Path, choice: str, kind: str
) -> None:
    night, out, kept = (tmp_path / name for name in ("night", "model", "predictions"))
    assert cli("mask", sample_night(), "--out", night, "--no-gate").code == 0
    words = ["--channels", "2", "4", "--epochs", "1", "--planes", "2", "--reference", choice]
    ran = cli("train", "unet", night, "--out", out, "--save-predictions", kept, "--json", *words)
    assert ran.code == 0, ran.err
    (data,) = (one for one in map(json.loads, ran.out.splitlines()) if one["event"] == "data")
    assert data["reference"].startswith(kind)
    assert (out / "run" / "reference.fits").exists() == (kind == "measured")
    found = {read_prediction(path).reference for path in kept.glob("*_pred.fits")}
    assert found == {kind}
    resumed = cli("train", "unet", night, "--out", out, "--resume", "--epochs", "2", "--json")
    assert resumed.code == 0, resumed.err
    (again,) = (one for one in map(json.loads, resumed.out.splitlines()) if one["event"] == "data")
    assert again == data


def test_a_run_needs_data_or_simulated_frames(cli: Callable[..., tuple], tmp_path: Path) -> None:
    ran = cli("train", "unet", "--out", tmp_path / "model")
    assert ran.code == 2
    assert "give DATA, or a number of frames with --simulated" in ran.err
    assert not (tmp_path / "model").exists()
