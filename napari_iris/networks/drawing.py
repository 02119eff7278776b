"""Where the boxes and arrows of a network's drawing go; the formats only render them."""

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
"""Fill of each kind of box, told apart by lightness as well."""

DENSE_COLOUR = "#8d99ae"
TALLEST = 110.0
"""Height of the input's box, in points."""

LEAST = 8.0
"""Height of the smallest box, in points."""

GAP = 14.0
"""Room between two boxes, in points."""

DROP = 96.0
"""How far below the one above a level of a U-Net stands, in points."""


@dataclass(frozen=True)
class Box:
    """One tensor: its place and size in points (y grows downwards), and what is written at it."""

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
        """Height of its middle."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Drawing:
    """A network as boxes, in order, and arrows between them by their names.

    Attributes
    ----------
    boxes : tuple of Box
        The tensors.
    arrows : tuple of (str, str)
        From one box to the next.
    skips : tuple of (str, str)
        From a box of a U-Net's way down to its join on the way up.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...]
    skips: tuple[tuple[str, str], ...]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points, with room for what is written."""
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
        Boxes and arrows, to be rendered.
    """
    outputs = shapes(spec)
    rows = outputs["input"][0]
    steps = [("input", "input"), *((step.name, step.op) for step in plan(spec))]
    boxes: list[Box] = []
    x, level, before = GAP, 0, ""
    for name, op in steps:
        level += {"pool": 1, "up": -1}.get(op, 0)
        shape = outputs[name]
        width, height = _size(shape, rows)
        top = 2 * GAP + (DROP * level if spec.kind == "unet" else 0) + (TALLEST - height) / 2
        size = "x".join(map(str, shape[:2])) if len(shape) == 3 else ""
        colour = COLOURS.get(op, DENSE_COLOUR)
        boxes.append(
            Box(name, x, top, width, height, colour, size if size != before else "", str(shape[-1]))
        )
        before = size
        x += width + GAP
    names = [name for name, _ in steps]
    skips = tuple((step.skip, step.name) for step in plan(spec) if step.skip)
    return Drawing(tuple(boxes), tuple(pairwise(names)), skips)


def _size(shape: Shape, rows: int) -> tuple[float, float]:
    """Width by the channels, height by the rows; a row of values stands upright."""
    if len(shape) == 1:
        return 6.0, min(TALLEST, LEAST + 6 * log2(1 + shape[0]))
    return 3 + 2.5 * log2(1 + shape[-1]), max(LEAST, TALLEST * shape[0] / rows)
