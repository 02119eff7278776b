"""Opening files and folders: what is offered, what comes of it, and how a bad file is reported."""

from __future__ import annotations

import gzip
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.desk.frames.sample import sample_night
from napari_iris.desk.layers.reader import CLOUD_COLORS, get_reader, read_layers
from napari_iris.errors import FrameError
from napari_iris.frames.sequence import FrameSequence
from napari_iris.frames.sources import PEEKED
from napari_iris.io.outputs import Mark
from napari_iris.io.pack_writer import Pack, pack_file
from napari_iris.masks.mask_file import mask_images, read_mask, write_mask

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.gui

Write = Any


@pytest.mark.parametrize(
    "name",
    ["a.fits", "a.FITS", "a.fit", "a.fts", "a.fits.fz", "a.fits.gz", "a.fits.bz2", "a.fits.Z"],
)
def test_fits_files_are_offered(name: str) -> None:
    assert get_reader(name) is read_layers
    assert get_reader([name, "b.fits"]) is read_layers


@pytest.mark.parametrize("path", ["a.png", "a.tif", "fits", "a.fits.txt", []])
def test_other_files_are_left_to_others(path: str | list[str]) -> None:
    assert get_reader(path) is None


def test_a_list_with_another_file_is_left_to_others() -> None:
    assert get_reader(["a.fits", "b.png"]) is None


def test_a_folder_of_frames_is_offered(make_night: Callable[..., Path]) -> None:
    assert get_reader(str(make_night(1))) is read_layers


@pytest.mark.parametrize(
    "names", [[], ["a.png", "notes.txt"], ["sky_1_mask.fits", "sky_1_pred.fits"], [".a.fits"]]
)
def test_a_folder_without_frames_is_left_to_others(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert get_reader(str(tmp_path)) is None


def test_a_folder_that_is_not_there_is_left_to_others(tmp_path: Path) -> None:
    assert get_reader(str(tmp_path / "gone")) is None


def test_a_folder_is_peeked_into_and_never_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand entries and no frame: the reader looks at a few and says no."""
    entries = iter(
        [SimpleNamespace(name=f"{number}.png", is_dir=bool) for number in range(100_000)]
    )
    monkeypatch.setattr("os.scandir", lambda _: nullcontext(entries))
    assert get_reader(str(tmp_path)) is None
    assert len(list(entries)) == 100_000 - 2 * PEEKED


def test_a_folder_opens_as_one_lazy_stack(make_night: Callable[..., Path], model: Any) -> None:
    folder = make_night(5)
    (layer,) = model.open(str(folder), plugin="napari-iris")
    assert isinstance(layer.data, FrameSequence)
    assert layer.data.shape == (5, 128, 160)
    assert layer.name == "night"
    assert layer.metadata["iris_sources"] == [str(folder)]
    assert tuple(layer.axis_labels) == ("frame", "y", "x")


def test_files_open_as_one_stack_in_natural_order(
    make_night: Callable[..., Path], model: Any
) -> None:
    folder = make_night(11)
    paths = [str(folder / f"sky_{number}.fits") for number in (1, 2, 10)]
    (layer,) = model.open(paths, plugin="napari-iris", stack=True)
    assert [path.name for path in layer.data.paths] == ["sky_1.fits", "sky_2.fits", "sky_10.fits"]
    assert layer.name == "3 frames"


def test_a_relative_folder_is_shown_as_an_absolute_path(
    make_night: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_night(1)
    monkeypatch.chdir(folder.parent)
    ((_, settings, _),) = read_layers("night")
    assert settings["metadata"]["iris_sources"] == [str(folder)]


def test_one_file_is_a_stack_of_one(make_night: Callable[..., Path], model: Any) -> None:
    (layer,) = model.open(str(make_night(1) / "sky_1.fits"), plugin="napari-iris")
    assert layer.data.shape == (1, 128, 160)
    assert layer.name == "sky_1.fits"


def test_a_cube_opens_as_its_planes(write_frame: Write, model: Any) -> None:
    planes = np.arange(4 * 24 * 32, dtype=np.float32).reshape(4, 24, 32)
    (layer,) = model.open(str(write_frame("cube.fits", planes)), plugin="napari-iris")
    np.testing.assert_array_equal(layer.data, planes)


def test_a_mask_file_opens_as_frame_and_labels(tmp_path: Path, model: Any) -> None:
    path = tmp_path / "sky_1_mask.fits"
    frame = np.linspace(600, 700, 12 * 16, dtype=np.float32).reshape(12, 16)
    mask = np.zeros((12, 16), np.uint8)
    mask[:3], mask[-1] = 1, 2
    write_mask(path, frame, mask, fits.Header(), {})
    image, labels = model.open(str(path), plugin="napari-iris")
    np.testing.assert_array_equal(image.data, frame)
    np.testing.assert_array_equal(labels.data, mask)
    assert labels.metadata["iris_frame"] == str(path)
    assert image.name == "sky_1_mask"


def test_a_pack_is_a_stack_of_frames_and_one_of_masks(tmp_path: Path, model: Any) -> None:
    pack = Pack(tmp_path / "mask.1-of-1_pack.fits", tmp_path / "journal")
    masks = [np.eye(8, 12, number, dtype=np.uint8) for number in range(3)]
    names = [f"sky_{number}_mask.fits" for number in range(3)]
    for name, mask in zip(names, masks, strict=True):
        frame = np.random.default_rng(0).normal(600, 9, mask.shape).astype(np.float32)
        images = mask_images(pack.path, frame, mask, fits.Header(), {})
        pack.add(pack_file(name, images, Mark("mask", name), tmp_path))
    pack.write(names)
    frames, labels = model.open(str(pack.path), plugin="napari-iris")
    assert frames.data.shape == labels.data.shape == (3, 8, 12)
    np.testing.assert_array_equal(np.asarray(labels.data), masks)
    assert frames.data.frame(1).path == pack.path / names[1]


def test_cloud_is_coloured_and_sky_is_not(tmp_path: Path, model: Any) -> None:
    path = tmp_path / "sky_1_mask.fits"
    write_mask(path, np.ones((8, 8), np.float32), np.eye(8, dtype=np.uint8), fits.Header(), {})
    labels = model.open(str(path), plugin="napari-iris")[1]
    assert labels.get_color(0) is None or labels.get_color(0)[3] == 0
    np.testing.assert_allclose(labels.get_color(1), [0x2E / 255, 0xC4 / 255, 1, 1], atol=0.01)
    assert CLOUD_COLORS[1] != CLOUD_COLORS[2]


def test_a_blank_mask_file_gets_finite_limits(tmp_path: Path) -> None:
    path = tmp_path / "blank_mask.fits"
    blank = np.full((8, 8), np.nan, np.float32)
    write_mask(path, blank, np.full((8, 8), 2, np.uint8), fits.Header(), {})
    (_, settings, _), _ = read_layers(str(path))
    low, high = settings["contrast_limits"]
    assert np.isfinite([low, high]).all()
    assert low < high


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"no FITS at all", "is damaged or not FITS")],
)
def test_a_damaged_file_gives_one_clear_error(
    tmp_path: Path, model: Any, content: bytes, reason: str
) -> None:
    path = tmp_path / "broken.fits"
    path.write_bytes(content)
    with pytest.raises(FrameError, match=reason) as caught:
        model.open(str(path), plugin="napari-iris")
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert len(model.layers) == 0


def test_a_damaged_mask_file_gives_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "broken_mask.fits"
    unit = fits.ImageHDU(np.full((8, 8), 9, np.uint8), name="MASK")
    fits.HDUList([fits.PrimaryHDU(np.ones((8, 8))), unit]).writeto(path)
    with pytest.raises(Exception, match="values from 9 to 9") as caught:
        read_layers(str(path))
    assert "\n" not in str(caught.value)


def test_a_damaged_frame_within_a_night_is_blank(
    make_night: Callable[..., Path], model: Any
) -> None:
    folder = make_night(4)
    (folder / "sky_3.fits").write_bytes(b"")
    (layer,) = model.open(str(folder), plugin="napari-iris")
    assert np.isnan(layer.data[2]).all()
    assert np.isfinite(layer.data[3]).all()


@pytest.mark.parametrize(
    "frames",
    [
        [np.full((16, 16), np.nan), np.full((16, 16), 600.0)],
        [np.full((16, 16), np.nan)],
        [np.full((16, 16), 600.0)],
        [np.where(np.eye(16) > 0, np.inf, 600.0)],
        [np.linspace(-1e30, 1e30, 256).reshape(16, 16)],
    ],
    ids=["one blank", "all blank", "constant", "infinite", "huge"],
)
def test_contrast_limits_are_finite_and_apart(
    write_frame: Write, model: Any, frames: list[np.ndarray]
) -> None:
    paths = [
        write_frame(f"night/{number}.fits", frame.astype(np.float32))
        for number, frame in enumerate(frames)
    ]
    (layer,) = model.open(str(paths[0].parent), plugin="napari-iris")
    low, high = layer.contrast_limits
    assert np.isfinite([low, high]).all()
    assert low < high


def test_contrast_limits_are_those_of_the_whole_night(
    make_night: Callable[..., Path], model: Any
) -> None:
    (layer,) = model.open(str(make_night(4)), plugin="napari-iris")
    low, high = layer.contrast_limits
    assert low == pytest.approx(600, abs=5)
    assert high == pytest.approx(900, abs=5)


def test_the_sample_night_opens_from_the_menu(model: Any) -> None:
    (layer,) = model.open_sample("napari-iris", "night")
    assert layer.name == "sample night"
    assert layer.data.shape == (30, 512, 640)
    assert layer.data.dtype == np.float32


def test_the_sample_night_knows_its_folder() -> None:
    ((_, settings, _),) = sample_night()
    (source,) = settings["metadata"]["iris_sources"]
    assert len(list(Path(source).glob("*.fits.fz"))) == 30


def test_gzipped_frames_open(write_frame: Write, model: Any) -> None:
    path = write_frame("a.fits")
    packed = path.with_name("a.fits.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    (layer,) = model.open(str(packed), plugin="napari-iris")
    np.testing.assert_array_equal(layer.data[0], fits.getdata(path))


def test_a_stored_mask_comes_back_as_it_was_saved(tmp_path: Path, model: Any) -> None:
    path = tmp_path / "sky_1_mask.fits"
    mask = np.arange(64, dtype=np.uint8).reshape(8, 8) % 3
    write_mask(path, np.ones((8, 8), np.float32), mask, fits.Header(), {})
    labels = model.open(str(path), plugin="napari-iris")[1]
    again = labels.save(str(tmp_path / "again_mask.fits"), plugin="napari-iris")
    np.testing.assert_array_equal(read_mask(Path(again[0])).mask, mask)
