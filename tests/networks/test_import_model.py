"""Keras files become models that give the same; what is none of ours is refused in one line."""

from __future__ import annotations

import io
import json
import re
import zipfile
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.cli.main import main
from napari_iris.errors import ModelError
from napari_iris.networks.card import read_card
from napari_iris.networks.imported import import_model
from napari_iris.networks.weights import WEIGHTS, load_weights

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

SHAPE = (32, 40)
RNG = np.random.default_rng(1)


def unet(
    channels: tuple[int, ...] = (4, 8),
    convolutions: int = 2,
    *,
    lower_first: bool = False,
    resize: str = "UpSampling2D",
    end: str | None = None,
    apart: bool = False,
) -> Any:
    """A U-Net as published code writes it; `apart` has activations as layers, and dropout."""
    from keras import Input, Model, layers

    def convolve(tensor: Any, filters: int) -> Any:
        for _ in range(convolutions):
            activation = None if apart else "relu"
            tensor = layers.Conv2D(filters, 3, padding="same", activation=activation)(tensor)
            if apart:
                tensor = layers.Dropout(0.2)(layers.ReLU()(tensor))
        return tensor

    start = tensor = Input((*SHAPE, 1))
    skips = []
    for filters in channels:
        tensor = convolve(tensor, filters)
        skips.append(tensor)
        tensor = layers.MaxPooling2D()(tensor)
    for filters, skip in zip(reversed(channels), reversed(skips), strict=True):
        if resize == "UpSampling2D":
            near = layers.UpSampling2D()(tensor)
        else:
            near = layers.Resizing(*skip.shape[1:3], interpolation="nearest")(tensor)
        pair = [near, skip] if lower_first else [skip, near]
        tensor = convolve(layers.Concatenate()(pair), filters)
    logit = layers.Conv2D(1, 3, padding="same", activation=None if apart else end)(tensor)
    return Model(start, layers.Activation(end)(logit) if apart and end else logit)


def vgg8(end: str | None = "sigmoid") -> Any:
    from keras import Input, Sequential, layers

    model = Sequential([Input((*SHAPE, 1))])
    for filters in (4, 8):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.Conv2D(filters, (3, 3), activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(1, activation=end))
    return model


def saved(model: Any, path: Path) -> Path:
    """Save a model with weights that are not all alike, biases too."""
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, one.shape) for one in model.get_weights()])
    if path.name.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        model.save(path)
    return path


def probabilities(folder: Path, frames: np.ndarray) -> np.ndarray:
    """What an imported model gives."""
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
def test_an_imported_model_gives_the_same(name: str, kind: str, tmp_path: Path) -> None:
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


def test_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(unet(), tmp_path / "u.keras")
    assert main(["import-model", str(path), "--out", str(tmp_path / "m"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["network"]["channels"] == [4, 8]
    assert told["difference"] <= 1e-5
    again = ["import-model", str(path), "--out", str(tmp_path / "m")]
    assert main(again) == 2
    assert "holds a model already" in capsys.readouterr().err


def test_a_model_of_keras_2_with_tensorflow_functions(tmp_path: Path) -> None:
    """As ``tf.image.resize`` and ``tf.concat`` came to be saved."""
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
    """A U-Net of one level with something else in its midst."""
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
            "kernels of no VGG8 or U-Net",
        ),
        "plain": (lambda: strange(layers.MaxPooling2D()), "kernels of no VGG8 or U-Net"),
        "three by three": (
            lambda: strange(lambda x: layers.Concatenate()([x, x])),
            "kernels of no VGG8 or U-Net",
        ),
        "no pooling": (
            lambda: strange(layers.Conv2D(4, 3, padding="same", activation="relu")),
            "is not built like a unet|kernels of no",
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
    with pytest.raises(ModelError, match=reason) as told:
        import_model(path, tmp_path / "m")
    assert "\n" not in str(told.value)
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
    with pytest.raises(ModelError, match="not built like a unet from its layer 'concatenate"):
        import_model(path, tmp_path / "m")


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the description in a ``.keras`` file."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    config = json.loads(parts["config.json"])
    change(config)
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)


def evil(mark: Path) -> Callable[[dict[str, Any]], None]:
    """Make a description name a module's function wherever Keras would look one up."""
    code = {
        "module": "os",
        "class_name": "function",
        "config": "system",
        "registered_name": "system",
    }

    def change(config: dict[str, Any]) -> None:
        config["module"] = "os"
        config["registered_name"] = f"touch {mark}"
        for layer in config["config"]["layers"]:
            layer["module"] = "os"
            if "kernel_initializer" in layer["config"]:
                layer["config"]["kernel_initializer"] = dict(code)
                layer["config"]["kernel_regularizer"] = {**code, "config": f"touch {mark}"}

    return change


def test_nothing_that_a_description_names_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "run"
    path = saved(unet(), tmp_path / "evil.keras")
    rewritten(path, evil(mark))
    assert import_model(path, tmp_path / "m").difference <= 1e-5, "numbers alone are taken"
    assert not mark.exists()


def nested(config: dict[str, Any]) -> None:
    inner: Any = "relu"
    for _ in range(200):
        inner = {"config": inner}
    config["config"]["layers"][1]["inbound_nodes"] = inner
    config["config"]["layers"][1]["config"]["activation"] = {"config": {"config": "exec"}}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.update(class_name="Exploit"), "is a 'Exploit', not a plain model"),
        (lambda c: c.update(config=None), "not understood"),
        (lambda c: c["config"]["layers"].clear(), "0 inputs and 0 outputs"),
        (lambda c: c["config"]["layers"].reverse(), "lists"),
        (lambda c: c["config"]["layers"][1]["config"].update(filters="many"), "not understood"),
        (
            lambda c: c["config"]["layers"][0]["config"].update(
                batch_shape=[None, 10**9, 10**9, 1]
            ),
            "kernels of no VGG8 or U-Net for 1000000000x",
        ),
        (
            lambda c: c["config"]["layers"][0]["config"].update(batch_shape=[None, None, None, 1]),
            "has an input of",
        ),
        (nested, "has the activation 'exec'"),
    ],
)
def test_a_description_that_makes_no_sense(
    change: Callable[[dict[str, Any]], None], reason: str, tmp_path: Path
) -> None:
    path = saved(unet(), tmp_path / "u.keras")
    rewritten(path, change)
    with pytest.raises(ModelError, match=reason):
        import_model(path, tmp_path / "m")


def huge(path: Path) -> None:
    """Says that a kernel has 10^12 numbers, in two kilobytes."""
    import h5py

    with h5py.File(path, "w") as file:
        values = file.create_group("layers/conv2d/vars")
        values.create_dataset("0", (3, 3, 10**6, 10**5), "f4", chunks=(1, 1, 64, 64))
        values.create_dataset("1", (10**5,), "f4", chunks=(64,))


def linked(path: Path) -> None:
    import h5py

    with h5py.File(path.with_name("secret.h5"), "w") as file:
        file["0"] = np.zeros((3, 3, 1, 4), np.float32)
    with h5py.File(path, "w") as file:
        values = file.create_group("layers/conv2d/vars")
        values["0"] = h5py.ExternalLink("secret.h5", "/0")
        values["1"] = np.zeros(4, np.float32)


def outside(path: Path) -> None:
    """Has its numbers in another file of the computer's."""
    import h5py

    path.with_name("secret").write_bytes(bytes(4 * 36))
    with h5py.File(path, "w") as file:
        values = file.create_group("layers/conv2d/vars")
        secret = [(str(path.with_name("secret")), 0, 144)]
        values.create_dataset("0", (3, 3, 1, 4), "f4", external=secret)
        values["1"] = np.zeros(4, np.float32)


def of_text(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        values = file.create_group("layers/conv2d/vars")
        values["0"] = np.full((3, 3, 1, 4), "a", object).astype("S1")
        values["1"] = np.zeros(4, np.float32)


def not_numbers(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        values = file.create_group("layers/conv2d/vars")
        values["0"] = np.full((3, 3, 1, 4), np.nan, np.float32)
        values["1"] = np.zeros(4, np.float32)


def empty_hdf5(path: Path) -> None:
    import h5py

    h5py.File(path, "w").close()


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", b" " * 2**25)
        file.writestr("model.weights.h5", b"")


def zip_of(**parts: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as file:
            for name, content in parts.items():
                file.writestr(name.replace("_", "."), content)

    return write


def cut(name: str, share: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        whole = saved(unet(), path.with_name(f"whole{name}"))
        content = whole.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return write


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: None, r"cannot be read \(No such file"),
        (lambda path: path.mkdir(), r"cannot be read \(Is a directory"),
        (lambda path: path.write_bytes(b""), "is no Keras file"),
        (lambda path: path.write_text("import os\n"), "is no Keras file"),
        (cut(".keras", 0.5), "is damaged"),
        (cut(".h5", 0.5), "is damaged"),
        (cut(".weights.h5", 0.9), "is damaged"),
        (zip_of(config_json=b"{}"), "has no model.weights.h5"),
        (zip_of(config_json=b"{", model_weights_h5=b""), "damaged description"),
        (zip_of(config_json=b"[" * 10**5, model_weights_h5=b""), "damaged description"),
        (zip_of(config_json=b"[]", model_weights_h5=b""), "damaged description"),
        (bomb, "has a config.json of more than"),
        (empty_hdf5, "holds no layers right in it"),
        (huge, "holds more than"),
        (linked, "is not in the file"),
        (outside, "something else than plain numbers"),
        (of_text, "something else than plain numbers"),
        (not_numbers, "with NaN or infinity"),
    ],
    ids=[
        *("missing", "folder", "empty", "text", "cut .keras", "cut .h5", "cut weights"),
        *("no weights", "half JSON", "deep JSON", "a list", "bomb", "empty HDF5", "huge"),
        *("linked", "outside", "text in it", "NaN"),
    ],
)
def test_damaged_and_hostile_files_are_one_line(
    write: Callable[[Path], None],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import tracemalloc

    path = tmp_path / "model.h5"
    write(path)
    tracemalloc.start()
    assert main(["import-model", str(path), "--out", str(tmp_path / "m")]) == 2
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search(reason, told), told
    assert peak < 100e6
    assert not (tmp_path / "m").exists()


def test_bytes_at_random_never_get_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Flipped bytes give the model as it was, other numbers, or one line; no traceback."""
    whole = saved(unet(), tmp_path / "whole.keras").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        config, numbers = file.read("config.json"), file.read("model.weights.h5")
    rng, path = np.random.default_rng(0), tmp_path / "flipped.keras"
    refused = 0
    for _ in range(30):
        parts = [bytearray(config), bytearray(numbers)]
        for part in parts:
            for place in rng.integers(len(part), size=3):
                part[place] = rng.integers(256)
        zip_of(config_json=bytes(parts[0]), model_weights_h5=bytes(parts[1]))(path)
        try:
            import_model(path, tmp_path / "m")
        except ModelError as error:
            refused += 1
            assert "\n" not in str(error)  # noqa: PT017 (some flips do no harm)
        else:
            (tmp_path / "m" / "model.json").unlink()
    assert refused > 0
