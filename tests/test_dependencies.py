"""What is imported is declared in pyproject.toml, and what is declared is used."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import napari_iris

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(napari_iris.__file__).parent
PROJECT = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]

pytestmark = pytest.mark.slow

BY_OTHERS = {"dask": "to_dask() says how to install it", "pint": "napari's", "_typeshed": "mypy's"}
"""Imported and not declared, and why."""

USED_BY_NAME = {
    "openvino": "networks/libraries.py",
    "tensorflow": "networks/libraries.py",
    "tensorflow-cpu": "networks/libraries.py",
    "pyqt5": "qtpy",
    "pyqt6": "qtpy",
    "s3fs": "fsspec",
    "uncompresspy": "astropy",
}
"""Declared and imported by no statement, and what imports it."""


def plain(name: str) -> str:
    return name.lower().replace("_", "-")


def imported_by(code: str) -> Iterator[str]:
    """Top-level names of the imports of a module, wherever they stand."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def imported() -> set[str]:
    found = {
        name for path in PACKAGE.rglob("*.py") for name in imported_by(path.read_text("utf-8"))
    }
    return found - set(sys.stdlib_module_names) - {"napari_iris"}


def declared() -> set[str]:
    listed = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    names = {plain(re.split(r"[\[>]", one)[0]) for names in listed for one in names}
    return names - {"napari-iris"}


installed = cache(packages_distributions)  # it reads the metadata of every package


def packages_of(name: str) -> set[str]:
    return {plain(one) for one in installed().get(name, [name])}


def test_every_library_that_is_imported_is_declared() -> None:
    undeclared = {name for name in imported() if not packages_of(name) & declared()}
    assert undeclared == set(BY_OTHERS)


def test_every_library_that_is_declared_is_used() -> None:
    used = set().union(*map(packages_of, imported()))
    assert declared() - used == set(USED_BY_NAME)
