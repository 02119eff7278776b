"""Public data sets on the command line: counts, masks, and the names of files that fail."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from napari_iris.frames.read import read_frame
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PEOPLE = {
    "swimseg": ("swimseg", 60, "images/{}.png", "GTmaps/{}_GT.png"),
    "swimseg_300": ("swimseg", 200, "images/{}.png", "GTmaps/{}_GT.png"),
    "swinseg": ("swinseg", 60, "images/{}.jpg", "GTmaps/{}_GT.jpg"),
    "hyta": ("hyta", 32, "images/{}.jpg", "2GT/{}_GT.jpg"),
    "wsiseg": ("wsiseg", 40, "images/{}", "annotation/{}"),
}
"""Sets that people drew: layout, how many there are, and their files by name."""

NONE = {"unlabelled": 0, "auto": 0, "edited": 0, "approved": 0, "rejected": 0}


def status(cli: Callable[..., tuple], project: Path) -> dict[str, dict[str, int]]:
    """Give what ``status --json`` says, one line of it."""
    ran = cli("project", project, "status", "--json")
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    return json.loads(ran.out)


def truth_of(path: Path, layout: str) -> NDArray[np.int64]:
    """Read a truth as its set's own description says."""
    with Image.open(path) as picture:
        grey = np.asarray(picture.convert("L"))
    if layout == "wsiseg":
        return np.select([grey == 255, grey == 100, grey == 0], [1, 0, 2], 9)
    return (grey > 127).astype(int)


def photo_of(path: Path) -> NDArray[np.float64]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), float)


@pytest.mark.slow
@pytest.mark.parametrize("folder", PEOPLE)
def test_a_real_set_with_human_masks(
    cli: Callable[..., tuple], shared_data: Path, tmp_path: Path, folder: str
) -> None:
    layout, count, image, truth = PEOPLE[folder]
    source, out = shared_data / folder, tmp_path / "project"
    ran = cli("import", source, "--format", layout, "--out", out)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith(f"{count} frames imported; {out} has {count} (")
    skies: Counter[str] = Counter(clear=0, cloudy=0, unsure=0)
    with Project(out, read_only=True) as project:
        for row, path in enumerate(project.table.paths):
            expected = truth_of(source / truth.format(path.stem), layout)
            np.testing.assert_array_equal(project.mask(int(project.table.id[row])), expected)
            cloud = np.mean(expected[expected < 2])
            skies["cloudy" if cloud > 0.005 else "clear"] += 1
            assert project.table.cloud_fraction[row] == pytest.approx(cloud)
            if row % 20 == 0:
                photo = photo_of(source / image.format(path.stem))
                grey = photo @ [0.299, 0.587, 0.114]
                np.testing.assert_allclose(read_frame(path).data, grey, atol=1e-4)
    found = status(cli, out)
    assert found.pop("duplicates")["same"] == (1 if folder == "swimseg" else 0)
    assert found == {
        "frames": count,
        "status": NONE | {"approved": count},
        "class": skies,
        "masks": {"auto": 0, "model": 0, "human": count},
    }


@pytest.mark.slow
def test_the_real_set_of_classes(
    cli: Callable[..., tuple], shared_data: Path, tmp_path: Path
) -> None:
    source, out = shared_data / "swimcat", tmp_path / "project"
    assert cli("import", source, "--format", "swimcat", "--out", out, "--rgb").code == 0
    found = status(cli, out)
    assert found["class"] == {"clear": 60, "cloudy": 238, "unsure": 0}
    assert (found["frames"], found["masks"]) == (298, {"auto": 0, "model": 0, "human": 0})
    with Project(out, read_only=True) as project:
        for row, path in enumerate(project.table.paths):
            assert project.table.class_of(row) == ("clear" if path.name[0] == "A" else "cloudy")
        (picture,) = source.rglob(f"{path.stem}.*")
    np.testing.assert_array_equal(fits.getdata(path), np.moveaxis(photo_of(picture), -1, 0))


@pytest.mark.slow
def test_the_real_masked_frames(
    cli: Callable[..., tuple], shared_data: Path, tmp_path: Path
) -> None:
    source, out = shared_data / "lwir" / "frames", tmp_path / "project"
    for _ in range(2):
        assert cli("import", source, "--format", "iris", "--out", out).code == 0
        found = status(cli, out)
        assert found.pop("duplicates").keys() == {"same", "alike"}
        assert found == {
            "frames": 200,
            "status": NONE | {"auto": 200},
            "class": {"clear": 0, "cloudy": 0, "unsure": 0},
            "masks": {"auto": 200, "model": 200, "human": 0},
        }
    with Project(out, read_only=True) as project:
        assert project.repository.connection.execute("SELECT COUNT(*) FROM mask").fetchone() == (
            400,
        )
        assert {path.parent for path in project.table.paths} == {source.absolute()}
        for frame, path in zip(project.table.id.tolist(), project.table.paths, strict=True):
            for unit, tag in ((1, "auto"), (2, "model")):
                published = fits.getdata(path, unit)[..., 0] > 0.5
                np.testing.assert_array_equal(project.mask(frame, tag), published)


@pytest.mark.slow
def test_two_real_sets_of_the_same_names_share_a_project(
    cli: Callable[..., tuple], shared_data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "project"
    for folder, total in (("swimseg", 60), ("swimseg_300", 260), ("swimseg", 260)):
        ran = cli("import", shared_data / folder, "--format", "swimseg", "--out", out)
        assert ran.code == 0
        assert f"has {total} (" in ran.err
    with Project(out, read_only=True) as project:
        for row, path in list(enumerate(project.table.paths))[::10]:
            source = shared_data / path.parent.name
            expected = truth_of(source / "GTmaps" / f"{path.stem}_GT.png", "swimseg")
            np.testing.assert_array_equal(project.mask(int(project.table.id[row])), expected)
            assert project.shape_of(row) == expected.shape
            assert len(project.history(int(project.table.id[row]))) == 3


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Set of four pictures of noise with masks of noise."""
    rng = np.random.default_rng(0)
    for name in "1234":
        photo = rng.integers(0, 255, (24, 32, 3)), f"images/{name}.png"
        truth = rng.integers(0, 2, (24, 32)) * 255, f"GTmaps/{name}_GT.png"
        for pixels, place in (photo, truth):
            (tmp_path / "small" / place).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "small" / place)
    return tmp_path / "small"


def test_unmatched_files_are_named_and_the_others_imported(
    cli: Callable[..., tuple], small: Path, tmp_path: Path
) -> None:
    (small / "GTmaps" / "2_GT.png").unlink()
    (small / "images" / "3.png").write_bytes(b"no picture")
    words = ("import", small, "--format", "swimseg", "--out", tmp_path / "project")
    ran = cli(*words)
    assert ran.code == 1
    first, second, summary = ran.err.splitlines()
    assert (
        first == f"{small}/images/2.png: has no truth of the same name; add its truth, or remove it"
    )
    assert "images/3.png: is damaged or not a picture" in second
    assert summary.startswith(f"2 frames imported; {tmp_path / 'project'} has 2 (2 failed; ")
    ran = cli(*words, "--json")
    assert (ran.code, ran.err) == (1, "")
    start, *middle, end = map(json.loads, ran.out.splitlines())
    assert start == {"event": "start", "total": 4}
    failed = [event["file"] for event in middle if event["event"] == "failed"]
    assert failed == [f"{small}/images/{name}.png" for name in (2, 3)]
    masks = {"auto": 0, "model": 0, "human": 2}
    assert end == {"event": "end", "done": 4, "failed": 2, "masks": masks}


@pytest.mark.parametrize("colour", ["--grey", "--ratio", "--rgb", None])
def test_colour_is_kept_with_rgb_and_else_becomes_one_value(
    cli: Callable[..., tuple], small: Path, tmp_path: Path, colour: str | None
) -> None:
    words = [colour] if colour else []
    out = tmp_path / "project"
    assert cli("import", small, "--format", "swimseg", "--out", out, *words).code == 0
    path = out / "frames" / "small" / "1.fits"
    assert fits.getdata(path).shape == ((3, 24, 32) if colour == "--rgb" else (24, 32))
    photo = photo_of(small / "images" / "1.png")
    expected = photo @ [0.299, 0.587, 0.114]
    if colour == "--ratio":
        expected = 255 * photo[..., 0] / (photo[..., 0] + photo[..., 2])
    np.testing.assert_allclose(read_frame(path).data, expected, atol=1e-4)
    before = status(cli, out)
    assert cli("project", out, "index", out / "frames" / "small", "--no-masks").code == 0
    assert status(cli, out) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gone", "--format", "swimseg"], "gone: does not exist; check the name"),
        (["small", "--format", "hyta"], "holds no folders images/ and 2GT/, the hyta layout; give"),
        (["small", "--format", "swinseg"], "is not swinseg, whose masks are JPG; is it swimseg?"),
        (["small", "--format", "iris"], "holds no FITS file with a mask in HDU 1"),
        (["small/images/1.png", "--format", "swimcat"], "is not a folder; unpack the set"),
        (["small", "--format", "eumetsat"], "argument --format: invalid choice: 'eumetsat'"),
        (["small"], "the following arguments are required: --format"),
        (["small", "--format", "swimseg", "--grey", "--rgb"], "not allowed with argument --grey"),
    ],
)
def test_a_wrong_folder_or_format_gives_code_2_and_creates_no_project(
    cli: Callable[..., tuple], small: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    ran = cli("import", tmp_path / words[0], *words[1:], "--out", tmp_path / "project")
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.startswith("napari-iris import: ")
    assert ran.err.count("\n") == 1, "one line"
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("small/images/1.png", "cannot be created (File exists); choose another folder"),
        ("foreign", "its iris.db is damaged"),
    ],
)
def test_a_project_that_cannot_be_created_gives_code_2(
    cli: Callable[..., tuple], small: Path, tmp_path: Path, out: str, message: str
) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "iris.db").write_bytes(b"not SQLite at all" * 99)
    ran = cli("import", small, "--format", "swimseg", "--out", tmp_path / out)
    assert ran.code == 2
    assert message in ran.err
    assert ran.err.count("\n") == 1, "one line"
