"""Links between documents, as GitHub shows them: each leads to a file, and to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OUTSIDE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "models/README.md")
DOCUMENTS = sorted({*(ROOT / "docs").rglob("*.md"), *(ROOT / name for name in OUTSIDE)})

CODE = re.compile(r"^```(?!\{include\}).*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]*)\)")


def slug(heading: str) -> str:
    """The anchor of a heading: its words, in lower case, joined by hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    text = CODE.sub("", document.read_text(encoding="utf-8"))
    return {slug(heading) for heading in re.findall(r"^#+ (.*?) *$", text, re.MULTILINE)}


def dead_links(document: Path) -> list[str]:
    dead = []
    for link in LINK.findall(CODE.sub("", document.read_text(encoding="utf-8"))):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    return dead


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_has_no_dead_link(document: Path) -> None:
    assert dead_links(document) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page: `--json`\n[one](other.md) [two](#a-page---json) [three](#b)\n"
        "```text\n# No heading\n[four](code.md)\n```\n[five](page.md#no-heading)\n"
    )
    assert dead_links(page) == ["other.md", "#b", "page.md#no-heading"]
