"""``napari-iris models``: list, describe, rename and delete, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.networks.card import CARD, ModelCard, write_card
from napari_iris.networks.plan import count_parameters
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, initial_weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


CHANNELS = {"unet": (4, 8), "vgg8": (2, 4, 8)}
PARAMETERS = {
    kind: count_parameters(NetworkSpec(kind=kind, channels=channels))
    for kind, channels in CHANNELS.items()
}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models, and no shipped ones."""
    for kind, accuracy in (("unet", 0.95), ("vgg8", 0.99)):
        spec = NetworkSpec(kind=kind, channels=CHANNELS[kind])
        folder = tmp_path / "runs" / f"{kind}-1"
        folder.mkdir(parents=True)
        card = ModelCard.of(spec, metrics={"accuracy": accuracy}, data_licence="CC0-1.0")
        write_card(folder, card)
        save_weights(folder / WEIGHTS, initial_weights(spec, 0))
    monkeypatch.setattr("napari_iris.resources.models_folder", lambda: tmp_path / "shipped")
    return tmp_path / "runs"


def test_models_are_listed(
    cli: Callable[..., Any], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = cli("models", "list", runs)
    assert ran.code == 0
    assert [line.split()[:3] for line in ran.out.splitlines()] == [
        ["model", "kind", "parameters"],
        ["unet-1", "unet", f"{PARAMETERS['unet']:,}"],
        ["vgg8-1", "vgg8", f"{PARAMETERS['vgg8']:,}"],
    ]
    assert ran.out.splitlines()[1].endswith("accuracy 0.950")
    monkeypatch.chdir(runs)
    assert cli("models", "list").out == ran.out, "those of the folder one is in"


def test_models_are_listed_as_json(cli: Callable[..., Any], runs: Path) -> None:
    (found, _) = json.loads(cli("models", "list", runs, "--json").out)
    assert found["name"] == "unet-1"
    assert found["network"]["channels"] == [4, 8]
    assert found["metrics"] == {"accuracy": 0.95}
    assert found["bytes"] == sum(file.stat().st_size for file in (runs / "unet-1").iterdir())
    assert not found["shipped"]


def test_a_damaged_model_is_listed_with_its_problem(cli: Callable[..., Any], runs: Path) -> None:
    (runs / "unet-1" / CARD).write_text("{")
    ran = cli("models", "list", runs)
    assert ran.code == 1
    assert "is damaged at the whole file" in ran.out.splitlines()[1]
    found = json.loads(cli("models", "list", runs, "--json").out)
    assert found[0]["problem"].startswith("is damaged")
    assert "problem" not in found[1]


def test_a_model_is_described(cli: Callable[..., Any], runs: Path) -> None:
    ran = cli("models", "describe", runs / "unet-1")
    assert ran.code == 0
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["name", "unet-1"] in lines
    assert ["parameters", str(PARAMETERS["unet"])] in lines
    assert ["accuracy", "0.95"] in lines
    assert ["data_licence", "CC0-1.0"] in lines
    found = json.loads(cli("models", "describe", runs / "unet-1", "--json").out)
    assert found["data_licence"] == "CC0-1.0"


def test_models_are_renamed_and_deleted(cli: Callable[..., Any], runs: Path) -> None:
    ran = cli("models", "rename", runs / "unet-1", "humid")
    assert (ran.code, ran.out) == (0, f"{runs / 'humid'}\n")
    ran = cli("models", "delete", runs / "humid", runs / "none", runs / "vgg8-1")
    assert ran.code == 1
    assert ran.out.splitlines() == [str(runs / ".trash" / name) for name in ("humid", "vgg8-1")]
    assert (
        ran.err == f"{runs / 'none'}: is not a model (it has no model.json); give a model folder\n"
    )
    assert [path.name for path in runs.iterdir()] == [".trash"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["describe", "nope"], "nope: is not a model"),
        (["rename", "nope", "other"], "nope: is not a model"),
        (["rename", "runs/unet-1", "vgg8-1"], "already exists"),
        (["rename", "runs/unet-1", "a/b"], "cannot be called 'a/b'"),
        (["burn", "runs/unet-1"], "invalid choice: 'burn'"),
        ([], "required: ACTION"),
    ],
)
def test_failed_actions_are_reported_in_one_line(
    cli: Callable[..., Any],
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    reason: str,
) -> None:
    monkeypatch.chdir(runs.parent)
    ran = cli("models", *words)
    assert ran.code == 2
    assert ran.out == ""
    assert reason in ran.err
    assert ran.err.count("\n") == 1
