"""The package as a library: its names, their types, and how little an import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import napari_iris as iris
from tests.timing import assert_within, seconds

PACKAGE = Path(iris.__file__).parent
FUNCTIONS = {
    "read_frame", "open_night", "mask", "predict", "evaluate", "simulate", "list_models",
}  # fmt: skip

ALONE = "import sys, napari_iris; print(sorted({names!r} & set(sys.modules)))"
HEAVY = {"numpy", "astropy", "pydantic", "openvino", "scipy", "typing", "importlib.resources"}


def run(code: str) -> str:
    command = [sys.executable, "-S", "-c", code]
    place = str(PACKAGE.parent)
    ran = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONPATH": place}
    )
    return ran.stdout.strip()


def test_all_names_are_there_and_listed() -> None:
    assert set(iris.__all__) <= set(dir(iris))
    assert FUNCTIONS | {"Project"} <= set(iris.__all__)
    for name in iris.__all__:
        assert getattr(iris, name) is not None
    assert all(callable(getattr(iris, name)) for name in FUNCTIONS)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'napari_iris' has no attribute 'masc'"):
        iris.masc  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text())
    sources = {
        alias.asname: node.module
        for node in ast.walk(stub)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(sources) == set(iris.__all__) - {"__version__"}
    assert sources == {name: f"napari_iris.{place}" for name, place in iris._MODULES.items()}


def test_an_import_loads_nothing_else() -> None:
    assert run(ALONE.format(names=HEAVY)) == "[]"


@pytest.mark.timed
def test_an_import_takes_a_few_milliseconds() -> None:
    code = "import time as t; a = t.perf_counter(); import napari_iris; print(t.perf_counter() - a)"
    assert_within(0.05, lambda: float(run(code)))
    assert_within(1, lambda: seconds(lambda: run("import napari_iris")))
