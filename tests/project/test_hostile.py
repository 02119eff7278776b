"""A project that somebody made to harm: refused with one line, and nothing is written elsewhere."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_iris.cli.main import main
from napari_iris.errors import ProjectError
from napari_iris.project.backup import backup
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

FRAME = {
    "a path out of the folder": "path = '../../evil.fits'",
    "a path that comes back": "path = 'frames/../../evil.fits'",
    "a path of backslashes": r"path = 'frames\..\evil.fits'",
    "a path with a NUL": "path = 'a' || char(0) || '.fits'",
    "a path of bytes": "path = x'ff2e2e'",
    "no path": "path = ''",
    "a foreign status": "status = 'hacked'",
    "an escape as class": "sky = char(27) || '[2J'",
    "a foreign part": "part = '../x'",
    "a hash of text": "hash = 'abc'",
    "a huge hash": "hash = zeroblob(1000000)",
    "a time beyond all calendars": "time = 9000000000000000000",
    "a time of text": "labelled_at = 'yesterday'",
    "no rows": "rows = 0",
    "columns of bytes": "columns = x'01'",
    "a level of text": "floor = 'cold'",
    "a size of text": "size = 'big'",
    "a likeness of bytes": "likeness = x'00'",
    "a note of bytes": "note = x'00ff'",
    "a mask of text": "human = 'mine'",
    "a copy of no frame": "same_as = 999",
    "like no frame": "like = 0",
}
MASK = {
    "a name out of the folder": "object = '../../evil'",
    "an absolute name": "object = '/tmp/evil'",
    "a name with a NUL": "object = 'ab' || char(0) || '/../evil'",
    "a name of bytes": "object = x'6162'",
    "a foreign tag": "tag = 'ours'",
    "a fraction of text": "cloud_fraction = 'all'",
    "a fraction of seven": "trust = 7",
    "a time of mask beyond all calendars": "at = -9000000000000000000",
    "a method of bytes": "method = x'00'",
    "a reference of bytes": "reference = x'00'",
}
ROWS = {name: f"UPDATE frame SET {change} WHERE id = 2" for name, change in FRAME.items()}
ROWS |= {name: f"UPDATE mask SET {change} WHERE id = 1" for name, change in MASK.items()}
ROWS |= {
    "a decision at no time": "INSERT INTO event VALUES (1, 1, 'noon', 'eve', 'status', 'auto')",
    "a decision of bytes": "INSERT INTO event VALUES (1, 1, 1, 'eve', 'status', x'00')",
    "a setting of bytes": "INSERT INTO project VALUES ('sources', x'ff')",
}
SCHEMAS = {
    "a view that never ends": "ALTER TABLE event RENAME TO gone; CREATE VIEW event AS"
    " WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT x AS id FROM n",
    "a trigger": "CREATE TRIGGER t AFTER UPDATE ON frame BEGIN DELETE FROM mask; END",
    "a generated column": "ALTER TABLE frame ADD COLUMN x AS (hex(zeroblob(100000000)))",
    "a column less": "ALTER TABLE mask DROP COLUMN novelty",
    "no table of decisions": "DROP TABLE event",
}
ACTIONS = [
    ["status"],
    ["index", "night"],
    ["relearn"],
    ["split"],
    ["export", "--out", "out"],
    ["backup", "--out", "out"],
]


@pytest.fixture
def crafted(folder: Path, mask_of: Callable[..., NDArray]) -> Callable[[str], Path]:
    """Change the database of a project as only an editor of databases can."""
    with Project(folder, by="ada") as project:
        project.save_mask(1, mask_of(1))

    def change(script: str) -> Path:
        with closing(sqlite3.connect(folder / "iris.db")) as connection:
            connection.executescript(f"PRAGMA ignore_check_constraints = ON; {script}")
            connection.commit()
        return folder

    return change


@pytest.mark.parametrize("script", [*ROWS.values(), *SCHEMAS.values()], ids=[*ROWS, *SCHEMAS])
def test_it_is_refused(
    crafted: Callable[[str], Path], refused: Callable[..., object], script: str
) -> None:
    folder = crafted(script)
    for read_only in (True, False):
        with refused("is damaged"):
            Project(folder, read_only=read_only)


@pytest.mark.parametrize(
    ("script", "named"),
    [
        (ROWS["a path out of the folder"], "frame 2 has a bad path"),
        (ROWS["a name with a NUL"], "mask 1 has a bad object"),
        (ROWS["a decision of bytes"], "event 1 has a bad value"),
        (ROWS["a setting of bytes"], "a row of project has a bad value"),
    ],
)
def test_the_row_is_named(crafted: Callable[[str], Path], script: str, named: str) -> None:
    with pytest.raises(ProjectError, match=named):
        Project(crafted(script), read_only=True)


@pytest.mark.parametrize("action", ACTIONS, ids=[action[0] for action in ACTIONS])
def test_each_action_refuses_it(
    crafted: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    action: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = crafted(ROWS["a path out of the folder"])
    assert main(["project", str(folder), *action]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_earlier_backup_with_such_a_row_is_refused(
    crafted: Callable[[str], Path], tmp_path: Path, refused: Callable[..., object]
) -> None:
    out = tmp_path / "copy"
    shutil.copytree(crafted(ROWS["a name out of the folder"]), out)
    crafted("UPDATE mask SET object = 'ab' WHERE id = 1")
    with Project(tmp_path / "project", read_only=True) as project, refused("bad object"):
        list(backup(project, out))


@pytest.mark.parametrize(
    "change",
    [
        "path = '/data/a..b/c.fits'",
        "path = 'frames/a..fits'",
        "path = 'a' || char(10) || 'b.fits'",
        "note = '=1+1' || char(27)",
        "time = NULL",
        "floor = 12",
    ],
)
def test_what_a_camera_or_a_person_may_write_is_read(
    crafted: Callable[[str], Path], change: str
) -> None:
    with Project(crafted(f"UPDATE frame SET {change} WHERE id = 2"), read_only=True) as project:
        assert len(project.table) == 6


@pytest.mark.parametrize("value", ["[" * 100_000, "{}", "[1]", '"/"', "\x1b", "NaN"])
def test_foreign_sources_are_refused(
    crafted: Callable[[str], Path], refused: Callable[..., object], value: str
) -> None:
    folder = crafted(f"INSERT INTO project VALUES ('sources', '{value}')")
    with Project(folder) as project, refused("sources"):
        project.add_sources([])


@pytest.mark.parametrize("name", ["../../evil", "..", "/tmp/evil", ""])
def test_an_import_stays_in_the_folder(
    crafted: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    (tmp_path / "set" / "images").mkdir(parents=True)
    (tmp_path / "set" / "GTmaps").mkdir()
    folder = crafted(
        f"INSERT INTO project VALUES ('imports', '{{\"{tmp_path}/set\": \"{name}\"}}')"
    )
    from PIL import Image

    Image.new("RGB", (8, 6)).save(tmp_path / "set" / "images" / "d0001.png")
    Image.new("L", (8, 6)).save(tmp_path / "set" / "GTmaps" / "d0001_GT.png")
    before = sorted(tmp_path.rglob("*.fits"))
    words = ["import", str(tmp_path / "set"), "--format", "swimseg", "--out", str(folder)]
    assert main(words) == 2
    assert "imports" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*.fits")) == before


def test_all_of_an_ordinary_project_is_read(folder: Path, frames: list[Path]) -> None:
    with Project(folder) as project:
        project.add_sources([str(frames[0].parent)])
        assert list(index(project, frames, None, jobs=1)) == frames
        assert project.sources == [str(frames[0].parent)]
