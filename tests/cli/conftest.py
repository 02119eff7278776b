"""The command line run in this process, with what it prints."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from napari_iris.cli.main import main
from napari_iris.masks.mask_file import write_mask
from napari_iris.networks.weights import initial_weights
from napari_iris.training.device import Device

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from napari_iris.training.config import TrainConfig


class Ran(NamedTuple):
    """Exit code of a command, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command: ``cli("mask", folder, "--out", out)``."""

    def run(*words: object) -> Ran:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
        return Ran(code, *capsys.readouterr())

    return run


class StubTrainer:
    """A trainer without a framework that learns nothing: tests everything around it."""

    def __init__(self, config: TrainConfig, precision: str) -> None:
        self.network = config.network
        self.kept = initial_weights(config.network, config.seed)

    def step(self, *_: object) -> float:
        return 0.7

    def predict(self, x: np.ndarray) -> np.ndarray:
        return x[..., :1] - 0.5 if self.network.kind == "unet" else x.mean(axis=(1, 2)) - 0.5

    def averaged(self) -> AbstractContextManager[None]:
        return nullcontext()

    def weights(self) -> dict[str, np.ndarray]:
        return self.kept

    def set_weights(self, weights: dict[str, np.ndarray]) -> None:
        self.kept = weights

    def optimizer_state(self) -> dict[str, np.ndarray]:
        return {}

    def set_optimizer_state(self, state: dict[str, np.ndarray]) -> None:
        pass


@pytest.fixture
def stub_trainer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `train` run without a framework."""
    device = Device("cpu", "no CPU at all", 1, "float32")
    monkeypatch.setattr("napari_iris.training.train.find_device", lambda _: device)
    monkeypatch.setattr("napari_iris.training.train.make_trainer", StubTrainer)


@pytest.fixture
def write_night(tmp_path: Path) -> Callable[..., Path]:
    """Write mask files half an hour apart: ``write_night([0, 0.5, 1])``, by their cloud."""
    from astropy.io import fits

    def write(clouds: list[float], name: str = "night", seed: int = 0) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        rng = np.random.default_rng(seed)
        for number, cloud in enumerate(clouds):
            mask = np.zeros((32, 40), np.uint8)
            mask[:, : round(cloud * 40)] = 1
            frame = (600 + 60 * (mask == 1) + rng.normal(0, 5, mask.shape)).astype(np.float32)
            time = np.datetime64("2024-01-15T18:00:00") + 1800 * number
            header = fits.Header([("DATE-OBS", str(time))])
            write_mask(folder / f"sky_{number:02}_mask.fits", frame, mask, header, {})
        return folder

    return write
