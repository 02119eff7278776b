"""The package as it is installed: wheel, sdist and editable, and a server without a window."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trove_classifiers
import yaml

from napari_iris import __version__, resources

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "napari_iris"
WINDOW = (
    "napari",
    "qtpy",
    "magicgui",
    "pyqtgraph",
    "superqt",
    "PyQt6",
    "PyQt5",
    "PySide6",
    "matplotlib",
)

BLOCKER = f"""
from importlib.machinery import PathFinder

find_spec = PathFinder.find_spec

def without_window(name, path=None, target=None):
    return None if name.partition(".")[0] in {WINDOW!r} else find_spec(name, path, target)

PathFinder.find_spec = without_window
"""
"""A sitecustomize module: no process with it on its path can import a window or matplotlib."""

NIGHT = ("--count", "3", "--sky", "cloudy", "--seed", "4")

HERE = """
import napari_iris, napari_iris.resources as resources
print(napari_iris.__file__)
print(len(list(resources.sample_night().glob("*.fits.fz"))))
print(sorted(path.parent.name for path in resources.models_folder().glob("*/model.json")))
"""

LIBRARY = """
import napari_iris as iris
frame = iris.simulate(1, sky="cloudy", seed=3)[0]
print(iris.mask(frame).sky, iris.predict(frame).probability.shape)
"""

MANIFEST = """
from npe2 import PluginManifest
print(PluginManifest.from_distribution("napari-iris").display_name)
"""


def test_the_manifest_in_the_package_is_the_one_at_the_top_level() -> None:
    top, inside = ROOT / "napari.yaml", PACKAGE / "napari.yaml"
    assert inside.read_text() == top.read_text(), "cp napari.yaml napari_iris/"


def test_the_package_has_no_links() -> None:
    assert [path for path in PACKAGE.rglob("*") if path.is_symlink()] == []


def test_data_is_found_in_the_package_or_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "napari_iris")
    assert resources.models_folder() == tmp_path / "models"
    (tmp_path / "napari_iris" / "models").mkdir(parents=True)
    assert resources.models_folder() == tmp_path / "napari_iris" / "models"
    assert resources.is_shipped(tmp_path / "napari_iris" / "models" / "unet-lwir")
    assert not resources.is_shipped(tmp_path / "models" / "unet-lwir")


def test_a_base_install_has_no_window_and_no_figures() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base = {name.partition(">")[0].lower() for name in project["dependencies"]}
    assert base.isdisjoint({name.lower() for name in WINDOW})
    extras = project["optional-dependencies"]
    assert {"napari", "report", "pyqt6", "pyqt5", "cpu", "gpu", "flax", "all"} <= set(extras)
    for binding in ("pyqt6", "pyqt5"):
        assert "napari-iris[napari]" in extras[binding]


def test_metadata_of_a_release_agree() -> None:
    """Version, licence, classifiers and citation; the newest dated entry of the changelog."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert (citation["version"], citation["license"]) == (__version__, project["license"])
    assert f"\n## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert set(project["classifiers"]) <= trove_classifiers.classifiers
    assert project["classifiers"] == sorted(project["classifiers"])
    oldest = project["requires-python"].removeprefix(">=")
    pythons = [one.rpartition(" ")[2] for one in project["classifiers"] if ":: 3." in one]
    assert pythons[0] == oldest


class Environment:
    """A virtual environment that sees the libraries of this one, but not its napari-iris.

    Parameters
    ----------
    folder : Path
        Where it is made.
    *blocked : str
        Source of a ``sitecustomize`` module, if any.
    """

    def __init__(self, folder: Path, *blocked: str) -> None:
        venv.create(folder, symlinks=True)
        self.site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
        (self.site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
        for text in blocked:
            (self.site / "sitecustomize.py").write_text(text)
        self.python = Path(sysconfig.get_path("scripts", vars={"base": str(folder)})) / "python"
        self.folder = folder

    def install(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site)

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [str(word) for word in (self.python, *words)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, env=clean
        )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel, the sdist, the wheel built from the sdist, and the editable wheel."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the package, is not installed")
    folder = tmp_path_factory.mktemp("built")

    def build(kind: str, name: str, source: Path = ROOT) -> Path:
        (folder / name).mkdir()
        code = f"import hatchling.build as b; b.build_{kind}({str(folder / name)!r})"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=source, capture_output=True)
        (path,) = (folder / name).iterdir()
        return path

    sdist = build("sdist", "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    return {
        "wheel": build("wheel", "wheel"),
        "sdist": sdist,
        "sdist wheel": build("wheel", "from_sdist", source),
        "editable": build("editable", "editable"),
    }


@pytest.mark.slow
def test_a_wheel_has_the_data_and_an_sdist_gives_the_same_wheel(built: dict[str, Path]) -> None:
    contents = []
    for name in ("wheel", "sdist wheel"):
        with zipfile.ZipFile(built[name]) as archive:
            contents.append({one.filename: one.CRC for one in archive.infolist()})
    record = next(name for name in contents[0] if name.endswith("/RECORD"))
    for names in contents:
        names.pop(record)  # sizes of the others, in an order of its own
    assert contents[0] == contents[1]
    names = contents[0]
    assert names.keys() >= {
        "napari_iris/napari.yaml",
        "napari_iris/py.typed",
        "napari_iris/__init__.pyi",
        "napari_iris/models/unet-lwir/weights.safetensors",
        "napari_iris/models/vgg8-lwir/model.json",
    }
    assert sum(name.startswith("napari_iris/sample_data/night/sky_") for name in names) == 30
    assert all(name.startswith(("napari_iris/", "napari_iris-")) for name in names)


@pytest.mark.slow
def test_an_sdist_holds_no_link_and_the_files_of_the_top_level(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        members = archive.getmembers()
    assert all(one.isfile() for one in members)
    names = {one.name.partition("/")[2] for one in members}
    assert names >= {"napari.yaml", "pyproject.toml", "LICENSE", "Makefile", "CITATION.cff"}


@pytest.mark.slow
def test_wheel_and_sdist_pass_the_checks_of_a_release(built: dict[str, Path]) -> None:
    """Those of `make dist`: metadata, contents of the wheel, the text for the package index."""
    tools = Path(sys.executable).parent
    if shutil.which("twine", path=str(tools)) is None:
        pytest.skip("the checks need the tools of the group `release`: make dev")
    checked = [ROOT / "tools" / "check-dist", tools, built["wheel"], built["sdist"]]
    ran = subprocess.run(
        [str(word) for word in checked], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_an_installed_package_finds_its_data_and_its_manifest(
    built: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    environment = Environment(tmp_path / "env")
    environment.install(built[kind])
    ran = environment.run("-c", HERE)
    assert ran.stderr == ""
    package, frames, models = ran.stdout.splitlines()
    place = environment.site / "napari_iris" if kind == "wheel" else PACKAGE
    assert Path(package).parent == place
    assert (frames, models) == ("30", "['unet-lwir', 'vgg8-lwir']")
    assert environment.run("-c", MANIFEST).stdout == "IRIS cloud masks\n"


@pytest.mark.slow
def test_a_server_without_a_window_makes_masks_predicts_and_evaluates(
    built: dict[str, Path], tmp_path: Path
) -> None:
    """From the wheel, with no napari, no Qt and no matplotlib to import."""
    server = Environment(tmp_path / "env", BLOCKER)
    server.install(built["wheel"])
    assert "No module named 'napari'" in server.run("-c", "import napari").stderr
    sky = tmp_path / "sky"
    for words in (
        ("simulate", sky, *NIGHT),
        ("mask", sky / "frames", "--out", tmp_path / "masks"),
        ("predict", "unet-lwir", sky / "frames", "--out", tmp_path / "predictions"),
        ("evaluate", tmp_path / "predictions", sky, "--out", tmp_path / "report"),
        ("info",),
    ):
        ran = server.run("-m", "napari_iris", *words)
        assert ran.returncode == 0, ran.stderr
        if words[0] == "evaluate":
            assert "figures need matplotlib: pip install 'napari-iris[report]'" in ran.stderr
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        "report.json", "report.md", "frames.csv", "curves.csv",
    }  # fmt: skip
    ran = server.run("-c", LIBRARY)
    assert (ran.stdout, ran.stderr) == ("cloudy (128, 160)\n", "")
    from astropy.io import fits

    for number in range(3):
        name = f"sim_{number:06}"
        mask = fits.getdata(tmp_path / "masks" / f"{name}_mask.fits", "MASK")
        probability = fits.getdata(tmp_path / "predictions" / f"{name}_pred.fits", "PROB")
        assert set(np.unique(mask)) <= {0, 1}
        assert 0 <= probability.min() <= probability.max() <= 1
