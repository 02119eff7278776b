"""Model and run folders written by version 0.1.0 still open: listed, predicting, resumed.

``tests/data/old_models`` was made by the command line of that version, on the twelve frames in
``night.npz``; the second run started from the first. It is never to be made again: what users have
on their disks does not change either.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.cli.main import main
from napari_iris.inference.folders import list_models
from napari_iris.inference.model import open_model
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.card import read_card
from napari_iris.networks.normalisation import network_input
from napari_iris.radiometry.excess import Excess
from napari_iris.training.checkpoint import RunProgress
from napari_iris.training.lineage import run_lineage
from napari_iris.training.run_folder import RunFolder

OLD = Path(__file__).parents[1] / "data" / "old_models"
LIBRARIES = {"unet_keras": "tensorflow", "unet_flax": "flax"}


def test_old_models_are_listed() -> None:
    entries = list_models(OLD)
    assert [entry.name for entry in entries] == ["unet_flax", "unet_keras"]
    for entry in entries:
        assert not entry.problem
        assert entry.card is not None
        assert entry.card.network.channels == (2, 4)
        assert (entry.card.version, entry.card.threshold) == ("0.1.0", 0.5)


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_old_run_is_read(name: str) -> None:
    run = RunFolder(OLD / name)
    config, (epoch,) = run.config(), run.epochs()
    assert (config.engine, config.epochs, config.batch_size) == (name[5:], 1, 4)
    assert epoch.val_loss == read_card(OLD / name).metrics["val_loss"]
    assert run.progress() == RunProgress(1, epoch.val_loss, 1)
    counts = {part: len(paths) for part, paths in run.split().items()}
    assert counts == {"train": 8, "validation": 3, "test": 1, "left_out": 0}
    assert len(run.identities()["train"].hashes) == 8
    assert run.facts()["split"]["seen_by_init"] == (8 if name == "unet_flax" else 0)
    lineage = run_lineage(run)
    assert lineage.models == (("/data/models/unet_keras",) if name == "unet_flax" else ())
    assert len(lineage.frames.paths) == len(lineage.frames.hashes) == 8 * len(lineage.models)


class WarmSky:
    """Knows that every pixel is far below the clear sky."""

    def excess(self, frame: np.ndarray, header: object = None) -> Excess:
        assert header is not None
        return Excess("measured", np.full_like(frame, -99), 700.0, True, 10.0, 20.0)


@pytest.mark.learning
@pytest.mark.parametrize("name", LIBRARIES)
def test_an_old_model_predicts_the_same(name: str) -> None:
    with np.load(OLD / "night.npz") as night:
        frames, expected = night["frames"][:3].astype(np.float32), night[name]
    model = open_model(OLD / name, "openvino", "float32")
    x = np.stack([network_input(frame, model.card.normalisation) for frame in frames])
    np.testing.assert_allclose(model.probability(x), expected, atol=1e-5)
    predictor = Predictor(model)
    predictor.clear_sky = WarmSky()  # which changes what models of today say, not theirs
    loaded = [predictor.prepare(frame, fits.Header()) for frame in frames]
    for found, old in zip(predictor.predict(loaded), expected, strict=True):
        np.testing.assert_allclose(found.probability, old, atol=1e-5)
        assert found.reference == "measured"


def write_night(folder: Path) -> Path:
    """Write the mask files that the old runs were trained on, without any code of today."""
    folder.mkdir()
    with np.load(OLD / "night.npz") as night:
        frames, masks = night["frames"].astype(np.float32), night["masks"]
    for number, (frame, mask) in enumerate(zip(frames, masks, strict=True)):
        time = np.datetime64("2024-01-15T18:00:00") + 1800 * number
        cards = fits.Header([("DATE-OBS", str(time))])
        label = fits.ImageHDU(mask, fits.Header([("IMGTYPE", "GROUND-TRUTH")]), "MASK")
        units = fits.HDUList([fits.PrimaryHDU(frame, cards), label])
        units.writeto(folder / f"sky_{number:02}_mask.fits")
    return folder


@pytest.mark.slow
@pytest.mark.learning
@pytest.mark.parametrize("name", LIBRARIES)
def test_an_old_run_is_resumed(name: str, tmp_path: Path) -> None:
    pytest.importorskip(LIBRARIES[name], reason=f"{LIBRARIES[name]} is not installed")
    out = tmp_path / name
    shutil.copytree(OLD / name, out)
    before = (out / "run" / "epochs.csv").read_text()
    words = ["train", "unet", write_night(tmp_path / "night"), "--out", out, "--resume"]
    assert main([*map(str, words), "--epochs", "2", "--no-evaluate"]) == 0
    after = (out / "run" / "epochs.csv").read_text()
    assert after.startswith(before)
    *_, last = csv.DictReader(after.splitlines())
    assert (last["epoch"], last["learning_rate"]) == ("2", "0.001")
    assert RunFolder(out).progress().epochs == 2
    assert len(list((out / "run" / "tensorboard").iterdir())) == 2
