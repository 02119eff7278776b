"""The weights file: complete, of the right network, and without code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.errors import ModelError
from napari_iris.networks.plan import weight_shapes
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import initial_weights, load_weights, save_weights

if TYPE_CHECKING:
    from pathlib import Path

SPEC = NetworkSpec(kind="unet", channels=(3, 5), shape=(16, 20))


def test_weights_round_trip(tmp_path: Path) -> None:
    weights = initial_weights(SPEC, 1)
    save_weights(tmp_path / "w.safetensors", weights)
    found = load_weights(tmp_path / "w.safetensors", SPEC)
    assert list(found) == list(weight_shapes(SPEC))
    for name, value in weights.items():
        np.testing.assert_array_equal(found[name], value)
        assert found[name].dtype == np.float32


def test_initial_weights_depend_on_the_seed() -> None:
    first, again, other = (initial_weights(SPEC, seed) for seed in (1, 1, 2))
    name = "down1_conv1/kernel"
    np.testing.assert_array_equal(first[name], again[name])
    assert not np.array_equal(first[name], other[name])


def test_initial_weights_are_within_glorots_limits() -> None:
    spec = NetworkSpec(kind="unet", channels=(64,), shape=(16, 16))
    kernel = initial_weights(spec, 0)["down1_conv2/kernel"]
    limit = np.sqrt(6 / (9 * (64 + 64)))
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    assert not initial_weights(spec, 0)["down1_conv2/bias"].any()


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _foreign(path: Path) -> None:
    path.write_bytes(b"\x80\x04\x95 a pickle, say")


def _another(path: Path) -> None:
    save_weights(path, initial_weights(NetworkSpec(kind="unet", channels=(3, 6)), 1))


def _less(path: Path) -> None:
    weights = initial_weights(SPEC, 1)
    del weights["logit/bias"]
    save_weights(path, weights)


def _not_a_number(path: Path) -> None:
    weights = initial_weights(SPEC, 1)
    weights["logit/bias"][:] = np.nan
    save_weights(path, weights)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_truncated, "is damaged"),
        (_emptied, "is damaged"),
        (_foreign, "is damaged"),
        (_another, "of shape"),
        (_less, "lacks logit/bias"),
        (_not_a_number, "NaN or infinity"),
        (lambda path: path.unlink(), "is missing"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(
    tmp_path: Path, harm: object, reason: str
) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, initial_weights(SPEC, 1))
    harm(path)
    with pytest.raises(ModelError, match=reason) as caught:
        load_weights(path, SPEC)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
