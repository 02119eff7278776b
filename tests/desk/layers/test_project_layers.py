"""What napari's first layer needs is loaded beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pint
import pytest
from pint.registry import LazyRegistry

from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk.conftest import Viewer

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
    model: Viewer, registry: pint.registry.ApplicationRegistry
) -> None:
    use = workspace_of(model).project_layers.prepare()
    assert type(registry.get()) is LazyRegistry, "a thread changes nothing"
    use()
    assert type(registry.get()) is pint.UnitRegistry
    assert str(pint.get_application_registry().pixel) == "pixel"


def test_units_that_the_window_has_set_up_meanwhile_stay(
    model: Viewer, registry: pint.registry.ApplicationRegistry
) -> None:
    use = workspace_of(model).project_layers.prepare()
    pixel = registry.pixel
    use()
    assert registry.pixel == pixel
    workspace_of(model).project_layers.prepare()()
    assert registry.pixel == pixel
