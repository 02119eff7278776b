"""The verdict as metrics of Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

if TYPE_CHECKING:
    from napari_iris.observatory.report import Report
    from napari_iris.observatory.safety import Moment

NAMES = {
    "safe": "1 if the sky is safe, otherwise 0",
    "cloud_cover_percent": "Cloud cover of the newest frame",
    "cloud_cover_okta": "Cloud cover of the newest frame in eighths of the sky",
    "cloud_trend_okta_per_hour": "Trend of the cloud cover over half an hour",
    "trust": "Trust in the newest prediction, 0 to 1",
    "novelty": "Novelty of the newest frame; above 1 it is unlike the model's training frames",
    "frame_written_seconds": "When the newest frame was written, since 1970",
    "frames": "Frames predicted since the start",
    "failed": "Faults since the start: frames not readable, disks full",
}
"""Each metric, ``napari_iris_...``; what is not known is NaN."""


class Metrics:
    """Metrics with a registry of their own, set when they are asked for."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._of = {
            name: Gauge(f"napari_iris_{name}", help_, registry=self._registry)
            for name, help_ in NAMES.items()
        }

    def text(self, report: Report, time: Moment) -> tuple[bytes, str]:
        """Write the metrics.

        Parameters
        ----------
        report : Report
            The verdict.
        time : Moment
            The present.

        Returns
        -------
        text : bytes
            In Prometheus' text format.
        kind : str
            Its content type.
        """
        reading = report.verdict.reading
        values = {
            "safe": int(not report.reasons_at(time)),
            "cloud_cover_percent": reading and reading.cover,
            "cloud_cover_okta": reading and reading.okta,
            "cloud_trend_okta_per_hour": report.verdict.trend,
            "trust": reading and reading.trust,
            "novelty": reading and reading.novelty,
            "frame_written_seconds": reading and reading.written_s,
            "frames": report.frames,
            "failed": report.failed,
        }
        for name, value in values.items():
            self._of[name].set(float("nan") if value is None else value)
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4
