"""``napari-iris train``: labelled frames in, a model out; unusable data are named."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.cli.main import main
from napari_iris.masks.mask_file import write_mask
from napari_iris.networks.card import read_card
from napari_iris.networks.weights import WEIGHTS, load_weights
from napari_iris.sky import SimulationConfig, write_simulation
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = ["--channels", "4", "8", "--shape", "32", "40", "--batch-size", "4", "--epochs", "2"]
SMALL += ["--no-evaluate"]

ASIDE = ("step", "judged", "calibrated")
"""Events that a test of the order of the others leaves out."""


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve simulated frames with their truth."""
    folder = tmp_path_factory.mktemp("sky")
    for outcome in write_simulation(SimulationConfig(count=12, seed=3), folder):
        assert not isinstance(outcome, Exception)
    return folder


@pytest.fixture(params=["keras", "flax"])
def engine(request: pytest.FixtureRequest) -> str:
    library = {"keras": "tensorflow", "flax": "flax"}[request.param]
    pytest.importorskip(library, reason=f"{library} is not installed")
    return str(request.param)


@pytest.mark.slow
@pytest.mark.learning
@pytest.mark.parametrize("kind", ["unet", "vgg8"])
def test_a_run_writes_a_model(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, kind: str, engine: str
) -> None:
    out = tmp_path / "model"
    shape = ["--shape", "48", "60"] if kind == "vgg8" else []
    words = ["train", kind, sky, "--out", out, "--engine", engine, *SMALL, *shape, "--json"]
    ran = cli(*words, "--evaluate")
    assert ran.code == 0, ran.err
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert [event["event"] for event in events if event["event"] not in ASIDE] == [
        *("device", "data", "epoch", "epoch", "end")
    ]
    device, data, *_, end = [event for event in events if event["event"] != "step"]
    assert device["count"] >= 1
    assert device["memory_gb"] > 0
    assert (device["kind"] == "gpu") != bool(device["why"])
    assert data["overlap"]["same"] == 0
    assert end["cancelled"] is False
    card = read_card(out)
    assert card.network.kind == kind
    load_weights(out / WEIGHTS, card.network)
    with (out / "run" / "epochs.csv").open() as file:
        losses = [float(row["val_loss"]) for row in csv.DictReader(file)]
    assert len(losses) == 2
    assert card.metrics["val_loss"] == pytest.approx(min(losses))
    assert json.loads((out / "run" / "facts.json").read_text())["data_hash"] == card.data_hash
    split = RunFolder(out).split()
    assert {part: len(paths) for part, paths in split.items()} == {
        part: data[part] for part in ("train", "validation", "test", "left_out")
    }
    names = [path.name for paths in split.values() for path in paths]
    assert sorted(names) == sorted(path.name for path in (sky / "frames").iterdir())
    assert all(path.exists() for path in split["validation"])
    logs = sorted((out / "run" / "tensorboard").iterdir())
    assert len(logs) == 2


@pytest.mark.slow
@pytest.mark.learning
def test_a_run_is_resumed(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, engine: str
) -> None:
    words = ["train", "unet", sky, "--out", tmp_path / "m", "--engine", engine, *SMALL]
    assert cli(*words).code == 0
    again = cli(*words)
    assert again.code == 2
    assert "--resume" in again.err
    before = (tmp_path / "m" / WEIGHTS).read_bytes()
    resumed = cli(*words, "--resume")
    assert resumed.code == 0
    assert "2 epochs" in resumed.err
    assert (tmp_path / "m" / WEIGHTS).read_bytes() == before, "what is finished is not repeated"
    brief = ["train", "unet", sky, "--out", tmp_path / "m", "--resume"]
    assert "3 epochs" in cli(*brief, "--epochs", "3").err
    assert RunFolder(tmp_path / "m").config().epochs == 3
    for other, reason in {
        ("--seed", "9"): "was started with --seed 0",
        ("--channels", "4"): "was started with --channels 4 8",
        ("--loss", "dice"): "was started with --loss bce",
        ("--init", str(tmp_path / "m")): "was started from random initial weights",
    }.items():
        refused = cli(*brief, *other)
        assert refused.code == 2
        assert reason in refused.err
        assert refused.err.count("\n") == 1
    assert "was started as unet;" in cli("train", "vgg8", *brief[2:]).err


@pytest.mark.slow
@pytest.mark.learning
def test_a_run_starts_from_another_model(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path, engine: str
) -> None:
    words = ["train", "unet", sky, "--engine", engine, *SMALL, "--learning-rate", "1e-12"]
    assert cli(*words, "--out", tmp_path / "one").code == 0
    init = ["--init", tmp_path / "one", "--seed", "9"]
    assert cli(*words, "--out", tmp_path / "two", *init).code == 0
    one, two = (read_card(tmp_path / name) for name in ("one", "two"))
    first, second = (
        load_weights(tmp_path / name / WEIGHTS, one.network) for name in ("one", "two")
    )
    for name, value in first.items():
        np.testing.assert_allclose(second[name], value, atol=1e-8)
    assert one.network == two.network
    other = ["--channels", "4", "4", "--out", tmp_path / "three", *init]
    ran = cli(*words, *other)
    assert ran.code == 2
    assert "is a different network" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--percent", 50, 50, 50], "--percent: the three percentages must be 0 or more and add"),
        (["--percent", "nan", 50, 50], "--percent: the three percentages"),
        (["--gap-s", "inf"], "--gap-s: Input should be"),
        (["--gap-s", "1e12"], "--gap-s: Input should be"),
    ],
)
def test_options_out_of_range_are_reported_in_one_line(
    cli: Callable[..., tuple], tmp_path: Path, words: list[object], message: str
) -> None:
    ran = cli("train", "unet", tmp_path, "--out", tmp_path / "model", *words)
    assert ran.code == 2
    assert ran.err.startswith(f"napari-iris train: {message}")
    assert ran.err.count("\n") == 1


def no_frames(folder: Path) -> None:
    folder.mkdir()


def raw_frames(folder: Path, write_frame: Callable[..., Path]) -> None:
    for number in range(4):
        write_frame(f"{folder.name}/frame_{number}.fits")


def masks(folder: Path, value: int, count: int) -> None:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        frame = rng.normal(600, 5, (32, 40)).astype(np.float32)
        mask = np.full(frame.shape, value, np.uint8)
        write_mask(folder / f"frame_{number}_mask.fits", frame, mask, fits.Header(), {})


def blank(folder: Path) -> None:
    masks(folder, 1, 6)
    for path in folder.iterdir():
        with fits.open(path, mode="update") as units:
            units[0].data[:] = np.nan


def mismatched(folder: Path) -> None:
    masks(folder, 1, 6)
    for path in folder.iterdir():
        with fits.open(path, mode="update") as units:
            units[1].data = units[1].data[:16]


def unlabelled(folder: Path, write_frame: Callable[..., Path]) -> None:
    rng = np.random.default_rng(0)
    for number in range(4):
        pixels = rng.integers(600, 700, (32, 40)).astype(np.int16)
        write_frame(f"raw/frame_{number}.fits", pixels)
    assert main(["project", str(folder), "index", str(folder.parent / "raw")]) == 0


@pytest.mark.parametrize(
    ("make", "kind", "reason"),
    [
        (lambda folder, _: None, "unet", "does not exist"),
        (lambda folder, _: no_frames(folder), "unet", "holds no"),
        (raw_frames, "unet", "mask"),
        (lambda folder, _: masks(folder, 0, 6), "unet", "clear"),
        (lambda folder, _: masks(folder, 1, 6), "vgg8", "cloud"),
        (lambda folder, _: masks(folder, 1, 1), "unet", "needed"),
        (lambda folder, _: masks(folder, 2, 6), "unet", "none of 6 frames has a mask with sky"),
        (lambda folder, _: blank(folder), "unet", "blank"),
        (lambda folder, _: mismatched(folder), "unet", "differ in shape"),
        (unlabelled, "unet", "0 of 4 frames are approved"),
        (unlabelled, "vgg8", "0 of 4 frames are approved"),
    ],
    ids=[
        *("none", "empty", "no masks", "all clear", "all cloudy", "tiny", "all ignored", "blank"),
        *("mismatched", "unlabelled for unet", "unlabelled for vgg8"),
    ],
)
def test_unusable_data_are_reported_before_the_first_step(
    cli: Callable[..., tuple],
    tmp_path: Path,
    write_frame: Callable[..., Path],
    make: Callable[..., None],
    kind: str,
    reason: str,
) -> None:
    make(tmp_path / "data", write_frame)
    cli("--version")  # what making it printed is out of the way
    ran = cli("train", kind, tmp_path / "data", "--out", tmp_path / "model")
    assert ran.code == 2
    assert reason in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "model").exists()


@pytest.mark.slow
@pytest.mark.learning
def test_two_nights_with_the_same_file_names_are_trained_and_evaluated_together(
    cli: Callable[..., tuple], sky: Path, tmp_path: Path
) -> None:
    pytest.importorskip("flax", reason="flax is not installed")
    frames = sorted((sky / "frames").iterdir())
    for night, some in (("mon", frames[:6]), ("tue", frames[6:])):
        (tmp_path / night).mkdir()
        for number, frame in enumerate(some):
            shutil.copy(frame, tmp_path / night / f"img_{number}.fits")
    project, out = tmp_path / "project", tmp_path / "model"
    index = ["project", project, "index", tmp_path / "mon", tmp_path / "tue", "--jobs", "1"]
    assert cli(*index).code == 0
    words = ["--masks", "auto", "--engine", "flax", *SMALL, "--evaluate", "--gap-s", "0"]
    kept = ["--save-predictions", tmp_path / "kept", "--percent", "40", "60", "0"]
    ran = cli("train", "unet", project, "--out", out, *words, *kept)
    assert ran.code == 0, ran.err
    judged = RunFolder(out).split()["validation"]
    assert len({path.name for path in judged}) < len(judged), "namesakes are judged by"
    report = json.loads((out / "run" / "validation" / "report.json").read_text())
    assert report["n_frames"] == len(judged)
    assert report["left_out"] == {"failed": 0, "without_counterpart": 0}
