"""What the two Alpaca devices answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from aiohttp import web

from napari_iris import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_iris.observatory.report import Report
    from napari_iris.observatory.safety import Moment

NOT_IMPLEMENTED, INVALID_VALUE, NOT_SET = 0x400, 0x401, 0x402
NOT_CONNECTED, NO_SUCH_ACTION = 0x407, 0x40C

READ = frozenset(
    {
        *("connected", "connecting", "description", "driverinfo", "driverversion"),
        *("interfaceversion", "name", "supportedactions", "devicestate"),
    }
)
WRITTEN = frozenset(
    {
        *("connected", "connect", "disconnect", "action"),
        *("commandblind", "commandbool", "commandstring"),
    }
)
"""What every device has to read and to do."""

NOT_MEASURED = frozenset(
    {
        *("dewpoint", "humidity", "pressure", "rainrate", "skybrightness", "skyquality"),
        *("skytemperature", "starfwhm", "temperature", "winddirection", "windgust", "windspeed"),
    }
)
"""Conditions of the interface that a camera of the sky does not know."""


class AlpacaError(Exception):
    """An error of a device, with its number in the interface."""

    def __init__(self, number: int, message: str) -> None:
        self.number = number
        super().__init__(message)


@dataclass(frozen=True)
class Question:
    """What a client asks, and what is known.

    Attributes
    ----------
    member : str
        The property.
    given : mapping
        Its parameters, names in lower case.
    is_connected : bool
        Whether the client has connected to the device.
    report : Report
        The verdict.
    time : Moment
        The present.
    """

    member: str
    given: Mapping[str, str]
    is_connected: bool
    report: Report
    time: Moment

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is unsafe now; empty where it is not."""
        return self.report.reasons_at(self.time)

    @property
    def age_s(self) -> float:
        """Age of the newest frame [s]."""
        age = self.report.age_at(self.time)
        if age is None:
            raise AlpacaError(NOT_SET, "no frame has been predicted yet")
        return age

    @property
    def cover(self) -> float:
        """The cloud cover [%], unless it is not known or too old."""
        reading = self.report.verdict.reading
        if reading is None or reading.cover is None or self.age_s > self.report.valid_s:
            raise AlpacaError(NOT_SET, "; ".join(self.reasons) or "the cloud cover is not known")
        return reading.cover


class Device:
    """What all devices have: texts, and commands, of which there are none."""

    kind: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int]
    gets, puts = READ, WRITTEN

    def get(self, asked: Question) -> Any:
        """Give the value of a property."""
        if asked.member == "devicestate":
            stamp = datetime.fromtimestamp(asked.report.time.wall_s, UTC).isoformat()
            state = {**self.state(asked), "TimeStamp": stamp}
            return [{"Name": name, "Value": value} for name, value in state.items()]
        return {
            "connected": asked.is_connected,
            "connecting": False,
            "description": f"{self.title}, from the cloud in a thermal sky camera's frames",
            "driverinfo": f"napari-iris {__version__}",
            "driverversion": ".".join(__version__.split(".")[:2]),
            "interfaceversion": self.version,
            "name": self.title,
            "supportedactions": [],
        }[asked.member]

    def put(self, member: str, given: Mapping[str, str]) -> None:
        """Do something; there is nothing to do."""
        if member == "action":
            raise AlpacaError(NO_SUCH_ACTION, f"there is no action {given.get('Action', '')!r}")
        raise AlpacaError(NOT_IMPLEMENTED, f"{member} is not implemented")

    def state(self, asked: Question) -> dict[str, Any]:
        """Give the values that change."""
        raise NotImplementedError


class SafetyMonitor(Device):
    """Safe, or not; always unsafe for a client that has not connected."""

    kind, title, version = "SafetyMonitor", "napari-iris safety of the sky", 3
    gets = READ | {"issafe"}

    def get(self, asked: Question) -> Any:
        """Give the value of a property."""
        if asked.member == "issafe":
            return asked.is_connected and not asked.reasons
        return super().get(asked)

    def state(self, asked: Question) -> dict[str, Any]:
        """Give the verdict."""
        return {"IsSafe": not asked.reasons}


class ObservingConditions(Device):
    """The cloud cover; no other condition is measured."""

    kind, title, version = "ObservingConditions", "napari-iris cloud cover", 2
    gets = READ | NOT_MEASURED
    gets |= {"averageperiod", "cloudcover", "sensordescription", "timesincelastupdate"}
    puts = WRITTEN | {"averageperiod", "refresh"}

    def get(self, asked: Question) -> Any:
        """Give the value of a property."""
        member = asked.member
        if member in READ:
            return super().get(asked)
        if member in NOT_MEASURED:
            raise AlpacaError(NOT_IMPLEMENTED, f"{member} is not measured")
        if not asked.is_connected:
            raise AlpacaError(NOT_CONNECTED, "connect first")
        if member == "averageperiod":
            return 0.0
        if member == "cloudcover":
            return asked.cover
        _check_sensor(member, asked.given.get("sensorname"))
        if member == "sensordescription":
            return "Cloud pixels of a long-wave-infrared frame of the sky, in percent"
        return asked.age_s

    def put(self, member: str, given: Mapping[str, str]) -> None:
        """Accept that nothing is averaged, and that each frame refreshes the cover."""
        if member == "averageperiod":
            try:
                hours = float(given["AveragePeriod"])
            except (KeyError, ValueError):
                raise web.HTTPBadRequest(text="AveragePeriod must be a number") from None
            if hours != 0:
                raise AlpacaError(INVALID_VALUE, "the average period is 0: each frame counts alone")
        elif member != "refresh":
            super().put(member, given)

    def state(self, asked: Question) -> dict[str, Any]:
        """Give the cloud cover, where it is known."""
        try:
            return {"CloudCover": asked.cover}
        except AlpacaError:
            return {}


def _check_sensor(member: str, sensor: str | None) -> None:
    if sensor is None:
        raise web.HTTPBadRequest(text="SensorName is missing")
    if sensor.lower() in NOT_MEASURED:
        raise AlpacaError(NOT_IMPLEMENTED, f"{sensor} is not measured")
    is_any = sensor == "" and member == "timesincelastupdate"
    if sensor.lower() != "cloudcover" and not is_any:
        raise AlpacaError(INVALID_VALUE, f"there is no sensor {sensor!r}")


DEVICES: dict[str, Device] = {"safetymonitor": SafetyMonitor()}
DEVICES["observingconditions"] = ObservingConditions()
"""The devices by their names in addresses; each is number 0."""
