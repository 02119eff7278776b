"""Masks on disk: named by their pixels, stored once, repaired by the next save."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from napari_iris.errors import MaskError
from napari_iris.project.mask_store import MaskStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def store(tmp_path: Path) -> MaskStore:
    return MaskStore(tmp_path / "masks")


@pytest.fixture(scope="module")
def lasting_store(tmp_path_factory: pytest.TempPathFactory) -> MaskStore:
    return MaskStore(tmp_path_factory.mktemp("store") / "masks")


SHAPES = of_numpy.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)


@given(of_numpy.arrays(np.uint8, SHAPES, elements=st.integers(0, 2)))
def test_any_mask_is_read_back(lasting_store: MaskStore, mask: NDArray[np.uint8]) -> None:
    found = lasting_store.read(lasting_store.save(mask, durable=False))
    np.testing.assert_array_equal(found, mask)
    assert found.dtype == np.uint8
    found[0, 0] = 1  # a window may draw on it


def test_equal_masks_share_one_file(
    store: MaskStore, mask_of: Callable[..., NDArray[np.uint8]]
) -> None:
    masks = [mask_of(1), mask_of(2), mask_of(1), mask_of(1).T, np.zeros((4, 6)), np.zeros((6, 4))]
    names = [store.save(mask, durable=True) for mask in masks]
    assert names[2] == names[0]
    assert len(set(names)) == 5
    assert sorted(store.names()) == sorted(set(names))


def test_any_program_reads_a_mask_file(
    store: MaskStore, mask_of: Callable[..., NDArray[np.uint8]]
) -> None:
    path = store.path(store.save(mask_of(3), durable=False))
    assert path.suffixes == [".fits", ".gz"]
    with fits.open(path) as units:
        units.verify("exception")
        np.testing.assert_array_equal(units[0].data, mask_of(3))
        assert units[0].header["IMGTYPE"] == "GROUND-TRUTH"
    assert len(gzip.decompress(path.read_bytes())) % 2880 == 0


@pytest.mark.parametrize(
    ("mask", "values"),
    [
        (np.full((4, 6), 3, np.uint8), "3 to 3"),
        (np.full((4, 6), 256), "256 to 256"),
        (np.array([[0, -1]]), "-1 to 0"),
        (np.array([[0.0, 255.0]]), "0.0 to 255.0"),
    ],
)
def test_other_values_are_not_saved(
    store: MaskStore, refused: Callable[..., object], mask: NDArray[np.generic], values: str
) -> None:
    with refused(f"holds values from {values}; use 0 sky, 1 cloud, 2 ignore", MaskError):
        store.save(mask, durable=True)
    assert not store.folder.exists()


def flip_a_pixel(path: Path) -> None:
    """Change one pixel in a file that stays valid gzip and FITS."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[2880] ^= 1
    path.write_bytes(gzip.compress(content))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "is missing": lambda path: path.unlink(),
    "is damaged": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "is damaged .*Empty": lambda path: path.write_bytes(b""),
    "is damaged .*not": lambda path: path.write_bytes(b"no mask " * 99),
    "is damaged .*pixels differ": flip_a_pixel,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_mask_is_reported_and_repaired_by_the_next_save(
    store: MaskStore,
    mask_of: Callable[..., NDArray[np.uint8]],
    refused: Callable[..., object],
    damage: str,
) -> None:
    name = store.save(mask_of(4), durable=True)
    DAMAGES[damage](store.path(name))
    with refused(f"{name}.fits.gz: {damage}.*; restore it from a backup", MaskError):
        store.read(name)
    assert store.save(mask_of(4), durable=True) == name
    np.testing.assert_array_equal(store.read(name), mask_of(4))


@pytest.mark.timeout(20)
@pytest.mark.skipif(os.name != "posix", reason="only POSIX has named pipes")
def test_a_named_pipe_in_the_place_of_a_mask_is_not_waited_for(
    store: MaskStore,
    mask_of: Callable[..., NDArray[np.uint8]],
    refused: Callable[..., object],
) -> None:
    name = store.save(mask_of(4), durable=True)
    store.path(name).unlink()
    os.mkfifo(store.path(name))
    with refused(f"{name}.fits.gz: is damaged .*not a regular file", MaskError):
        store.read(name)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can sync a folder")
def test_a_human_mask_reaches_the_disk_also_if_an_equal_one_exists(
    store: MaskStore, mask_of: Callable[..., NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    handles: list[int] = []
    monkeypatch.setattr(os, "fsync", handles.append)
    name = store.save(mask_of(5), durable=False)
    assert len(handles) == 1, "the new folder's entry, once"
    store.save(mask_of(5), durable=True)
    assert len(handles) == 3, "the file and its folder"
    store.make_durable(name)
    assert len(handles) == 5


def test_part_files_of_killed_writers_are_no_masks(
    store: MaskStore, mask_of: Callable[..., NDArray[np.uint8]]
) -> None:
    name = store.save(mask_of(6), durable=True)
    path = store.path(name)
    path.with_name(f".{path.name}.77.77.part").write_bytes(b"half")
    path.with_name(f".{path.name}").write_bytes(b"half")
    assert list(store.names()) == [name]
