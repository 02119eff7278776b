"""Forms of configs without a window: labels, kinds, limits, texts, problems."""

from __future__ import annotations

from typing import Any, Literal
from unittest.mock import Mock

import pytest
from pydantic import BaseModel, Field, create_model

from napari_iris.app.form import Form, config_form
from napari_iris.app.form_fields import FormField, form_field
from napari_iris.masks.config import MaskConfig


@pytest.fixture
def form() -> Form[MaskConfig]:
    return config_form(MaskConfig)


def field_of(annotation: Any, value: Any, **limits: Any) -> FormField:
    config = create_model("Config", it=(annotation, Field(value, description="tip", **limits)))
    return form_field("it", config.model_fields["it"])


def test_a_form_starts_with_the_defaults(form: Form[MaskConfig]) -> None:
    assert list(form.fields) == list(MaskConfig.model_fields)
    assert form.config == MaskConfig()
    assert form.problem == ""
    for name, field in form.fields.items():
        assert field.tooltip == MaskConfig.model_fields[name].description
        assert field.label[0].isupper()
    assert form.shown("shape") == "128 160"
    assert form.fields["a_log"].step is None, "adaptive"


def test_every_value_can_be_set(form: Form[MaskConfig]) -> None:
    changed = Mock()
    form.changed.connect(changed)
    form.set("contrast", 0.5)
    form.set("contrast", 0.5)
    changed.assert_called_once_with("contrast")
    form.set("shape", "64, 80")
    form.set("gate", value=False)
    form.set("a_log", 10)
    assert form.config == MaskConfig(contrast=0.5, shape=(64, 80), gate=False, a_log=10)
    assert form.shows("gate", value=False)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("contrast", 50, "Contrast: input should be less than or equal to 10"),
        ("shape", "64", "Rows and columns: needs 2 values"),
        ("shape", "", "Rows and columns: needs 2 values"),
        ("shape", "64 80 3", "Rows and columns: needs 2 values"),
        ("shape", "64 many", "Rows and columns: input should be a valid integer"),
        ("shape", "1 1", "Rows and columns: each side needs at least"),
    ],
)
def test_a_value_that_is_not_valid(
    form: Form[MaskConfig], name: str, value: object, problem: str
) -> None:
    form.set(name, value)
    assert form.config is None
    assert form.problem.startswith(problem)
    form.set(name, MaskConfig.model_fields[name].default)
    assert form.config == MaskConfig()


@pytest.mark.parametrize(
    ("annotation", "value", "kind"),
    [
        (Literal["a", "b"], "a", "choice"),
        (bool, True, "check"),
        (int, 3, "integer"),
        (float, 0.5, "text"),
        (str, "a", "text"),
        (tuple[int, ...], (1, 2), "text"),
    ],
)
def test_the_type_says_how_a_field_is_edited(annotation: Any, value: Any, kind: str) -> None:
    field = field_of(annotation, value)
    assert (field.kind, field.tooltip) == (kind, "Tip")
    assert field.choices == (("a", "b") if kind == "choice" else ())


def test_whole_numbers_have_the_limits_of_their_field() -> None:
    field = field_of(int, 3, ge=1, le=5)
    assert (field.low, field.high) == (1, 5)
    assert field_of(int, 3).low == 0


@pytest.mark.parametrize(
    ("annotation", "value", "typed", "read"),
    [
        (float | None, None, "0.25", "0.25"),
        (str, "a", "b", "b"),
        (tuple[float, ...], (1.0, 2.5), "1e-5 2", ("1e-5", "2")),
        (tuple[int, ...], (1,), "4-8, 16", ("4", "8", "16")),
    ],
    ids=["maybe a number", "text", "numbers", "separators"],
)
def test_everything_else_is_text(annotation: Any, value: Any, typed: str, read: Any) -> None:
    field = field_of(annotation, value)
    assert field.read(field.shown(typed)) == read
    assert field.read("") == (() if field.many else None)


def test_a_problem_of_the_whole_config_has_no_field() -> None:
    class Config(BaseModel):
        low: int = 1

    def build(values: Any) -> Config:
        return Config.model_validate(values)

    form = Form(Config.model_fields, {"low": 1}, build)
    form.set("low", 2)
    assert form.config == Config(low=2)
