"""Draw a network as a text table, as SVG or as TikZ."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal

from napari_iris.networks.drawing import COLOURS, DENSE_COLOUR, draw
from napari_iris.networks.plan import count_parameters, plan, shapes, weight_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.networks.drawing import Box
    from napari_iris.networks.spec import NetworkSpec

Format = Literal["tikz", "svg", "text"]

OPS = {
    "conv": "convolution 3x3",
    "pool": "max pooling 2x2",
    "up": "resize, join",
    "flatten": "flatten",
    "dense": "dense",
}


def diagram(spec: NetworkSpec, format: Format) -> str:  # noqa: A002 (the option's name)
    """Draw a network.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    format : {'tikz', 'svg', 'text'}
        A complete LaTeX document, an SVG file, or a table.

    Returns
    -------
    str
        The drawing.
    """
    render = {"tikz": _tikz, "svg": _svg, "text": _text}[format]
    return "\n".join(render(spec)) + "\n"


def _text(spec: NetworkSpec) -> Iterator[str]:
    outputs, weights = shapes(spec), weight_shapes(spec)
    yield _title(spec)
    yield f"{'step':<14} {'operation':<20} {'output':<14} {'parameters':>11}"
    yield f"{'input':<14} {'':<20} {_times(outputs['input'])}"
    for step in plan(spec):
        count = sum(prod(weights.get(f"{step.name}/{part}", (0,))) for part in ("kernel", "bias"))
        what = f"{OPS[step.op]}{' ReLU' if step.relu and count else ''}"
        if step.skip:
            what = f"join {step.skip}"
        number = f"{count:,}" if count else ""
        yield f"{step.name:<14} {what:<20} {_times(outputs[step.name]):<14} {number:>11}".rstrip()


def _svg(spec: NetworkSpec) -> Iterator[str]:
    drawing = draw(spec)
    width, height = drawing.size
    boxes = {box.name: box for box in drawing.boxes}
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}" font-family="sans-serif" font-size="7">'
    )
    yield f"<title>{_title(spec)}</title>"
    yield (
        '<defs><marker id="tip" markerWidth="5" markerHeight="5" refX="5" refY="2.5"'
        ' orient="auto"><path d="M0,0 L5,2.5 L0,5 z"/></marker></defs>'
    )
    for names, dashes in ((drawing.arrows, ""), (drawing.skips, ' stroke-dasharray="3 2"')):
        for start, end in names:
            x1, y1, x2, y2 = _arrow(boxes[start], boxes[end])
            yield (
                f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
                f' stroke="black" stroke-width="0.6" marker-end="url(#tip)"{dashes}/>'
            )
    for box in drawing.boxes:
        middle = box.x + box.width / 2
        yield (
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}"'
            f' height="{box.height:.1f}" fill="{box.colour}" stroke="black" stroke-width="0.5"/>'
        )
        for text, y in ((box.above, box.y - 3), (box.below, box.y + box.height + 8)):
            if text:
                yield f'<text x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'
    yield "</svg>"


def _tikz(spec: NetworkSpec) -> Iterator[str]:
    drawing = draw(spec)
    boxes = {box.name: box for box in drawing.boxes}
    yield f"% {_title(spec)}"
    yield r"\documentclass{article}"
    yield r"\usepackage{tikz}"
    width, height = drawing.size
    paper = f"paperwidth={width:.0f}pt,paperheight={height + 1:.0f}pt"
    yield rf"\usepackage[{paper},margin=0pt]{{geometry}}"
    yield r"\pagestyle{empty}\parindent=0pt\topskip=0pt"
    for colour in (*COLOURS.values(), DENSE_COLOUR):
        yield rf"\definecolor{{c{colour[1:]}}}{{HTML}}{{{colour[1:].upper()}}}"
    yield r"\begin{document}"
    yield r"\begin{tikzpicture}[x=1pt,y=-1pt,font=\sffamily\tiny,>=latex]"
    yield rf"\useasboundingbox (0,0) rectangle ({width:.0f},{height:.0f});"
    for names, style in ((drawing.arrows, "->"), (drawing.skips, "->,dashed")):
        for start, end in names:
            x1, y1, x2, y2 = _arrow(boxes[start], boxes[end])
            yield rf"\draw[{style}] ({x1:.1f},{y1:.1f}) -- ({x2:.1f},{y2:.1f});"
    for box in drawing.boxes:
        right, bottom, middle = box.x + box.width, box.y + box.height, box.x + box.width / 2
        yield (
            rf"\filldraw[fill=c{box.colour[1:]},draw=black]"
            rf" ({box.x:.1f},{box.y:.1f}) rectangle ({right:.1f},{bottom:.1f});"
        )
        for text, y in ((box.above, box.y - 5), (box.below, bottom + 5)):
            if text:
                shown = text.replace("x", r"$\times$")
                yield rf"\node at ({middle:.1f},{y:.1f}) {{{shown}}};"
    yield r"\end{tikzpicture}"
    yield r"\end{document}"


def _arrow(start: Box, end: Box) -> tuple[float, float, float, float]:
    """Return the ends of the arrow from the right side of a box to the left side of another."""
    return start.x + start.width, start.middle, end.x, end.middle


def _title(spec: NetworkSpec) -> str:
    channels = "-".join(map(str, spec.channels))
    return f"{spec.kind} {channels}, {count_parameters(spec):,} parameters"


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
