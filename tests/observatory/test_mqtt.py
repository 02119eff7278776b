"""MQTT by a real broker: what Home Assistant finds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


def test_home_assistant_finds_the_sensors(
    station: Callable[..., Any], broker: Any, subscribe: Callable[[], dict[str, str]]
) -> None:
    one = station(f"mqtt={broker.port}/north dome")
    topics = subscribe()
    one.make_safe()
    one.frame(cloud=0.2)
    wait_until(lambda: topics.get("north dome/safety") == "safe")
    wait_until(lambda: json.loads(topics.get("north dome/state", "{}")).get("frames") == 8)
    state = json.loads(topics["north dome/state"])
    assert state["cover_percent"] == 20
    found = {name: json.loads(text) for name, text in topics.items() if name.endswith("/config")}
    verdict = found.pop("homeassistant/binary_sensor/north_dome/safety/config")
    assert verdict["device_class"] == "safety"
    assert (verdict["payload_on"], verdict["payload_off"]) == ("unsafe", "safe"), "on is unsafe"
    for config in (verdict, *found.values()):
        assert topics[config["state_topic"]]
        assert config["availability_topic"] == "north dome/safety"
        assert config["expire_after"] == 120
        assert config["unique_id"].startswith("north_dome_")
        assert config["device"]["identifiers"] == ["north_dome"]
    assert len(found) == 4
    for config in found.values():
        key = config["value_template"].removeprefix("{{ value_json.").removesuffix(" }}")
        assert key in state
