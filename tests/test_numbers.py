"""An undefined number is null in JSON, and a dash in text."""

from __future__ import annotations

import json
from math import inf, nan

import pytest

from napari_iris.numbers import format_count, format_number, nan_to_none, to_json


def test_json_has_null_for_undefined_numbers() -> None:
    value = {"a": nan, "b": [1, inf, {"c": -inf, "d": "nan"}], "e": (0.5, None)}
    wanted = {"a": None, "b": [1, None, {"c": None, "d": "nan"}], "e": [0.5, None]}
    assert json.loads(to_json(value)) == nan_to_none(value) == wanted


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.1235"), (nan, "–"), (inf, "–"), (None, "–"), (1, "1.0000")]
)
def test_undefined_numbers_are_a_dash(value: float | None, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames"), (1000, "1,000 frames")]
)
def test_counts_have_a_plural(count: int, text: str) -> None:
    assert format_count(count, "frame") == text
