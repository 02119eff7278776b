"""Which libraries modules do not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import napari_iris

PACKAGE = Path(napari_iris.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)
WITHOUT_WINDOW = [name for name in MODULES if not name.startswith("napari_iris.desk")]

WINDOW = (
    "napari",
    "qtpy",
    "magicgui",
    "pyqtgraph",
    "superqt",
    "PyQt6",
    "PyQt5",
    "PySide6",
    "vispy",
)
LEARNING = ("tensorflow", "keras", "jax", "flax", "torch", "openvino")

IMPORT_ALL = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
try:
    importlib.import_module({absent[0]!r})
except ModuleNotFoundError:
    pass
else:
    sys.exit("not blocked")
for name in {modules!r}:
    importlib.import_module(name)
print("imported", len({modules!r}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("absent", [WINDOW, LEARNING], ids=["window", "learning"])
def test_all_modules_outside_the_desk_import_without_these_libraries(
    absent: tuple[str, ...],
) -> None:
    assert {"napari_iris.frames.read", "napari_iris.masks.gate", "napari_iris.cli.mask"} <= set(
        WITHOUT_WINDOW
    )
    code = IMPORT_ALL.format(absent=absent, modules=WITHOUT_WINDOW)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert ran.stdout == f"imported {len(WITHOUT_WINDOW)}\n"


@pytest.mark.slow
def test_no_module_imports_window_or_learning_libraries() -> None:
    """Where they are installed, importing the rooms still leaves them alone."""
    code = f"""
import importlib, sys
for name in {WITHOUT_WINDOW!r}:
    importlib.import_module(name)
print(sorted(set({WINDOW + LEARNING!r}) & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
