"""The files: Boltwood's line by the columns of its manual, and INDI's document."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from napari_iris.errors import FileError
from napari_iris.inference.config import PredictConfig
from napari_iris.observatory.channels.files import Boltwood, Json, boltwood_line
from napari_iris.observatory.config import WatchConfig
from napari_iris.observatory.report import OUT_OF_DATE, Report
from napari_iris.observatory.safety import Moment, Reading, Verdict
from tests.observatory.conftest import read_boltwood

CONFIG = WatchConfig()
NOON = datetime(2005, 6, 3, 2, 7, 23, 340_000).timestamp()  # local time, as in the manual


def report(verdict: Verdict, wall_s: float = NOON) -> Report:
    return Report(verdict, Moment(100.0, wall_s), 120.0)


def reading(cover: float | None = 0.0, age: float = 4.0, sky: Any = "clear") -> Reading:
    return Reading("a.fits", NOON - age, sky, cover)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict(False, ("starting",)), {"cloud_condition": "0", "since": "99999"}),
        (Verdict(True, (), reading(5)), {"cloud_condition": "1", "since": "00004"}),
        (Verdict(True, (), reading(25)), {"cloud_condition": "2"}),
        (Verdict(False, ("cloud",), reading(31)), {"cloud_condition": "3"}),
        (Verdict(True, (), reading(None)), {"cloud_condition": "1"}),
        (Verdict(False, ("cloud",), reading(None, sky="cloudy")), {"cloud_condition": "2"}),
        (Verdict(False, ("old",), reading(5, age=130)), {"cloud_condition": "0", "since": "00130"}),
        (Verdict(False, ("old",), reading(5, age=1e9)), {"since": "99999"}),
    ],
)
def test_boltwood(verdict: Verdict, expected: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "sky.txt"
    path.write_text(boltwood_line(report(verdict), CONFIG))
    found = read_boltwood(path)
    assert found | expected == found
    assert (found["date"], found["time"]) == ("2005-06-03", "02:07:23.34")
    assert found["days"] == "038506.08846", "as in the manual's example"
    assert (found["temperature_unit"], found["wind_unit"]) == ("C", "K")
    flag = "0" if verdict.is_safe else "1"
    assert (found["close_roof"], found["alert"]) == (flag, flag)
    unknown = {"wind_condition", "rain_condition", "daylight", "rain", "wet", "humidity"}
    assert {found[name] for name in unknown} == {"0"}
    assert float(found["sky"]) > 900, "a reader of the sky temperature alone takes it for cloud"


def test_the_document() -> None:
    verdict = Verdict(False, ("cloud", "old"), reading(40), trend=0.5)
    found = report(verdict, time.time()).document()
    assert found["roof_status"] == {"open_ok": 0, "reasons": "cloud; old"}
    assert (found["safe"], found["reasons"]) == (False, ["cloud", "old"])
    assert (found["cover_percent"], found["cover_okta"]) == (40, 3.2)
    assert found["trend_okta_per_hour"] == 0.5
    begin, end = (datetime.fromisoformat(found[x]) for x in ("timestamp_utc", "valid_until"))
    assert begin.tzinfo == UTC
    assert (end - begin).total_seconds() == pytest.approx(120, abs=0.01)


def test_a_verdict_that_is_not_renewed_is_unsafe() -> None:
    one = report(Verdict(True, (), reading()))
    assert one.document()["roof_status"] == {"open_ok": 1, "reasons": ""}
    assert one.reasons_at(Moment(220.0, NOON)) == ()
    assert one.reasons_at(Moment(220.1, NOON)) == (OUT_OF_DATE,)


@pytest.mark.parametrize("kind", [Json, Boltwood])
def test_only_a_file_of_its_kind_is_replaced(kind: Any, tmp_path: Path) -> None:
    path, one = tmp_path / "sky", report(Verdict(True, (), reading()))
    for _ in range(2):
        kind("", str(path), CONFIG).publish(one)
    path.write_bytes(b"")
    kind("", str(path), CONFIG)
    for content in (b"my notes\n", b"{}", b"\x89PNG"):
        path.write_bytes(content)
        with pytest.raises(FileError, match="is a file of another kind"):
            kind("", str(path), CONFIG)
        assert path.read_bytes() == content
    with pytest.raises(FileError, match="is a folder"):
        kind("", str(tmp_path), CONFIG)


def test_every_key_of_the_document_is_in_the_documentation() -> None:
    page = Path(__file__).parents[2] / "docs" / "observatory.md"
    text = page.read_text(encoding="utf-8")
    for key in report(Verdict(True, (), reading())).document():
        assert f'"{key}": ' in text


def test_every_rule_of_the_verdict_is_in_the_documentation() -> None:
    page = Path(__file__).parents[2] / "docs" / "observatory.md"
    text = page.read_text(encoding="utf-8")
    others = {*PredictConfig.model_fields, "settle_s", "reuse"}
    for name in set(WatchConfig.model_fields) - others:
        field = WatchConfig.model_fields[name]
        option = f"| `--{name.replace('_', '-')}` | {field.default:g}"
        assert any(option in line for line in text.splitlines()), option
