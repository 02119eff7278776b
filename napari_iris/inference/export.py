"""Export a model for other programs that compute with OpenVINO."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.networks.card import ModelCard, read_card
from napari_iris.networks.libraries import openvino
from napari_iris.networks.openvino_network import build_openvino
from napari_iris.networks.weights import WEIGHTS, load_weights

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "openvino"
"""Folder of the export in a model folder."""

INFO = "napari_iris"
"""Section of the export's metadata with the card's values."""

PLANES = {1: "frame", 2: "frame excess", 3: "red green blue"}
"""Names of the planes of the input, in order."""


def export_openvino(folder: Path) -> Path:
    """Write ``openvino/model.xml`` and ``model.bin`` into a model folder.

    The export takes what `network_input` makes of frames, float32 (any number, rows, columns,
    planes), and gives the calibrated probability of cloud, 0 to 1. Its weights are float32: float16
    would save 9 MB on the published U-Net, and lose four digits. napari-iris itself always uses the
    weights file; an export that is older than this file is of another model.

    Parameters
    ----------
    folder : Path
        The model folder.

    Returns
    -------
    Path
        The ``.xml`` file.

    Raises
    ------
    ModelError
        If the model is damaged, or the export cannot be written.
    IrisError
        If OpenVINO is not installed.
    """
    card = read_card(folder)
    model = _with_probability(card, load_weights(folder / WEIGHTS, card.network))
    target = folder / FOLDER
    new, old = (folder / f".{FOLDER}.{kind}" for kind in ("new", "old"))
    try:
        for left in (new, old):  # left by a killed process
            shutil.rmtree(left, ignore_errors=True)
        new.mkdir()
        openvino().save_model(model, new / "model.xml", compress_to_fp16=False)
        if target.exists():
            target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except (OSError, RuntimeError) as error:  # OpenVINO's own are RuntimeErrors
        shutil.rmtree(new, ignore_errors=True)
        first = str(error).strip().splitlines()[0]
        reason = f"cannot be written ({getattr(error, 'strerror', None) or first})"
        raise ModelError(target, reason, "make room there") from error
    return target / "model.xml"


def _with_probability(card: ModelCard, weights: Any) -> Any:
    """Build the network with its calibration, and with the metadata that using it needs."""
    library = openvino()
    ops = library.opset13
    network = build_openvino(card.network, weights)
    logit = network.get_results()[0].input_value(0)
    scaled = ops.divide(logit, np.float32(card.temperature))
    probability = ops.sigmoid(scaled)
    probability.output(0).get_tensor().set_names({"probability"})
    network.input(0).get_tensor().set_names({"frame"})
    model = library.Model([probability], network.get_parameters(), card.network.kind)
    facts = {"normalisation": card.normalisation, "threshold": card.threshold}
    planes = PLANES.get(card.network.planes, "")
    for name, value in {**facts, "classes": " ".join(card.classes), "planes": planes}.items():
        model.set_rt_info(str(value), [INFO, name])
    return model
