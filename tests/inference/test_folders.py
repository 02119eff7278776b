"""Model folders: listed with their problems, renamed and deleted only where allowed."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import ModelError
from napari_iris.inference.folders import (
    TRASH,
    delete_model,
    describe_model,
    list_models,
    rename_model,
)
from napari_iris.networks.card import CARD, read_card
from napari_iris.networks.weights import WEIGHTS
from napari_iris.training.run_folder import RunFolder

from .conftest import UNET, VGG8

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def models(save_model: Callable[..., Path]) -> Path:
    """Folder of some models, and of other things."""
    for number in (2, 10, 1):
        save_model(f"unet{number}", metrics={"mcc": number / 100})
    save_model("vgg1", VGG8)
    folder = save_model("damaged").parent
    (folder / "damaged" / CARD).write_text("{")
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").touch()
    (folder / "file").touch()
    shutil.copytree(folder / "unet1", folder / ".hidden")
    return folder


@pytest.fixture
def shipped(models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A model that came with napari-iris."""
    place = tmp_path / "package" / "models"
    shutil.copytree(models / "unet1", place / "unet-lwir")
    for where in ("inference.folders", "networks.find", "resources"):
        monkeypatch.setattr(f"napari_iris.{where}.models_folder", lambda: place)
    return place / "unet-lwir"


def test_models_are_listed_with_what_is_known_of_them(models: Path, shipped: Path) -> None:
    entries = list_models(shipped.parent, models, models / "none")
    assert [entry.name for entry in entries] == [
        *("unet-lwir", "damaged", "unet1", "unet2", "unet10", "vgg1")
    ]
    assert [entry.shipped for entry in entries] == [True] + [False] * 5
    damaged, first = entries[1:3]
    assert damaged.card is None
    assert damaged.problem.startswith("is damaged at the whole file")
    assert first.card == read_card(models / "unet1")
    assert first.card.network == UNET
    assert first.card.metrics == {"mcc": 0.01}
    assert first.problem == ""
    files = (models / "unet1" / CARD, models / "unet1" / WEIGHTS)
    assert first.size == sum(path.stat().st_size for path in files)
    assert list_models() == entries[:1], "the shipped ones"


def test_no_numbers_are_read_to_list_models(models: Path) -> None:
    for entry in list_models(models):
        os.truncate(entry.folder / WEIGHTS, 10**12)  # takes no room, and no time
    assert len(list_models(models)) == 5


def test_a_run_without_a_model_yet_is_listed(models: Path) -> None:
    (models / "unet3" / "run").mkdir(parents=True)
    (models / "unet3" / "run" / "config.json").write_text("{}")
    (entry,) = [entry for entry in list_models(models) if entry.name == "unet3"]
    assert entry.card is None
    assert "is not a model" in entry.problem


def test_a_model_is_described_by_its_folder_or_name(models: Path, shipped: Path) -> None:
    assert describe_model(models / "vgg1").card.network == VGG8
    assert describe_model("unet-lwir").shipped
    for wrong in (models / "damaged", models / "notes", "nope"):
        with pytest.raises(ModelError):
            describe_model(wrong)


def test_a_model_is_renamed(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in (models / "unet1").iterdir()}
    assert rename_model(models / "unet1", "humid-nights_2.1") == models / "humid-nights_2.1"
    assert not (models / "unet1").exists()
    found = {path.name: path.read_bytes() for path in (models / "humid-nights_2.1").iterdir()}
    assert found == before
    monkeypatch.chdir(models / "unet2")
    assert rename_model(Path(), "here") == models / "here"


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".hidden", "-rf", "a/b", "../up", "/tmp/a", "a b", "a\nb", "wölkchen"),
        *("a\0b", "x" * 101, "~", "*", "unet1\n"),
    ],
)
def test_a_name_that_could_do_harm_is_refused(models: Path, name: str) -> None:
    with pytest.raises(ModelError, match="cannot be called .*; use letters, digits") as raised:
        rename_model(models / "unet1", name)
    assert "\n" not in str(raised.value)
    assert (models / "unet1" / CARD).exists()


@pytest.mark.parametrize("name", ["unet2", "notes", "file", "unet1"])
def test_a_name_that_is_taken_is_refused(models: Path, name: str) -> None:
    with pytest.raises(ModelError, match="already exists; choose another name"):
        rename_model(models / "unet1", name)
    assert read_card(models / "unet1").metrics == {"mcc": 0.01}


@pytest.mark.parametrize("change", [delete_model, lambda folder: rename_model(folder, "mine")])
def test_a_folder_that_is_not_a_model_is_not_deleted(
    models: Path, shipped: Path, change: Callable[[Path], Path]
) -> None:
    link = models / "link"
    link.symlink_to(shipped)
    for folder in (models / "notes", models / "none", models / "file", models):
        with pytest.raises(ModelError, match="is not a model"):
            change(folder)
    for folder in (shipped, shipped.parent / ".." / "models" / "unet-lwir", link):
        with pytest.raises(ModelError, match="is shipped with napari-iris; copy it"):
            change(folder)
    assert (shipped / CARD).exists()
    assert (models / "notes" / "a.txt").exists()


def test_a_deleted_model_can_be_brought_back(models: Path, save_model: Callable[..., Path]) -> None:
    before = (models / "unet1" / WEIGHTS).read_bytes()
    (models / "unet1" / "my notes.txt").touch()
    gone = delete_model(models / "unet1")
    assert gone == models / TRASH / "unet1"
    assert "unet1" not in [entry.name for entry in list_models(models)]
    save_model("unet1", seed=3)
    assert delete_model(models / "unet1") == models / TRASH / "unet1-2"
    shutil.move(gone, models / "unet1")
    assert (models / "unet1" / WEIGHTS).read_bytes() == before
    assert (models / "unet1" / "my notes.txt").exists()


@pytest.mark.parametrize("change", [delete_model, lambda folder: rename_model(folder, "mine")])
def test_a_shipped_model_s_name_is_known(
    models: Path,
    shipped: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], Path],
) -> None:
    monkeypatch.chdir(models)
    with pytest.raises(ModelError, match="^unet-lwir: is shipped with napari-iris; copy it"):
        change(Path("unet-lwir"))


@pytest.mark.parametrize("change", [delete_model, lambda folder: rename_model(folder, "mine")])
def test_a_model_that_is_being_trained_stays(models: Path, change: Callable[[Path], Path]) -> None:
    run = RunFolder(models / "unet1")
    with run.lock(), pytest.raises(ModelError, match="is being trained by another process"):
        change(models / "unet1")
    assert (models / "unet1" / CARD).exists()
    change(models / "unet1")
    assert not (models / "unet1").exists()


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 30)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"down1_conv1/kernel": [1.0]}))


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.skipif(os.name != "posix", reason="makes a pipe")
@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (cut_short, "weights.safetensors is damaged"),
        (pickled, "weights.safetensors is damaged"),
        (Path.unlink, "weights.safetensors is missing"),
        (a_pipe, "weights.safetensors is not a file"),
        (lambda path: path.write_bytes(b""), "weights.safetensors is damaged"),
    ],
)
def test_weights_that_cannot_be_used_are_listed_as_damaged(
    models: Path, harm: Callable[[Path], object], reason: str
) -> None:
    harm(models / "unet1" / WEIGHTS)
    (entry,) = [entry for entry in list_models(models) if entry.name == "unet1"]
    assert entry.card is None
    assert entry.problem.startswith(reason)
    assert "\n" not in entry.problem
    with pytest.raises(ModelError, match=reason.replace(" ", ": ", 1)):
        describe_model(models / "unet1")


def test_a_damaged_model_can_be_deleted(models: Path) -> None:
    delete_model(models / "damaged")
    assert all(not entry.problem for entry in list_models(models))


def test_a_model_that_is_a_link_is_deleted_alone(models: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    shutil.move(models / "unet2", target)
    (models / "unet2").symlink_to(target)
    delete_model(models / "unet2")
    assert not os.path.lexists(models / "unet2")
    assert (target / WEIGHTS).exists()


def test_a_model_that_may_not_be_moved_is_named(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ModelError, match="cannot be moved .Permission denied.; ask for permission"):
        delete_model(models / "unet1")
    assert (models / "unet1" / CARD).exists()
