"""Import a published Keras model (.keras, .h5, .weights.h5) as a model folder.

The file is read as data; no code in it is run. It must be a VGG8 or U-Net as built here; the
output of the imported network on noise is compared with the output of the file's network.
--normalisation is the input normalisation of the model; the published ones take ADU / 2**14.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from napari_iris.cli.main import OK
from napari_iris.cli.options import add_json, add_out
from napari_iris.errors import printable
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
    add_out(parser, "MODEL", "folder for the model")
    parser.add_argument(
        "--normalisation",
        choices=get_args(Normalisation),
        default="full-scale",
        help="input normalisation of the model (default: full-scale)",
    )
    parser.add_argument(
        "--shape",
        type=int,
        nargs=2,
        metavar="N",
        help="rows and columns of the input, for a file of weights only (default: 128 160)",
    )
    parser.add_argument(
        "--lower-first",
        action="store_true",
        default=None,
        help="concatenate the lower level before the skip connection, for a file of weights only",
    )
    parser.add_argument(
        "--licence", default="", metavar="TEXT", help="licence of the training data"
    )
    add_json(parser, "print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Import the model."""
    from napari_iris.networks.keras_import.importing import import_model

    imported = import_model(
        options.file,
        options.out,
        normalisation=options.normalisation,
        shape=None if options.shape is None else tuple(options.shape),
        lower_first=options.lower_first,
        licence=options.licence,
    )
    network = imported.card.network
    if options.json:
        facts = {
            "model": str(options.out),
            "network": network.model_dump(mode="json"),
            "parameters": imported.card.parameters,
            "difference": imported.difference,
        }
        print(json.dumps(facts))
        return OK
    channels = "-".join(map(str, network.channels))
    checked = "not compared, as the file has weights only"
    if imported.difference is not None:
        checked = f"output equals that of the file within {imported.difference:.1g}"
    parameters = f"{imported.card.parameters:,} parameters"
    print(f"{printable(str(options.out))}: {network.kind} {channels}, {parameters}; {checked}")
    return OK
