"""Training: the real path of ``napari-iris train`` and plain Keras ``model.fit``, in one run.

    python benchmarks/training.py [--rounds 3] [--frames 400] [--epochs 12]

Frames a second of the published U-Net (64-128-256 at 128x160): ours with its batches, its
augmentation and the precision that it chooses; ours in float32; and Keras layers with ``model.fit``
in float32 on batches that lie in memory. All three take turns, an epoch each, so that other work
on the machine slows them alike; where there is much of it, trust the ratio in CPU time. Then the
validation loss of a small U-Net after the same steps from the same start on the same batches, for
three seeds: ours against ``model.fit``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.keras_network import build_keras, keras_weights, set_keras_weights
from napari_iris.networks.libraries import tensorflow
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import initial_weights
from napari_iris.sky import SimulationConfig, write_simulation
from napari_iris.training.config import TrainConfig
from napari_iris.training.device import find_device
from napari_iris.training.framework import make_trainer
from napari_iris.training.trainer import ADAM, Trainer
from napari_iris.training.training_data import load_training_data, make_batches
from napari_iris.training.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLISHED = NetworkSpec(kind="unet")
SMALL = NetworkSpec(kind="unet", channels=(8, 16, 32), shape=(32, 40))
BATCH = 8
"""Batch size, and augmented copies added to each batch."""


def plain(spec: NetworkSpec, rate: float, seed: int) -> Any:
    """Build and compile the network as a Keras user would."""
    import keras

    model = build_keras(spec)
    set_keras_weights(model, initial_weights(spec, seed))
    model.compile(
        keras.optimizers.Adam(rate, **ADAM),
        keras.losses.BinaryCrossentropy(from_logits=True, reduction="mean_with_sample_weight"),
    )
    return model


def in_memory(learning: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the batches of an epoch as three arrays: inputs, truth, weights."""
    all_of = list(learning.epoch(0))
    x, y, weight = (
        np.concatenate([getattr(one, name) for one in all_of]) for name in ("x", "y", "weight")
    )
    return x, y, weight[..., 0]


def epoch_of(engine: Trainer, learning: Any, number: int, rate: float) -> None:
    """Take every step of an epoch."""
    for batch in learning.epoch(number):
        engine.step(batch.x, batch.y, batch.weight, rate)


def timed(run: Callable[[int], object], number: int) -> tuple[float, float]:
    """Seconds that it takes, by the clock and of all CPU cores together."""
    clock, cpu = time.perf_counter(), time.process_time()
    run(number)
    return time.perf_counter() - clock, time.process_time() - cpu


def throughput(config: TrainConfig, sky: Path, rounds: int) -> None:
    """Print frames per second, in turns."""
    chosen = find_device(config)
    learning, _ = make_batches(config, load_training_data(config, sky))
    x, y, weight = in_memory(learning)
    model = plain(config.network, config.learning_rate, config.seed)
    engines = {name: make_trainer(config, name) for name in {chosen.precision, "float32"}}

    def fit(_: int) -> None:
        model.fit(x, y, 2 * BATCH, sample_weight=weight, verbose=0, shuffle=True)

    def ours(name: str) -> Callable[[int], None]:
        return lambda number: epoch_of(engines[name], learning, number, config.learning_rate)

    runs: dict[str, Callable[[int], None]] = {"model.fit, float32": fit}
    runs |= {f"ours, {name}": ours(name) for name in sorted(engines)}
    for run in runs.values():
        run(0)  # compiles, and reads the frames
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for number in range(1, rounds + 1):
        for name, run in runs.items():
            seconds[name].append(timed(run, number))
    print(f"{chosen.name}; {config.network.channels}, {len(learning)} steps of {2 * BATCH} frames")
    middles = {name: np.median(found, axis=0) for name, found in seconds.items()}
    for name, middle in middles.items():
        clock, cpu = middles["model.fit, float32"] / middle
        print(
            f"{name:<20} {len(x) / middle[0]:6.2f} frames/s {clock:6.2f} x by the clock, "
            f"{cpu:.2f} x in CPU time"
        )


def loss_after(config: TrainConfig, sky: Path, epochs: int) -> tuple[float, float]:
    """Train both from the same start on the same batches; validation losses of ours and theirs."""
    learning, validation = make_batches(config, load_training_data(config, sky))
    engine = make_trainer(config, find_device(config).precision)
    model = plain(config.network, config.learning_rate, config.seed)
    for number in range(epochs):
        rate = config.learning_rate_at(number)
        epoch_of(engine, learning, number, rate)
        model.optimizer.learning_rate = rate
        same = ((one.x, one.y, one.weight[..., 0]) for one in learning.epoch(number))
        model.fit(same, steps_per_epoch=len(learning), verbose=0, shuffle=False)
    trainer = make_trainer(config, "float32")
    losses = []
    for weights in (engine.weights(), keras_weights(model)):
        trainer.set_weights(weights)
        losses.append(validate(trainer, validation)[0])
    return losses[0], losses[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=400, help="to compare the loss on")
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    tensorflow()
    sizes = {"batch_size": BATCH, "aug_batch_size": BATCH, "gap_s": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        if options.rounds:
            sky = simulated(Path(folder, "few"), 36)
            throughput(TrainConfig.of(PUBLISHED, **sizes), sky, options.rounds)
        if options.epochs:
            sky = simulated(Path(folder, "many"), options.frames)
            print(f"validation loss after {options.epochs} epochs, {SMALL.channels}, {SMALL.shape}")
            found = []
            for seed in range(3):
                chosen = {"percent": (60.0, 40.0, 0.0), "halve_every": max(options.epochs // 6, 1)}
                config = TrainConfig.of(SMALL, seed=seed, **chosen, **sizes)
                found.append(loss_after(config, sky, options.epochs))
                print("seed {}: ours {:.4f}, model.fit {:.4f}".format(seed, *found[-1]))
            ours, theirs = np.mean(found, axis=0)
            print(f"mean: ours {ours:.4f}, model.fit {theirs:.4f}, {ours / theirs - 1:+.1%}")


def simulated(folder: Path, count: int) -> Path:
    """Write frames with their truth."""
    for _ in write_simulation(SimulationConfig(count=count), folder):
        pass
    return folder


if __name__ == "__main__":
    main()
