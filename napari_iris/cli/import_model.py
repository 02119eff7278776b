"""Take a published Keras model (.keras, .h5, .weights.h5) in as a model folder.

The file is read as data: nothing in it is run. It has to be a VGG8 or U-Net like ours; what it
gives on noise is compared with what ours gives. --normalisation is how its frames became its
input; the published models take ADU / 2**14.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from napari_iris.cli.main import OK
from napari_iris.networks.normalisation import Normalisation

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris import-model unet_150epochs.h5 --out models/published
  napari-iris import-model vgg8.keras --out models/vgg8 --normalisation zscale
  napari-iris import-model unet.weights.h5 --out models/u --shape 128 160 --lower-first
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the Keras file")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="MODEL", help="folder for the model"
    )
    parser.add_argument(
        "--normalisation",
        choices=get_args(Normalisation),
        default="full-scale",
        help="how its frames became its input (default: full-scale)",
    )
    parser.add_argument(
        "--shape",
        type=int,
        nargs=2,
        metavar="N",
        help="rows and columns of its input, for weights alone (default: 128 160)",
    )
    parser.add_argument(
        "--lower-first",
        action="store_true",
        default=None,
        help="its joins put the lower level before the skip, for weights alone",
    )
    parser.add_argument(
        "--licence", default="", metavar="TEXT", help="licence of the data it was trained on"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Take it in."""
    from napari_iris.networks.keras_import.importing import import_model

    taken = import_model(
        options.file,
        options.out,
        normalisation=options.normalisation,
        shape=None if options.shape is None else tuple(options.shape),
        lower_first=options.lower_first,
        licence=options.licence,
    )
    network = taken.card.network
    if options.json:
        facts = {
            "model": str(options.out),
            "network": network.model_dump(mode="json"),
            "parameters": taken.card.parameters,
            "difference": taken.difference,
        }
        print(json.dumps(facts))
        return OK
    channels = "-".join(map(str, network.channels))
    checked = "not compared: the file holds weights alone"
    if taken.difference is not None:
        checked = f"gives what the file's model gives, within {taken.difference:.1g}"
    print(
        f"{options.out}: {network.kind} {channels}, {taken.card.parameters:,} parameters; {checked}"
    )
    return OK
