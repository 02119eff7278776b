"""Style of all figures: column widths of a journal, colours safe for colour blindness."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from napari_iris.errors import MissingPackageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN_MM, PAGE_MM = 84.0, 174.0
"""Width of a column, and of a page [mm]."""

INCH_MM = 25.4
DPI = 300

KINDS = ("pdf", "png")
"""Suffixes of the files of a figure."""

MADE_BY = "napari-iris evaluate"
"""Program in the metadata of a figure."""

BLACK, ORANGE, SKY_BLUE, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE = "#808080", "#E6E6E6"
"""Colours of Okabe & Ito (2008), and greys."""

CLEAR_COLOUR, CLOUD_COLOUR = BLUE, ORANGE

OF_ANSWER = {
    "model": (BLUE, "o"),
    "against": (VERMILION, "s"),
    "all_cloud": (BLACK, "^"),
    "otsu": (GREEN, "v"),
    "recipe": (PURPLE, "D"),
    "recipe_gate": (SKY_BLUE, "P"),
    "reference": (GREY, "X"),
}
"""Colour and marker of each method."""

STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 7,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "lines.markersize": 4,
    "pdf.fonttype": 42,  # embed TrueType fonts, as journals require
    "savefig.dpi": DPI,
    "svg.fonttype": "none",
    "xtick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.labelsize": 7,
    "ytick.major.width": 0.6,
}


@contextmanager
def paper_style() -> Iterator[None]:
    """Draw in the paper's style inside the block; restore matplotlib's settings afterwards.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        fix = "figures need matplotlib: pip install 'napari-iris[report]'"
        raise MissingPackageError(fix) from error

    with mpl.rc_context():
        mpl.rcdefaults()  # ignore the user's matplotlibrc: the same figures everywhere
        mpl.rcParams.update(STYLE)
        yield


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """Make a figure with a canvas of its own: no window, no global state.

    Parameters
    ----------
    width_mm, height_mm : float
        Size [mm].
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_mm / INCH_MM, height_mm / INCH_MM))
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as ``name.pdf`` and ``name.png``, without a creation date.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    folder : Path
        Where to write.
    name : str
        Name of the files, without suffix.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from napari_iris.io.atomic import atomic_open

    metadata = {"pdf": {"CreationDate": None, "Creator": MADE_BY}, "png": {"Software": MADE_BY}}
    for kind in KINDS:
        with atomic_open(folder / f"{name}.{kind}") as file:
            figure.savefig(file, format=kind, metadata=metadata[kind])


def letter(axes: Axes, text: str) -> None:
    """Label a panel with a letter above its upper left corner.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    text : str
        The letter.
    """
    axes.set_title(text, loc="left", fontweight="bold")
