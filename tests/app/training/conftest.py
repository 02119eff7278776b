"""What the tests of trainings share: folders of masks, of models and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.frames.paths import find_frames
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import write_mask
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.training.config import TrainConfig
from napari_iris.training.epochs import Epoch
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = NetworkSpec(kind="unet", channels=(4, 8), shape=(32, 40))


def write_run(folder: Path, *losses: float, epochs: int = 2) -> Path:
    """Write the folder of a run with these validation losses."""
    run = RunFolder(folder)
    run.create(TrainConfig.of(SMALL, epochs=epochs), {"data": "/sky/night", "data_hash": "0"})
    rows = [
        Epoch(n, 0.5, loss, 0.9, 0.8, 0.7, 1 - loss, 0.5, 1e-3, 1.0)
        for n, loss in enumerate(losses, start=1)
    ]
    run.write_epochs(rows)
    write_card(folder, ModelCard.of(SMALL, metrics={"val_loss": min(losses)}))
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Folder of three models: one finished, one stopped, one damaged."""
    folder = tmp_path / "models"
    write_run(folder / "good", 0.4, 0.2)
    write_run(folder / "half", 0.3, epochs=9)
    write_run(folder / "bad", 0.5, 0.5)
    (folder / "bad" / "run" / "config.json").write_text("{")
    return folder


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """Folder of three small masks."""
    folder = tmp_path / "masks"
    folder.mkdir()
    for name in ("a_mask.fits", "b_mask.fits", "c_mask.fits"):
        frame, mask = np.ones((32, 40), np.float32), np.zeros((32, 40), np.uint8)
        write_mask(folder / name, frame, mask, fits.Header(), {})
    return folder


@pytest.fixture
def project(
    make_frames: Callable[..., Path], snapshot: Callable[..., Path], tmp_path: Path
) -> Path:
    """Folder of a closed project on six frames with automatic masks."""

    def make() -> Path:
        paths = list(find_frames([make_frames(6)])[0])
        with Project(tmp_path / "project") as project:
            assert list(index(project, paths, MaskConfig(shape=(32, 40)), jobs=1)) == paths
        return tmp_path / "project"

    return snapshot("training", make, "frames")


@pytest.fixture(autouse=True)
def few_labels_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a training start with one label: these data are small."""
    monkeypatch.setattr("napari_iris.app.training.data.LEAST_LABELS", 1)


@pytest.fixture(autouse=True)
def devices(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a scan of the devices finds."""
    found = {
        "packages": {"tensorflow": "2.21", "keras": "3.15", "jax": None, "flax": None},
        "cpu": "8 cores",
        "gpu": "none (no NVIDIA driver found)",
        "missing": [{"what": "jax", "fix": "to train with Flax: pip install 'napari-iris[flax]'"}],
    }
    monkeypatch.setattr("napari_iris.app.training.device.query_devices", lambda: found)
    return found
