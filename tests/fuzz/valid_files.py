"""Valid files of each kind, small: what is damaged."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.radiometry.covariates import Covariates
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE
from napari_iris.radiometry.reference import Reference
from napari_iris.radiometry.reference_file import TERMS, write_references
from napari_iris.radiometry.statistics import STATISTICS_SHAPE

DATA = Path(__file__).parents[1] / "data"
PREDICTIONS, REPORT = DATA / "predictions_v1" / "predictions", DATA / "predictions_v1" / "report"
MODEL = DATA / "old_models" / "unet_flax"


@cache
def frame_file() -> bytes:
    """A frame as the camera writes it, with an image in an extension and a table behind it."""
    header = fits.Header([("DATE-OBS", "2024-01-15T21:00:00"), ("FPA-TEMP", 290.5), ("TS", "1")])
    header["HIERARCH LONG KEY"] = "x"
    header["HISTORY"] = "made for a test"
    pixels = np.random.default_rng(0).integers(600, 700, (24, 32)).astype(np.int16)
    units = [fits.PrimaryHDU(pixels, header), fits.ImageHDU(pixels[:8, :9], header)]
    units.append(fits.BinTableHDU(np.zeros(3, [("x", "f4"), ("y", "S7")])))
    return as_bytes(units)


@cache
def tiled_file() -> bytes:
    pixels = np.random.default_rng(0).integers(600, 700, (24, 32)).astype(np.int16)
    return as_bytes([fits.PrimaryHDU(), fits.CompImageHDU(pixels, compression_type="RICE_1")])


@cache
def reference_file() -> bytes:
    terms = Covariates(
        np.zeros(3),
        np.zeros((1, 2)),
        np.array(["2024-01-15T12:00:00"], "M8[us]"),
        np.zeros(len(TERMS) + 2),
        np.zeros((1, 2)),
    )
    one = Reference(
        kind="measured",
        camera="TAU2 128x160",
        covariates=terms,
        pattern=np.zeros(STATISTICS_SHAPE, np.float32),
        fingerprint=np.zeros(FINGERPRINT_SHAPE, np.float16),
        level_sigma=5.0,
        pixel_sigma=2.0,
        unit=1.0,
        clear_frames=9,
        frames=20,
        nights=1,
        evidence=None,
    )
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "reference.fits"
        write_references(path, (one,))
        return path.read_bytes()


def as_bytes(units: list[Any]) -> bytes:
    file = io.BytesIO()
    fits.HDUList(units).writeto(file)
    return file.getvalue()


@cache
def picture_file(kind: str) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.arange(24 * 32 * 3, dtype=np.uint8).reshape(24, 32, 3)).save(file, kind)
    return file.getvalue()


@cache
def keras_file(compression: int) -> bytes:
    """A file as Keras saves it, of a network of one layer; compressed, which Keras does not do."""
    h5py = pytest.importorskip("h5py")
    weights, file = io.BytesIO(), io.BytesIO()
    with h5py.File(weights, "w") as content:
        content["layers/conv2d/vars/0"] = np.zeros((3, 3, 1, 2), np.float32)
        content["layers/conv2d/vars/1"] = np.zeros(2, np.float32)
    layers = [
        {"class_name": "InputLayer", "name": "in", "config": {"batch_shape": [None, 8, 8, 1]}},
        {"class_name": "Conv2D", "name": "conv2d", "config": {"filters": 2, "kernel_size": [3, 3]}},
    ]
    description = {"class_name": "Sequential", "config": {"name": "a", "layers": layers}}
    with zipfile.ZipFile(file, "w", compression) as members:
        members.writestr("config.json", json.dumps(description))
        members.writestr("model.weights.h5", weights.getvalue())
    return file.getvalue()


def mask_file() -> bytes:
    return next((PREDICTIONS.parent / "truth").iterdir()).read_bytes()


def prediction_file() -> bytes:
    return (PREDICTIONS / "sim_000001_pred.fits").read_bytes()
