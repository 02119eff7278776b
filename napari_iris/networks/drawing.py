"""Layout of a network diagram: boxes and arrows, to be rendered in any format."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

from napari_iris.networks.plan import plan, shapes

if TYPE_CHECKING:
    from napari_iris.networks.plan import Shape
    from napari_iris.networks.spec import NetworkSpec

COLOURS = {"input": "#dddddd", "conv": "#f4a259", "pool": "#c8553d", "up": "#5390d9"}
"""Fill of each kind of box; distinguishable in grey as well."""

DENSE_COLOUR = "#8d99ae"
MAX_HEIGHT = 110.0
"""Height of the input's box [points]."""

MIN_HEIGHT = 8.0
"""Height of the smallest box [points]."""

GAP = 14.0
"""Space between two boxes [points]."""

LEVEL_HEIGHT = 96.0
"""Vertical distance between two levels of a U-Net [points]."""


@dataclass(frozen=True)
class Box:
    """One tensor.

    Attributes
    ----------
    name : str
        Name of the step whose output it is.
    x, y, width, height : float
        Upper left corner and size [points]; y grows downwards.
    colour : str
        Fill, as ``#rrggbb``.
    above, below : str
        Labels: rows by columns where they change, and channels.
    """

    name: str
    x: float
    y: float
    width: float
    height: float
    colour: str
    above: str
    below: str

    @property
    def middle(self) -> float:
        """Vertical position of the centre [points]."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Drawing:
    """Layout of a network.

    Attributes
    ----------
    boxes : tuple of Box
        The tensors, in order.
    arrows : tuple of (str, str)
        Names of consecutive boxes.
    skips : tuple of (str, str)
        Names of the boxes that each skip connection of a U-Net connects.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...]
    skips: tuple[tuple[str, str], ...]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height, labels included [points]."""
        width = max(box.x + box.width for box in self.boxes) + GAP
        return width, max(box.y + box.height for box in self.boxes) + 2 * GAP


def draw(spec: NetworkSpec) -> Drawing:
    """Lay out a network: a U for a U-Net, a row for VGG8.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    Drawing
        The layout.
    """
    outputs = shapes(spec)
    rows = outputs["input"][0]
    steps = [("input", "input"), *((step.name, step.op) for step in plan(spec))]
    boxes: list[Box] = []
    x, level, previous = GAP, 0, ""
    for name, op in steps:
        level += {"pool": 1, "up": -1}.get(op, 0)
        shape = outputs[name]
        width, height = _size(shape, rows)
        top = (
            2 * GAP
            + (LEVEL_HEIGHT * level if spec.kind == "unet" else 0)
            + (MAX_HEIGHT - height) / 2
        )
        size = "x".join(map(str, shape[:2])) if len(shape) == 3 else ""
        colour = COLOURS.get(op, DENSE_COLOUR)
        boxes.append(
            Box(
                name,
                x,
                top,
                width,
                height,
                colour,
                size if size != previous else "",
                str(shape[-1]),
            )
        )
        previous = size
        x += width + GAP
    names = [name for name, _ in steps]
    skips = tuple((step.skip, step.name) for step in plan(spec) if step.skip)
    return Drawing(tuple(boxes), tuple(pairwise(names)), skips)


def _size(shape: Shape, rows: int) -> tuple[float, float]:
    """Compute the width from the channels and the height from the rows; vectors are upright."""
    if len(shape) == 1:
        return 6.0, min(MAX_HEIGHT, MIN_HEIGHT + 6 * log2(1 + shape[0]))
    return 3 + 2.5 * log2(1 + shape[-1]), max(MIN_HEIGHT, MAX_HEIGHT * shape[0] / rows)
