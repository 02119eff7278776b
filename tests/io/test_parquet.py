"""A table stored as Parquet is read as its CSV file, and becomes that again, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_iris.errors import FileError
from napari_iris.io.older_table import OlderTable
from napari_iris.io.tables import (
    as_parquet,
    open_table,
    read_table,
    stored_table,
    write_table,
)

pa = pytest.importorskip("pyarrow")

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("frame", "p", "note")
NUMBERS = {"p"}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
rows = st.lists(st.tuples(texts, st.floats(allow_nan=False) | st.none(), texts), max_size=5)


def written(path: Path, content: list[tuple[str, float | None, str]]) -> Path:
    with write_table(path, COLUMNS) as table:
        table.writerows(content)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return written(tmp_path / "t.csv", [("a", 0.25, ""), ("b", None, "=1"), ("c", 1e-05, "x")])


@example(content=[("=1", -0.0, "'\r\n")])
@given(content=rows)
def test_it_is_read_as_the_csv_file_and_becomes_that_again(
    tmp_path_factory: pytest.TempPathFactory, content: list[tuple[str, float | None, str]]
) -> None:
    path = written(tmp_path_factory.mktemp("io") / "t.csv", content)
    before = path.read_bytes()
    with open_table(path) as read:
        from_csv = list(read)
    as_parquet(path, NUMBERS)
    assert stored_table(path) == path.with_suffix(".parquet")
    with open_table(path) as read:
        assert list(read) == from_csv
    OlderTable(path, COLUMNS, COLUMNS)
    assert stored_table(path) == path
    assert path.read_bytes() == before
    assert not path.with_suffix(".parquet").exists()


def test_other_programs_read_it_in_place(table: Path) -> None:
    from pyarrow import dataset

    as_parquet(table, NUMBERS)
    found = dataset.dataset(table.with_suffix(".parquet"))
    assert found.schema.types == [pa.string(), pa.float64(), pa.string()]
    assert found.to_table().column("p").to_pylist() == [0.25, None, 1e-05]
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(table.with_suffix(".parquet"))
    assert (list(frame["frame"]), frame["p"].dtype) == (["a", "b", "c"], "float64")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([("caf\udce9", 0.5, "")], "cannot hold a cell"),
        ([("a", "much", "")], "cannot hold a cell"),
        ([("a", 0.5)], "cannot hold a cell"),
    ],
)
def test_what_it_cannot_hold_stays_a_csv_file(
    tmp_path: Path, content: list[tuple], reason: str
) -> None:
    path = written(tmp_path / "t.csv", content)
    with pytest.raises(FileError, match=f"{reason}.*; ask for --table csv"):
        as_parquet(path, NUMBERS)
    assert [one.name for one in tmp_path.iterdir()] == ["t.csv"]


def test_a_file_of_another_program_is_not_replaced(table: Path) -> None:
    from pyarrow import parquet

    other = table.with_suffix(".parquet")
    parquet.write_table(pa.table({"frame": ["a"]}), other)
    before = other.read_bytes()
    with pytest.raises(FileError, match="was not made by napari-iris"):
        as_parquet(table, NUMBERS)
    OlderTable(table, COLUMNS, COLUMNS)
    assert (table.exists(), other.read_bytes()) == (True, before)


@pytest.mark.parametrize("keep", [0, 4, 300, -9])
def test_damage_is_one_line(table: Path, keep: int) -> None:
    as_parquet(table, NUMBERS)
    stored = table.with_suffix(".parquet")
    stored.write_bytes(stored.read_bytes()[:keep])
    with pytest.raises(FileError, match=r"t\.csv: is damaged"):
        list(read_table(table, COLUMNS, dict, fix="make it again"))
