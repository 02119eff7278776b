"""MQTT, with the messages by which Home Assistant finds the sensors.

``NAME/safety`` is ``safe``, ``unsafe`` or ``offline``: the broker itself publishes the last when
napari-iris is gone (last will). ``NAME/state`` is the JSON document. All are retained.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client
from paho.mqtt.enums import CallbackAPIVersion

from napari_iris import __version__
from napari_iris.errors import IrisError
from napari_iris.numbers import to_json
from napari_iris.observatory.targets import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.observatory.config import WatchConfig
    from napari_iris.observatory.report import Report

USER, PASSWORD = "NAPARI_IRIS_MQTT_USER", "NAPARI_IRIS_MQTT_PASSWORD"
"""Environment variables: a command line may be read by any user of the computer."""

OFFLINE = "offline"
CONNECT_S, SENT_S, KEEPALIVE_S = 5.0, 2.0, 10
"""Time to connect, for a message to reach the broker, and between two signs of life [s]."""

SENSORS: dict[str, dict[str, Any]] = {
    "cover_percent": {"name": "Cloud cover", "unit_of_measurement": "%"},
    "trend_okta_per_hour": {"name": "Cloud trend", "unit_of_measurement": "okta/h"},
    "trust": {"name": "Trust"},
    "novelty": {"name": "Novelty"},
}
"""What Home Assistant shows of the document, besides the verdict."""


class Mqtt:
    """Publishes to a broker: ``[HOST:]PORT``, or ``[HOST:]PORT/NAME`` for several cameras."""

    def __init__(self, target: str, where: str, config: WatchConfig) -> None:
        address, _, name = where.partition("/")
        self.target, self._address = target, address_of(address)
        self._name, self._expire_s = name or "napari-iris", max(round(config.max_age), 1)
        if not self._address.port or not set("+#\0").isdisjoint(name):
            raise ValueError(where)
        self._client: Client | None = None

    def publish(self, report: Report) -> None:
        """Publish the verdict and the document; connect first."""
        document = report.document()
        self._connect()
        self._send("safety", "safe" if document["safe"] else "unsafe")
        self._send("state", to_json(document))

    def opened(self) -> str:
        """Say where."""
        return f"publishes to {self._address}, topics {self._name}/safety and {self._name}/state"

    def close(self) -> None:
        """Disconnect; the last verdict stays at the broker."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()

    def _connect(self) -> None:
        """Connect, unless it is; the thread of the library keeps the connection alive."""
        if self._client is not None and self._client.is_connected():
            return
        self.close()
        client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_S
        if USER in os.environ:
            client.username_pw_set(os.environ[USER], os.environ.get(PASSWORD))
        client.will_set(f"{self._name}/safety", OFFLINE, qos=1, retain=True)
        answered = threading.Event()
        client.on_connect = lambda *_: answered.set()
        client.connect(self._address.host, self._address.port, KEEPALIVE_S)
        self._client = client
        client.loop_start()
        if not (answered.wait(CONNECT_S) and client.is_connected()):
            raise IrisError(f"the broker at {self._address} refuses the connection")
        for topic, config in self._discovery():
            self._send(topic, to_json(config))

    def _send(self, topic: str, text: str) -> None:
        """Publish a retained message, and wait until the broker has it."""
        if self._client is None:  # for the type checker
            return
        path = topic if topic.startswith("homeassistant/") else f"{self._name}/{topic}"
        sent = self._client.publish(path, text, qos=1, retain=True)
        if sent.rc == MQTT_ERR_SUCCESS:
            sent.wait_for_publish(SENT_S)
        if not sent.is_published():
            raise IrisError(f"the broker at {self._address} does not accept messages")

    def _discovery(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Make the messages by which Home Assistant finds the sensors."""
        node = "".join(x if x.isalnum() and x.isascii() else "_" for x in self._name)
        common = {
            "availability_topic": f"{self._name}/safety",
            "availability_template": "{{ 'offline' if value == 'offline' else 'online' }}",
            "expire_after": self._expire_s,
            "device": {"identifiers": [node], "name": self._name, "sw_version": __version__},
        }
        yield (
            f"homeassistant/binary_sensor/{node}/safety/config",
            {
                **common,
                "name": "Sky",
                "unique_id": f"{node}_safety",
                "device_class": "safety",  # on is unsafe
                "state_topic": f"{self._name}/safety",
                "payload_on": "unsafe",
                "payload_off": "safe",
                "json_attributes_topic": f"{self._name}/state",
            },
        )
        for key, sensor in SENSORS.items():
            yield (
                f"homeassistant/sensor/{node}/{key}/config",
                {
                    **common,
                    **sensor,
                    "unique_id": f"{node}_{key}",
                    "state_class": "measurement",
                    "state_topic": f"{self._name}/state",
                    "value_template": f"{{{{ value_json.{key} }}}}",
                },
            )
