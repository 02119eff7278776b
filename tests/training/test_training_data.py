"""Training data are split; unusable data are refused before the first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from napari_iris.dataset.batches import Batches
from napari_iris.errors import IrisError
from napari_iris.importers.import_set import import_set
from napari_iris.networks.spec import NetworkSpec
from napari_iris.project.project import Project
from napari_iris.sky import SimulationConfig, write_simulation
from napari_iris.sky.config import SeriesConfig
from napari_iris.training.config import TrainConfig
from napari_iris.training.training_data import load_training_data, make_batches

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.importers.pictures import Colour

LEFT, RIGHT = slice(0, 40), slice(40, 80)

SMALL = SimulationConfig(count=12, seed=3, shape=(64, 80), truth_shape=(32, 40))


def config_of(kind: str, **chosen: object) -> TrainConfig:
    return TrainConfig.of(NetworkSpec(kind=kind, shape=(64, 80)), **chosen)


def test_independently_simulated_frames_need_no_gap(tmp_path: Path) -> None:
    assert not any(isinstance(one, Exception) for one in write_simulation(SMALL, tmp_path))
    found = load_training_data(config_of("unet"), tmp_path)
    assert (found.gap_s, found.independent, found.split.left_out) == (0, True, 0)


@pytest.mark.slow
def test_frames_of_a_simulated_night_are_neighbours(tmp_path: Path) -> None:
    night = SeriesConfig(count=20, nights=1, shape=(64, 80), truth_shape=(32, 40))
    list(write_simulation(night, tmp_path))
    found = load_training_data(config_of("unet"), tmp_path)
    assert (found.gap_s, found.independent) == (600, False)


def test_training_frames_of_one_class_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(write_simulation(SMALL, tmp_path))

    from napari_iris.training import training_data

    whole = training_data.split_samples

    def one_sided(samples: object, *rest: object) -> object:
        parts = whole(samples, *rest)
        clear = samples.table.class_labels()[parts.train] == 0
        return training_data.Split(
            parts.train[clear], parts.validation, parts.test, 0, {}, saved=False
        )

    monkeypatch.setattr(training_data, "split_samples", one_sided)
    with pytest.raises(IrisError, match="training frames are clear; VGG8 needs cloudy ones"):
        load_training_data(config_of("vgg8"), tmp_path)


def test_class_weights_are_for_training_only(tmp_path: Path) -> None:
    list(write_simulation(SMALL, tmp_path))
    config = config_of("unet", class_weight="balanced")
    data = load_training_data(config, tmp_path)
    cloud = data.source.table.cloud_fraction[data.train].mean(dtype=float)
    assert data.class_weights == pytest.approx((0.5 / (1 - cloud), 0.5 / cloud))
    train, validation = make_batches(config, data)
    assert (train.clear, train.cloud) == data.class_weights != (1.0, 1.0)
    assert isinstance(validation, Batches)
    plain = load_training_data(config_of("unet"), tmp_path)
    assert plain.class_weights == (1.0, 1.0)


def test_without_data_simulated_frames_are_trained_on_and_others_validated() -> None:
    data = load_training_data(config_of("unet", simulated=600, seed=3, batch_size=7), None)
    assert (len(data.train), len(data.split.validation), len(data.split.test)) == (600, 30, 0)
    assert not set(data.train) & set(data.split.validation)
    names = [data.source.path(row).name for row in range(len(data.source))]
    assert len(set(names)) == 630
    assert names[data.train[0]] == "sim_3_000000"
    train, validation = make_batches(config_of("unet", simulated=600, batch_size=7), data)
    assert (len(train), len(validation)) == (86, 2)
    other = load_training_data(config_of("unet", simulated=600, seed=4), None)
    assert (
        other.hash
        != data.hash
        == load_training_data(config_of("unet", simulated=600, seed=3), None).hash
    )


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({}, "no labelled frames: give DATA, or a number of frames with --simulated"),
        ({"simulated": 9, "class_weight": "balanced"}, "--class-weight balanced: the classes"),
    ],
)
def test_what_cannot_be_trained_without_data_is_refused(chosen: dict, message: str) -> None:
    with pytest.raises(IrisError, match=message):
        load_training_data(config_of("unet", **chosen), None)


def test_simulated_frames_are_added_to_those_of_data(tmp_path: Path) -> None:
    list(write_simulation(SMALL, tmp_path))
    data = load_training_data(config_of("unet", simulated=5), tmp_path)
    assert data.files == 12
    assert data.train[-5:].tolist() == list(range(12, 17))
    assert not set(data.split.validation) & set(data.train)


def colour_project(folder: Path, colour: Colour) -> Path:
    """Make a project of four pictures, each with a red cloud on its left half."""
    source = folder / "day"
    for name in ("images", "GTmaps"):
        (source / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    cloud = np.arange(80) < 40
    for number in range(4):
        pixels = rng.integers(60, 90, (64, 80, 3)).astype(np.uint8)
        pixels[:, cloud, 0] += 100
        Image.fromarray(pixels).save(source / "images" / f"{number}.png")
        truth = np.broadcast_to(cloud * np.uint8(255), (64, 80))
        Image.fromarray(truth.copy()).save(source / "GTmaps" / f"{number}_GT.png")
    with Project(folder / "project") as project:
        assert len(list(import_set(project, source, "swimseg", colour))) == 4
    return folder / "project"


def test_a_network_of_three_planes_learns_the_colours_and_one_of_one_the_grey_frame(
    tmp_path: Path,
) -> None:
    data = colour_project(tmp_path, "rgb")
    means = {}
    for planes in (1, 3):
        spec = NetworkSpec(kind="unet", shape=(64, 80), planes=planes)
        config = TrainConfig.of(spec, percent=(50, 50, 0), gap_s=0, batch_size=2)
        train, _ = make_batches(config, load_training_data(config, data))
        (batch,) = train.epoch(0)
        assert batch.x.shape == (2 + config.aug_batch_size, 64, 80, planes)
        means[planes] = [batch.x[:2, :, side].mean(axis=(0, 1, 2)) for side in (LEFT, RIGHT)]
        assert (batch.y[:2, :, LEFT] == 1).all()
    assert means[1][0][0] == pytest.approx(means[3][0][0], abs=1e-6), "the plane of the grey frame"
    red, grey = means[3][0][1], means[3][1][1]
    assert red > 1 > abs(grey)


def test_a_network_of_three_planes_refuses_grey_frames(tmp_path: Path) -> None:
    data = colour_project(tmp_path, "grey")
    config = TrainConfig.of(NetworkSpec(kind="unet", shape=(64, 80), planes=3))
    with pytest.raises(IrisError, match="is not a colour image"):
        load_training_data(config, data)
    simulated = config.model_copy(update={"simulated": 10})
    with pytest.raises(IrisError, match="simulated frames are grey"):
        load_training_data(simulated, None)
