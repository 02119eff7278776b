"""What a simulation's configuration refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from napari_iris.sky import CameraConfig, GradientConfig, SimulationConfig


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "count"),
        ({"count": 0}, "count"),
        ({"count": 1, "sky": "foggy"}, "sky"),
        ({"count": 1, "seed": -1}, "seed"),
        ({"count": 1, "shape": (4, 640)}, "shape"),
        ({"count": 1, "shape": (64, 80)}, "truth_shape"),
        ({"count": 1, "start": "2024-01-15T18:00:00+01:00"}, "start"),
        ({"count": 1, "cadence_s": 0}, "cadence_s"),
        ({"count": 1, "tau_min": 0}, "tau_min"),
        ({"count": 1, "tau_min": 0.2}, "tau_min"),
        ({"count": 1, "gradient": {"zoom": (0, 1)}}, "zoom"),
        ({"count": 1, "camera": {"read_noise": -1}}, "read_noise"),
        ({"count": 1, "camera": {"bias": (400, 200)}}, "bias"),
        ({"count": 1, "camera": {"bad_columns": (0, 0.6)}}, "bad_columns"),
        ({"count": 1, "camera": {"stacked": 0}}, "stacked"),
        ({"count": 1, "frames": 3}, "frames"),
    ],
)
def test_a_bad_value_is_refused_by_name(settings: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        SimulationConfig.model_validate(settings)


def test_a_configuration_survives_json() -> None:
    config = SimulationConfig(count=3, seed=7, camera=CameraConfig(stacked=16))
    assert SimulationConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize("model", [SimulationConfig, CameraConfig, GradientConfig])
def test_every_field_is_described(model: type[SimulationConfig]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []
