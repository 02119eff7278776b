"""A page of the documentation whose table is made by a benchmark, between two marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

START, END = "<!-- table -->", "<!-- end of the table -->"


def replace_table(page: Path, lines: str) -> None:
    """Replace what is between the marks of a page."""
    before, start, rest = page.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise SystemExit(f"{page}: has no table; add the lines {START} and {END}")
    page.write_text(f"{before}{START}\n\n{lines}\n\n{END}{after}", encoding="utf-8")
