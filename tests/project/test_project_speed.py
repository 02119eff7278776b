"""Speed of opening, labelling and sorting a project of 10^5 frames."""

from __future__ import annotations

import json
from itertools import count
from statistics import median
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest

from napari_iris.project.indexing import mark_duplicates
from napari_iris.project.project import Project
from napari_iris.project.queue import Order, QueueConfig, queue
from napari_iris.sky.config import SimulationConfig
from napari_iris.sky.simulate import simulate_frame
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRAMES = 100_000
FACTS = json.dumps({f"CARD{number}": "12.345" for number in range(40)})

pytestmark = [pytest.mark.slow, pytest.mark.timed]


@pytest.fixture(scope="module")
def large_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of 10^5 frames 1.5 s apart, each with an automatic and a model's mask."""
    place = tmp_path_factory.mktemp("large") / "project"
    rng = np.random.default_rng(0)
    looks = rng.integers(-(2**63), 2**63 - 1, FRAMES)
    doubts = rng.random((FRAMES, 2))
    with Project(place) as project, project.repository.transaction():
        connection = project.repository.connection
        connection.executemany(
            "INSERT INTO frame (id, path, size, changed, time, rows, columns, facts, hash,"
            " likeness, status) VALUES (?, ?, 1, 1, ?, 512, 640, ?, ?, ?, 'auto')",
            (
                (
                    *(number, f"/data/nights/{number // 5000:03}/sky_{number:06}.fits"),
                    *(1_705_341_600_000_000 + number * 1_500_000, FACTS, rng.bytes(16), int(look)),
                )
                for number, look in enumerate(looks, 1)
            ),
        )
        connection.executemany(
            "INSERT INTO mask (frame, tag, object, cloud_fraction, trust, uncertainty, method, by,"
            " at) VALUES (?, ?, '0', 0.5, ?, ?, 'recipe', 'a program', 1)",
            (
                (number, tag, *doubt.tolist())
                for number, doubt in enumerate(doubts, 1)
                for tag in ("auto", "model")
            ),
        )
        connection.execute("UPDATE frame SET auto = 2 * id - 1, model = 2 * id")
    return place


@pytest.fixture
def large(large_folder: Path) -> Iterator[Project]:
    with Project(large_folder) as project:
        yield project


@pytest.fixture(scope="module")
def clouds() -> list[np.ndarray]:
    """Masks of 512 x 640 pixels with ragged edges: the truth of simulated frames."""
    series = SimulationConfig(count=8, seed=1, sky="cloudy")
    return [simulate_frame(series, number).truth.astype(np.uint8) for number in range(8)]


def test_it_opens_within_two_seconds(large_folder: Path) -> None:
    assert_within(2, lambda: seconds(lambda: Project(large_folder).close()))


def test_a_frame_is_approved_within_100_ms(large: Project, clouds: list[np.ndarray]) -> None:
    frames = count(1, 997)

    def approve() -> None:
        frame = next(frames)
        large.approve(frame, clouds[frame % 8])

    assert_within(0.1, lambda: median(seconds(approve) for _ in range(20)))


def test_a_stroke_is_saved_in_20_ms_and_20_kb(large: Project, clouds: list[np.ndarray]) -> None:
    frames = count(5000, 997)
    grows = []

    def save(cloud: np.ndarray) -> float:
        frame, before = next(frames), bytes_on_disk(large.folder)
        took = seconds(lambda: large.save_mask(frame, cloud))
        grows.append(bytes_on_disk(large.folder) - before)
        return took

    assert_within(0.02, lambda: median(map(save, clouds)))
    assert min(cloud.mean() for cloud in clouds) > 0.01
    assert 0 < median(grows[: len(clouds)]) < 20 * 1024


def bytes_on_disk(folder: Path) -> int:
    log = folder / "iris.db-wal"
    files = [*folder.glob("masks/*/*"), *([log] if log.exists() else [])]
    return sum(path.stat().st_size for path in files)


@pytest.mark.parametrize("order", get_args(Order))
def test_the_queue_is_sorted_within_a_second(large: Project, order: Order) -> None:
    config = QueueConfig(order=order, cloud=(0.1, 0.9), since="2024-01-15", until="2030-01-01")
    assert_within(1, lambda: seconds(lambda: queue(large.table, config)))
    assert len(queue(large.table, config)) > 1000 or order == "rejected"


def test_duplicates_are_found_without_blocking_a_window(
    large: Project, clouds: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search takes seconds; saving works meanwhile."""
    from napari_iris.project import indexing

    find = indexing.earlier_duplicates

    def find_while_another_saves(*what: object) -> object:
        with Project(large.folder) as other:
            assert_within(0.5, lambda: seconds(lambda: other.approve(77, clouds[0])))
        return find(*what)

    monkeypatch.setattr(indexing, "earlier_duplicates", find_while_another_saves)
    assert seconds(lambda: mark_duplicates(large)) < 20
