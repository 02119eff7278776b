"""Open the window on a night: ``python -m napari_iris.desk FOLDER [--screenshot FILE]``."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> int:
    """Open napari with its docks; with ``--screenshot`` save a picture and close again."""
    parser = argparse.ArgumentParser(prog="python -m napari_iris.desk", description=__doc__)
    parser.add_argument(
        "frames", nargs="*", help="files or folders, or one project; none for an empty window"
    )
    parser.add_argument(
        "--frame", type=int, metavar="N", help="frame to begin with; else the one in view last"
    )
    parser.add_argument(
        "--review",
        type=Path,
        nargs=2,
        metavar=("PREDICTIONS", "TRUTH"),
        help="open the Review dock on predictions and their truth",
    )
    parser.add_argument(
        "--next-steps", action="store_true", help="show below the frames what to do next"
    )
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture and close")
    options = parser.parse_args()

    _prefer_pyqt6()
    import napari

    from napari_iris.desk.window import freeze_objects, open_window, remember_docks, save_picture

    reviewed = tuple(options.review) if options.review else None
    number = None if options.frame is None else options.frame - 1
    window = open_window(options.frames, number, reviewed=reviewed, next_steps=options.next_steps)
    if options.screenshot:
        save_picture(window, options.screenshot)
        window.viewer.close()
    else:
        if not reviewed:
            remember_docks(window.viewer)
        freeze_objects()
        napari.run()
    return 0


def _prefer_pyqt6() -> None:
    """Take PyQt6 where it is installed: qtpy would rather take PyQt5."""
    if find_spec("PyQt6"):
        os.environ.setdefault("QT_API", "pyqt6")


if __name__ == "__main__":
    sys.exit(main())
