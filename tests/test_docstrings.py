"""Public functions describe every argument, in all rooms but those of window and command line."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import napari_iris

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(napari_iris.__file__).parent
OF_THE_SURFACE = {"app", "cli", "desk"}

SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^(\S[^:\n]*?)(?: : .*)?$", re.MULTILINE)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


ROOMS = sorted({room(path) for path in PACKAGE.rglob("*.py")} - OF_THE_SURFACE - {"__init__"})


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions of a module that others may call, without overloads."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = {getattr(one, "id", "") for one in node.decorator_list}
            if "overload" not in names:
                yield node


def arguments(function: ast.FunctionDef) -> list[str]:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    names += [f"*{given.vararg.arg}"] if given.vararg else []
    names += [f"**{given.kwarg.arg}"] if given.kwarg else []
    return names


def described(docstring: str) -> set[str]:
    """Arguments that a docstring's Parameters section names."""
    found = SECTION.search(docstring)
    entries = ENTRY.findall(found[1]) if found else []
    return {name.strip() for entry in entries for name in entry.split(",")}


def undescribed(code: str) -> list[str]:
    return [
        f"{function.name}({name})"
        for function in public_functions(ast.parse(code))
        for name in arguments(function)
        if name not in described(ast.get_docstring(function) or "")
    ]


@pytest.mark.parametrize("name", ROOMS)
def test_every_argument_is_described(name: str) -> None:
    missing = [
        f"{path.relative_to(PACKAGE)}: {one}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if room(path) == name
        for one in undescribed(path.read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_it_is_the_section_that_counts() -> None:
    code = '''
def whole(a, b, *rest, c=1, **more):
    """Do it.

    Parameters
    ----------
    a, b : int
        Numbers.
    *rest
        Others.
    c : int
        A number: it is one.
    **more
        Options.

    Returns
    -------
    d : int
        A number.
    """
def part(a, d):
    """Do it.

    Parameters
    ----------
    a : int
        b: no argument.
    """
def nothing(): """Do it."""
def _private(a): """Do it."""
def none(a): """Do it."""
'''
    assert undescribed(code) == ["part(d)", "none(a)"]
