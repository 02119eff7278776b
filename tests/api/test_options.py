"""Settings as keywords: an unknown one, or a value out of range, is refused in one line."""

from __future__ import annotations

import typing
from typing import Any

import numpy as np
import pytest

import napari_iris as iris
from napari_iris.api.evaluate import EvaluateOptions
from napari_iris.api.mask import MaskOptions
from napari_iris.api.predict import PredictOptions
from napari_iris.api.simulate import SimulationOptions

SKY = iris.simulate(1, sky="cloudy", seed=3)[0]

CALLS = {
    "mask": (lambda **options: iris.mask(SKY, **options), "shape, a_log, contrast, gate"),
    "predict": (lambda **options: iris.predict(SKY, **options), "batch_size, threshold, engine"),
    "evaluate": (lambda **options: iris.evaluate("a", "b", **options), "threshold, masks"),
    "simulate": (lambda **options: iris.simulate(3, **options), "count, sky, seed, shape"),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_unknown_keyword_is_refused_with_the_valid_ones(name: str) -> None:
    call, valid = CALLS[name]
    with pytest.raises(
        TypeError, match=rf"{name}\(\) got an unexpected keyword 'contast'"
    ) as raised:
        call(contast=1)
    assert f"valid are {valid}" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("mask", {"contrast": -1}, "^contrast: Input should be greater than 0, received -1$"),
        ("mask", {"shape": (4, 4)}, "^shape: each side needs at least 8 pixels"),
        ("mask", {"gate": "perhaps"}, "^gate: Input should be a valid boolean"),
        ("predict", {"threshold": 2}, "^threshold: .* received 2$"),
        ("evaluate", {"masks": "all"}, "^masks: "),
        ("simulate", {"sky": "blue"}, "^sky: "),
        ("simulate", {"truth_shape": (999, 999)}, "truth_shape: expected at most"),
    ],
)
def test_a_value_out_of_range_is_refused(name: str, options: dict[str, Any], text: str) -> None:
    with pytest.raises(iris.IrisError, match=text) as raised:
        CALLS[name][0](**options)
    assert "\n" not in str(raised.value)


def test_a_config_gives_what_no_keyword_does() -> None:
    config = iris.MaskConfig(shape=(64, 80), gate=False)
    made = iris.mask(SKY, config, contrast=0.5)
    assert made.config == iris.MaskConfig(shape=(64, 80), gate=False, contrast=0.5)
    np.testing.assert_array_equal(made.mask, iris.mask(SKY, made.config).mask)
    assert iris.mask(SKY).config == iris.MaskConfig()


def test_another_config_is_refused() -> None:
    with pytest.raises(TypeError, match=r"mask\(\): config: expected a MaskConfig"):
        iris.mask(SKY, iris.PredictConfig())


@pytest.mark.parametrize(
    ("options", "config", "named"),
    [
        (MaskOptions, iris.MaskConfig, set()),
        (PredictOptions, iris.PredictConfig, set()),
        (EvaluateOptions, iris.EvaluateConfig, set()),
        (SimulationOptions, iris.SimulationConfig, {"count", "sky", "seed"}),
    ],
)
def test_type_checkers_know_the_keywords(options: type, config: type, named: set[str]) -> None:
    assert set(options.__annotations__) | named == set(config.model_fields)
    assert not named & set(options.__annotations__)
    assert typing.is_typeddict(options)
