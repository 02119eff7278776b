"""What documents say of the source is there: modules of the architecture, messages of the FAQ."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import napari_iris

PACKAGE = Path(napari_iris.__file__).parent
DOCS = PACKAGE.parent / "docs"
ROOMS = "|".join(sorted(one.name for one in PACKAGE.iterdir() if one.is_dir()))


def source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))


def is_there(name: str) -> bool:
    """Whether a room, module, class, function or method of that dotted name exists."""
    *_, last = words = name.split(".")
    if (path := PACKAGE.joinpath(*words)).is_dir() or path.with_suffix(".py").exists():
        return True
    found = [PACKAGE.joinpath(*words[:count]) for count in range(1, len(words))]
    files = [one for path in found for one in (path.with_suffix(".py"), *path.glob("*.py"))]
    pattern = re.compile(rf"(?:def|class) {last}\b")
    return any(pattern.search(one.read_text(encoding="utf-8")) for one in files if one.exists())


def test_the_architecture_names_modules_that_exist() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    names = re.findall(rf"`((?:{ROOMS})\.(?!csv)[A-Za-z_.]+)`", text)
    assert [name for name in names if not is_there(name)] == []
    assert len(names) > 20
    assert not is_there("masks.recipes")


def test_the_messages_of_the_faq_are_those_of_the_program() -> None:
    text = (DOCS / "faq.md").read_text(encoding="utf-8")
    messages = re.findall(r"^### `(.*)`$", text, re.MULTILINE)
    known = source()
    parts = [part.strip() for message in messages for part in message.split("…")]
    assert [part for part in parts if part not in known] == []
    assert len(messages) > 10


def test_the_picture_of_the_rooms_shows_all_rooms() -> None:
    picture = (DOCS / "images" / "architecture.svg").read_text(encoding="utf-8")
    names = re.findall(r"\b([a-z]+)/(?!\w)", " ".join(re.findall(r">([^<]*)</text>", picture)))
    assert set(names) == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_files_that_documents_for_developers_name_exist() -> None:
    for page in (DOCS / "extending.md", DOCS.parent / "CONTRIBUTING.md"):
        names = re.findall(r"`([a-z_]+/[\w/.-]+\.(?:py|md|yaml))`", page.read_text("utf-8"))
        places = (PACKAGE.parent, PACKAGE)
        missing = [name for name in names if not any((one / name).exists() for one in places)]
        assert (missing, len(names) > 5) == ([], True)


def test_the_commits_that_extending_walks_through_are_of_this_history() -> None:
    root = PACKAGE.parent
    named = re.findall(r"`([0-9a-f]{7,40})`", (DOCS / "extending.md").read_text(encoding="utf-8"))
    assert len(named) >= 4
    git = shutil.which("git")
    if git is None or not (root / ".git").exists() or (root / ".git" / "shallow").exists():
        pytest.skip("no history: this is not a whole clone")
    for commit in named:
        asked = [git, "merge-base", "--is-ancestor", commit, "HEAD"]
        ran = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, commit


def test_every_direct_dependency_has_its_reason_and_licence() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    listed = [project["dependencies"], *project["optional-dependencies"].values()]
    needed = {re.split(r"[\[>]", name)[0] for names in listed for name in names} - {"napari-iris"}
    rows = (DOCS / "licences.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if "|" in row]
    named = [row[-3] for row in cells if row[-3] != "package" and "---" not in row[-3]]
    assert sorted(named) == sorted(needed)
    assert all(all(row[-2:]) for row in cells)
