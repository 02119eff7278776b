"""Find the network of ours that a Keras model is, and which weights of it are which."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from napari_iris.errors import ModelError
from napari_iris.networks.card import MOST_NUMBERS
from napari_iris.networks.keras_import.graph import FIX
from napari_iris.networks.plan import plan, shapes, weight_shapes
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.networks.keras_import.graph import Layer
    from napari_iris.networks.weights import Weights

    Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


def find_spec(path: Path, pairs: Sequence[Pair], shape: tuple[int, int]) -> NetworkSpec:
    """Find the network whose weights have these shapes, in this order.

    Parameters
    ----------
    path : Path
        The file, for errors.
    pairs : sequence of (ndarray, ndarray)
        Kernels and biases: convolutions, then dense layers.
    shape : (int, int)
        Rows and columns of the input.

    Raises
    ------
    ModelError
        If there is none.
    """
    found = [kernel.shape for kernel, _ in pairs]
    convolutions = [one for one in found if len(one) == 4]
    kind = "unet" if len(convolutions) == len(found) else "vgg8"
    each_way = len(convolutions) // 2 if kind == "unet" else len(convolutions)
    for count in (2, 1):
        channels = [one[-1] for one in convolutions[:each_way:count]]
        planes = convolutions[0][2] if convolutions else 0
        try:
            spec = NetworkSpec.model_validate(
                {
                    "kind": kind,
                    "channels": channels or (0,),
                    "shape": shape,
                    "planes": planes,
                    "convolutions": count,
                }
            )
        except ValidationError:
            continue
        if list(weight_shapes(spec).values())[::2] == found:
            _check_size(path, spec)
            return spec
    told = ", ".join("x".join(map(str, one)) for one in found[:3])
    reason = f"has kernels of no VGG8 or U-Net for {shape[0]}x{shape[1]} pixels ({told}, ...)"
    raise ModelError(path, reason, "give the --shape of its input, or another file")


def _check_size(path: Path, spec: NetworkSpec) -> None:
    if max(map(prod, shapes(spec).values())) > MOST_NUMBERS:
        reason = f"describes a network with more than {MOST_NUMBERS} values in a layer"
        raise ModelError(path, reason, "give a smaller model")


def name_weights(spec: NetworkSpec, pairs: Sequence[Pair], *, lower_first: bool) -> Weights:
    """Name weights that come in a network's own order.

    Parameters
    ----------
    spec : NetworkSpec
        The network, from `find_spec`.
    pairs : sequence of (ndarray, ndarray)
        Kernels and biases.
    lower_first : bool
        Whether joins put the lower level before the skip; ours put it behind.
    """
    steps = [step.name for step in plan(spec) if step.op in ("conv", "dense")]
    joined = _after_joins(spec) if lower_first else {}
    weights: Weights = {}
    for name, (kernel, bias) in zip(steps, pairs, strict=True):
        weights[f"{name}/kernel"] = _turned(kernel, joined[name]) if name in joined else kernel
        weights[f"{name}/bias"] = bias
    return weights


def match(
    path: Path, spec: NetworkSpec, layers: Sequence[Layer], pairs: Sequence[Pair]
) -> tuple[Weights, bool]:
    """See that a described model is a network of ours, step by step, and name its weights.

    Returns
    -------
    weights : dict of str to ndarray of float32
        As in the weights file.
    squashed : bool
        Whether the model ends with a sigmoid: it gives probabilities, ours logits.

    Raises
    ------
    ModelError
        If it is built otherwise, with the first layer that is.
    """
    graph = _Graph()
    steps = graph.ours(spec)
    theirs = graph.theirs(path, layers)
    end = theirs.outputs[layers[-1].name]
    squashed = graph.made[end][0] == "sigmoid"
    if squashed:
        end = graph.made[end][1]
    last = steps["logit"]
    if end != last:
        known = {*range(graph.size_of_ours)}
        strange = next(
            (one.name for one in layers if theirs.outputs[one.name] not in known), layers[-1].name
        )
        reason = f"is not built like a {spec.kind} from its layer {strange!r} on"
        raise ModelError(path, reason, FIX)
    names = {number: name for name, number in graph.weighted.items()}
    weights: Weights = {}
    joins = _after_joins(spec)
    ordered = sorted(theirs.weighted, key=lambda one: one.kind == "Dense")
    for layer, (kernel, bias) in zip(ordered, pairs, strict=False):
        name = names[theirs.numbers[layer.name]]
        turned = layer.name in theirs.turned
        weights[f"{name}/kernel"] = _turned(kernel, joins[name]) if turned else kernel
        weights[f"{name}/bias"] = bias
    if {name: value.shape for name, value in weights.items()} != weight_shapes(spec):
        raise ModelError(path, "holds other weights than its description says", "copy it again")
    return weights, squashed


@dataclass(frozen=True)
class _Walk:
    """What came of going through a model's layers.

    ``outputs``: number of each layer's output; ``numbers``: of each convolution or dense layer
    before its activation; ``weighted``: those layers; ``turned``: those of them that take a join
    with the lower level first.
    """

    outputs: dict[str, int]
    numbers: dict[str, int]
    weighted: list[Layer]
    turned: set[str]


class _Graph:
    """Operations, each made once: two networks are the same where their ends are one."""

    def __init__(self) -> None:
        self.made: list[tuple[Any, ...]] = []
        self.sizes: list[tuple[int, ...]] = []
        self.weighted: dict[str, int] = {}
        self.size_of_ours = 0
        self._numbers: dict[tuple[Any, ...], int] = {}

    def make(self, operation: tuple[Any, ...], size: tuple[int, ...]) -> int:
        """Give the number of an operation on others."""
        if operation not in self._numbers:
            self._numbers[operation] = len(self.made)
            self.made.append(operation)
            self.sizes.append(size)
        return self._numbers[operation]

    def ours(self, spec: NetworkSpec) -> dict[str, int]:
        """Make the operations of a network of ours."""
        sizes = shapes(spec)
        at = {"input": self.make(("input", *sizes["input"]), sizes["input"])}
        before = "input"
        for step in plan(spec):
            size, start = sizes[step.name], at[before]
            if step.op in ("conv", "dense"):
                same = step.op == "conv" and step.same
                number = self.make((step.op, step.units, same, start), size)
                self.weighted[step.name] = number
                number = self.make(("relu", number), size) if step.relu else number
            elif step.op == "up":
                skip = at[step.skip]
                near = self._near(start, self.sizes[skip][:2])
                number = self.make(("join", skip, near), size)
            else:
                number = self.make((step.op, start), size)
            at[step.name], before = number, step.name
        self.size_of_ours = len(self.made)
        return at

    def theirs(self, path: Path, layers: Sequence[Layer]) -> _Walk:
        """Make the operations of a described model."""
        walk = _Walk({}, {}, [], set())
        low_first: set[int] = set()
        for layer in layers:
            try:
                inputs = [walk.outputs[name] for name in layer.inputs]
            except KeyError as error:
                reason = f"lists the layer {layer.name!r} before what it takes"
                raise ModelError(path, reason, FIX) from error
            wanted = {"InputLayer": 0, "Concatenate": 2}.get(layer.kind, 1)
            if len(inputs) != wanted:
                reason = f"has a {layer.kind} ({layer.name!r}) of {len(inputs)} inputs"
                raise ModelError(path, reason, FIX)
            number = self._operation(layer, inputs, low_first)
            if layer.kind in ("Conv2D", "Dense"):
                walk.numbers[layer.name] = number
                walk.weighted.append(layer)
                if inputs[0] in low_first:
                    walk.turned.add(layer.name)
            if layer.activation != "linear":
                number = self.make((layer.activation, number), self.sizes[number])
            walk.outputs[layer.name] = number
        return walk

    def _operation(self, layer: Layer, inputs: list[int], low_first: set[int]) -> int:
        """Make one layer's operation, without its activation."""
        if layer.kind == "InputLayer":
            return self.make(("input", *layer.size), layer.size)
        if layer.kind == "Concatenate":
            return self._join(inputs[0], inputs[1], low_first)
        start = inputs[0]
        *sides, planes = self.sizes[start]
        if layer.kind in ("UpSampling2D", "Resizing"):
            return self._near(start, layer.size or tuple(2 * side for side in sides))
        lost = 0 if layer.same else 2
        made: dict[str, tuple[tuple[Any, ...], tuple[int, ...]]] = {
            "Conv2D": (
                ("conv", layer.units, layer.same, start),
                (*(side - lost for side in sides), layer.units),
            ),
            "MaxPooling2D": (("pool", start), (*(side // 2 for side in sides), planes)),
            "Flatten": (("flatten", start), (prod(sides) * planes,)),
            "Dense": (("dense", layer.units, False, start), (layer.units,)),
        }
        if layer.kind not in made:  # an activation alone, or what does nothing in prediction
            return start
        return self.make(*made[layer.kind])

    def _join(self, one: int, other: int, low_first: set[int]) -> int:
        """Join two levels, the skip first whatever their order is."""
        turned = self.made[one][0] == "near" and self.made[other][0] != "near"
        skip, low = (other, one) if turned else (one, other)
        planes = self.sizes[skip][-1] + self.sizes[low][-1]
        number = self.make(("join", skip, low), (*self.sizes[skip][:-1], planes))
        if turned:
            low_first.add(number)
        return number

    def _near(self, start: int, size: tuple[int, ...]) -> int:
        return self.make(("near", start, *size), (*size, self.sizes[start][-1]))


def _after_joins(spec: NetworkSpec) -> dict[str, int]:
    """Give the convolutions that take a join, with the planes of the skip in it."""
    steps, sizes = plan(spec), shapes(spec)
    return {after.name: sizes[step.skip][-1] for step, after in pairwise(steps) if step.op == "up"}


def _turned(kernel: NDArray[np.float32], skip: int) -> NDArray[np.float32]:
    """Bring a kernel whose first planes are the lower level's to our order: the skip's first."""
    return np.concatenate([kernel[:, :, -skip:], kernel[:, :, :-skip]], axis=2)
