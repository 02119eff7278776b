"""The words of the domain, on disk and as shown."""

from __future__ import annotations

import pytest

from napari_iris.labels import STATUS_NAMES, STATUSES, TAG_NAMES, TAGS, class_of


def test_every_value_has_a_name_of_its_own() -> None:
    assert tuple(STATUS_NAMES) == STATUSES == tuple(s.lower() for s in STATUSES)
    assert tuple(TAG_NAMES) == TAGS
    shown = [*STATUS_NAMES.values(), *TAG_NAMES.values()]
    assert len(set(shown)) == len(shown), "a status is not an origin"


@pytest.mark.parametrize(
    ("cloud_fraction", "expected"),
    [
        (0.0, "clear"),
        (0.005, "clear"),
        (0.0051, "cloudy"),
        (1.0, "cloudy"),
        (float("nan"), "unsure"),
    ],
)
def test_the_class_follows_from_the_cloud_fraction(cloud_fraction: float, expected: str) -> None:
    assert class_of(cloud_fraction) == expected
