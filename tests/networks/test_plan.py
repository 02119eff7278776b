"""The published networks have the published sizes; every valid spec can be built."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from napari_iris.networks.plan import count_parameters, plan, shapes, weight_shapes
from napari_iris.networks.spec import NetworkSpec


@pytest.mark.parametrize(
    ("spec", "parameters"),
    [
        (NetworkSpec(kind="vgg8"), 3_432_417),
        (NetworkSpec(kind="unet"), 3_652_481),
        (NetworkSpec(kind="unet", channels=(64, 128, 256)), 3_652_481),
        (NetworkSpec(kind="unet", channels=(64, 128, 256, 512)), 14_861_185),
    ],
)
def test_the_published_networks_have_the_published_parameters(
    spec: NetworkSpec, parameters: int
) -> None:
    assert count_parameters(spec) == parameters


def test_the_single_convolution_variant_halves_the_convolutions() -> None:
    double, single = (
        [step for step in plan(NetworkSpec(kind="unet", convolutions=count)) if step.op == "conv"]
        for count in (2, 1)
    )
    assert (len(double), len(single)) == (13, 7)


@given(
    st.builds(
        NetworkSpec,
        kind=st.just("unet"),
        channels=st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple),
        shape=st.tuples(st.integers(16, 70), st.integers(16, 70)),
        planes=st.integers(1, 3),
        convolutions=st.integers(1, 2),
    )
)
def test_a_unet_has_one_logit_per_pixel_at_any_size(spec: NetworkSpec) -> None:
    outputs = shapes(spec)
    assert outputs["logit"] == (*spec.shape, 1)
    assert all(min(shape) >= 1 for shape in outputs.values())
    assert len(outputs) == len(plan(spec)) + 1, "every step has a name of its own"


def test_vgg8_has_one_logit_per_frame() -> None:
    outputs = shapes(NetworkSpec(kind="vgg8"))
    assert outputs["flat"] == (12 * 16 * 128,)
    assert outputs["logit"] == (1,)


def test_weights_are_as_large_as_the_parameters() -> None:
    spec = NetworkSpec(kind="unet", channels=(3, 5), planes=2)
    found = weight_shapes(spec)
    assert found["down1_conv1/kernel"] == (3, 3, 2, 3)
    assert found["up1_conv1/kernel"] == (3, 3, 3 + 5, 3)
    assert sum(map(prod, found.values())) == count_parameters(spec)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "resnet"},
        {"kind": "unet", "channels": (0, 4)},
        {"kind": "unet", "channels": (4,) * 8},
        {"kind": "vgg8", "shape": (16, 16)},
        {"kind": "unet", "planes": 0},
        {"kind": "unet", "convolutions": 3},
        {"kind": "unet", "colour": "blue"},
    ],
)
def test_a_network_that_cannot_be_built_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        NetworkSpec.model_validate(wrong)


@pytest.mark.parametrize("kind", ["unet", "vgg8"])
def test_the_smallest_accepted_input_can_be_built(kind: str) -> None:
    side = next(side for side in range(1, 200) if _is_taken({"kind": kind, "shape": (side, side)}))
    outputs = shapes(NetworkSpec.model_validate({"kind": kind, "shape": (side, side)}))
    assert all(min(shape) >= 1 for shape in outputs.values())


def _is_taken(values: dict) -> bool:
    try:
        NetworkSpec.model_validate(values)
    except ValidationError:
        return False
    return True
