"""Files that are rewritten with each verdict: Boltwood's line, and JSON.

Each is replaced by rename, so that a reader finds a whole file. Its age tells when napari-iris has
been killed.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from napari_iris.errors import FileError
from napari_iris.io.atomic import atomic_open, exists_as_file
from napari_iris.numbers import to_json

if TYPE_CHECKING:
    from napari_iris.observatory.config import WatchConfig
    from napari_iris.observatory.report import Report

DAY_ZERO = datetime(1899, 12, 30)  # local time, as Boltwood's file has it
"""Where Visual Basic begins to count days."""

NOT_MEASURED = 999.0
"""Boltwood's sky temperature of a saturated sensor: a reader of it alone takes it as cloudy."""

UNKNOWN, CLEAR, CLOUDY, VERY_CLOUDY = range(4)
"""Boltwood's cloud conditions."""

BEGIN_BYTES = 200
"""Bytes of an existing file that tell its kind."""

MOST_S = 99999
"""Most seconds that Boltwood's column of five digits holds."""


class _File:
    """A file that is rewritten with each verdict; one of another kind is refused.

    Attributes
    ----------
    form : re.Pattern
        What a file of this kind begins with.

    Raises
    ------
    FileError
        If there is a file of another kind, a folder or a device.
    """

    form: ClassVar[re.Pattern[bytes]]

    def __init__(self, target: str, where: str, config: WatchConfig) -> None:
        self.target, self._path, self._config = target, Path(where), config
        if not exists_as_file(self._path):
            return
        with self._path.open("rb") as file:
            begin = file.read(BEGIN_BYTES)
        if begin and not self.form.match(begin):
            reason = "is a file of another kind, which is not replaced"
            raise FileError(self._path, reason, "choose another name for --publish, or remove it")

    def publish(self, report: Report) -> None:
        """Rewrite the file."""
        with atomic_open(self._path) as file:
            file.write(self.text(report).encode())

    def text(self, report: Report) -> str:
        """Write the report; a kind of file says how."""
        raise NotImplementedError

    def opened(self) -> str:
        """Say where."""
        return f"writes {self._path}"

    def close(self) -> None:
        """Leave the last verdict in the file."""


class Json(_File):
    """INDI's weather-safety document, and our own keys."""

    form = re.compile(rb'\s*\{\s*"timestamp_utc"')

    def text(self, report: Report) -> str:
        """Write the document."""
        return f"{to_json(report.document())}\n"


class Boltwood(_File):
    """The one-line file of Boltwood's Cloud Sensor II, "new" format."""

    form = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]{5} [CF] [KMm] ")

    def text(self, report: Report) -> str:
        """Write the line."""
        return boltwood_line(report, self._config)


def boltwood_line(report: Report, config: WatchConfig) -> str:
    """Write a verdict as the one line of Boltwood's Cloud Sensor II.

    Temperatures, wind and rain are not measured: 999 (saturated), 0, or unknown.

    Parameters
    ----------
    report : Report
        The verdict.
    config : WatchConfig
        Thresholds of the cloud conditions.

    Returns
    -------
    str
        One line in fixed columns: date, time, units, temperatures of sky, air and sensor, wind,
        humidity, dew point, heater, rain, wet, seconds since the last valid data, days since 1899,
        conditions of cloud, wind, rain and daylight, roof close requested, alert.

    References
    ----------
    Boltwood Systems, *Cloud Sensor II user's manual*, "Clarity II one line data file format".
    """
    written = datetime.fromtimestamp(report.time.wall_s)  # local, as above
    days = (written - DAY_ZERO).total_seconds() / 86400
    age = report.age_at(report.time)
    since = MOST_S if age is None else min(max(round(age), 0), MOST_S)
    unsafe = int(not report.verdict.is_safe)
    return (
        f"{written:%Y-%m-%d %H:%M:%S}.{written.microsecond // 10000:02} C K "
        f"{NOT_MEASURED:6.1f} {0:6.1f} {0:6.1f} {-1:6.1f} {0:3d} {0:6.1f} {0:3d} 0 0 "
        f"{since:05d} {days:012.5f} {_condition(report, config)} 0 0 0 {unsafe} {unsafe}\n"
    )


def _condition(report: Report, config: WatchConfig) -> int:
    """Boltwood's cloud condition of the newest frame; unknown where it is too old."""
    reading, age = report.verdict.reading, report.age_at(report.time)
    if reading is None or age is None or age > config.max_age:
        return UNKNOWN
    if reading.cover is None:
        return CLEAR if reading.sky == "clear" else CLOUDY
    if reading.cover > config.unsafe_above:
        return VERY_CLOUDY
    return CLOUDY if reading.cover > config.safe_below else CLEAR
