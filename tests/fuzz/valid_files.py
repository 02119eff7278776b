"""Valid files of each kind, small: what is damaged."""

from __future__ import annotations

import io
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
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


def mask_file() -> bytes:
    return next((PREDICTIONS.parent / "truth").iterdir()).read_bytes()


def prediction_file() -> bytes:
    return (PREDICTIONS / "sim_000001_pred.fits").read_bytes()
