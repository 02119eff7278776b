"""Alpaca, by alpyca and by hand: values, errors, transactions, and what is refused."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from alpaca import management
from alpaca.exceptions import (
    ActionNotImplementedException,
    InvalidValueException,
    NotConnectedException,
    NotImplementedException,
    ValueNotSetException,
)
from alpaca.observingconditions import ObservingConditions
from alpaca.safetymonitor import SafetyMonitor

from tests.observatory.conftest import get
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable


def put(address: str, path: str, **given: object) -> tuple[int, Any]:
    data = urlencode(given).encode()
    request = urllib.request.Request(f"http://{address}{path}", data, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_devices_are_listed(station: Callable[..., Any]) -> None:
    address = station("alpaca=0").address("alpaca=0")
    assert management.apiversions(address) == [1]
    assert management.description(address)["ServerName"] == "napari-iris"
    devices = management.configureddevices(address)
    found = [(one["DeviceType"], one["DeviceNumber"]) for one in devices]
    assert found == [("SafetyMonitor", 0), ("ObservingConditions", 0)]
    assert len({one["UniqueID"] for one in devices}) == 2


def test_the_safety_monitor(station: Callable[..., Any]) -> None:
    one = station("alpaca=0")
    monitor = SafetyMonitor(one.address("alpaca=0"), 0)
    one.make_safe()
    monitor.Connected = True
    assert monitor.Connected
    wait_until(lambda: monitor.IsSafe)
    assert {x["Name"]: x["Value"] for x in monitor.DeviceState}["IsSafe"] is True
    assert monitor.InterfaceVersion == 3
    assert "napari-iris" in monitor.Name
    assert monitor.DriverVersion
    assert monitor.Description
    assert monitor.DriverInfo
    assert monitor.SupportedActions == []
    with pytest.raises(ActionNotImplementedException):
        monitor.Action("open", "the roof")
    with pytest.raises(NotImplementedException):
        monitor.CommandBool("open", Raw=True)
    monitor.Connected = False
    assert not monitor.IsSafe, "as the interface has it"
    monitor.Connect()
    wait_until(lambda: not monitor.Connecting)
    assert monitor.IsSafe
    monitor.Disconnect()
    wait_until(lambda: not monitor.Connected)


def test_observing_conditions(station: Callable[..., Any]) -> None:
    one = station("alpaca=0")
    conditions = ObservingConditions(one.address("alpaca=0"), 0)
    with pytest.raises(NotConnectedException):
        _ = conditions.CloudCover
    conditions.Connected = True
    with pytest.raises(ValueNotSetException, match="no frame has been predicted yet"):
        _ = conditions.CloudCover
    one.frame(cloud=0.4)
    wait_until(lambda: {"CloudCover"} <= {x["Name"] for x in conditions.DeviceState})
    assert conditions.CloudCover == 40
    assert 0 <= conditions.TimeSinceLastUpdate("CloudCover") < 60
    assert 0 <= conditions.TimeSinceLastUpdate("") < 60
    assert "percent" in conditions.SensorDescription("CloudCover")
    period = "/api/v1/observingconditions/0/averageperiod"  # alpyca cannot set it
    assert put(conditions.address, period, AveragePeriod=0)[1]["ErrorNumber"] == 0
    assert conditions.AveragePeriod == 0
    conditions.Refresh()
    assert put(conditions.address, period, AveragePeriod=1)[1]["ErrorNumber"] == 1025
    with pytest.raises(NotImplementedException):
        _ = conditions.WindSpeed
    with pytest.raises(NotImplementedException):
        conditions.SensorDescription("WindSpeed")
    with pytest.raises(InvalidValueException):
        conditions.SensorDescription("Smell")
    one.offset += 121
    one.publisher.beat()
    wait_until(lambda: "CloudCover" not in {x["Name"] for x in conditions.DeviceState})
    with pytest.raises(ValueNotSetException, match="s old"):
        _ = conditions.CloudCover


def test_transactions_are_counted_and_given_back(station: Callable[..., Any]) -> None:
    address = station("alpaca=0").address("alpaca=0")
    path = "/api/v1/safetymonitor/0/issafe"
    first, second = (
        json.loads(get(address, f"{path}?{query}")[1])
        for query in ("ClientID=1&ClientTransactionID=77", "clientid=1&CLIENTTRANSACTIONID=78")
    )
    assert (first["ClientTransactionID"], second["ClientTransactionID"]) == (77, 78)
    assert second["ServerTransactionID"] == first["ServerTransactionID"] + 1
    assert (first["ErrorNumber"], first["ErrorMessage"]) == (0, "")
    assert json.loads(get(address, path)[1])["ClientTransactionID"] == 0
    status, answer = put(
        address, "/api/v1/safetymonitor/0/connected", Connected="true", ClientTransactionID=5
    )
    assert (status, answer["ClientTransactionID"], answer["ErrorNumber"]) == (200, 5, 0)
    status, answer = put(
        address, "/api/v1/safetymonitor/0/connect", clienttransactionid=5, ClientID=3
    )
    assert (status, answer["ClientTransactionID"]) == (200, 0), "a form has exact names"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/telescope/0/name",
        "/api/v1/safetymonitor/1/issafe",
        "/api/v1/safetymonitor/0/isopen",
        "/api/v1/safetymonitor/0/IsSafe",
        "/api/v1/safetymonitor/0/issafe?ClientID=-1",
        "/api/v1/safetymonitor/0/issafe?ClientTransactionID=many",
        "/api/v1/observingconditions/0/timesincelastupdate?ClientID=9",
        "/management/v1/devices",
    ],
)
def test_what_the_interface_has_not_is_refused(station: Callable[..., Any], path: str) -> None:
    address = station("alpaca=0").address("alpaca=0")
    put(address, "/api/v1/observingconditions/0/connected", Connected="True", ClientID=9)
    assert get(address, path)[0] == 400


def test_wrong_values_are_refused(station: Callable[..., Any]) -> None:
    address = station("alpaca=0").address("alpaca=0")
    for given in ({}, {"Connected": "perhaps"}, {"connected": "True"}):
        assert put(address, "/api/v1/safetymonitor/0/connected", **given)[0] == 400
    period = "/api/v1/observingconditions/0/averageperiod"
    assert put(address, period, AveragePeriod="long")[0] == 400
    assert put(address, "/api/v1/safetymonitor/0/issafe")[0] == 400
    assert get(address, "/api/v2/safetymonitor/0/issafe")[0] == 404
