"""SQL is written only in the repository's modules."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import napari_iris

PACKAGE = Path(napari_iris.__file__).parent
OWNERS = {
    Path("project", f"{name}.py")
    for name in ("database", "queries", "repository", "row_check", "schema", "transaction")
}
SQL = re.compile(
    r"\s*(SELECT\s|INSERT (OR \w+ )?INTO\s|UPDATE \w+ SET\s|DELETE FROM\s|PRAGMA \w"
    r"|(CREATE|ALTER|DROP) (TABLE|INDEX)\s|(BEGIN( IMMEDIATE)?|COMMIT|ROLLBACK)$)"
)


def sql_in(source: str) -> list[str]:
    """Strings of a module that are SQL, and uses of a connection."""
    nodes = list(ast.walk(ast.parse(source)))
    texts = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    names = [n.attr for n in nodes if isinstance(n, ast.Attribute)]
    uses = [name for name in names if name in ("connection", "executemany", "fetchall", "fetchone")]
    return [*filter(SQL.match, texts), *uses]


@pytest.mark.parametrize(
    "source",
    [
        'QUERY = """SELECT a\nFROM b"""',
        'x = f"UPDATE frame SET {column} = ?"',
        "rows = project.repository.connection.execute(query).fetchall()",
        'run("PRAGMA user_version")',
    ],
)
def test_sql_is_recognised(source: str) -> None:
    assert sql_in(source)


def test_no_other_module_has_sql() -> None:
    modules = {path.relative_to(PACKAGE): path for path in PACKAGE.rglob("*.py")}
    assert modules.keys() >= OWNERS
    found = {str(name): sql_in(path.read_text("utf-8")) for name, path in modules.items()}
    assert {name for name, texts in found.items() if texts} == set(map(str, OWNERS))
