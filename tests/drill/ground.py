"""The ground of the drill: one small folder of each kind that a command reads."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
from astropy.io import fits

from napari_iris.cli.main import main

FRAMES = 10
SHAPE = (128, 160)
MADE = [
    ["mask", "night", "--out", "masks", "--jobs", "1"],
    ["mask", "night", "--out", "campaign", "--jobs", "1", "--shard", "1/1"],
    ["predict", "models/unet", "night", "--out", "predictions"],
    ["project", "project", "index", "night", "--jobs", "1"],
    ["project", "project", "take", "predictions"],
    ["project", "project", "split"],
    ["reference", "learn", "night", "--out", "camera.fits"],
]
"""Commands that make the other folders."""


def make_ground(folder: Path, *, keras: bool) -> None:
    """Make the ground, with a good Keras file or not; engines run in processes of their own."""
    folder.mkdir(parents=True)
    for number in range(FRAMES):
        write_frame(folder / "night" / f"sky_{number}.fits", frame(number), time_of(number))
    _model(folder / "models" / "unet")
    _set(folder / "set")
    (folder / "keras.h5").touch()
    for step in (*MADE, None) if keras else MADE:
        child = os.fork()
        if not child:
            try:
                os._exit(_make(folder, step))
            finally:
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"the ground cannot be made: {step or 'the Keras file'}")
    shutil.rmtree(folder / "cache", ignore_errors=True)


def frame(number: int) -> np.ndarray:
    """A frame of sky of one camera, every fourth with some cloud in its first columns."""
    pattern = np.random.default_rng(99).normal(600, 8, SHAPE)
    data = pattern + np.random.default_rng(number).normal(0, 2, SHAPE)
    data[:, : 24 * (number % 4 == 3)] += 200
    return data.astype(np.int16)


def time_of(number: int) -> str:
    """When it was taken, half an hour after the one before."""
    return str(np.datetime64("2024-01-15T18:00:00") + 1800 * number)


def write_frame(path: Path, data: np.ndarray, time: str, **cards: object) -> None:
    """Write a frame as a camera does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unit = fits.PrimaryHDU(data)
    unit.header.update({"DATE-OBS": time, "CAMERA": "TAU2", "FPA-TEMP": 30.0, **cards})
    unit.writeto(path, overwrite=True)


def _make(folder: Path, step: list[str] | None) -> int:
    os.chdir(folder)
    os.environ |= {"XDG_CACHE_HOME": str(folder / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    with Path(os.devnull).open("w") as null, redirect_stdout(null), redirect_stderr(null):
        if step:
            return main(step)
        from tests.networks.conftest import saved, unet

        saved(unet(channels=(2, 2)), Path("keras.h5"))
        return 0


def _model(folder: Path) -> None:
    from napari_iris.networks.card import ModelCard, write_card
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import WEIGHTS, initial_weights, save_weights

    folder.mkdir(parents=True)
    spec = NetworkSpec(kind="unet", channels=(2, 2))
    save_weights(folder / WEIGHTS, initial_weights(spec, 0))
    write_card(folder, ModelCard.of(spec))


def _set(folder: Path) -> None:
    from PIL import Image

    for kind in ("images", "GTmaps"):
        (folder / kind).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(3):
        picture = rng.integers(0, 255, (32, 40, 3), np.uint8)
        Image.fromarray(picture).save(folder / "images" / f"{number:04}.png")
        truth = np.where(picture[..., 0] > 127, 255, 0).astype(np.uint8)
        Image.fromarray(truth).save(folder / "GTmaps" / f"{number:04}_GT.png")
