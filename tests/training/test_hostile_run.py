"""The files of a run that somebody made to harm: one line, whatever they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import ModelError
from napari_iris.training.epochs import COLUMNS
from napari_iris.training.lineage import LINEAGE, run_lineage
from napari_iris.training.run_folder import EPOCHS, FACTS, SPLIT, RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BINARY = bytes(range(256)) * 40
LARGE = b"1" * 1_000_000
CELLS = (LARGE, b"x" * 100_000, BINARY)
TABLES: dict[str, tuple[str, Callable[[RunFolder], object], bytes]] = {
    "epochs": (EPOCHS, RunFolder.epochs, ",".join(COLUMNS).encode() + b"\n"),
    "split": (SPLIT, RunFolder.split, b"frame,part,time,path,hash\n"),
    "identities": (SPLIT, RunFolder.identities, b"frame,part,time,path,hash\n"),
    "lineage": (LINEAGE, run_lineage, b"path,hash\n"),
}


def check_is_refused(folder: Path, name: str, read: Callable[[RunFolder], object]) -> None:
    with pytest.raises(ModelError) as raised:
        read(RunFolder(folder))
    message = str(raised.value).replace(str(folder), "")
    assert len(message) < 300
    assert message.isprintable()
    assert message.startswith(f"/run/{name}: ")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "content",
    [
        BINARY,
        b"colour,taste\n1,2\n",
        *(part + b",a" * 12 + b"\n" for part in CELLS),
    ],
    ids=["binary", "foreign columns", "a field of a megabyte", "a long field", "binary rows"],
)
def test_a_table_is_refused(tmp_path: Path, table: str, content: bytes) -> None:
    name, read, head = TABLES[table]
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / FACTS).write_text("{}")
    is_row = content[-1:] == b"\n" and not content.startswith(b"colour")
    (tmp_path / "run" / name).write_bytes(head + content if is_row else content)
    check_is_refused(tmp_path, name, read)


@pytest.mark.parametrize(
    "content",
    [
        *(BINARY, b"", b"[]", b"null", b'"x"', LARGE, b"[" * 100_000, b'{"a": ' * 100_000),
        *(b'{"init": 3}', b'{"init_chain": "abc"}', b'{"precision": "\\u001b"}', b'{"data": []}'),
    ],
)
def test_facts_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / FACTS).write_bytes(content)
    check_is_refused(tmp_path, FACTS, RunFolder.facts)
