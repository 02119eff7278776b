"""Diagrams show the network that is built, in valid formats."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from napari_iris.networks.diagram import diagram
from napari_iris.networks.drawing import draw
from napari_iris.networks.plan import plan
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from pathlib import Path

SPECS = [
    NetworkSpec(kind="unet"),
    NetworkSpec(kind="unet", channels=(8, 16, 32, 64), convolutions=1, planes=3),
    NetworkSpec(kind="vgg8", planes=2),
]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("spec", SPECS)
def test_text_has_a_line_for_every_step_and_the_sum_of_parameters(spec: NetworkSpec) -> None:
    lines = diagram(spec, "text").splitlines()
    assert [line.split()[0] for line in lines[3:]] == [step.name for step in plan(spec)]
    assert f"{_parameters(lines):,} parameters" in lines[0]


def _parameters(lines: list[str]) -> int:
    """Sum of the last column."""
    start = lines[1].index("parameters") - 1
    cells = (line[start:].strip().replace(",", "") for line in lines[3:])
    return sum(int(cell) for cell in cells if cell)


@pytest.mark.parametrize("spec", SPECS)
def test_boxes_stand_apart_and_inside_the_page(spec: NetworkSpec) -> None:
    drawing = draw(spec)
    width, height = drawing.size
    for box, after in pairwise(drawing.boxes):
        assert box.x + box.width < after.x
    for box in drawing.boxes:
        assert box.x > 0
        assert box.y > 0
        assert box.x + box.width < width
        assert box.y + box.height < height


@pytest.mark.parametrize("spec", SPECS)
def test_svg_is_valid_and_shows_every_step(spec: NetworkSpec) -> None:
    page = ET.fromstring(diagram(spec, "svg"))
    boxes, lines = page.findall(f"{SVG}rect"), page.findall(f"{SVG}line")
    skips = len(spec.channels) if spec.kind == "unet" else 0
    assert len(boxes) == len(plan(spec)) + 1
    assert len(lines) == len(plan(spec)) + skips
    assert sum("stroke-dasharray" in line.attrib for line in lines) == skips


@pytest.mark.parametrize("spec", SPECS)
def test_tikz_is_a_document_with_every_step(spec: NetworkSpec) -> None:
    text = diagram(spec, "tikz")
    assert text.count(r"\filldraw") == len(plan(spec)) + 1
    assert text.count("{") == text.count("}")
    for part in ("document", "tikzpicture"):
        assert text.count(rf"\begin{{{part}}}") == text.count(rf"\end{{{part}}}") == 1
    assert "_" not in text, "a bare underscore stops LaTeX"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="LaTeX is not installed")
@pytest.mark.parametrize("spec", SPECS)
def test_tikz_compiles(spec: NetworkSpec, tmp_path: Path) -> None:
    (tmp_path / "net.tex").write_text(diagram(spec, "tikz"))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "net.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:]
    assert (tmp_path / "net.pdf").stat().st_size > 1000
