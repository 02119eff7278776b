"""An image of a published cloud set, and its truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Layout = Literal["swimseg", "swinseg", "hyta", "wsiseg", "swimcat", "iris"]
"""Published sets; ``iris`` for FITS files with the frame in HDU 0 and its mask in HDU 1."""


@dataclass(frozen=True)
class ImagePair:
    """An image and its truth: a mask or a class.

    Attributes
    ----------
    name : str
        Unique in its set, and valid as the stem of a file name.
    image : Path
        The image; in the iris layout a FITS file, which is its truth as well.
    truth : Path or None
        The mask; None in a set of classes.
    frame_class : {'clear', 'cloudy'} or None
        The class; None where there is a mask.
    """

    name: str
    image: Path
    truth: Path | None
    frame_class: Literal["clear", "cloudy"] | None
