"""All examples in docstrings and the README run: in a folder of their own, without a network."""

from __future__ import annotations

import doctest
import importlib
import re
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


def test_the_example_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(code.strip().splitlines()) <= 12
    monkeypatch.chdir(tmp_path)
    Path("night").mkdir()
    for number, frame in enumerate(napari_iris.simulate(2, sky="cloudy", seed=3)):
        frame.to_fits(f"night/sky_{number}.fits")
    exec(code.replace("simulate(50", "simulate(4"), {})
    first, *predicted, mcc = capsys.readouterr().out.splitlines()
    assert first.startswith("cloudy 0.")
    assert [line.split()[0] for line in predicted] == [
        str(tmp_path / "night" / f"sky_{number}.fits") for number in range(2)
    ]
    assert -1 <= float(mcc) <= 1


@pytest.mark.parametrize("name", sorted(set(napari_iris.__all__) - {"IrisError", "__version__"}))
def test_a_public_function_or_class_has_an_example(name: str) -> None:
    assert ">>> " in (getattr(napari_iris, name).__doc__ or "")
