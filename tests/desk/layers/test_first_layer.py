"""What napari's first layer needs is loaded beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pint
import pytest
from pint.registry import LazyRegistry

from napari_iris.desk.layers.first_layer import FirstLayer, prepare
from napari_iris.desk.timers import QtTimers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


@pytest.fixture
def registry() -> Iterator[pint.registry.ApplicationRegistry]:
    """The registry of units, as before the first layer."""
    registry = pint.application_registry
    before = registry.get()
    registry.set(LazyRegistry())
    yield registry
    registry.set(before)


def test_units_are_set_up_beside_the_window_and_used_by_it(
    registry: pint.registry.ApplicationRegistry,
) -> None:
    use = prepare()
    assert type(registry.get()) is LazyRegistry, "a thread changes nothing"
    use()
    assert type(registry.get()) is pint.UnitRegistry
    assert str(pint.get_application_registry().pixel) == "pixel"


def test_units_that_the_window_has_set_up_meanwhile_stay(
    registry: pint.registry.ApplicationRegistry,
) -> None:
    use = prepare()
    pixel = registry.pixel
    use()
    assert registry.pixel == pixel
    prepare()()
    assert registry.pixel == pixel


def test_a_window_has_it_loaded_by_the_time_it_is_needed(
    registry: pint.registry.ApplicationRegistry, qtbot: QtBot
) -> None:
    first_layer = FirstLayer(QtTimers())
    qtbot.waitUntil(lambda: type(registry.get()) is pint.UnitRegistry)
    assert first_layer._background.is_idle
