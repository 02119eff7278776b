"""Find the network with given kernels, and name its weights."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from napari_iris.errors import ModelError
from napari_iris.networks.card import MAX_NUMBERS
from napari_iris.networks.plan import plan, shapes, weight_shapes
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.networks.keras_import.arrays import LayerWeights
    from napari_iris.networks.weights import Weights


def find_spec(path: Path, arrays: Sequence[LayerWeights], shape: tuple[int, int]) -> NetworkSpec:
    """Find the network whose kernels have these shapes, in this order.

    Parameters
    ----------
    path : Path
        The file, for error messages.
    arrays : sequence of (ndarray, ndarray)
        Kernels and biases: convolutions, then dense layers.
    shape : (int, int)
        Rows and columns of the input.

    Returns
    -------
    NetworkSpec
        The network.

    Raises
    ------
    ModelError
        If there is none, or it is implausibly large.
    """
    found = [kernel.shape for kernel, _ in arrays]
    convolutions = [one for one in found if len(one) == 4]
    kind = "unet" if len(convolutions) == len(found) else "vgg8"
    each_way = len(convolutions) // 2 if kind == "unet" else len(convolutions)
    for count in (2, 1):
        values = {
            "kind": kind,
            "channels": [one[-1] for one in convolutions[:each_way:count]] or (0,),
            "shape": shape,
            "planes": convolutions[0][2] if convolutions else 0,
            "convolutions": count,
        }
        try:
            spec = NetworkSpec.model_validate(values)
        except ValidationError:
            continue
        if list(weight_shapes(spec).values())[::2] == found:
            if max(map(prod, shapes(spec).values())) > MAX_NUMBERS:
                reason = f"describes a network with more than {MAX_NUMBERS} values in a layer"
                raise ModelError(path, reason, "give a smaller model")
            return spec
    first = ", ".join("x".join(map(str, one)) for one in found[:3])
    reason = (
        f"has kernels of neither a VGG8 nor a U-Net for {shape[0]}x{shape[1]} pixels ({first}, ...)"
    )
    raise ModelError(path, reason, "give the --shape of its input, or another file")


def name_weights(
    spec: NetworkSpec, arrays: Sequence[LayerWeights], *, lower_first: bool
) -> Weights:
    """Name weights that are in the order of the network.

    Parameters
    ----------
    spec : NetworkSpec
        The network, from `find_spec`.
    arrays : sequence of (ndarray, ndarray)
        Kernels and biases.
    lower_first : bool
        Whether joins have the lower level before the skip; ours have it after.

    Returns
    -------
    dict of str to ndarray of float32
        By name in the weights file.
    """
    steps, sizes = plan(spec), shapes(spec)
    skips = {after.name: sizes[step.skip][-1] for step, after in pairwise(steps) if step.skip}
    names = [step.name for step in steps if step.op in ("conv", "dense")]
    weights: Weights = {}
    for name, (kernel, bias) in zip(names, arrays, strict=True):
        reorder = lower_first and name in skips
        weights[f"{name}/kernel"] = np.roll(kernel, skips[name], axis=2) if reorder else kernel
        weights[f"{name}/bias"] = bias
    return weights
