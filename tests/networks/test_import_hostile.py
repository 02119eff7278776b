"""Damaged and hostile Keras files: one line, nothing run, no other file read."""

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
from napari_iris.networks.keras_import.importing import import_model

from .conftest import SHAPE, saved, unet

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
    """Name a function of a module wherever Keras would look one up."""
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


def resized(config: dict[str, Any]) -> None:
    """Have the lower levels resized to 10^10 pixels, with the right kernels."""
    layers = config["config"]["layers"]
    sized = [one for one in layers if one["class_name"] in ("UpSampling2D", "MaxPooling2D")]
    for layer, size in zip(sized, [(10**5, 10**5)] * 3 + [SHAPE], strict=True):
        layer["class_name"] = "Resizing"
        layer["config"] = {"height": size[0], "width": size[1], "interpolation": "nearest"}


def repeated(config: dict[str, Any]) -> None:
    layers = config["config"]["layers"]
    layers[1:1] = [layers[1]] * 1000


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
            "kernels of neither a VGG8 nor a U-Net for 1000000000x",
        ),
        (
            lambda c: c["config"]["layers"][0]["config"].update(batch_shape=[None, None, None, 1]),
            "has an input of",
        ),
        (nested, "has the activation 'exec'"),
        (resized, r"do not fit together \(\(100000, 100000, 4\) is larger than any layer"),
        (repeated, "has more than 500 layers"),
    ],
)
def test_an_invalid_description_is_refused(
    change: Callable[[dict[str, Any]], None], reason: str, tmp_path: Path
) -> None:
    path = saved(unet(), tmp_path / "u.keras")
    rewritten(path, change)
    with pytest.raises(ModelError, match=reason):
        import_model(path, tmp_path / "m")


def huge(path: Path) -> None:
    """A kernel that claims 10^12 numbers, in two kilobytes."""
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
    """Numbers in another file of the computer."""
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
        (lambda path: path.write_bytes(b""), "is not a Keras file"),
        (lambda path: path.write_text("import os\n"), "is not a Keras file"),
        (cut(".keras", 0.5), "is damaged"),
        (cut(".h5", 0.5), "is damaged"),
        (cut(".weights.h5", 0.9), "is damaged"),
        (zip_of(config_json=b"{}"), "has no model.weights.h5"),
        (zip_of(config_json=b"{", model_weights_h5=b""), "damaged description"),
        (zip_of(config_json=b"[" * 10**5, model_weights_h5=b""), "damaged description"),
        (zip_of(config_json=b"[]", model_weights_h5=b""), "damaged description"),
        (bomb, "has a config.json of more than"),
        (empty_hdf5, "holds no layers at its top level"),
        (huge, "holds more than"),
        (linked, "is not in the file"),
        (outside, "something other than plain numbers"),
        (of_text, "something other than plain numbers"),
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
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert re.search(reason, shown), shown
    assert peak < 100e6
    assert not (tmp_path / "m").exists()


def test_random_bytes_are_refused_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Flipped bytes change nothing, or a number, or raise one line."""
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
