"""Predictions and truths in one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.inference.prediction_file import Prediction, write_prediction
from napari_iris.inference.rows import PredictionRow
from napari_iris.inference.table import open_table
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import mask_path, write_mask
from napari_iris.matching.names import prediction_path
from napari_iris.matching.pixels import frame_id
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SHAPE = (12, 16)
START = np.datetime64("2024-01-15T18:00:00", "us")


@dataclass
class Night:
    """A night on disk: masks and predictions, and their arrays."""

    folder: Path
    masks: list[NDArray[np.uint8]] = field(default_factory=list)
    probabilities: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)
    frames: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def truth(self) -> Path:
        return self.folder / "truth_masks"

    @property
    def predictions(self) -> Path:
        return self.folder / "pred"

    def write(
        self,
        frame: NDArray,
        mask: NDArray | None,
        probability: NDArray,
        name: str | None = None,
        to: str = "pred",
        hours: float | None = None,
        truth_cards: dict[str, str] | None = None,
        **known: object,
    ) -> Path:
        """Write one frame's prediction into the folder `to`, and its mask if there is one."""
        number = len(self.probabilities.setdefault(to, []))
        name = name or f"sky_{number:03d}"
        hours = number / 60 if hours is None else hours
        header = fits.Header([("DATE-OBS", str(START + np.timedelta64(round(hours * 3600), "s")))])
        if mask is not None:
            self.truth.mkdir(exist_ok=True)
            cards = {key: (value, "") for key, value in (truth_cards or {}).items()}
            path = mask_path(Path(f"{name}.fits"), self.truth)
            write_mask(path, np.asarray(frame, np.float32), np.uint8(mask), header, cards)
            self.masks.append(np.uint8(mask))
            self.frames.append(np.asarray(frame, np.float32))
        out = self.folder / to
        out.mkdir(exist_ok=True)
        facts = {"model": f"{to}@1234", "threshold": 0.5, **known}
        p32 = np.asarray(probability, np.float32)
        made = Prediction(np.asarray(frame, np.float32), p32, header, **facts)
        path = prediction_path(Path(f"{name}.fits"), out)
        write_prediction(path, made)
        self.probabilities[to].append(p32)
        return path

    def write_two_nights(self) -> Path:
        """Write a project of two nights whose frames are called alike, all predicted to `pred`."""
        project = self.folder / "project"
        with Project(project) as opened:
            for number, name in enumerate(("mon", "tue")):
                path = self.folder / name / "sky_0.fits"
                path.parent.mkdir()
                pixels = np.random.default_rng(number).normal(600, 20, SHAPE).astype(np.float32)
                header = fits.Header([("DATE-OBS", f"2024-01-{15 + number}T18:00:00")])
                fits.PrimaryHDU(pixels, header).writeto(path)
                list(index(opened, [path], MaskConfig(shape=SHAPE), jobs=1))
                self.frames.append(pixels)
        settings = {"model": "unet@1234", "threshold": 0.5}
        self.predictions.mkdir()
        with open_table(self.predictions, settings) as table:
            for name, pixels in zip(("mon", "tue"), self.frames, strict=True):
                path = self.folder / name / "sky_0.fits"
                facts = {"frame_id": frame_id(pixels), "frame_path": str(path), "run": table.run}
                header = fits.getheader(path)
                made = Prediction(pixels, np.full(SHAPE, 0.2), header, "unet@1234", 0.5, **facts)
                file = table.place(path)
                (self.predictions / file).parent.mkdir(exist_ok=True)
                write_prediction(self.predictions / file, made)
                table.add(PredictionRow.of(made, "clear", file))
        return project

    def counted(self, to: str = "pred") -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """All pixels that count, of all frames: their probabilities and whether they are cloud."""
        pairs = list(zip(self.probabilities[to], self.masks, strict=True))
        p = np.concatenate([one[mask != 2] for one, mask in pairs])
        return p, np.concatenate([mask[mask != 2] == 1 for _, mask in pairs])


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """An empty night to write frames to."""
    return Night(tmp_path)


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., tuple[NDArray, NDArray, NDArray]]:
    """Frame, mask and probability by a number: ``make_frame(3, noise=0.5)``.

    Cloud is where the frame is warm; the more noise, the worse the probability.
    """

    def make(number: int, noise: float = 1.0) -> tuple[NDArray, NDArray, NDArray]:
        rng = np.random.default_rng(number)
        mask = np.zeros(SHAPE, np.uint8)
        mask[:, : int(rng.integers(1, SHAPE[1]))] = 1
        mask[rng.random(SHAPE) < 0.05] = 2
        frame = 600 + 60 * (mask == 1) + rng.normal(0, 10, SHAPE)
        logits = 3.0 * (mask == 1) - 1.5 + noise * rng.normal(0, 2, SHAPE)
        return frame.astype(np.float32), mask, (1 / (1 + np.exp(-logits))).astype(np.float32)

    return make


@pytest.fixture
def cloudy_night(night: Night, make_frame: Callable) -> Night:
    """Six frames, one of them to be ignored altogether, one all clear, one all cloud."""
    for number in range(6):
        frame, mask, probability = make_frame(number)
        if number >= 3:
            mask[:] = {3: 2, 4: 0, 5: 1}[number]
        night.write(frame, mask, probability, p_cloud=[0.9, 0.8, 0.4, 0.7, 0.2, 0.95][number])
    return night
