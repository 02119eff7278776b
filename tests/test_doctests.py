"""Every example in a docstring runs, in an empty folder of its own and without a network."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import napari_iris

PACKAGE = Path(napari_iris.__file__).parent
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = sorted(
    module_name(path)
    for path in PACKAGE.rglob("*.py")
    if "desk" not in path.parts and ">>> " in path.read_text(encoding="utf-8")
)

pytestmark = pytest.mark.learning  # some predict


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert not failed, capsys.readouterr().out
    assert tried


def test_every_public_function_and_class_has_an_example() -> None:
    for name in napari_iris.__all__:
        value = getattr(napari_iris, name)
        if callable(value) and value.__module__.startswith("napari_iris.api"):
            assert ">>> " in (value.__doc__ or ""), name
