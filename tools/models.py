"""Train the shipped models anew, from simulated frames alone: ``python tools/models.py OUT``.

OUT gets a folder for each, ready to be copied to models/; the time that each took is printed. A run
that was interrupted continues where it was.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from napari_iris.networks.card import CARD, read_card, write_card

LEARNING = (
    "--planes 2 --normalisation asinh --batch-size 16 --aug-batch-size 0 --mirror --clip-norm 1"
    " --schedule cosine --warmup 0.03"
)

UNET, VGG8 = "unet --channels 16 16 48 96 128", "vgg8 --channels 16 32 64"

RUNS = {
    # The U-Net first learns frames of a quarter of the pixels, four times as fast: its weights fit
    # frames of any size.
    "unet-small": f"{UNET} --simulated 100000 --shape 64 80 --epochs 4 --learning-rate 0.001"
    " --average 0.999 --seed 1",
    "unet-middle": f"{UNET} --init {{out}}/unet-small --simulated 110000 --shape 64 80 --epochs 1"
    " --learning-rate 0.0008 --average 0.999 --seed 4",
    "unet-lwir": f"{UNET} --init {{out}}/unet-middle --simulated 24000 --shape 128 160 --epochs 1"
    " --learning-rate 0.0005 --average 0.995 --seed 2",
    "vgg8-first": f"{VGG8} --simulated 20000 --epochs 2 --learning-rate 0.001 --average 0.998"
    " --seed 3",
    "vgg8-lwir": f"{VGG8} --init {{out}}/vgg8-first --simulated 40000 --epochs 1"
    " --learning-rate 0.0005 --average 0.998 --seed 5",
}
"""Commands that train the models, in order."""

SHIPPED = {"unet-lwir": "vgg8-lwir", "vgg8-lwir": ""}
"""The models that are shipped, and the classifier of each."""

FIRST = {"unet-lwir": ["unet-small", "unet-middle"], "vgg8-lwir": ["vgg8-first"]}
"""Models that others start from."""

GATE = {"unet-lwir": (1.5, -0.7), "vgg8-lwir": (3.0, 0.0)}
"""Weight and prior of the sky gate beside each model: chosen by a search on simulated frames, the
U-Net's on 200 of cameras beyond the simulator's ranges, the classifier's on 200 of any cameras and
200 of 8 bit. From weights of 1 to 2 and priors of 0 to -1.4, the part of the pixels that is right
differs by at most .01; of weights from 2 to 5, the part of the frames by as much. 1 and 0 are those
of independent witnesses."""

LICENCE = "BSD-3-Clause (simulated by napari-iris)"


def train(name: str, out: Path) -> None:
    """Train one model, or continue its training."""
    words = f"{RUNS[name]} {LEARNING}".format(out=out).split()
    if (out / name / "run").exists():
        words = [words[0], "--resume"]
    command = [sys.executable, "-m", "napari_iris", "train", *words, "--out", str(out / name)]
    print(" ".join(command[1:]), flush=True)
    started = time.monotonic()
    subprocess.run(command, check=True)
    print(f"{name}: {(time.monotonic() - started) / 60:.0f} minutes", flush=True)


def ship(name: str, out: Path) -> None:
    """Write card and weights as they are shipped."""
    folder = out / "shipped" / name
    folder.mkdir(parents=True, exist_ok=True)
    card, first = read_card(out / name), FIRST.get(name, [])
    commands = [f"train {RUNS[one]} {LEARNING}".format(out="OUT") for one in [*first, name]]
    changed = {
        "classifier": SHIPPED[name],
        "gate_weight": GATE[name][0],
        "gate_prior": GATE[name][1],
        "data_licence": LICENCE,
        "training": {**card.training, "init": first, "commands": commands},
    }
    write_card(folder, card.model_copy(update=changed))
    for path in (out / name).glob("*.safetensors"):
        (folder / path.name).write_bytes(path.read_bytes())
    print(f"{folder}: {sum(one.stat().st_size for one in folder.iterdir()) / 2**20:.1f} MiB")


def main() -> None:
    """Train and ship."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT")
    out = parser.parse_args().out
    for name in RUNS:
        train(name, out)
    for name in SHIPPED:
        ship(name, out)
    print(f"copy {out}/shipped/* to models/; each has its {CARD} and weights")


if __name__ == "__main__":
    main()
