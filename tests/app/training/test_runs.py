"""A model and its run, as read from its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from napari_iris.app.training.runs import next_name, read_run
from napari_iris.errors import IrisError
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
    ids=["all epochs", "no improvement", "stopped", "stopped at once"],
)
def test_the_state_of_a_run(
    tmp_path: Path, losses: list[float], patience: int, state: str, best: float | None
) -> None:
    run = read_run(make_run(tmp_path / "m", losses, patience=patience))
    assert run.state == state
    assert run.score("val_loss") == best
    assert [epoch.val_loss for epoch in run.epochs] == losses
    assert (run.name, run.network, run.data, run.init) == ("m", SMALL, "/sky/night", "")
    assert run.has_model == (best is not None)


def test_a_model_from_elsewhere_has_no_run(tmp_path: Path) -> None:
    write_card(tmp_path, ModelCard.of(SMALL, metrics={"val_loss": 0.25}))
    run = read_run(tmp_path)
    assert (run.state, run.score("val_loss"), run.config) == ("no run", 0.25, None)
    assert run.has_model


@pytest.mark.parametrize("file", ["run/config.json", "run/epochs.csv", "run/facts.json"])
@pytest.mark.parametrize("content", [b"", b"epoch,what\n1,2\n", b"\xff\xfe{\n1", b"[1,\n2]"])
def test_what_is_wrong_with_a_damaged_run(tmp_path: Path, file: str, content: bytes) -> None:
    folder = make_run(tmp_path / "m", [0.5])
    (folder / file).write_bytes(content)
    run = read_run(folder)
    if file == "run/epochs.csv" and content == b"":
        assert run.epochs == ()
    else:
        assert run.state == "damaged"
        assert run.problem
        assert "\n" not in run.problem


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


def test_a_run_of_an_older_version(tmp_path: Path) -> None:
    """Facts of an older version do not name the data."""
    folder = make_run(tmp_path / "m", [0.5])
    (folder / "run" / "facts.json").write_text(json.dumps({"data_hash": "0"}))
    assert read_run(folder).data == ""


def test_the_command_that_trained_a_model(tmp_path: Path) -> None:
    run = read_run(make_run(tmp_path / "m", [0.5]))
    assert run.command() == [
        *("train", "unet", "/sky/night", "--out", str(tmp_path / "m")),
        *("--channels", "4", "8", "--epochs", "5"),
    ]
    (tmp_path / "other").mkdir()
    write_card(tmp_path / "other", ModelCard.of(SMALL))
    with pytest.raises(IrisError, match="no training configuration"):
        read_run(tmp_path / "other").command()
