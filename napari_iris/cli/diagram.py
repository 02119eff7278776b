"""Draw a network as a text table, as SVG, or as TikZ for a paper.

MODEL is a model folder, the name of a shipped model, or unet or vgg8 for the published networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from napari_iris.cli.main import OK
from napari_iris.cli.options import add_overwrite, local_path
from napari_iris.networks.diagram import Format

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris diagram unet
  napari-iris diagram unet --channels 64 128 256 512 --format svg --out unet.svg
  napari-iris diagram runs/unet1 --format tikz --out unet.tex
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="folder or name of a model, unet, or vgg8")
    parser.add_argument(
        "--format", choices=get_args(Format), default="text", help="output format (default: text)"
    )
    parser.add_argument(
        "--channels",
        type=int,
        nargs="+",
        metavar="N",
        help="filters of each level instead",
    )
    parser.add_argument(
        "--out", type=local_path, metavar="FILE", help="output file (default: standard output)"
    )
    add_overwrite(parser)


def run(options: argparse.Namespace) -> int:
    """Draw the network."""
    from napari_iris.commands.configs import NETWORK
    from napari_iris.io.atomic import atomic_open
    from napari_iris.io.outputs import check_file
    from napari_iris.networks.diagram import diagram
    from napari_iris.networks.find import network_of

    spec = NETWORK.read(options, **network_of(options.model).model_dump())
    drawing = diagram(spec, options.format)
    if options.out is None:
        print(drawing, end="")
        return OK
    content = drawing.encode()
    check_file(
        options.out,
        "diagram",
        lambda file: file.read(len(content) + 1) == content,
        overwrite=options.overwrite,
    )
    with atomic_open(options.out) as file:
        file.write(content)
    return OK
