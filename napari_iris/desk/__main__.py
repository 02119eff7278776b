"""Open the window on a night: ``python -m napari_iris.desk FOLDER [--screenshot FILE]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Open napari with both docks; with ``--screenshot`` save a picture and close again."""
    parser = argparse.ArgumentParser(prog="python -m napari_iris.desk", description=__doc__)
    parser.add_argument("frames", nargs="+", help="files or folders")
    parser.add_argument("--frame", type=int, default=1, metavar="N", help="frame to begin with")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture and close")
    options = parser.parse_args()

    import napari
    from qtpy.QtCore import QTimer

    from napari_iris.desk.session import session_of

    viewer = napari.Viewer(title="napari-iris", show=True)
    viewer.window.resize(1500, 950)
    viewer.open(options.frames, plugin="napari-iris")
    for dock in ("Mask", "Frames"):
        viewer.window.add_plugin_dock_widget("napari-iris", dock)
    session_of(viewer).go_to(options.frame - 1)
    QTimer.singleShot(500, viewer.reset_view)
    if options.screenshot:
        QTimer.singleShot(4000, lambda: _save(viewer, options.screenshot))
    napari.run()
    return 0


def _save(viewer: object, path: Path) -> None:
    viewer.window.screenshot(str(path), canvas_only=False, flash=False)  # type: ignore[attr-defined]
    viewer.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
