"""Renew the pictures in ``docs/images``: the window on the sample night.

``make screenshots`` runs it, on a virtual display where there is none.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).parent / "images"

PICTURES = {"window.png": 16, "clear.png": 3}
"""Frame of the sample night, counted from 1, that each picture shows."""

COLORS = 256
"""Colours of a picture: as few as the eye allows, for a small file."""


def main() -> int:
    """Take every picture anew."""
    with tempfile.TemporaryDirectory() as settings:
        os.environ["NAPARI_CONFIG"] = str(Path(settings) / "settings.yaml")  # not one's own
        _take_pictures()
    return 0


def _take_pictures() -> None:
    from napari.settings import get_settings

    from napari_iris.desk.session import session_of
    from napari_iris.desk.window import open_window, save_picture
    from napari_iris.resources import sample_night

    get_settings().appearance.theme = "dark"
    IMAGES.mkdir(exist_ok=True)
    window = open_window([str(sample_night())])
    for name, frame in PICTURES.items():
        session_of(window.viewer).go_to(frame - 1)
        save_picture(window, IMAGES / name)
        _shrink(IMAGES / name)
    window.viewer.close()


def _shrink(path: Path) -> None:
    """Make a picture's file small: one byte a pixel, packed as tightly as PNG can."""
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
