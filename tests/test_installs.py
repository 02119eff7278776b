"""The wheel in an empty environment, for each supported Python and each extra.

It takes a package index, half an hour and 20 GB of cache, so `make installs` runs it, and nothing
else does. What is installed is what ``constraints.txt`` pins.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = shutil.which("uv", path=str(Path(sys.executable).parent))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PYTHONS = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if ":: 3." in one]

BASE = """
from importlib.metadata import distributions
from napari_iris.cli.main import main
for command in (
    "simulate sky --count 3 --sky cloudy --seed 4",
    "mask sky/frames --out masks",
    "predict unet-lwir sky/frames --out predictions",
    "evaluate predictions sky --out report",
):
    assert main(command.split()) == 0, command
found = {one.name.lower() for one in distributions()}
assert found.isdisjoint({"napari", "qtpy", "pyqt5", "pyqt6", "matplotlib", "tensorflow-cpu", "jax"})
"""
WINDOW = """
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qtpy.QtWidgets import QApplication
app = QApplication([])
import napari_iris.desk.mask.dock, napari_iris.desk.window
"""
TRAIN = """
import sys
from napari_iris.cli.main import main
small = ["--channels", "4", "8", "--shape", "32", "40", "--epochs", "1", "--no-evaluate"]
main(["simulate", "sky", "--count", "12", "--seed", "1"])
sys.exit(main(["train", "unet", "sky", "--out", "model", "--engine", ENGINE, *small]))
"""
USE = {
    "": BASE,
    "napari": "from npe2 import PluginManifest as it\nassert it.from_distribution('napari-iris')",
    "pyqt6": WINDOW,
    "pyqt5": WINDOW,
    "report": "from napari_iris.evaluation.figures.style import paper_style\nwith paper_style(): 0",
    "cpu": TRAIN.replace("ENGINE", "'keras'"),
    "flax": TRAIN.replace("ENGINE", "'flax'"),
    "parquet": "from napari_iris.io.parquet import _arrow\n_arrow()",
    "cluster": "import distributed, napari_iris.campaign.cluster",
    "remote": "import aiohttp, s3fs\nfrom fsspec.core import url_to_fs\nurl_to_fs('s3://a/b')",
    "observatory": "from napari_iris.observatory.channels import alpaca, http, metrics, mqtt",
    "all": WINDOW,
}
"""Extras, and code that needs all of one; the empty one is an installation without any."""

USERS = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
"""The environment variables before the tests change them: uv keeps its cache from run to run."""

NOT_INSTALLED = {"gpu": "8 GB of CUDA; its packages are resolved alone"}


def test_every_extra_is_tried() -> None:
    assert set(USE) - {""} == set(PROJECT["optional-dependencies"]) - set(NOT_INSTALLED)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    code = f"import hatchling.build as b; b.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)
    (path,) = folder.iterdir()
    return path


def uv(*words: object) -> str:
    """Run uv, and give what it printed."""
    command = [str(UV), *map(str, words), "--no-python-downloads", "--quiet"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=USERS)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def interpreter(version: str) -> str:
    """Path of a Python of this version."""
    command = [str(UV), "python", "find", "--system", "--no-python-downloads", version]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        pytest.skip(f"no Python {version} on this machine")
    return ran.stdout.strip()


installs = pytest.mark.skipif(
    UV is None or not os.environ.get("IRIS_INSTALL"),
    reason="`make installs` installs the wheel with each extra, from the package index",
)


@installs
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("extra", USE)
@pytest.mark.parametrize("version", PYTHONS)
def test_an_extra_in_an_empty_environment_is_enough_for_its_part(
    wheel: Path, tmp_path: Path, version: str, extra: str
) -> None:
    environment = tmp_path / "env"
    uv("venv", "--python", interpreter(version), environment)
    python = environment / "bin" / "python"
    asked = f"napari-iris[{extra}] @ {wheel.as_uri()}" if extra else wheel
    uv("pip", "install", "--python", python, "--constraint", "constraints.txt", asked)
    size = sum(one.lstat().st_size for one in environment.rglob("*") if one.is_file())
    print(f"{version:<6} {extra or 'base':<12} {size / 1e6:6.0f} MB")
    for words in (["-c", USE[extra]], ["-m", "napari_iris", "info"]):
        ran = subprocess.run(
            [python, *words], capture_output=True, text=True, check=False, cwd=tmp_path, env=USERS
        )
        assert ran.returncode == 0, ran.stderr
    shutil.rmtree(environment)


@installs
@pytest.mark.slow
@pytest.mark.parametrize("extra", NOT_INSTALLED)
@pytest.mark.parametrize("version", PYTHONS)
def test_an_extra_that_is_too_large_resolves_to_wheels(version: str, extra: str) -> None:
    wanted = ("--python-version", version, "--only-binary", ":all:", "--extra", extra)
    assert "tensorflow==" in uv("pip", "compile", *wanted, "pyproject.toml")
