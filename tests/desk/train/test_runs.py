"""The models of a folder: read, named, sorted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from napari_iris.app.training.runs import Shelf, next_name, read_run
from napari_iris.inference.folders import TRASH
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
from napari_iris.training.epochs import Epoch
from napari_iris.training.run_folder import RunFolder

SMALL = NetworkSpec(kind="unet", channels=(4, 8))


def make_run(
    folder: Path, losses: list[float], *, epochs: int = 5, patience: int = 12, **chosen: Any
) -> Path:
    """Write the folder of a run with these validation losses, as a training leaves it."""
    config = TrainConfig.of(SMALL, epochs=epochs, patience=patience, **chosen)
    run = RunFolder(folder)
    run.create(config, {"data": "/sky/night", "init": None, "data_hash": "0"})
    lines = [
        Epoch(n, 0.5, loss, 0.9, 0.8, 0.7, 1 - loss, 0.5, 1e-3, 1.0)
        for n, loss in enumerate(losses, start=1)
    ]
    if lines:
        run.write_epochs(lines)
        best = vars(min(lines, key=lambda line: line.val_loss))
        write_card(folder, ModelCard.of(SMALL, metrics=best))
    return folder


@pytest.mark.parametrize(
    ("losses", "patience", "state", "best"),
    [
        ([0.6, 0.5, 0.4, 0.3, 0.2], 12, "finished", 0.2),
        ([0.3, 0.6, 0.5], 2, "finished", 0.3),
        ([0.3, 0.6], 2, "stopped", 0.3),
        ([], 2, "stopped", None),
    ],
    ids=["all epochs", "no better for long", "stopped", "stopped at once"],
)
def test_where_a_run_stands(
    tmp_path: Path, losses: list[float], patience: int, state: str, best: float | None
) -> None:
    run = read_run(make_run(tmp_path / "m", losses, patience=patience))
    assert run.state == state
    assert run.score("val_loss") == best
    assert [epoch.val_loss for epoch in run.epochs] == losses
    assert (run.name, run.network, run.data, run.init) == ("m", SMALL, "/sky/night", "")
    assert run.has_model == (best is not None)


def test_a_model_that_came_from_elsewhere_is_listed_too(tmp_path: Path) -> None:
    write_card(tmp_path, ModelCard.of(SMALL, metrics={"val_loss": 0.25}))
    run = read_run(tmp_path)
    assert (run.state, run.score("val_loss"), run.config) == ("no run", 0.25, None)
    assert run.has_model


@pytest.mark.parametrize("file", ["run/config.json", "run/epochs.csv", "run/facts.json"])
@pytest.mark.parametrize("content", [b"", b"epoch,what\n1,2\n", b"\xff\xfe{\n1", b"[1,\n2]"])
def test_a_damaged_run_is_listed_with_what_is_wrong(
    tmp_path: Path, file: str, content: bytes
) -> None:
    folder = make_run(tmp_path / "m", [0.5])
    (folder / file).write_bytes(content)
    run = read_run(folder)
    if file == "run/epochs.csv" and content == b"":
        assert run.epochs == ()
    else:
        assert run.state == "damaged"
        assert run.problem
        assert "\n" not in run.problem


def test_only_models_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b", "A", "c10"):
        make_run(tmp_path / name, [0.5])
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").touch()
    make_run(tmp_path / TRASH / "old", [0.5])
    assert [run.name for run in Shelf().read(tmp_path)] == ["A", "b", "c10"]
    assert Shelf().read(tmp_path / "gone") == []


def test_what_has_not_changed_is_read_once(tmp_path: Path) -> None:
    shelf = Shelf()
    one, two = make_run(tmp_path / "one", [0.5]), make_run(tmp_path / "two", [0.5])
    first = shelf.read(tmp_path)
    later = time.time_ns() + 10**9
    RunFolder(two).write_epochs([*read_run(two).epochs] * 2)
    os.utime(two / "run" / "epochs.csv", ns=(later, later))
    second = shelf.read(tmp_path)
    assert second[0] is first[0]
    assert len(second[1].epochs) == 2
    assert one.name == second[0].name


@pytest.mark.timed
def test_a_hundred_runs_are_listed_in_no_time(tmp_path: Path) -> None:
    for number in range(100):
        make_run(tmp_path / f"m{number}", [0.5] * 60, epochs=60)
    shelf = Shelf()
    shelf.read(tmp_path)
    began = time.perf_counter()
    assert len(shelf.read(tmp_path)) == 100
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(
    ("kind", "taken", "name"),
    [
        ("unet", set(), "unet1"),
        ("unet", {"unet1", "UNet2"}, "unet3"),
        ("unet", {"unet2"}, "unet1"),
        ("vgg8", {"unet1"}, "vgg1"),
    ],
)
def test_the_next_free_name(kind: Any, taken: set[str], name: str) -> None:
    assert next_name(kind, taken) == name


def test_a_run_of_before_tells_what_it_can(tmp_path: Path) -> None:
    """Facts of an older version do not name the data."""
    folder = make_run(tmp_path / "m", [0.5])
    (folder / "run" / "facts.json").write_text(json.dumps({"data_hash": "0"}))
    assert read_run(folder).data == ""
