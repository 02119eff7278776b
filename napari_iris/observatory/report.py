"""What is published: a verdict, its time, and until when it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.observatory.safety import Moment, Verdict

OUT_OF_DATE = "napari-iris has not renewed its verdict in time"


@dataclass(frozen=True)
class Report:
    """A verdict as it is published.

    Attributes
    ----------
    verdict : Verdict
        The verdict.
    time : Moment
        When it was given.
    valid_s : float
        For how long it holds [s].
    frames, failed : int
        Frames predicted, and faults, since the start.
    model : str
        The model; empty until it is loaded.
    prediction : Prediction or None
        The newest prediction.
    """

    verdict: Verdict
    time: Moment
    valid_s: float
    frames: int = 0
    failed: int = 0
    model: str = ""
    prediction: Prediction | None = field(default=None, repr=False, compare=False)

    def age_at(self, time: Moment) -> float | None:
        """Compute the age of the newest frame.

        Parameters
        ----------
        time : Moment
            When it is asked for; not before the verdict was given.

        Returns
        -------
        float or None
            In seconds; None before the first frame.
        """
        if self.verdict.reading is None:
            return None
        since = max(time.steady_s - self.time.steady_s, 0.0)
        return self.time.wall_s - self.verdict.reading.written_s + since

    def reasons_at(self, time: Moment) -> tuple[str, ...]:
        """Say why it is unsafe at a later time.

        Parameters
        ----------
        time : Moment
            When it is asked for.

        Returns
        -------
        tuple of str
            Empty where it is safe.
        """
        late = time.steady_s - self.time.steady_s > self.valid_s
        return (*self.verdict.reasons, *([OUT_OF_DATE] if late else []))

    def document(self, time: Moment | None = None) -> dict[str, Any]:
        """Make the JSON document: INDI's weather-safety keys, then our own.

        Parameters
        ----------
        time : Moment, optional
            When it is asked for; by default when the verdict was given.

        Returns
        -------
        dict
            Plain values.
        """
        reasons = self.reasons_at(time or self.time)
        verdict, reading = self.verdict, self.verdict.reading
        return {
            "timestamp_utc": _utc(self.time.wall_s),
            "roof_status": {"open_ok": int(not reasons), "reasons": "; ".join(reasons)},
            "safe": not reasons,
            "reasons": list(reasons),
            "valid_until": _utc(self.time.wall_s + self.valid_s),
            "cover_percent": reading and reading.cover,
            "cover_okta": reading and reading.okta,
            "trend_okta_per_hour": verdict.trend,
            "sky": reading and reading.sky,
            "trust": reading and reading.trust,
            "novelty": reading and reading.novelty,
            "frame": reading and reading.frame,
            "date_obs": reading and reading.date_obs,
            "frame_written_utc": reading and _utc(reading.written_s),
            "frame_age_s": self.age_at(time or self.time),
            "frames": self.frames,
            "failed": self.failed,
            "model": self.model,
        }


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
