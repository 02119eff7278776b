"""A network as a list of steps, from which every framework and the diagrams build it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal

from napari_iris.networks.spec import DENSE_UNITS

if TYPE_CHECKING:
    from napari_iris.networks.spec import NetworkSpec

Shape = tuple[int, ...]

KERNEL = 3
"""Rows and columns of every convolution kernel."""


@dataclass(frozen=True)
class Step:
    """One step from a tensor to the next.

    Attributes
    ----------
    op : {'conv', 'pool', 'up', 'flatten', 'dense'}
        Convolution 3x3; maximum pooling 2x2; nearest-neighbour resize to the size of the skip
        and concatenation with it; flattening; fully connected layer.
    name : str
        Name of the step, and of its weights.
    units : int
        Filters of a convolution, units of a dense layer.
    relu : bool
        Whether a ReLU follows.
    same : bool
        Whether a convolution keeps the size (zero padding).
    skip : str
        Step whose output an 'up' is concatenated with.
    """

    op: Literal["conv", "pool", "up", "flatten", "dense"]
    name: str
    units: int = 0
    relu: bool = True
    same: bool = True
    skip: str = ""


def plan(spec: NetworkSpec) -> tuple[Step, ...]:
    """List the steps of a network; the last one computes the logits.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    tuple of Step
        In order; the input of each is the output of the previous one.
    """
    return _unet(spec) if spec.kind == "unet" else _vgg8(spec)


def shapes(spec: NetworkSpec) -> dict[str, Shape]:
    """Compute the output shape of every step, without the batch dimension.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    dict of str to tuple of int
        By name of the step, ``'input'`` first: ``(rows, columns, channels)``, or ``(values,)``
        after 'flatten'.
    """
    found: dict[str, Shape] = {"input": (*spec.shape, spec.planes)}
    shape = found["input"]
    for step in plan(spec):
        if step.op == "conv":
            lost = 0 if step.same else KERNEL - 1
            shape = (shape[0] - lost, shape[1] - lost, step.units)
        elif step.op == "pool":
            shape = (shape[0] // 2, shape[1] // 2, shape[2])  # an odd row or column is dropped
        elif step.op == "up":
            skip = found[step.skip]
            shape = (skip[0], skip[1], skip[2] + shape[2])
        else:
            shape = (prod(shape),) if step.op == "flatten" else (step.units,)
        found[step.name] = shape
    return found


def weight_shapes(spec: NetworkSpec) -> dict[str, Shape]:
    """Compute the shape of every weight.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    dict of str to tuple of int
        By name in the weights file, ``<step>/kernel`` and ``<step>/bias``. Kernels of convolutions
        are (3, 3, in, out), of dense layers (in, out).
    """
    found: dict[str, Shape] = {}
    outputs = shapes(spec)
    before = outputs["input"]
    for step in plan(spec):
        if step.op in ("conv", "dense"):
            sides = (KERNEL, KERNEL) if step.op == "conv" else ()
            found[f"{step.name}/kernel"] = (*sides, before[-1], step.units)
            found[f"{step.name}/bias"] = (step.units,)
        before = outputs[step.name]
    return found


def count_parameters(spec: NetworkSpec) -> int:
    """Count the trainable parameters.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    int
        Number of parameters.
    """
    return sum(prod(shape) for shape in weight_shapes(spec).values())


def _unet(spec: NetworkSpec) -> tuple[Step, ...]:
    steps: list[Step] = []
    for level, filters in enumerate(spec.channels, start=1):
        steps += _convs(f"down{level}", filters, spec.convolutions)
        steps.append(Step("pool", f"pool{level}"))
    # No convolutions between the last pooling and the first join: as published, no bottleneck.
    for level, filters in reversed(list(enumerate(spec.channels, start=1))):
        skip = f"down{level}_conv{spec.convolutions}"
        steps.append(Step("up", f"join{level}", skip=skip))
        steps += _convs(f"up{level}", filters, spec.convolutions)
    return (*steps, Step("conv", "logit", 1, relu=False))


def _vgg8(spec: NetworkSpec) -> tuple[Step, ...]:
    steps: list[Step] = []
    for level, filters in enumerate(spec.channels, start=1):
        steps += _convs(f"block{level}", filters, spec.convolutions, same=False)
        steps.append(Step("pool", f"pool{level}"))
    steps += [Step("flatten", "flat"), Step("dense", "dense", DENSE_UNITS)]
    return (*steps, Step("dense", "logit", 1, relu=False))


def _convs(block: str, filters: int, count: int, *, same: bool = True) -> list[Step]:
    names = [f"{block}_conv{number}" for number in range(1, count + 1)]
    return [Step("conv", name, filters, same=same) for name in names]
