"""Tables are read as they were written; what is damaged is named with its file and line."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_iris.errors import FileError, ModelError
from napari_iris.io.older_table import OlderTable
from napari_iris.io.tables import (
    append_to_table,
    is_cut_short,
    open_table,
    read_table,
    write_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = ("frame", "p")

unicode = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
file_names = st.binary(max_size=9).map(lambda name: os.fsdecode(name.replace(b"\0", b"")))
texts = unicode | file_names | st.text("'=+@-\t\ra1,", max_size=5)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def as_read(path: Path) -> list[dict[str, str]]:
    return list(read_table(path, COLUMNS, dict, fix="make it again"))


@example(rows=[("a\rb", 0.5), ("\r", None), ("\n", 1.0)])
@given(rows=st.lists(st.tuples(texts, st.floats(allow_nan=False) | st.none())))
def test_rows_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float | None]]
) -> None:
    path = tmp_path_factory.mktemp("io") / "table.csv"
    with write_table(path, COLUMNS) as table:
        table.writerows(rows)

    def parse(row: dict[str, str]) -> tuple[str, float | None]:
        return row["frame"], float(row["p"]) if row["p"] else None

    assert list(read_table(path, COLUMNS, parse, fix="")) == rows


def test_bytes_of_a_table(table: Path) -> None:
    with write_table(table, COLUMNS) as rows:
        rows.writerow(["caf\xe9", 0.5])
        rows.writerow([os.fsdecode(b"b\xff,1"), None])
    with append_to_table(table) as append:
        append(['say "x"', True])
    text = 'frame,p\ncaf\xe9,0.5\n"b\udcff,1",\n"say ""x""",True\n'
    assert table.read_bytes() == text.encode(errors="surrogateescape")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-x.fits", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-x", "-"],
)
def test_no_text_is_taken_for_a_formula(table: Path, text: str) -> None:
    with write_table(table, COLUMNS) as rows:
        rows.writerow([text, 1])
    with append_to_table(table) as append:
        append([text, 1])
    with table.open(newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["frame", f"'{text}", f"'{text}"]
    assert [row["frame"] for row in as_read(table)] == [text, text]
    assert [row["frame"] for row in OlderTable(table, COLUMNS, COLUMNS).rows()] == [text, text]
    extra = OlderTable(table, ("p",), ("p",))
    assert (extra.extra, extra.added("1")) == (["frame"], [text])


@pytest.mark.parametrize("number", [-0.5, -7, "-0.5", "+3", "-1e-9", "-inf", -0.0])
def test_numbers_are_written_as_they_are(table: Path, number: str | float) -> None:
    with write_table(table, COLUMNS) as rows:
        rows.writerow(["a", number])
    assert table.read_text() == f"frame,p\na,{number}\n"


@pytest.mark.parametrize("text", ["'", "'a", "a'=1", " =1", "it's", "", "2024-01-15"])
def test_any_other_text_is_written_as_it_is(table: Path, text: str) -> None:
    with write_table(table, COLUMNS) as rows:
        rows.writerow([text, 1])
    assert table.read_text() == f"frame,p\n{text},1\n"
    assert as_read(table)[0]["frame"] == text


def test_a_failed_writer_leaves_the_older_table(table: Path) -> None:
    table.write_text("old")

    def fail() -> None:
        with write_table(table, COLUMNS) as rows:
            rows.writerow(("a", 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert table.read_text() == "old"
    assert list(table.parent.iterdir()) == [table]


def test_an_appended_row_is_in_the_file_at_once(table: Path) -> None:
    table.write_text("frame,p\n")
    with append_to_table(table) as append:
        append(("a", 1))
        assert table.read_text() == "frame,p\na,1\n"
        append(("b", 2))
        assert as_read(table) == [{"frame": "a", "p": "1"}, {"frame": "b", "p": "2"}]


def test_a_table_that_cannot_be_appended_to(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says = "table.csv: cannot be written .*; make room there or choose another folder"
    with pytest.raises(FileError, match=says), append_to_table(table.parent / "no" / table.name):
        pass
    if Path("/dev/full").exists():
        full = table.parent / "table.csv"
        full.symlink_to("/dev/full")
        with append_to_table(full) as append, pytest.raises(FileError, match="No space left"):
            append(("a", 1))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is damaged at line 1 (it has no column frame); make it again"),
        (b"frame,q\na,1\n", "is damaged at line 1 (it has no column p); make it again"),
        (b"frame,p\na,1\nb\n", "is damaged at line 3 (it is cut short); make it again"),
        (
            b'frame,p\n"a\nb",1\nc,x\n',
            "is damaged at line 4 (could not convert string to float: 'x'); make it again",
        ),
        (b"frame,p\na,1\n" + b"x" * 200_000, "is damaged after line 2 (field larger than"),
    ],
    ids=["empty", "column", "cut", "number", "field"],
)
@pytest.mark.parametrize("error", [FileError, ModelError])
def test_a_damaged_table_is_named_with_the_line(
    table: Path, content: bytes, problem: str, error: type[FileError]
) -> None:
    table.write_bytes(content)
    with pytest.raises(error, match="^" + re.escape(f"{table}: {problem}")) as raised:
        list(read_table(table, COLUMNS, number, fix="make it again", error=error))
    assert type(raised.value) is error


def number(row: dict[str, str]) -> float:
    return float(row["p"])


def test_a_missing_table(table: Path) -> None:
    with pytest.raises(FileError, match="table.csv: is missing; make it again"):
        as_read(table)
    with pytest.raises(FileError, match="cannot be read .Is a directory.; make it again"):
        list(read_table(table.parent, COLUMNS, dict, fix="make it again"))


def test_columns_may_come_in_any_order_with_others(table: Path) -> None:
    table.write_text("p,more,frame\n1,,a\n2,x,b\n")
    assert [row["frame"] for row in as_read(table)] == ["a", "b"]
    table.write_text("p,frame,more\n1,a\n")
    assert as_read(table) == [{"p": "1", "frame": "a", "more": None}], "only what is needed counts"


def test_an_error_of_the_caller_is_not_reported_as_damage(table: Path) -> None:
    table.write_text("frame,p\na,1\n")

    def use() -> None:
        for _ in read_table(table, COLUMNS, dict, fix=""):
            raise ValueError("mine")

    with pytest.raises(ValueError, match="^mine$"):
        use()


def test_no_file_stays_open(table: Path, count_open_files: Callable[[], int]) -> None:
    with write_table(table, COLUMNS) as rows:
        rows.writerow(("a", 1))
    before = count_open_files()
    with append_to_table(table) as append:
        append(("b", 2))
    next(iter(read_table(table, COLUMNS, dict, fix="")))
    with open_table(table) as opened:
        next(opened)
    assert count_open_files() == before


@pytest.mark.parametrize(("end", "cut"), [("a,1\n", False), ("a,1", True), ("", False)])
def test_an_incomplete_last_line_is_detected(table: Path, end: str, cut: bool) -> None:
    table.write_text("frame,p\n" + end)
    assert is_cut_short(table) is cut
