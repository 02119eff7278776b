"""No module imports itself by way of others, not even inside a function or for its types."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

import napari_iris

PACKAGE = Path(napari_iris.__file__).parent


def module_name(path: Path, root: Path) -> str:
    name = ".".join(path.relative_to(root).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imported(code: str, modules: set[str]) -> set[str]:
    """Modules that some code imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            # `from package import name` is of the package, unless the name is a module
            found |= names & modules or {node.module}
    return found & modules


def circles(sources: dict[str, str]) -> list[set[str]]:
    """Groups of modules that import one another."""
    names = list(sources)
    targets = [imported(code, set(names)) for code in sources.values()]
    edges = np.array([[name in found for name in names] for found in targets])
    _, group = connected_components(csr_array(edges), connection="strong")
    groups = [
        {name for name, one in zip(names, group, strict=True) if one == number}
        for number in set(group)
    ]
    return [one for one in groups if len(one) > 1]


@pytest.mark.parametrize(
    "first",
    [
        "from package.b import name",
        "from package import b",
        "import package.b",
        "if TYPE_CHECKING:\n    from package.b import Name",
        "def function():\n    from package.b import name",
    ],
)
def test_a_circle_is_found_however_it_is_closed(first: str) -> None:
    sources = {
        "package": "",
        "package.a": first,
        "package.b": "from package.c import name",
        "package.c": "import package.a",
        "package.d": "from package.a import name",
    }
    assert circles(sources) == [{"package.a", "package.b", "package.c"}]


def test_there_are_no_import_circles() -> None:
    sources = {
        module_name(path, PACKAGE.parent): path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*.py")
    }
    assert len(sources) > 200
    assert circles(sources) == []
