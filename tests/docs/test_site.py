"""The documentation builds without a warning, holds all names and options, needs no network."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import napari_iris
from napari_iris.cli.main import COMMANDS, parser_of

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("pydata_sphinx_theme"), reason="group docs is not installed"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, as ``make docs`` builds them."""
    folder = tmp_path_factory.mktemp("site")
    options = ("-W", "--keep-going", "-q", "-d", folder / "doctrees")
    command = [sys.executable, "-m", "sphinx", *options, DOCS, folder / "pages"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return folder / "pages"


@pytest.fixture(scope="module")
def named(site: Path) -> set[str]:
    """Names of all functions, classes, commands and options that have an anchor."""
    from sphinx.util.inventory import InventoryFile

    found = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    return {name for kind in found.data.values() for name in kind}


def test_every_public_name_has_an_anchor(named: set[str]) -> None:
    public = set(napari_iris.__all__) - {"__version__"}
    assert {f"napari_iris.{name}" for name in public} <= named


def parsers(command: str) -> list[argparse.ArgumentParser]:
    """The parser of a command, and those of its actions."""
    found = parser_of(command)
    actions = (one for one in found._actions if isinstance(one, argparse._SubParsersAction))
    return [found, *(parser for one in actions for parser in one.choices.values())]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_has_an_anchor(named: set[str], command: str) -> None:
    for parser in parsers(command):
        place = parser.prog.replace(" ", "-")
        options = [name for one in parser._actions for name in one.option_strings]
        assert {f"{place}.{name}" for name in options} - {f"{place}.-h", f"{place}.--help"} <= named


def test_words_of_a_type_are_not_links(site: Path) -> None:
    """``ndarray, shape (rows, columns)`` has nothing to do with the attribute of a night."""
    pages = [page.read_text("utf-8") for page in sorted((site / "api").glob("*.html"))]
    assert len(pages) > 5
    assert not [page for page in pages if re.search(r'href="[^"]*Night.shape"[^>]*><em>', page)]


def test_no_part_of_a_property_is_taken_for_its_type(site: Path) -> None:
    """Napoleon takes what stands before a colon in the docstring of a property for its type."""
    pages = [page.read_text("utf-8") for page in sorted((site / "api").glob("*.html"))]
    assert any('id="napari_iris.Night.table"' in page for page in pages)
    assert not [page for page in pages if ">Type<" in page]


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert site / "search.html" in pages
    foreign = r"""<(?:script|link|img)\b[^>]*(?:src|href)=["']?(?:https?:)?//"""
    assert [page.name for page in pages if re.search(foreign, page.read_text("utf-8"))] == []
