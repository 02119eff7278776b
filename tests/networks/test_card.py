"""model.json: it round-trips; damaged and foreign ones are refused in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import IrisError, ModelError
from napari_iris.networks.card import CARD, ModelCard, read_card, write_card
from napari_iris.networks.find import find_model, network_of
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with a card."""
    write_card(tmp_path, ModelCard.of(NetworkSpec(kind="unet"), metrics={"accuracy": 0.95}))
    return tmp_path


def test_a_card_round_trips(model: Path) -> None:
    card = read_card(model)
    assert card == ModelCard.of(NetworkSpec(kind="unet"), metrics={"accuracy": 0.95})
    content = json.loads((model / CARD).read_text())
    assert content["parameters"] == 3_652_481
    assert content["network"]["channels"] == [64, 128, 256]


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda text: text[:50], "is damaged"),
        (lambda _: "", "is damaged"),
        (lambda text: text.replace('"unet"', '"resnet"'), "is damaged at network.kind"),
        (lambda text: text.replace("3652481", "3652480"), "states 3652480 parameters"),
        (lambda text: text.replace('"zscale"', '"pickle"'), "is damaged at normalisation"),
        (lambda text: text.replace('"threshold": 0.5', '"threshold": 5'), "at threshold"),
        *(
            (lambda text, name=name: text.replace('"classifier": ""', name), "at classifier")
            for name in ('"classifier": "../x"', '"classifier": ".."', '"classifier": "/x"')
        ),
    ],
)
def test_a_damaged_card_is_refused_in_one_line(model: Path, harm: object, reason: str) -> None:
    path = model / CARD
    text = path.read_text()
    path.write_text(harm(text))
    assert path.read_text() != text
    with pytest.raises(ModelError, match=reason) as caught:
        read_card(model)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a model"):
        read_card(tmp_path)
    with pytest.raises(ModelError, match="is not a model"):
        find_model(tmp_path)


def test_a_model_is_found_by_its_folder(model: Path) -> None:
    assert find_model(model) == model
    assert network_of(str(model)) == NetworkSpec(kind="unet")


@pytest.mark.parametrize("name", ["../models", "nope", "a/b"])
def test_a_name_that_is_no_shipped_model_is_refused(name: str) -> None:
    with pytest.raises(IrisError, match="is not a model"):
        network_of(name)


@pytest.mark.parametrize("kind", ["unet", "vgg8"])
def test_the_published_networks_have_names(kind: str) -> None:
    assert network_of(kind) == NetworkSpec.model_validate({"kind": kind})
