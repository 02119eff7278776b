"""A model is opened as it was saved; damaged, foreign and hostile ones are refused in one line."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import expit

from napari_iris.errors import IrisError, ModelError
from napari_iris.inference import model as room
from napari_iris.inference.model import open_model
from napari_iris.networks.card import CARD, ModelCard, read_card, write_card
from napari_iris.networks.find import find_model
from napari_iris.networks.plan import count_parameters
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, load_weights, save_weights

from .conftest import SHAPE, UNET, BrightEngine, plain_logits, sharp_weights, sky_inputs

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What engines were made of, in place of making them."""
    made: list[tuple[Any, ...]] = []

    def make(*of: Any) -> BrightEngine:
        made.append(of)
        return BrightEngine(of[0])

    monkeypatch.setattr(room, "make_engine", make)
    return made


@pytest.mark.slow
@pytest.mark.learning
@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_a_models_probability_is_calibrated(
    save_model: Callable[..., Path], temperature: float
) -> None:
    model = open_model(save_model(temperature=temperature), "openvino", "float32")
    x = sky_inputs(UNET, 3)
    truth = plain_logits(UNET, sharp_weights(UNET), x)[..., 0] / temperature
    np.testing.assert_allclose(model.logits(x), truth, atol=1e-4)
    np.testing.assert_allclose(model.probability(x), expit(truth), atol=1e-4)
    assert model.probability(x).dtype == np.float32


def test_a_model_keeps_the_requested_engine_and_precision(
    save_model: Callable[..., Path], engines: list[tuple[Any, ...]]
) -> None:
    model = open_model(save_model(), "keras", "bfloat16")
    ((spec, weights, engine, precision, typical),) = engines
    assert (spec, engine, precision) == (UNET, "keras", "bfloat16")
    seen = typical()
    assert (seen.shape[1:], seen.dtype) == ((*SHAPE, 1), np.float32)
    np.testing.assert_array_equal(typical(), seen)
    assert -0.5 <= seen.min() < 0.2, "dark skies"
    assert 0.8 < seen.max() <= 1.5, "and bright ones"
    for name, value in sharp_weights(UNET).items():
        np.testing.assert_array_equal(weights[name], value)
    assert model.shape == SHAPE
    assert model.requested == {"engine": "keras", "precision": "bfloat16"}


def identity(folder: Path) -> str:
    return open_model(folder).id


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"metrics": {"accuracy": 0.9}}, True),
        ({"training": {"epochs": 3}}, True),
        ({"temperature": 1.5}, False),
        ({"threshold": 0.4}, False),
        ({"normalisation": "recipe"}, False),
        ({"seed": 2}, False),
        ({"spec": UNET.model_copy(update={"shape": (32, 40)})}, False),
    ],
)
def test_the_fingerprint_covers_all_that_determines_the_output(
    save_model: Callable[..., Path], engines: object, change: dict[str, Any], same: bool
) -> None:
    before = identity(save_model())
    assert before.startswith("unet@")
    assert len(before) == len("unet@") + 8
    assert (identity(save_model(**change)) == before) == same


@pytest.mark.parametrize(
    ("name", "expected"),
    [("wölkchen 1", "w_lkchen_1"), ("a'b\nc", "a'b_c"), ("x" * 200, "x" * 200)],
)
def test_a_models_name_is_one_that_a_fits_header_takes(
    save_model: Callable[..., Path], engines: object, name: str, expected: str
) -> None:
    assert identity(save_model(name)).startswith(f"{expected}@")


def test_a_model_is_named_by_its_folder_however_it_is_reached(
    save_model: Callable[..., Path], engines: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_model("unet7")
    monkeypatch.chdir(folder)
    assert {identity(Path()), identity(folder / ".." / "unet7")} == {identity(folder)}
    link = folder.with_name("latest")
    link.symlink_to(folder)
    assert identity(link) == identity(folder).replace("unet7", "latest")


def change(folder: Path, **values: Any) -> None:
    """Change the text of a card; a dot in a name goes down one level."""
    content = json.loads((folder / CARD).read_text())
    for name, value in values.items():
        *above, last = name.split("__")
        place = content
        for part in above:
            place = place[part]
        place[last] = value
    (folder / CARD).write_text(json.dumps(content))


def grow(folder: Path, **network: Any) -> None:
    """Let a card describe another network, and agree with itself."""
    spec = {**json.loads((folder / CARD).read_text())["network"], **network}
    change(folder, network=spec)
    try:
        change(folder, parameters=count_parameters(NetworkSpec.model_validate(spec)))
    except ValueError:
        return  # refused at once


def sparse(path: Path, size: int) -> None:
    with path.open("ab") as file:
        file.truncate(size)


def as_pickle(folder: Path) -> None:
    """A pickle that would leave a trace if anybody unpickled it."""

    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(folder / "ran"),)

    (folder / WEIGHTS).write_bytes(pickle.dumps(Bomb()))


def other_weights(folder: Path, name: str, value: Any) -> None:
    weights = load_weights(folder / WEIGHTS, UNET)
    save_weights(folder / WEIGHTS, {**weights, name: value})


def as_float64(folder: Path) -> None:
    from safetensors.numpy import save

    weights = load_weights(folder / WEIGHTS, UNET)
    wide = {name: value.astype(np.float64) for name, value in weights.items()}
    (folder / WEIGHTS).write_bytes(save(wide))


def link_to(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


HARM: dict[str, tuple[Callable[[Path], object], str]] = {
    "no card": (lambda m: (m / CARD).unlink(), "is not a model"),
    "empty card": (lambda m: (m / CARD).write_bytes(b""), "is damaged"),
    "half a card": (lambda m: cut(m / CARD, 100), "is damaged"),
    "not UTF-8": (lambda m: (m / CARD).write_bytes(b'{"network": "\xff\xfe"}'), "is damaged"),
    "UTF-16": (lambda m: (m / CARD).write_text("{}", "utf-16"), "is damaged"),
    "a list": (lambda m: (m / CARD).write_text("[1]"), "is damaged"),
    "too deep": (lambda m: (m / CARD).write_text('{"training":' + '{"a":' * 99_999), "is damaged"),
    "endless": (lambda m: sparse(m / CARD, 10**12), "is larger than"),
    "a number of a million digits": (
        lambda m: (m / CARD).write_text('{"parameters": ' + "9" * 10**6 + "}"),
        "is damaged",
    ),
    "a card that is a folder": (
        lambda m: ((m / CARD).unlink(), (m / CARD).mkdir()),
        "is not a model",
    ),
    "a card that leads nowhere": (lambda m: link_to(m / CARD, "nowhere"), "is not a model"),
    "a card that never ends": (lambda m: link_to(m / CARD, "/dev/zero"), "is not a model"),
    "an unknown field": (lambda m: change(m, code="import os"), "is damaged at code"),
    "another kind": (lambda m: change(m, network__kind="resnet"), "is damaged at network.kind"),
    "cold": (lambda m: change(m, temperature=1e-9), "is damaged at temperature"),
    "infinitely hot": (lambda m: change(m, temperature=float("inf")), "at temperature"),
    "no temperature": (lambda m: change(m, temperature=float("nan")), "at temperature"),
    "threshold": (lambda m: change(m, threshold=float("nan")), "is damaged at threshold"),
    "parameters": (lambda m: change(m, parameters=3), "states 3 parameters"),
    "many levels": (lambda m: grow(m, channels=[1] * 10**5), "is damaged at network.channels"),
    "wide levels": (lambda m: grow(m, channels=[10**9]), "channels must be 1 to 4096"),
    "a large picture": (lambda m: grow(m, shape=[10**6, 10**6]), "is too large"),
    "a large layer": (lambda m: grow(m, shape=[2048, 2048], channels=[4096]), "values per layer"),
    "a large dense layer": (
        lambda m: grow(m, kind="vgg8", shape=[2048, 2048], channels=[64]),
        "parameters",
    ),
    "other channels": (lambda m: grow(m, channels=[2, 4]), "its model.json says"),
    "another network": (lambda m: grow(m, kind="vgg8"), "lacks block1_conv1"),
    "no weights": (lambda m: (m / WEIGHTS).unlink(), "is missing"),
    "empty weights": (lambda m: (m / WEIGHTS).write_bytes(b""), "is damaged"),
    "half the weights": (lambda m: cut(m / WEIGHTS, 500), "is damaged"),
    "weights with more behind": (lambda m: sparse(m / WEIGHTS, 10**11), "is damaged"),
    "a pickle": (as_pickle, "is damaged"),
    "a header without end": (
        lambda m: (m / WEIGHTS).write_bytes((2**62).to_bytes(8, "little") + b"{}"),
        "is damaged",
    ),
    "weights that are a folder": (
        lambda m: ((m / WEIGHTS).unlink(), (m / WEIGHTS).mkdir()),
        "is not a file",
    ),
    "weights that lead nowhere": (lambda m: link_to(m / WEIGHTS, "nowhere"), "is missing"),
    "weights that never end": (lambda m: link_to(m / WEIGHTS, "/dev/zero"), "is not a file"),
    "weights that are a pipe": (lambda m: a_pipe(m / WEIGHTS), "is not a file"),
    "a secret": (lambda m: link_to(m / WEIGHTS, "/etc/passwd"), "is damaged"),
    "NaN": (
        lambda m: other_weights(m, "logit/bias", np.array([np.nan])),
        "has logit/bias with NaN",
    ),
    "infinity": (
        lambda m: other_weights(m, "logit/bias", np.array([-np.inf])),
        "has logit/bias with NaN or infinity",
    ),
    "a wrong shape": (
        lambda m: other_weights(m, "logit/bias", np.zeros(2)),
        r"has logit/bias of shape \(2,\)",
    ),
    "wide numbers": (as_float64, "as F64, not float32"),
}


@pytest.mark.parametrize(("harm", "reason"), HARM.values(), ids=HARM)
def test_a_damaged_model_is_refused_in_one_line(
    save_model: Callable[..., Path],
    engines: list[object],
    harm: Callable[[Path], object],
    reason: str,
) -> None:
    folder = save_model()
    open_model(folder)
    harm(folder)
    with pytest.raises(ModelError, match=reason) as raised:
        open_model(folder)
    text = str(raised.value)
    assert text.startswith(str(folder))
    assert "\n" not in text
    assert len(text) < 600
    assert "; " in text, "and what to do"
    assert len(engines) == 1, "refused before it is built"
    assert not (folder / "ran").exists(), "no code of a model ever runs"


def test_foreign_entries_of_a_weights_file_are_ignored(
    save_model: Callable[..., Path], engines: list[Any]
) -> None:
    folder = save_model()
    other_weights(folder, "optimizer/000", np.full(3, np.nan))
    open_model(folder)
    assert "optimizer/000" not in engines[0][1]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("unet.keras", "is a Keras file, not a model folder; import it first: napari-iris "),
        ("unet.H5", "is a Keras file, not a model folder; import it first: napari-iris "),
        ("frame.fits", "is a file, not a model folder; give its folder"),
    ],
)
def test_a_file_is_no_model_folder(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 with a Lambda layer, say")
    with pytest.raises(ModelError, match=reason):
        open_model(tmp_path / name)


@pytest.mark.parametrize("name", ["nope", "../up", "", "a/b", "x" * 5000, "a\0b"])
def test_a_name_of_no_model_is_refused(name: str) -> None:
    with pytest.raises(IrisError, match="is not a model") as raised:
        open_model(name)
    assert "\n" not in str(raised.value)


LIMITED = """
import resource, sys
from napari_iris.errors import ModelError
from napari_iris.inference.model import open_model
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    open_model(sys.argv[1])
except ModelError as error:
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print("refused", grown)
"""


def check_refused_in_little_memory(folder: Path) -> None:
    words = [sys.executable, "-c", LIMITED, str(folder)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    word, grown = ran.stdout.split()
    assert word == "refused"
    assert int(grown) < 64 * 1024, "KiB"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it [KiB]")
@pytest.mark.parametrize(
    "harm",
    [
        "endless",
        "a large picture",
        "a large layer",
        "wide levels",
        "many levels",
        "weights with more behind",
        "a header without end",
        "a number of a million digits",
    ],
)
def test_a_huge_network_is_refused_before_memory_is_allocated(
    save_model: Callable[..., Path], harm: str
) -> None:
    folder = save_model()
    HARM[harm][0](folder)
    check_refused_in_little_memory(folder)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it [KiB]")
def test_large_foreign_weights_are_never_read(
    save_model: Callable[..., Path],
) -> None:
    """Two gigabytes of another network, whole and finite, in a file that takes no room."""
    folder = save_model()
    header = {
        "down1_conv1/kernel": {
            "dtype": "F32",
            "shape": [2**29],
            "data_offsets": [0, 2**31],
        }
    }
    text = json.dumps(header).encode()
    text = text.ljust(-(-len(text) // 8) * 8)
    (folder / WEIGHTS).write_bytes(len(text).to_bytes(8, "little") + text)
    sparse(folder / WEIGHTS, 8 + len(text) + 2**31)
    check_refused_in_little_memory(folder)


def test_a_shipped_model_is_found_by_its_name(
    save_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = save_model("unet-lwir")
    monkeypatch.setattr("napari_iris.networks.find.models_folder", lambda: folder.parent)
    assert find_model("unet-lwir") == folder
    with pytest.raises(ModelError, match="or one of: unet-lwir"):
        find_model("unet-visible")
    shutil.copytree(folder, tmp_path / "unet-lwir")
    write_card(tmp_path / "unet-lwir", ModelCard.of(UNET, threshold=0.3))
    monkeypatch.chdir(tmp_path)
    assert read_card(find_model("unet-lwir")).threshold == 0.3, "a folder goes first"
