"""The reference is whole: every public name and every command has its place, once."""

from __future__ import annotations

import re
from pathlib import Path

import napari_iris
from napari_iris.cli.main import COMMANDS

DOCS = Path(__file__).parents[2] / "docs"


def named(folder: str, pattern: str) -> list[str]:
    """What the pages of a folder name, in order."""
    pages = (page.read_text(encoding="utf-8") for page in sorted((DOCS / folder).glob("*.md")))
    return [name for page in pages for name in re.findall(pattern, page, re.MULTILINE)]


def test_every_public_name_is_documented_once() -> None:
    public = sorted(set(napari_iris.__all__) - {"__version__"})
    assert sorted(named("api", r"^\.\. auto(?:function|class|exception):: (\w+)$")) == public
    assert sorted(named("api", r"^   (\w+)$")) == public, "the table of api/index.md"


def test_every_command_is_documented_once() -> None:
    assert sorted(named("commands", r"^```\{command\} (\S+)$")) == sorted(COMMANDS)
    assert named("commands", r"^## (\S+)$") == named("commands", r"^```\{command\} (\S+)$")
