"""Events are written and read as one JSON object a line, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.events import Event
from napari_iris.jobs.parse_event import parse_event
from napari_iris.numbers import to_json

FORMS = get_args(Event)


def plain(value: Any) -> Any:
    """The same as dicts and lists."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


@given(st.sampled_from(FORMS).flatmap(st.from_type).map(plain))
def test_an_event_is_parsed_as_it_was_formatted(event: Event) -> None:
    line = to_json(event)
    assert "\n" not in line
    read: Any = parse_event(line)
    assert list(read) == list(event)
    assert to_json(read) == line


def test_undefined_numbers_are_null() -> None:
    step: Event = {"event": "step", "epoch": 1, "step": 1, "steps": 2, "loss": float("nan")}
    assert to_json(step).endswith('"loss": null}')


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_an_event_without_a_required_key_is_ignored(form: type) -> None:
    (name,) = get_args(form.__annotations__["event"])
    whole = dict.fromkeys(form.__required_keys__, 0) | {"event": name}
    assert parse_event(to_json(whole)) == whole
    for key in form.__required_keys__:
        less = {other: value for other, value in whole.items() if other != key}
        assert parse_event(to_json(less)) is None


@pytest.mark.parametrize(
    "line",
    [
        *("no json", "", "[1, 2]", '"event"', "{}", '{"x": 1}', '{"event": ', "null", "NaN"),
        *('{"event": "unknown"}', '{"event": 1}', '{"event": ["start"], "total": 1}', "[" * 9999),
    ],
)
def test_other_lines_are_ignored(line: str) -> None:
    assert parse_event(line) is None


@given(st.text())
def test_no_line_raises(line: str) -> None:
    assert parse_event(line) is None


def test_keys_of_newer_versions_are_kept() -> None:
    newer = '{"event": "start", "total": 1, "since": "2027"}'
    assert parse_event(newer) == {"event": "start", "total": 1, "since": "2027"}


def test_the_documentation_lists_every_event() -> None:
    text = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    for form in FORMS:
        (name,) = get_args(form.__annotations__["event"])
        assert f"| `{name}` |" in text
