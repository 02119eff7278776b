"""Imported Keras files predict the same; other networks are refused in one line."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.cli.main import main
from napari_iris.errors import ModelError
from napari_iris.networks.card import read_card
from napari_iris.networks.keras_import.importing import import_model
from napari_iris.networks.weights import WEIGHTS, load_weights

from .conftest import SHAPE, saved, unet, vgg8

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.learning,
    pytest.mark.skipif(find_spec("keras") is None, reason="Keras is not installed"),
    # Keras itself, where it saves
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file"),
]

RNG = np.random.default_rng(1)


def probabilities(folder: Path, frames: np.ndarray) -> np.ndarray:
    """Probabilities of an imported model."""
    from napari_iris.networks.keras_network import build_keras, set_keras_weights

    card = read_card(folder)
    model = build_keras(card.network)
    set_keras_weights(model, load_weights(folder / WEIGHTS, card.network))
    return 1 / (1 + np.exp(-model.predict_on_batch(frames).astype(float)))


MODELS: dict[str, Callable[[], Any]] = {
    "double": unet,
    "single, probabilities": lambda: unet((4, 8, 12), 1, end="sigmoid"),
    "lower first": lambda: unet(lower_first=True),
    "resized, in layers": lambda: unet(resize="Resizing", end="sigmoid", apart=True),
    "vgg8": vgg8,
    "vgg8, logits": lambda: vgg8(None),
}


@pytest.mark.parametrize("kind", [".keras", ".h5", ".weights.h5"])
@pytest.mark.parametrize("name", MODELS)
def test_an_imported_model_predicts_the_same(name: str, kind: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    path = saved(model, tmp_path / f"published{kind}")
    out = tmp_path / "m"
    words = ["import-model", str(path), "--out", str(out)]
    if kind == ".weights.h5":
        words += ["--shape", *map(str, SHAPE)]
        words += ["--lower-first"] if name == "lower first" else []
    assert main(words) == 0
    frames = RNG.random((3, *SHAPE, 1), np.float32)
    wanted = model.predict_on_batch(frames).astype(float)
    if model.layers[-1].activation.__name__ != "sigmoid":
        wanted = 1 / (1 + np.exp(-wanted))
    np.testing.assert_allclose(probabilities(out, frames), wanted, atol=1e-5)
    assert wanted.std() > 1e-3
    card = read_card(out)
    assert card.normalisation == "full-scale"
    assert card.training == {"imported": path.name}


def test_the_report_of_an_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(unet(), tmp_path / "u.keras")
    assert main(["import-model", str(path), "--out", str(tmp_path / "m"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["network"]["channels"] == [4, 8]
    assert shown["difference"] <= 1e-5
    again = ["import-model", str(path), "--out", str(tmp_path / "m")]
    assert main(again) == 2
    assert "already holds a model" in capsys.readouterr().err


def test_a_model_of_keras_2_with_tensorflow_functions(tmp_path: Path) -> None:
    """``tf.image.resize`` and ``tf.concat`` as Keras 2 saved them."""
    import h5py

    path = saved(unet(resize="Resizing", lower_first=True), tmp_path / "old.h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            nodes = layer["inbound_nodes"]
            names = [one["config"]["keras_history"] for one in _tensors(nodes)]
            settings: dict[str, Any] = {}
            if layer["class_name"] == "Resizing":
                size = [layer["config"]["height"], layer["config"]["width"]]
                settings = {"size": size, "method": "nearest", "name": None}
                layer["class_name"] = "TFOpLambda"
                layer["config"] = {"name": layer["name"], "function": "image.resize"}
            elif layer["class_name"] == "Concatenate":
                settings = {"axis": -1}
                layer["class_name"] = "TFOpLambda"
                layer["config"] = {"name": layer["name"], "function": "concat"}
            layer["inbound_nodes"] = [[[*name, settings] for name in names]] if names else []
            if "batch_shape" in layer["config"]:
                layer["config"]["batch_input_shape"] = layer["config"].pop("batch_shape")
        file.attrs["model_config"] = json.dumps(config)
    assert import_model(path, tmp_path / "m").difference <= 1e-5


def _tensors(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict) and node.get("class_name") == "__keras_tensor__":
        return [node]
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [one for part in parts for one in _tensors(part)]


def strange(layer: Callable[[Any], Any]) -> Any:
    """A U-Net of one level with another layer in the middle."""
    from keras import Input, Model, layers

    start = Input((*SHAPE, 1))
    tensor = layer(layers.Conv2D(4, 3, padding="same", activation="relu")(start))
    return Model(start, layers.Conv2D(1, 3, padding="same")(tensor))


def other_models() -> dict[str, tuple[Callable[[], Any], str]]:
    from keras import layers

    return {
        "Lambda": (lambda: strange(layers.Lambda(lambda x: x + 1)), "Lambda layer .* never run"),
        "BatchNormalization": (
            lambda: strange(layers.BatchNormalization()),
            "a layer of kind 'BatchNormalization'",
        ),
        "transposed": (
            lambda: strange(layers.Conv2DTranspose(4, 2, 2)),
            "a layer of kind 'Conv2DTranspose'",
        ),
        "bilinear": (
            lambda: strange(layers.UpSampling2D(interpolation="bilinear")),
            "with interpolation bilinear, not nearest",
        ),
        "5x5": (
            lambda: strange(layers.Conv2D(4, 5, padding="same")),
            r"kernel_size \[5, 5\], not \[3, 3\]",
        ),
        "no bias": (
            lambda: strange(layers.Conv2D(4, 3, use_bias=False)),
            "use_bias False",
        ),
        "leaky": (
            lambda: strange(layers.Conv2D(4, 3, activation="leaky_relu")),
            "activation 'leaky_relu'",
        ),
        "valid": (
            lambda: strange(layers.Conv2D(4, 3, activation="relu")),
            "kernels of neither a VGG8 nor a U-Net",
        ),
        "plain": (lambda: strange(layers.MaxPooling2D()), "kernels of neither a VGG8 nor a U-Net"),
        "three by three": (
            lambda: strange(lambda x: layers.Concatenate()([x, x])),
            "kernels of neither a VGG8 nor a U-Net",
        ),
        "no pooling": (
            lambda: strange(layers.Conv2D(4, 3, padding="same", activation="relu")),
            "does not compute what a unet|kernels of neither",
        ),
    }


@pytest.mark.parametrize("kind", [".keras", ".h5"])
@pytest.mark.parametrize(
    "name",
    [
        *("Lambda", "BatchNormalization", "transposed", "bilinear", "5x5", "no bias", "leaky"),
        *("valid", "plain", "three by three", "no pooling"),
    ],
)
def test_other_networks_are_refused(name: str, kind: str, tmp_path: Path) -> None:
    make, reason = other_models()[name]
    path = saved(make(), tmp_path / f"other{kind}")
    with pytest.raises(ModelError, match=reason) as raised:
        import_model(path, tmp_path / "m")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "m").exists()


def test_the_right_kernels_in_another_order_are_refused(tmp_path: Path) -> None:
    """One level, kernels as a U-Net's, but without pooling and resizing."""
    from keras import Input, Model, layers

    start = Input((*SHAPE, 1))
    one = layers.Conv2D(4, 3, padding="same", activation="relu")(start)
    two = layers.Conv2D(4, 3, padding="same", activation="relu")(one)
    joined = layers.Concatenate()([two, two])
    three = layers.Conv2D(4, 3, padding="same", activation="relu")(joined)
    four = layers.Conv2D(4, 3, padding="same", activation="relu")(three)
    path = saved(Model(start, layers.Conv2D(1, 3, padding="same")(four)), tmp_path / "u.keras")
    with pytest.raises(ModelError, match="does not compute what a unet with its kernels does"):
        import_model(path, tmp_path / "m")


@pytest.mark.parametrize("lower_first", [False, True])
def test_the_published_size_is_within_the_tolerance(lower_first: bool, tmp_path: Path) -> None:
    """Joins in another order are summed in another order, which changes the rounding."""
    model = unet((64, 128, 256), lower_first=lower_first, end="sigmoid", shape=(128, 160))
    path = saved(model, tmp_path / "u.h5")
    found = import_model(path, tmp_path / "m")
    assert found.card.parameters == 3_652_481
    assert found.difference <= 1e-3


def test_a_sigmoid_inside_is_another_network(tmp_path: Path) -> None:
    from keras import Model, layers

    inner = unet(resize="Resizing")
    for layer in inner.layers[2:4]:
        if isinstance(layer, layers.Conv2D):
            layer.activation = layers.Activation("sigmoid").activation
    path = saved(Model(inner.input, inner.output), tmp_path / "u.keras")
    with pytest.raises(ModelError, match="does not compute what a unet with its kernels does"):
        import_model(path, tmp_path / "m")
