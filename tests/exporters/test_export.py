"""Exports: they equal the project, and no human mask is lost."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from pydantic import ValidationError

from napari_iris.errors import FileError, MaskError
from napari_iris.exporters import coco
from napari_iris.exporters.coco import bounding_box, run_lengths
from napari_iris.exporters.export import ExportConfig, export, selected_rows
from napari_iris.exporters.png_exporter import stretch
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.labels import STATUSES
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.mask_file import is_drawn_by_person, read_mask, write_mask
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.records import MaskFacts, NewMask
from napari_iris.sky import SimulationConfig, write_simulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHAPE = (24, 30)
AUTO = MaskConfig(shape=SHAPE)
DRAWN = (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) // 7 % 3).astype(np.uint8)
OTHER = np.roll(DRAWN, 1, axis=0)
NOTE = 'halo, "bright"\nsecond line; übrigens'
FORMATS = ("fits", "png", "coco", "csv")
WITH_FILES = FORMATS[:3]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a frame of every kind in its own ``frames/``, and the first one twice.

    Frame n has the number n + 1, and its row but for the twin.
    """
    folder = tmp_path_factory.mktemp("export") / "project"
    config = SimulationConfig(count=6, seed=3, shape=(48, 60), truth_shape=(12, 15))
    frames = list(write_simulation(config, folder))
    frames.append(frames[0].with_name("twin.fits"))
    frames[-1].write_bytes(frames[0].read_bytes())
    with Project(folder, by="Zoë") as project:
        assert all(isinstance(path, Path) for path in index(project, frames, AUTO, jobs=1))
        project.approve(1, DRAWN)
        project.set_note(1, NOTE)
        project.approve(2)
        project.label(3, np.zeros(SHAPE, np.uint8), "clear", "key 0")
        project.reject(4, "dew")
        model = NewMask(project.store.save(OTHER, durable=False), 0.25, None, None, "unet", 0.4)
        with project.repository.transaction() as transaction:
            transaction.add_mask(5, "model", model, "unet-lwir")
            transaction.set_parts([("test", 1), ("test", 5)])
        project.save_mask(6, np.full(SHAPE, 2, np.uint8))
    return folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Iterator[Project]:
    """The same project, of the test's own."""
    shutil.copytree(template, tmp_path / "project")
    with Project(tmp_path / "project", by="Zoë") as project:
        yield project


@pytest.fixture
def frames(project: Project) -> list[Path]:
    """Its frames' files, by their number."""
    names = [*(f"sim_{number:06d}" for number in range(6)), "twin"]
    return [project.folder / "frames" / f"{name}.fits" for name in names]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def run(project: Project, out: Path, form: str = "fits", **options: Any) -> list[Any]:
    config = ExportConfig.model_validate({"format": form, **options})
    outcomes = list(export(project, out, config))
    assert not list(out.glob("*.part")), "no half file is left"
    return outcomes


def errors(outcomes: list[Any]) -> list[FileError]:
    return [outcome for outcome in outcomes if isinstance(outcome, FileError)]


def table(out: Path) -> dict[str, dict[str, str]]:
    """Lines of labels.csv by the stem of their frame."""
    with (out / "labels.csv").open(newline="", encoding="utf-8") as file:
        return {Path(row["frame"]).stem: row for row in csv.DictReader(file)}


def decode(counts: list[int], size: list[int]) -> np.ndarray:
    """Selected pixels of an uncompressed run-length encoding, as the COCO format says."""
    height, width = size
    selected = np.zeros((height, width), bool)
    place, value = 0, False
    for count in counts:
        for pixel in range(place, place + count):
            selected[pixel % height, pixel // height] = value
        place, value = place + count, not value
    assert place == height * width, "the runs cover the image"
    return selected


def exported_masks(out: Path, form: str) -> dict[str, np.ndarray]:
    """Masks of an export, by the stem of their frame, read as somebody else would."""
    rows = {stem: row for stem, row in table(out).items() if row["mask"]}
    if form in ("fits", "csv"):
        unit = 1 if form == "fits" else 0
        return {stem: fits.getdata(out / row["mask"], unit) for stem, row in rows.items()}
    if form == "png":
        values = {0: 0, 255: 1, 127: 2}
        masks = {stem: np.asarray(Image.open(out / row["mask"])) for stem, row in rows.items()}
        return {stem: np.vectorize(values.__getitem__)(mask) for stem, mask in masks.items()}
    content = json.loads((out / "annotations.json").read_bytes())
    names = {image["id"]: Path(image["file_name"]).stem for image in content["images"]}
    masks = {
        Path(i["file_name"]).stem: np.zeros((i["height"], i["width"])) for i in content["images"]
    }
    for annotation in content["annotations"]:
        selected = decode(annotation["segmentation"]["counts"], annotation["segmentation"]["size"])
        masks[names[annotation["image_id"]]][selected] = annotation["category_id"]
    assert masks.keys() == rows.keys()
    return masks


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("tag", ["best", "auto", "human"])
def test_exported_masks_are_read_back_unchanged(
    project: Project, out: Path, form: str, tag: Any
) -> None:
    outcomes = run(project, out, form, tag=tag, status=STATUSES)
    found = exported_masks(out, form)
    expected = {
        project.table.paths[row].stem: project.mask(int(frame), None if tag == "best" else tag)
        for row, frame in enumerate(project.table.id)
    }
    assert len(expected) == 7
    expected = {stem: mask for stem, mask in expected.items() if mask is not None}
    assert found.keys() == expected.keys()
    for stem, mask in expected.items():
        np.testing.assert_array_equal(found[stem], mask)
    files = [outcome for outcome in outcomes if isinstance(outcome, Path)]
    assert sorted(files) == sorted(out.iterdir()), "each file is named, once"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("options", "stems"),
    [
        ({}, [0, 1, 2]),
        ({"status": ("rejected",)}, [3]),
        ({"status": ("auto", "edited")}, [4, 5, "twin"]),
        ({"status": STATUSES, "part": "test"}, [0, 4]),
        ({"part": "test"}, [0]),
        ({"part": "train"}, []),
    ],
)
def test_only_selected_frames_are_exported(
    project: Project, out: Path, form: str, options: dict[str, Any], stems: list[Any]
) -> None:
    names = {stem if stem == "twin" else f"sim_{stem:06d}" for stem in stems}
    assert not errors(run(project, out, form, **options))
    assert set(table(out)) == names
    assert set(exported_masks(out, form)) == names
    assert len(selected_rows(project.table, ExportConfig.model_validate(options))) == len(names)


@pytest.mark.parametrize(
    "options",
    [{"format": "tiff"}, {"status": ()}, {"status": ("done",)}, {"tag": "mine"}, {"part": "rest"}],
)
def test_invalid_settings_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ExportConfig.model_validate(options)


def test_every_option_has_a_description() -> None:
    assert all(field.description for field in ExportConfig.model_fields.values())


def test_the_table_describes_each_label(project: Project, frames: list[Path], out: Path) -> None:
    run(project, out, "csv", status=STATUSES)
    rows = table(out)
    auto = project.mask_facts(1, "auto")
    assert auto is not None
    assert auto.trust is not None
    drawn = dict(rows["sim_000000"])
    at = datetime.fromisoformat(drawn.pop("labelled_at"))
    assert 0 <= (datetime.now(UTC) - at).total_seconds() < 3600
    assert float(drawn.pop("trust")) == pytest.approx(auto.trust, rel=1e-4)
    assert float(drawn.pop("cloud_fraction")) == pytest.approx(0.5, abs=0.05)
    mask = Path(drawn.pop("mask"))
    np.testing.assert_array_equal(fits.getdata(mask), DRAWN)
    assert drawn == {
        "frame": str(frames[0]),
        "date_obs": str(project.table.time[0]),
        "status": "approved",
        "class": "cloudy",
        "uncertainty": "",
        "part": "test",
        "labelled_by": "Zoë",
        "how": "approved",
        "note": NOTE,
        "reason": "",
        "same_as": "",
        "image": "",
    }
    assert datetime.fromisoformat(drawn["date_obs"])
    assert rows["sim_000001"]["how"] == "approved as auto"
    assert (rows["sim_000002"]["class"], rows["sim_000002"]["cloud_fraction"]) == ("clear", "0")
    assert (rows["sim_000003"]["status"], rows["sim_000003"]["reason"]) == ("rejected", "dew")
    assert float(rows["sim_000004"]["uncertainty"]) == pytest.approx(0.4)
    assert (rows["sim_000004"]["labelled_by"], rows["sim_000004"]["labelled_at"]) == ("", "")
    assert rows["sim_000005"]["cloud_fraction"] == "", "nothing of the sky is seen"
    assert rows["twin"]["same_as"] == str(frames[0])


@pytest.mark.parametrize("form", FORMATS)
def test_the_table_is_written_with_every_format(project: Project, out: Path, form: str) -> None:
    assert run(project, out, form)[-1] == out / "labels.csv"
    for row in table(out).values():
        assert (out / row["mask"]).is_file()
        assert not row["image"] or (out / row["image"]).is_file()
        assert bool(row["image"]) == (form in ("png", "coco"))


def test_a_frame_without_a_time_has_none(
    project: Project, out: Path, write_frame: Callable[..., Path]
) -> None:
    list(index(project, [write_frame("undated/a.fits")], None))
    run(project, out, "csv", status=("unlabelled",))
    assert table(out)["a"]["date_obs"] == ""
    assert table(out)["a"]["mask"] == ""


def test_a_copy_names_the_frame_it_duplicates(
    project: Project, frames: list[Path], out: Path
) -> None:
    copy = project.folder / "again.fits"
    copy.write_bytes(frames[5].read_bytes())
    list(index(project, [copy], None))
    run(project, out, "csv", status=STATUSES)
    assert {stem: row["same_as"] for stem, row in table(out).items() if row["same_as"]} == {
        "twin": str(frames[0]),
        "again": str(frames[5]),
    }


def test_a_fits_file_has_the_frame_and_its_mask(
    project: Project, frames: list[Path], out: Path
) -> None:
    run(project, out)
    for number, path in enumerate(frames[:3]):
        target = out / f"{path.stem}_mask.fits"
        with fits.open(target) as units:
            units.verify("exception")
            assert [unit.name for unit in units] == ["PRIMARY", "MASK"]
        frame, found = read_frame(path), read_mask(target)
        np.testing.assert_array_equal(found.frame, rebin(frame.data, SHAPE))
        assert found.header["DATE-OBS"] == frame.header["DATE-OBS"]
        assert is_drawn_by_person(target), f"frame {number} is approved"


@pytest.mark.parametrize(
    ("frame", "tag", "expected"),
    [
        (1, "best", {"METHOD": "HUMAN", "LABELER": "Zo?", "STATUS": "approved", "CLASS": "cloudy"}),
        (2, "human", {"METHOD": "HUMAN", "LABELER": "Zo?", "STATUS": "approved"}),
        (3, "best", {"METHOD": "HUMAN", "CLDFRAC": 0, "CLASS": "clear", "THRESH": None}),
        (1, "auto", {"LABELER": None, "LABELDAT": None, "STATUS": "approved", "UNCERT": None}),
        (4, "best", {"LABELER": None, "STATUS": "rejected", "CLASS": None}),
        (5, "model", {"METHOD": "UNET", "STATUS": "auto", "UNCERT": 0.4, "CLDFRAC": 0.25}),
        (5, "best", {"METHOD": "UNET", "TRUST": None}),
        (6, "best", {"METHOD": "HUMAN", "STATUS": "edited", "CLDFRAC": None}),
    ],
)
def test_cards_say_how_and_by_whom_the_mask_was_made(
    project: Project, out: Path, frame: int, tag: Any, expected: dict[str, object]
) -> None:
    run(project, out, tag=tag, status=STATUSES)
    header = read_mask(out / f"sim_{frame - 1:06d}_mask.fits").mask_header
    assert {keyword: header.get(keyword) for keyword in expected} == expected
    facts = project.mask_facts(frame, None if tag == "best" else tag)
    assert facts is not None
    if facts.tag == "human":
        assert datetime.fromisoformat(header["LABELDAT"]).timestamp() == facts.at // 1_000_000
    if facts.tag == "auto":
        assert header["METHOD"] == facts.method.upper()
        assert header["THRESH"] == pytest.approx(facts.threshold)
        assert header["TRUST"] == pytest.approx(facts.trust, abs=1e-6)


def test_facts_are_of_the_active_mask(project: Project) -> None:
    best = project.mask_facts(5)
    assert best is not None
    assert best == project.mask_facts(5, "model")
    assert best == MaskFacts(
        "model", best.name, 0.25, None, 0.4, None, "unet", "unet-lwir", best.at
    )
    np.testing.assert_array_equal(project.store.read(best.name), OTHER)
    assert project.mask_facts(5, "human") is None
    project.revert(1)
    assert project.mask_facts(1) == project.mask_facts(1, "auto")


@given(
    hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.booleans())
)
def test_run_lengths_decode_to_the_selection(selected: np.ndarray) -> None:
    counts = run_lengths(selected)
    np.testing.assert_array_equal(decode(counts, list(selected.shape)), selected)
    assert all(counts[1:]), "no empty run but the first"
    if selected.any():
        left, top, width, height = bounding_box(selected)
        inside = np.zeros_like(selected)
        inside[top : top + height, left : left + width] = True
        assert not (selected & ~inside).any()
        box = selected[inside].reshape(height, width)
        assert box[0].any()
        assert box[-1].any()
        assert box[:, 0].any()
        assert box[:, -1].any()


@pytest.mark.parametrize(
    ("selected", "counts"),
    [
        ([[0, 1], [0, 1]], [2, 2]),
        ([[1, 1], [0, 1]], [0, 1, 1, 2]),
        ([[0, 0]], [2]),
        ([[1, 1]], [0, 2]),
        ([[1]], [0, 1]),
    ],
)
def test_run_lengths_go_down_the_columns(selected: object, counts: list[int]) -> None:
    assert run_lengths(np.array(selected, bool)) == counts


def test_coco_annotates_cloud_and_ignored_pixels(project: Project, out: Path) -> None:
    run(project, out, "coco", status=STATUSES)
    content = json.loads((out / "annotations.json").read_bytes())
    assert [(one["id"], one["name"]) for one in content["categories"]] == [
        (1, "cloud"),
        (2, "ignore"),
    ]
    of_first = [one for one in content["annotations"] if one["image_id"] == 1]
    assert [(one["category_id"], one["iscrowd"]) for one in of_first] == [(1, 0), (2, 1)]
    assert [one["area"] for one in of_first] == [np.sum(DRAWN == 1), np.sum(DRAWN == 2)]
    assert all(one["bbox"] == bounding_box(one["category_id"] == DRAWN) for one in of_first)
    assert all(one["segmentation"]["size"] == list(SHAPE) for one in of_first)
    assert not [one for one in content["annotations"] if one["image_id"] == 3], "a clear sky"
    numbers = [one["id"] for one in content["annotations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    first = next(image for image in content["images"] if image["id"] == 1)
    assert first == {
        "id": 1,
        "file_name": "sim_000000.png",
        "height": SHAPE[0],
        "width": SHAPE[1],
        "date_captured": str(project.table.time[0]),
    }
    assert len(content["images"]) == 7


def test_coco_without_frames_is_valid(project: Project, out: Path) -> None:
    run(project, out, "coco", part="train")
    content = json.loads((out / "annotations.json").read_bytes())
    assert (content["images"], content["annotations"]) == ([], [])


@pytest.mark.parametrize("form", ["png", "coco"])
def test_pictures_have_the_masks_shape(
    project: Project, frames: list[Path], out: Path, form: str
) -> None:
    run(project, out, form)
    with Image.open(out / "sim_000000.png") as picture:
        assert (picture.mode, picture.size) == ("L", SHAPE[::-1])
        expected = stretch(rebin(read_frame(frames[0]).data, SHAPE))
        np.testing.assert_array_equal(np.asarray(picture), expected)


def damage(project: Project, frames: list[Path], what: str) -> Path:
    """Damage something of the second frame; give the file that is to be named."""
    facts = project.mask_facts(2)
    assert facts is not None
    mask = project.store.path(facts.name)
    if what == "frame gone":
        frames[1].unlink()
    elif what == "frame cut":
        frames[1].write_bytes(frames[1].read_bytes()[:3000])
    elif what == "frame too small":
        fits.PrimaryHDU(np.ones((4, 4), np.int16)).writeto(frames[1], overwrite=True)
    elif what == "mask gone":
        mask.unlink()
        return mask
    elif what == "mask cut":
        mask.write_bytes(gzip.compress(b"SIMPLE"))
        return mask
    return frames[1]


@pytest.mark.parametrize("form", WITH_FILES)
@pytest.mark.parametrize(
    "what", ["frame gone", "frame cut", "frame too small", "mask gone", "mask cut"]
)
def test_a_damaged_frame_is_reported_and_the_rest_is_exported(
    project: Project, frames: list[Path], out: Path, form: str, what: str
) -> None:
    culprit = damage(project, frames, what)
    (error,) = errors(run(project, out, form))
    assert error.path == culprit
    assert str(error).isprintable(), "one line"
    assert set(exported_masks(out, form)) == {"sim_000000", "sim_000002"}
    assert table(out)["sim_000001"]["mask"] == ""
    assert not list(out.glob("sim_000001*"))


def test_the_table_needs_no_frames(project: Project, frames: list[Path], out: Path) -> None:
    for path in frames:
        path.unlink()
    assert not errors(run(project, out, "csv", status=STATUSES))
    assert len(table(out)) == 7


@pytest.mark.parametrize("form", WITH_FILES)
def test_a_frame_without_the_selected_mask_is_reported(
    project: Project, frames: list[Path], out: Path, form: str
) -> None:
    problems = errors(run(project, out, form, tag="model"))
    assert [problem.path for problem in problems] == frames[:3]
    assert "has no mask to export; choose another --tag" in str(problems[0])
    assert not exported_masks(out, form)
    assert not errors(run(project, out, form, tag="model", status=("auto",), part="test"))
    np.testing.assert_array_equal(exported_masks(out, form)["sim_000004"], OTHER)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_written_beside_the_frames(
    project: Project, frames: list[Path], tmp_path: Path, form: str
) -> None:
    night = frames[0].parent
    before = sorted(night.iterdir())
    (tmp_path / "link").symlink_to(night)
    for folder in (night, tmp_path / "link", night / ".." / "frames"):
        with pytest.raises(FileError, match="nothing is written beside them"):
            run(project, folder, form)
    assert sorted(night.iterdir()) == before
    assert not errors(run(project, night / "labels", form)), "a folder of its own will do"


def test_a_folder_that_cannot_be_created_is_an_error(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be created"):
        run(project, tmp_path / "file")


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_can_be_repeated(project: Project, out: Path, form: str) -> None:
    run(project, out, form, status=STATUSES)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert not errors(run(project, out, form, status=STATUSES))
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def put_mask(out: Path, mask: np.ndarray, method: str | None, form: str = "fits") -> Path:
    """Put a mask where that of the first frame is to go."""
    out.mkdir(exist_ok=True)
    target = out / f"sim_000000_mask.{form}"
    if form == "png":
        Image.fromarray(np.array([0, 255, 127], np.uint8)[mask]).save(target)
    else:
        cards = {"METHOD": (method, "")} if method else {}
        write_mask(target, np.ones(mask.shape, np.float32), mask, fits.Header(), cards)
    return target


@pytest.mark.parametrize(
    ("there", "method", "tag", "outcome"),
    [
        ("other", "HUMAN", "best", "refused"),
        ("other", "HUMAN", "auto", "refused"),
        ("other", "RECIPE", "best", "replaced"),
        ("other", None, "best", "replaced"),
        ("same", "HUMAN", "best", "replaced"),
        ("earlier", "HUMAN", "best", "replaced"),
        ("same", "HUMAN", "auto", "refused"),
        ("automatic", "HUMAN", "auto", "left"),
        ("automatic", "RECIPE", "auto", "replaced"),
        ("another shape", "HUMAN", "best", "refused"),
        ("other", "png", "best", "refused"),
        ("other", "png", "auto", "refused"),
        ("same", "png", "best", "replaced"),
        ("earlier", "png", "best", "replaced"),
        ("automatic", "png", "best", "replaced"),
        ("same", "png", "auto", "refused"),
        ("earlier", "png", "auto", "refused"),
        ("automatic", "png", "auto", "replaced"),
    ],
)
def test_a_human_mask_is_not_lost(
    project: Project, out: Path, there: str, method: str | None, tag: Any, outcome: str
) -> None:
    earlier = np.ascontiguousarray(OTHER.T.reshape(SHAPE))
    project.save_mask(1, earlier)
    project.approve(1, DRAWN)
    automatic = project.mask(1, "auto")
    assert automatic is not None
    masks = {"same": DRAWN, "earlier": earlier, "automatic": automatic, "another shape": DRAWN.T}
    form = "png" if method == "png" else "fits"
    target = put_mask(out, masks.get(there, OTHER), method, form)
    before = target.read_bytes()
    outcomes = run(project, out, form, tag=tag)
    problems = errors(outcomes)
    assert (target.read_bytes() == before) == (outcome in ("refused", "left"))
    assert [problem.path for problem in problems] == ([target] if outcome == "refused" else [])
    assert len(exported_masks(out, form)) == (2 if outcome == "refused" else 3)
    if outcome == "refused":
        assert isinstance(problems[0], MaskError)
        assert "is a human mask" in str(problems[0])
        assert not (out / "sim_000000.png").exists(), "no half pair"
    else:
        exported = exported_masks(out, form)["sim_000000"]
        np.testing.assert_array_equal(exported, DRAWN if tag == "best" else automatic)


def write_text(path: Path) -> None:
    path.write_text("mine")


@pytest.mark.parametrize(
    ("form", "name", "make", "message"),
    [
        ("fits", "sim_000000_mask.fits", write_text, "is not a mask file"),
        ("fits", "sim_000000_mask.fits", Path.mkdir, "cannot be read"),
        ("png", "sim_000000_mask.png", write_text, "is not a mask of napari-iris"),
        ("png", "sim_000000_mask.png", Path.mkdir, "is not a mask of napari-iris"),
        ("png", "sim_000000.png", write_text, "was not written by napari-iris"),
        ("coco", "sim_000000.png", write_text, "was not written by napari-iris"),
        (
            "png",
            "sim_000000.png",
            lambda path: Image.new("L", (30, 24)).save(path),
            "was not written by napari-iris",
        ),
        (
            "png",
            "sim_000000_mask.png",
            lambda path: Image.new("RGB", (30, 24)).save(path),
            "is not a mask of napari-iris",
        ),
        (
            "fits",
            "sim_000000_mask.fits",
            lambda path: path.write_bytes(b"METHOD  = 'HUMAN   '"),
            "holds no mask",
        ),
    ],
)
def test_files_from_elsewhere_are_kept(
    project: Project,
    out: Path,
    form: str,
    name: str,
    make: Callable[[Path], object],
    message: str,
) -> None:
    out.mkdir()
    make(out / name)
    before = None if (out / name).is_dir() else (out / name).read_bytes()
    (problem,) = errors(run(project, out, form))
    assert problem.path == out / name
    assert message in str(problem)
    assert (out / name).is_dir() if before is None else (out / name).read_bytes() == before
    assert set(exported_masks(out, form)) == {"sim_000001", "sim_000002"}


@pytest.mark.parametrize("make", [write_text, Path.mkdir])
@pytest.mark.parametrize(
    ("form", "name"), [("csv", "labels.csv"), ("fits", "labels.csv"), ("coco", "annotations.json")]
)
def test_tables_from_elsewhere_are_kept(
    project: Project, out: Path, form: str, name: str, make: Callable[[Path], object]
) -> None:
    out.mkdir()
    make(out / name)
    with pytest.raises(FileError) as raised:
        run(project, out, form)
    assert raised.value.path == out / name
    assert [path.name for path in out.iterdir()] == [name]


@pytest.mark.parametrize("form", WITH_FILES)
def test_frames_with_the_same_name_get_their_folders_names(
    project: Project, tmp_path: Path, out: Path, write_frame: Callable[..., Path], form: str
) -> None:
    run(project, out, form)
    before = exported_masks(out, form)
    names = {
        "other/sim_000000.fits": "other_sim_000000",
        "deep/other/SIM_000000.fit": "deep_other_SIM_000000",
        "masked/sim_000000_mask.fits": "masked_sim_000000_mask",
        "deep/other_sim_000000.fits": f"{tmp_path.name}_deep_other_sim_000000",
        "other/sim_000000.fits.gz": f"{tmp_path.name}_other_sim_000000",
    }
    masks = {}
    for number, name in enumerate(names):
        path = write_frame(name)
        list(index(project, [path], None))
        masks[path] = np.roll(DRAWN, number + 1)
        project.approve(int(project.table.id.max()), masks[path])
    assert not errors(run(project, out, form, tag="human"))
    with (out / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = {Path(row["frame"]): row for row in csv.DictReader(file)}
    ending = "_mask.fits" if form == "fits" else ".png"
    for path, name in zip(masks, names.values(), strict=True):
        assert rows[path]["mask" if form == "fits" else "image"] == name + ending
        if form == "fits":
            np.testing.assert_array_equal(read_mask(out / f"{name}{ending}").mask, masks[path])
    assert len(list(out.glob(f"*{ending}"))) == 8 * (2 if form == "png" else 1)
    run(project, out, form, part="test")
    np.testing.assert_array_equal(exported_masks(out, form)["sim_000000"], before["sim_000000"])


@pytest.mark.parametrize("form", FORMATS)
def test_an_abandoned_export_keeps_the_older_tables(project: Project, out: Path, form: str) -> None:
    run(project, out, form, status=("rejected",))
    tables = [path for path in out.iterdir() if path.suffix in (".csv", ".json")]
    before = [path.read_bytes() for path in tables]
    config = ExportConfig.model_validate({"format": form, "tag": "model"})
    progress = export(project, out, config)
    next(progress)
    if form != "csv":  # whose first word is its last
        progress.close()
        assert [path.read_bytes() for path in tables] == before
    assert not list(out.glob("*.part"))


def test_a_full_disk_keeps_the_older_annotations(
    project: Project, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(project, out, "coco")
    before = {path: path.read_bytes() for path in out.iterdir()}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(coco, "run_lengths", fail)
    with pytest.raises(FileError, match=r"annotations.json: cannot be written .No space left"):
        run(project, out, "coco")
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_a_read_only_project_can_be_exported(project: Project, out: Path) -> None:
    with Project(project.folder, read_only=True) as reader:
        assert not errors(run(reader, out))
    assert len(exported_masks(out, "fits")) == 3
