"""An exported model answers as the model does, in any program that has OpenVINO."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import ModelError
from napari_iris.inference.export import export_openvino
from napari_iris.inference.model import open_model
from napari_iris.networks.weights import WEIGHTS

from .conftest import UNET, VGG8, sky_inputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.networks.spec import NetworkSpec

pytestmark = [pytest.mark.slow, pytest.mark.learning]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("spec", [UNET, VGG8], ids=["unet", "vgg8"])
def test_the_export_gives_the_calibrated_probability(
    save_model: Callable[..., Path], spec: NetworkSpec
) -> None:
    import openvino

    folder = save_model("m", spec, temperature=1.5, threshold=0.4, normalisation="recipe")
    path = export_openvino(folder)
    assert path == folder / "openvino" / "model.xml"
    model = openvino.Core().read_model(path)
    assert {name for port in (*model.inputs, *model.outputs) for name in port.names} == {
        *("frame", "probability")
    }
    shown = {
        name: model.get_rt_info(["napari_iris", name]).astype(str)
        for name in ("normalisation", "threshold", "classes")
    }
    assert shown == {"normalisation": "recipe", "threshold": "0.4", "classes": "sky cloud"}
    x = sky_inputs(spec, 3)
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = compiled(x)["probability"][..., 0]
    truth = open_model(folder, "openvino", "float32").probability(x)
    assert truth.std() > 0.05
    np.testing.assert_allclose(found, truth, atol=1e-5)


def test_an_export_replaces_an_older_one(save_model: Callable[..., Path]) -> None:
    folder = save_model()
    path = export_openvino(folder)
    first = path.with_suffix(".bin").read_bytes()
    (folder / ".openvino.new").mkdir()  # as a kill leaves them
    (folder / ".openvino.old").mkdir()
    save_model(seed=2)
    assert export_openvino(folder) == path
    assert path.with_suffix(".bin").read_bytes() != first
    assert names(folder) == ["model.json", "openvino", WEIGHTS]
    assert names(folder / "openvino") == ["model.bin", "model.xml"]


def test_a_damaged_model_is_not_exported(save_model: Callable[..., Path]) -> None:
    folder = save_model()
    export_openvino(folder)
    before = (folder / "openvino" / "model.bin").read_bytes()
    (folder / WEIGHTS).write_bytes(b"")
    with pytest.raises(ModelError, match="is damaged"):
        export_openvino(folder)
    assert (folder / "openvino" / "model.bin").read_bytes() == before


def test_an_export_that_cannot_be_written_leaves_the_older_one(
    save_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import openvino

    folder = save_model()
    export_openvino(folder)

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("basic_ios::clear: iostream error\nand more")

    monkeypatch.setattr(openvino, "save_model", full)
    with pytest.raises(ModelError, match=r"openvino: cannot be written \(basic_ios") as raised:
        export_openvino(folder)
    assert "\n" not in str(raised.value)
    assert names(folder) == ["model.json", "openvino", WEIGHTS]
    assert names(folder / "openvino") == ["model.bin", "model.xml"]
