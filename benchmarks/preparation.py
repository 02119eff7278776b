"""CPU time of a frame before and after the networks: reading, reference, inputs, trust.

    python benchmarks/preparation.py [--frames 40] [--repeat 5]

Raw simulated frames of one night, whose clear sky is known; a cascade of two networks, which are
not run. Medians over all frames and rounds, in one thread.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from napari_iris.cli.main import main as run_command
from napari_iris.frames.paths import find_frames
from napari_iris.inference.model import Model
from napari_iris.inference.network_data import NetworkOutput
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.card import ModelCard
from napari_iris.networks.spec import NetworkSpec
from napari_iris.radiometry.archive import learn_references
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from napari_iris.frames.paths import FramePaths
    from napari_iris.inference.engine import Engine
    from napari_iris.networks.normalisation import Normalisation

CASES: list[tuple[str, int, Normalisation, bool]] = [
    ("frame, zscale", 1, "zscale", True),
    ("frame, recipe", 1, "recipe", True),
    ("frame, asinh", 1, "asinh", True),
    ("frame and excess, asinh", 2, "asinh", True),
    ("... without a reference", 2, "asinh", False),
]


def predictor(planes: int, how: Normalisation) -> Predictor:
    """Make a cascade of two networks that are not run."""
    models = [
        Model(
            Path(kind),
            ModelCard.of(
                NetworkSpec.model_validate({"kind": kind, "channels": (2,), "planes": planes}),
                normalisation=how,
            ),
            cast("Engine", None),
            "0",
            {},
        )
        for kind in ("unet", "vgg8")
    ]
    return Predictor(*models)


def milliseconds(made: Predictor, paths: FramePaths, repeat: int) -> tuple[float, float]:
    """CPU time to load a frame, and to finish its prediction: medians, in milliseconds."""
    probability = np.random.default_rng(0).uniform(0, 1, made.main.shape).astype(np.float32)
    output = NetworkOutput(0.9, probability)
    loading, finishing = [], []
    for _ in range(repeat):
        for path in paths:
            start = time.process_time()
            loaded = made.load(path)
            middle = time.process_time()
            made.finish(loaded, output)
            loading.append(middle - start)
            finishing.append(time.process_time() - middle)
    return 1e3 * statistics.median(loading), 1e3 * statistics.median(finishing)


def main() -> None:
    """Measure all cases in turn, and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        words = ("--nights", "1", "--count", str(options.frames), "--seed", "24")
        run_command(["simulate", name, *words])
        paths, _ = find_frames([Path(name) / "frames"])
        known = learn_references(paths)
        print(f"reference: {known}")
        for what, planes, how, has_reference in CASES:
            made = predictor(planes, how)
            made.clear_sky = known if has_reference else ReferenceSet()
            load, finish = milliseconds(made, paths, options.repeat)
            total = load + finish
            print(f"{what:<26} load {load:5.2f} ms, finish {finish:5.2f} ms, both {total:5.2f} ms")


if __name__ == "__main__":
    main()
