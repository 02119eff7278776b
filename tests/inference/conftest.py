"""Small models on disk, networks computed by plain NumPy, and predictors that need no library."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.signal import correlate

from napari_iris.inference.model import Model
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.plan import plan, shapes
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, initial_weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.networks.weights import Weights

SHAPE = (16, 20)
UNET = NetworkSpec(kind="unet", channels=(2, 3), shape=SHAPE)
VGG8 = NetworkSpec(kind="vgg8", channels=(2,), shape=SHAPE)


def sharp_weights(spec: NetworkSpec, seed: int = 1) -> Weights:
    """Draw weights that, untrained as they are, give probabilities all over 0 to 1."""
    return {name: value.copy() for name, value in _sharp_weights(spec, seed).items()}


@cache
def _sharp_weights(spec: NetworkSpec, seed: int) -> Weights:
    weights = initial_weights(spec, seed)
    rng = np.random.default_rng(seed)
    for name, value in weights.items():
        if name.endswith("bias"):
            weights[name] = rng.normal(0, 0.1, value.shape).astype(np.float32)
    x = sky_inputs(spec, 2 if spec.kind == "unet" else 16, seed=7)
    logits = plain_logits(spec, weights, x)
    scale = np.float32(3 / max(logits.std(), 1e-3))
    weights["logit/kernel"] = weights["logit/kernel"] * scale
    middle = np.median(logits) - weights["logit/bias"][0]
    weights["logit/bias"] = np.array([-middle * scale], np.float32)
    return weights


def sky_inputs(spec: NetworkSpec, count: int, seed: int = 0) -> NDArray[np.float32]:
    """Inputs with clouds of all sizes, as zscale normalises them."""
    rng = np.random.default_rng(seed)
    x = np.zeros((max(1, count), *spec.shape, spec.planes))
    for size in (1, 3, 9):
        part = gaussian_filter(rng.normal(size=x.shape), (0, size, size, 0))
        x += part / part.std()
    return np.clip(0.5 + 0.3 * x[:count], -0.5, 1.5).astype(np.float32)


def plain_logits(
    spec: NetworkSpec, weights: Weights, x: NDArray[np.floating]
) -> NDArray[np.float64]:
    """The output of a network, computed layer by layer in plain NumPy."""
    sizes = shapes(spec)
    return np.stack([_plain_one(spec, weights, sizes, frame) for frame in x.astype(np.float64)])


def _plain_one(
    spec: NetworkSpec, weights: Weights, sizes: dict[str, Any], tensor: NDArray[np.float64]
) -> NDArray[np.float64]:
    kept = {}
    for step in plan(spec):
        if step.op == "conv":
            mode = "same" if step.same else "valid"
            planes = [
                sum(
                    correlate(tensor[..., i], weights[f"{step.name}/kernel"][:, :, i, o], mode)
                    for i in range(tensor.shape[-1])
                )
                for o in range(step.units)
            ]
            tensor = np.stack(planes, axis=-1) + weights[f"{step.name}/bias"]
        elif step.op == "pool":
            rows, columns, planes = sizes[step.name]
            blocks = tensor[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, planes)
            tensor = blocks.max(axis=(1, 3))
        elif step.op == "up":
            skip = kept[step.skip]
            near = [
                np.floor((np.arange(new) + 0.5) * old / new).astype(int)
                for new, old in zip(skip.shape[:2], tensor.shape[:2], strict=True)
            ]
            tensor = np.concatenate([skip, tensor[np.ix_(*near)]], axis=-1)
        elif step.op == "flatten":
            tensor = tensor.ravel()
        else:
            tensor = tensor @ weights[f"{step.name}/kernel"] + weights[f"{step.name}/bias"]
        if step.relu and step.op in ("conv", "dense"):
            tensor = np.maximum(tensor, 0)
        kept[step.name] = tensor
    return tensor


@pytest.fixture
def save_model(tmp_path: Path) -> Callable[..., Path]:
    """Write a model folder: ``save_model("unet1", UNET, threshold=0.4)`` gives its path."""

    def save(name: str = "unet", spec: NetworkSpec = UNET, seed: int = 1, **card: Any) -> Path:
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True, exist_ok=True)
        save_weights(folder / WEIGHTS, sharp_weights(spec, seed))
        write_card(folder, ModelCard.of(spec, **card))
        return folder

    return save


class BrightEngine:
    """Stands in for a network: the brighter a pixel (for a VGG8, a frame), the likelier cloud.

    Of two planes it sees the second one.
    """

    name, precision = "bright", "float64"

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self.asked: list[int] = []

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give 8 times what an input is above one half."""
        assert x.shape[1:] == (*self.spec.shape, self.spec.planes)
        assert x.dtype == np.float32
        assert np.isfinite(x).all()
        self.asked.append(len(x))
        x = x[..., -1:]
        if self.spec.kind == "vgg8":
            x = x.mean(axis=(1, 2))
        return 8 * (x - np.float32(0.5))


@pytest.fixture
def bright() -> Callable[..., Predictor]:
    """Make a predictor of engines that need no library: ``bright(classifier=True, threshold=0.7)``.

    The U-Net takes frames as they are (full scale), and the VGG8 their mean: frames of values
    within 0..1 are their own input.
    """

    def make(
        *,
        classifier: bool = False,
        name: str = "bright",
        shape: tuple[int, int] = SHAPE,
        planes: int = 1,
        gate: tuple[float, float] = (0, 0),
        **how: Any,
    ) -> Predictor:
        models = []
        for kind in ("unet", "vgg8")[: 1 + classifier]:
            spec = NetworkSpec(kind=kind, channels=(2,), shape=shape, planes=planes)
            card = ModelCard.of(
                spec, normalisation="full-scale", gate_weight=gate[0], gate_prior=gate[1]
            )
            engine = BrightEngine(spec)
            models.append(Model(Path(f"{kind}-{name}"), card, engine, "00000000", {}))
        return Predictor(*models, **how)

    return make


@pytest.fixture
def cloudy_frame(write_frame: Callable[..., Path]) -> Callable[..., Path]:
    """Write a frame of values within 0..1, so much of it cloud: ``cloudy_frame("n/a.fits", 0.4)``.

    Cloud is 0.9 and sky 0.1, both with some noise.
    """

    def write(name: str, cloud: float = 0.4, seed: int = 0, **cards: object) -> Path:
        data = np.full((32, 40), 0.1, np.float32)
        data[: round(32 * cloud)] = 0.9
        data += np.random.default_rng(seed).uniform(-0.02, 0.02, data.shape).astype(np.float32)
        return write_frame(name, data, **cards)

    return write


@pytest.fixture
def night(cloudy_frame: Callable[..., Path]) -> list[Path]:
    """Six frames of a night, 10 s apart, every second one clear."""
    return [
        cloudy_frame(
            f"night/sky_{number}.fits",
            0.75 * (number % 2),
            number,
            DATE_OBS=f"2024-01-15T18:00:{number}0",
        )
        for number in range(6)
    ]


def read_table(out: Path) -> dict[str, dict[str, str]]:
    """Lines of predictions.csv by their frame; no frame may have two."""
    with (out / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {row["frame"]: row for row in rows}
    assert len(found) == len(rows), "one line a frame"
    return found


@pytest.fixture
def table_of() -> Callable[[Path], dict[str, dict[str, str]]]:
    return read_table


@pytest.fixture
def check_whole() -> Callable[[Path, list[Path]], None]:
    """See that a folder holds the predictions of some frames, all whole, and a line of each."""

    def check(out: Path, frames: list[Path]) -> None:
        files = {f"{frame.stem}_pred.fits" for frame in frames}
        assert {path.name for path in out.iterdir()} == {
            *files,
            "predictions.csv",
            "predictions.json",
        }
        for name in files:
            read_prediction(out / name)
        assert set(read_table(out)) == {str(frame) for frame in frames}

    return check
