"""The pages: read by the standard library's client, Prometheus' parser, and Pillow."""

from __future__ import annotations

import io
import json
import math
import urllib.request
from typing import TYPE_CHECKING, Any

from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from tests.observatory.conftest import get
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable


def metrics(address: str) -> dict[str, float]:
    status, text, kind = get(address, "/metrics")
    assert status == 200
    assert kind.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(text.decode())
    return {one.name: one.samples[0].value for one in families}


def test_the_pages_before_and_after_the_first_frames(station: Callable[..., Any]) -> None:
    one = station("http=0")
    pages = one.address("http=0")
    status, text, _ = get(pages, "/safe")
    assert (status, text.split(b"\n")[:2]) == (
        503,
        [b"unsafe", b"starting: no frame has been predicted yet"],
    )
    assert get(pages, "/latest.png")[0] == 404
    assert get(pages, "/else")[0] == 404
    found = metrics(pages)
    assert (found["napari_iris_safe"], found["napari_iris_frames"]) == (0, 0)
    assert math.isnan(found["napari_iris_cloud_cover_okta"])
    one.make_safe()
    wait_until(lambda: get(pages, "/safe")[:2] == (200, b"safe\n"))
    one.frame(cloud=0.2)
    wait_until(lambda: metrics(pages)["napari_iris_cloud_cover_percent"] == 20)
    found = metrics(pages)
    assert found["napari_iris_cloud_cover_okta"] == 1.6
    assert (found["napari_iris_safe"], found["napari_iris_frames"]) == (1, 8)
    assert (found["napari_iris_trust"], found["napari_iris_novelty"]) == (0.9, 0.3)
    status, text, kind = get(pages, "/latest")
    assert (status, kind.split(";")[0]) == (200, "application/json")
    assert json.loads(text)["cover_percent"] == 20
    status, picture, kind = get(pages, "/latest.png")
    assert (status, kind) == (200, "image/png")
    shown = Image.open(io.BytesIO(picture))
    assert shown.size == (10, 8)
    assert shown.getpixel((1, 4)) == (255, 160, 0), "the outline of the cloud"
    red, green, blue = shown.getpixel((6, 4))
    assert red == green == blue


def test_a_verdict_that_is_not_renewed_is_not_served_as_safe(station: Callable[..., Any]) -> None:
    """Whatever has become of the thread that renews it."""
    one = station("http=0", "alpaca=0")
    pages = one.address("http=0")
    one.make_safe()
    wait_until(lambda: get(pages, "/safe")[0] == 200)
    one.publisher._ended.set()
    one.publisher._watchdog.join()
    (outlet, _) = one.publisher._outlets
    channel = outlet._channel
    old = channel._report.time
    channel._report = replace_time(channel._report, old._replace(steady_s=old.steady_s - 1e6))
    assert get(pages, "/safe")[0] == 503
    assert not json.loads(get(pages, "/latest")[1])["safe"]
    assert metrics(pages)["napari_iris_safe"] == 0
    one.publisher._ended.clear()


def replace_time(report: Any, time: Any) -> Any:
    from dataclasses import replace

    return replace(report, time=time)


def test_events_follow_each_other_until_the_end(station: Callable[..., Any]) -> None:
    one = station("http=0")
    with urllib.request.urlopen(f"http://{one.address('http=0')}/events", timeout=20) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"

        def following(holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
            for line in stream:
                if line.startswith(b"data: ") and holds(found := json.loads(line[6:])):
                    return found
            raise AssertionError("the stream has ended")

        assert following(lambda _: True)["reasons"] == ["starting: no frame has been predicted yet"]
        one.frame(cloud=0.5)
        assert following(lambda found: found["frames"] == 1)["cover_percent"] == 50
        one.publisher.close(": stopped")
        assert following(lambda found: "ended" in found["reasons"][0])
        assert [line for line in stream if line.strip()] == []
