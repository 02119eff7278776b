"""Importing published sets: the right truth for every frame, and labels by a person stay."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from napari_iris.errors import FileError, ProjectError
from napari_iris.frames.read import read_frame
from napari_iris.importers.import_set import import_set
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import write_mask
from napari_iris.project import database
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.importers.image_pair import Layout
    from napari_iris.importers.pictures import Colour

SHAPE = 24, 32


def numbers(*name: object) -> np.random.Generator:
    return np.random.default_rng(list("-".join(map(str, name)).encode()))


def photo_of(*name: object) -> np.ndarray:
    return numbers(*name).integers(0, 255, (*SHAPE, 3)).astype(np.uint8)


def truth_of(*name: object) -> np.ndarray:
    return (numbers("truth", *name).random(SHAPE) < 0.4).astype(np.uint8)


def draw(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def make_set(root: Path, layout: Layout, *names: str) -> Path:
    """Write a set of two by default, the pictures of which follow from its path and their names."""
    for name in names or ("1", "2"):
        photo, truth = photo_of(root, name), truth_of(root, name)
        match layout:
            case "swimseg":
                draw(root / "images" / f"{name}.png", photo)
                draw(root / "GTmaps" / f"{name}_GT.png", truth * 255)
            case "swimcat":
                draw(root / "A-sky" / "images" / f"A_{name}.png", photo)
            case "iris":
                root.mkdir(parents=True, exist_ok=True)
                units = [photo[..., 0].astype("f4"), truth.astype("f4"), truth * 0.9 + 0.05]
                primary, *rest = (unit[..., None].astype("f4") for unit in units)
                found = [fits.PrimaryHDU(primary), *map(fits.ImageHDU, rest)]
                fits.HDUList(found).writeto(root / f"{name}.fits", overwrite=True)
    return root


def take_in(
    project: Project, source: Path, layout: Layout, colour: Colour = "grey"
) -> tuple[list[Path], list[FileError]]:
    outcomes = list(import_set(project, source, layout, colour))
    failed = [outcome for outcome in outcomes if isinstance(outcome, FileError)]
    return [outcome for outcome in outcomes if not isinstance(outcome, FileError)], failed


def everything(project: Project) -> list[object]:
    """All rows of a project, and its files."""
    tables = ("project", "frame", "mask", "event")
    files = (path for path in sorted(project.folder.rglob("*.fits*")))
    return [
        *(
            project.repository.connection.execute(f"SELECT * FROM {name}").fetchall()
            for name in tables
        ),
        {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files},
    ]


@pytest.fixture
def empty(tmp_path: Path) -> object:
    with Project(tmp_path / "project", by="ada") as project:
        yield project


@pytest.mark.parametrize("colour", ["grey", "ratio", "rgb"])
def test_pictures_become_frames_and_truths_approved_masks(
    empty: Project, tmp_path: Path, colour: Colour
) -> None:
    source = make_set(tmp_path / "day", "swimseg", "10", "9")
    draw(source / "GTmaps" / "9_GT.png", np.zeros(SHAPE, np.uint8))
    done, failed = take_in(empty, source, "swimseg", colour)
    assert done == [empty.folder / "frames" / "day" / f"{name}.fits" for name in ("9", "10")]
    assert failed == []
    assert empty.status()["masks"] == {"auto": 0, "model": 0, "human": 2}
    for frame, name, truth, sky in (
        (1, "9", np.zeros(SHAPE), "clear"),
        (2, "10", truth_of(source, "10"), "cloudy"),
    ):
        np.testing.assert_array_equal(empty.mask(frame, "human"), truth)
        decision = empty.decision(frame)
        assert (decision.status, decision.frame_class, decision.by) == ("approved", sky, "ada")
        assert decision.how == "imported from swimseg"
        colours = photo_of(source, name)
        stored, header = fits.getdata(done[frame - 1], header=True)
        assert (header["ORIGFILE"], stored.dtype.name) == (f"{name}.png", "float32")
        assert header.get("COLORSPC") == {"ratio": "RATIO", "rgb": "RGB"}.get(colour)
        if colour == "rgb":
            np.testing.assert_array_equal(stored, np.moveaxis(colours, -1, 0))
        red, green, blue = np.moveaxis(colours.astype(float), -1, 0)
        expected = 0.299 * red + 0.587 * green + 0.114 * blue
        if colour == "ratio":
            expected = np.where(red + blue, 255 * red / np.maximum(red + blue, 1), 127.5)
        np.testing.assert_allclose(read_frame(done[frame - 1]).data, expected, atol=1e-4)


def test_a_class_is_a_class_and_no_mask(empty: Project, tmp_path: Path) -> None:
    source = make_set(tmp_path / "patches", "swimcat")
    shutil.copy(source / "A-sky/images/A_1.png", source / "A-sky/images/A_copy.png")
    take_in(empty, source, "swimcat")
    assert empty.status()["duplicates"]["same"] == 1
    assert empty.decision(1).frame_class == "clear"
    assert empty.decision(1).how == "imported from swimcat"
    assert empty.status()["masks"] == {"auto": 0, "model": 0, "human": 0}


def test_masks_made_by_programs_are_not_human(empty: Project, tmp_path: Path) -> None:
    source = make_set(tmp_path / "night", "iris")
    drawn = source / "3_mask.fits"
    card = {"METHOD": ("HUMAN", "how it was made")}
    write_mask(drawn, photo_of(3)[..., 0], truth_of(3), fits.Header(), card)
    done, failed = take_in(empty, source, "iris")
    assert (done, failed) == ([source / "1.fits", source / "2.fits", drawn], [])
    assert empty.status()["masks"] == {"auto": 2, "model": 2, "human": 1}
    assert [empty.decision(frame).status for frame in (1, 2, 3)] == ["auto", "auto", "approved"]
    for frame in (1, 2):
        for tag in ("auto", "model"):
            np.testing.assert_array_equal(empty.mask(frame, tag), truth_of(source, frame))
        assert empty.mask_facts(frame, "model").uncertainty == pytest.approx(0.1, abs=1e-6)
        assert empty.mask_facts(frame, "auto").by == "published"
    np.testing.assert_array_equal(empty.mask(3, "human"), truth_of(3))


DECISIONS: dict[str, Callable[[Project], object]] = {
    "nothing": lambda project: None,
    "a mask": lambda project: project.save_mask(1, truth_of("mine")),
    "approved": lambda project: project.approve(1, truth_of("mine")),
    "clear": lambda project: project.label(1, np.zeros(SHAPE, np.uint8), "clear", "by hand"),
    "rejected": lambda project: project.reject(1, "a bird"),
    "unsure": lambda project: project.set_class(1, "unsure"),
    "class taken back": lambda project: project.set_class(1, None),
    "a note": lambda project: project.set_note(1, "cirrus"),
    "reverted": lambda project: project.revert(1),
    "reopened": lambda project: project.reopen(1),
}


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("layout", ["swimseg", "swimcat", "iris"])
def test_a_repeated_import_changes_nothing(
    empty: Project, tmp_path: Path, layout: Layout, decision: str
) -> None:
    source = make_set(tmp_path / "set", layout)
    first = take_in(empty, source, layout)
    DECISIONS[decision](empty)
    before = everything(empty)
    with Project(empty.folder, by="ben") as again:
        assert take_in(again, source, layout) == first
        assert everything(again) == before


def test_existing_labels_by_a_person_stay(empty: Project, tmp_path: Path) -> None:
    source = make_set(tmp_path / "set", "iris", "1", "2", "3")
    list(index(empty, sorted(source.iterdir()), MaskConfig(shape=SHAPE), jobs=1))
    empty.save_mask(1, truth_of("mine"))
    empty.reject(2, "a bird")
    take_in(empty, source, "iris")
    np.testing.assert_array_equal(empty.mask(1), truth_of("mine"))
    statuses = [empty.decision(frame).status for frame in (1, 2, 3)]
    assert statuses == ["edited", "rejected", "auto"]
    for frame in (1, 2, 3):
        np.testing.assert_array_equal(empty.mask(frame, "auto"), truth_of(source, frame))
    drawn = tmp_path / "drawn" / "1_mask.fits"
    drawn.parent.mkdir()
    write_mask(drawn, photo_of(4)[..., 0], truth_of(4), fits.Header(), {"METHOD": ("HUMAN", "")})
    list(index(empty, [drawn], None))
    empty.save_mask(4, truth_of("mine"))
    take_in(empty, drawn.parent, "iris")
    np.testing.assert_array_equal(empty.mask(4), truth_of("mine"))
    assert empty.decision(4).status == "edited"


def test_sets_of_the_same_names_never_mix(empty: Project, tmp_path: Path) -> None:
    """Neither two sets nor two folders of one name, nor what lies in frames/ already."""
    mine = empty.folder / "frames" / "mine" / "1.fits"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"precious")
    none = make_set(tmp_path / "none/swimseg", "swimseg", "1")
    draw(none / "GTmaps" / "1_GT.png", truth_of("t").T * 255)
    take_in(empty, none, "swimseg")
    for place in ("swimseg", "swimseg_300", "other/swimseg", "third/swimseg", "set/mine"):
        take_in(empty, make_set(tmp_path / place, "swimseg"), "swimseg")
    (tmp_path / "link").symlink_to(tmp_path / "swimseg")
    assert empty.status()["frames"] == 10
    for again in ("link", "other/../swimseg", "third/swimseg/images/.."):
        take_in(empty, tmp_path / again, "swimseg")
    assert empty.status()["frames"] == 10
    for row, path in enumerate(empty.table.paths):
        folder = {
            "swimseg-2": "swimseg",
            "swimseg_300": "swimseg_300",
            "swimseg-3": "other/swimseg",
            "swimseg-4": "third/swimseg",
            "mine-2": "set/mine",
        }[path.parent.name]
        truth = truth_of(tmp_path / folder, path.stem)
        np.testing.assert_array_equal(empty.mask(int(empty.table.id[row])), truth)
    assert mine.read_bytes() == b"precious"


@pytest.mark.parametrize("source", [".", "..", "../set"])
def test_a_set_is_named_by_its_folder_whatever_the_path(
    empty: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    make_set(tmp_path / "set", "swimseg")
    monkeypatch.chdir(tmp_path / "set" / "images" if source == ".." else tmp_path / "set")
    done, _ = take_in(empty, Path(source), "swimseg")
    assert done == [empty.folder / "frames" / "set" / f"{name}.fits" for name in ("1", "2")]


@pytest.mark.parametrize("name", ["été", "空", "a" * 120, "it's", "a b", "line\nbreak", "%s {0}"])
def test_a_picture_may_have_any_name(empty: Project, tmp_path: Path, name: str) -> None:
    source = make_set(tmp_path / "été", "swimseg", name, "plain")
    done, failed = take_in(empty, source, "swimseg")
    assert failed == []
    assert {path.stem for path in done} == {name, "plain"}
    read_frame(done[0])
    assert empty.status()["masks"]["human"] == 2


def test_mismatches_are_reported_and_the_rest_is_imported(empty: Project, tmp_path: Path) -> None:
    source = make_set(tmp_path / "set", "swimseg", *"123456")
    (source / "GTmaps" / "2_GT.png").unlink()
    (source / "images" / "3.png").rename(source / "aside.png")
    (source / "GTmaps" / "4_GT.png").rename(source / "images" / "4.png")
    (source / "aside.png").rename(source / "GTmaps" / "4_GT.png")
    draw(source / "GTmaps" / "5_GT.png", truth_of("t").T * 255)
    done, failed = take_in(empty, source, "swimseg")
    assert [path.name for path in done] == ["1.fits", "6.fits"]
    assert {problem.path.name: problem.reason.split(",")[0] for problem in failed} == {
        "2.png": "has no truth of the same name",
        "3_GT.png": "has no image of the same name",
        "4.png": "looks like a mask",
        "5.png": "has shape (24",
    }
    assert Counter(path.name for path in empty.table.paths) == {"1.fits": 1, "6.fits": 1}


def test_a_frame_with_invalid_probabilities_is_left_out(empty: Project, tmp_path: Path) -> None:
    source = make_set(tmp_path / "set", "iris")
    with fits.open(source / "1.fits", mode="update") as units:
        units[2].data += 1
    done, [problem] = take_in(empty, source, "iris")
    assert (done, problem.path) == ([source / "2.fits"], source / "1.fits")
    assert list(empty.table.paths) == [source / "2.fits"]


def test_a_stopped_import_is_completed_later(empty: Project, tmp_path: Path) -> None:
    source = make_set(tmp_path / "set", "swimseg", *"1234")
    stopped = import_set(empty, source, "swimseg")
    next(stopped)
    stopped.close()
    assert len(take_in(empty, source, "swimseg")[0]) == 4
    assert empty.status()["masks"]["human"] == 4
    assert len(empty.history(1)) == len(empty.history(4)) == 3


@pytest.mark.parametrize("layout", ["swimseg", "iris"])
def test_a_locked_project_is_one_error(
    empty: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Layout
) -> None:
    source = make_set(tmp_path / "set", layout)
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    with (
        Project(empty.folder) as other,
        empty.repository.transaction(),
        pytest.raises(ProjectError, match="another program is writing to it"),
    ):
        list(import_set(other, source, layout))
