"""A number that is not defined is null for a program, and a dash for a person."""

from __future__ import annotations

import json
from math import inf, nan

import pytest

from napari_iris.numbers import counted, defined, number, to_json


def test_json_has_null_for_what_is_no_number() -> None:
    value = {"a": nan, "b": [1, inf, {"c": -inf, "d": "nan"}], "e": (0.5, None)}
    wanted = {"a": None, "b": [1, None, {"c": None, "d": "nan"}], "e": [0.5, None]}
    assert json.loads(to_json(value)) == defined(value) == wanted


@pytest.mark.parametrize(
    ("value", "said"), [(0.12345, "0.1235"), (nan, "–"), (inf, "–"), (None, "–"), (1, "1.0000")]
)
def test_a_person_reads_a_dash(value: float | None, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames"), (1000, "1,000 frames")]
)
def test_one_is_not_several(count: int, said: str) -> None:
    assert counted(count, "frame") == said
