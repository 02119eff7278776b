"""Frames per second, from raw FITS to probability FITS: plain Keras and napari-iris, in turn.

    python benchmarks/predict.py [--frames 48] [--night 480] [--repeat 5]

The plain loop is ``fits.getdata``, block mean by reshape and mean, Keras ``predict`` in batches of
16, and ``writeto``. All have the published U-Net 64-128-256 with the same weights, loaded
beforehand, each in a process of its own that waits while another is at work, and every file is then
compared. The last runner has the shipped cascade in its place; it predicts the whole night that the
frames are of, and learns its clear sky anew each time. Seconds are of one frame. The published
weights are not at hand: weights as drawn take as long.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from astropy.io import fits

from napari_iris.frames.paths import find_frames
from napari_iris.frames.rebin import FULL_SCALE_ADU
from napari_iris.inference.config import Precision, PredictConfig
from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.predictor import Predictor
from napari_iris.matching.names import prediction_path
from napari_iris.networks.card import ModelCard, read_card, write_card
from napari_iris.networks.find import find_classifier, find_model
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, initial_weights, load_weights, save_weights
from napari_iris.radiometry.archive import resolve_references
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 16
RUNNERS = {
    "plain": "plain loop, Keras float32",
    "auto": "napari-iris predict",
    "int8": "... --precision int8",
    "float32": "... --precision float32",
    "classifier": "... --classifier, half of the frames clear",
    "shipped": "... unet-lwir, its classifier and reference",
}


def plain_loop(root: Path) -> Callable[[list[Path], Path], None]:
    """Load Keras and give a plain prediction loop."""
    from napari_iris.networks.libraries import tensorflow

    tensorflow()
    from napari_iris.networks.keras_network import build_keras, set_keras_weights

    network = read_card(root / "unet").network
    model = build_keras(network)
    set_keras_weights(model, load_weights(root / "unet" / WEIGHTS, network))

    def run(paths: list[Path], out: Path) -> None:
        out.mkdir(exist_ok=True)
        for start in range(0, len(paths), BATCH):
            batch = paths[start : start + BATCH]
            frames = [fits.getdata(path, header=True) for path in batch]
            binned = [data.reshape(128, 4, 160, 4).mean(axis=(1, 3)) for data, _ in frames]
            x = np.stack(binned)[..., None] / FULL_SCALE_ADU
            logits = model.predict(x, batch_size=BATCH, verbose=0)[..., 0]
            parts = zip(batch, frames, binned, 1 / (1 + np.exp(-logits)), strict=True)
            for path, (_, header), frame, probability in parts:
                units = [
                    fits.PrimaryHDU(frame.astype(np.float32), header),
                    fits.ImageHDU(probability.astype(np.float32), name="PROB"),
                ]
                fits.HDUList(units).writeto(prediction_path(path, out), overwrite=True)

    return run


def ours(root: Path, kind: str) -> Callable[[list[Path], Path], None]:
    """Open the models and give what ``napari-iris predict`` does, its table included."""
    classifier = root / "vgg8" if kind == "classifier" else None
    precision = cast("Precision", kind if kind in ("float32", "int8") else "auto")
    config = PredictConfig(engine="openvino", precision=precision)
    predictor = Predictor.open(root / "unet", classifier, config)

    def run(paths: list[Path], out: Path) -> None:
        for outcome in predict_frames(paths, out, predictor, batch_size=BATCH):
            if isinstance(outcome, Exception):
                raise outcome

    return run


def shipped() -> Callable[[list[Path], Path], None]:
    """Open the shipped models and give what ``napari-iris predict unet-lwir`` does."""
    unet = find_model("unet-lwir")
    predictor = Predictor.open(unet, find_classifier(unet), PredictConfig(engine="openvino"))

    def run(paths: list[Path], out: Path) -> None:
        os.environ["XDG_CACHE_HOME"] = f"{out}-cache"  # no statistics of frames are known
        predictor.clear_sky = resolve_references("auto", paths, nearby=True)
        for outcome in predict_frames(paths, out, predictor, batch_size=BATCH):
            if isinstance(outcome, Exception):
                raise outcome

    return run


def child(kind: str, root: Path, count: int) -> None:
    """Run a round for each line on standard input; print its seconds a frame, of CPU too."""
    paths = list(find_frames([root / "night"])[0])
    if kind == "shipped":
        run = shipped()
    else:
        paths = paths[:: len(paths) // count][:count]
        run = plain_loop(root) if kind == "plain" else ours(root, kind)
    run(paths[:BATCH], root / f"{kind}-first")
    print("ready", flush=True)
    for line in sys.stdin:
        start, used = time.perf_counter(), time.process_time()
        run(paths, root / f"{kind}-{line.strip()}")
        spent = time.perf_counter() - start, time.process_time() - used
        print(*(one / len(paths) for one in spent), flush=True)


def prepare(root: Path, count: int) -> None:
    """Write a simulated night of raw frames, the U-Net, and a VGG8 that calls half of it clear."""
    (root / "night").mkdir()
    for number, frame in enumerate(simulate_nights(SeriesConfig(count=count, nights=1, seed=5))):
        path = root / "night" / f"frame_{number:05d}.fits"
        fits.PrimaryHDU(frame.data, frame.header).writeto(path)
    for kind in ("unet", "vgg8"):
        network = NetworkSpec(kind=kind)
        (root / kind).mkdir()
        save_weights(root / kind / WEIGHTS, initial_weights(network, 3))
        write_card(root / kind, ModelCard.of(network, normalisation="full-scale"))
    predictor = Predictor.open(root / "unet", root / "vgg8", PredictConfig(engine="openvino"))
    frames = [predictor.load(path) for path in sorted((root / "night").iterdir())]
    inputs = np.stack([one.classifier for one in frames if one.classifier is not None])
    assert predictor.classifier is not None
    middle = float(np.median(predictor.classifier.probability(inputs)))
    card = predictor.classifier.card.model_copy(update={"threshold": middle})
    write_card(root / "vgg8", card)


def one_frame(root: Path) -> float:
    """Milliseconds that the current frame takes, rebin and normalisation included."""
    predictor = Predictor.open(root / "unet", None, PredictConfig(engine="openvino"))
    frame = fits.getdata(next((root / "night").iterdir()))
    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        predictor.predict([predictor.prepare(frame, fits.Header())])
        seconds.append(time.perf_counter() - start)
    return 1e3 * statistics.median(seconds[2:])


def compare(root: Path, kind: str) -> tuple[float, float]:
    """Print how far probabilities are from the plain loop's, and how many pixels agree at 0.5."""
    furthest, agree = 0.0, []
    for path in sorted((root / f"{kind}-0").glob("*_pred.fits")):
        p, q = fits.getdata(path, "PROB"), fits.getdata(root / "plain-0" / path.name, "PROB")
        furthest = max(furthest, float(np.abs(p - q).max()))
        agree.append(np.mean((p >= 0.5) == (q >= 0.5)))
    return furthest, float(np.mean(agree))


def features() -> str:
    """CPU features that determine the speed, as the kernel lists them (Linux)."""
    flags = Path("/proc/cpuinfo")
    found = set(flags.read_text(encoding="ascii").split()) if flags.exists() else set()
    names = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
    return ", ".join(f"{name} {'yes' if name in found else 'no'}" for name in names)


def measure(root: Path, count: int, repeat: int) -> dict[str, list[tuple[float, float]]]:
    """Run all in turn, `repeat` times, each in its own process."""
    words = [sys.executable, __file__, "--root", str(root), "--frames", str(count), "--child"]
    children = {
        kind: subprocess.Popen(
            [*words, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for kind in RUNNERS
    }
    seconds: dict[str, list[tuple[float, float]]] = {kind: [] for kind in RUNNERS}
    for one in children.values():
        assert one.stdout is not None
        if one.stdout.readline() != "ready\n":
            sys.exit("a child did not begin")
    for number in range(repeat):
        for kind, one in children.items():
            assert one.stdin is not None
            assert one.stdout is not None
            one.stdin.write(f"{number}\n")
            one.stdin.flush()
            wall, processor = map(float, one.stdout.readline().split())
            seconds[kind].append((wall, processor))
    for one in children.values():
        one.communicate()
    return seconds


def main() -> None:
    """Run all, in turn, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--night", type=int, default=480)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--child", choices=RUNNERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.root, options.frames)
        return
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        prepare(root, max(options.night, options.frames))
        engine = Predictor.open(root / "unet", None, PredictConfig(engine="openvino")).main.engine
        alone = one_frame(root)
        measured = measure(root, options.frames, options.repeat)
        apart = {kind: compare(root, kind) for kind in ("auto", "int8", "float32")}
    print(f"CPU: {features()}; OpenVINO computes in {engine.precision} here")
    print(f"{options.frames} raw frames a round (a night for the last); ms a frame:")
    seconds = {kind: [wall for wall, _ in rounds] for kind, rounds in measured.items()}
    for kind, what in RUNNERS.items():
        each = "".join(f"{1e3 * second:8.1f}" for second in seconds[kind])
        rate = 1 / statistics.median(seconds[kind])
        processor = 1e3 * statistics.median(used for _, used in measured[kind])
        print(f"  {what:<44}{each}   median {rate:6.2f} images/s, {processor:5.1f} ms of CPU each")
    plain = seconds["plain"]
    for kind in list(RUNNERS)[1:]:
        ratio = statistics.median(a / b for a, b in zip(plain, seconds[kind], strict=True))
        best = min(plain) / statistics.median(seconds[kind])
        used = statistics.median(
            a[1] / b[1] for a, b in zip(measured["plain"], measured[kind], strict=True)
        )
        print(
            f"{RUNNERS[kind]}: {ratio:.2f} times the plain loop ({best:.2f} against its best run)"
        )
        print(f"{RUNNERS[kind]}, CPU time: {used:.2f} times less")
    for kind, (furthest, agree) in apart.items():
        said = f"at most {furthest:.1e} apart in probability, {agree:.2%} of pixels agree at 0.5"
        print(f"{RUNNERS[kind]}: {said}")
    print(f"one frame alone, model open: {alone:.0f} ms")
    sys.exit(0 if min(agree for _, agree in apart.values()) >= 0.995 else 1)


if __name__ == "__main__":
    main()
