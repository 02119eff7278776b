"""``napari-iris info``: versions, devices, and the fix for what is missing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import napari_iris
from napari_iris.cli import info
from napari_iris.cli.main import OK, main
from napari_iris.networks import devices

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = Callable[..., subprocess.CompletedProcess[str]]

KEYS = {"napari-iris", "python", "system", "packages", "cpu", "gpu", "display", "missing"}


@pytest.fixture
def facts(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What ``info --json`` prints."""
    assert main(["info", "--json"]) == OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_json_has_the_documented_keys(facts: dict[str, Any]) -> None:
    assert set(facts) == KEYS
    assert facts["napari-iris"] == napari_iris.__version__
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["packages"]["napari"]
    assert facts["packages"]["numpy"]
    assert all(set(one) == {"what", "fix"} for one in facts["missing"])
    assert all(one["fix"] for one in facts["missing"])


def test_the_text_has_the_same_facts(
    facts: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info"]) == OK
    text = capsys.readouterr().out
    for value in (facts["napari-iris"], facts["system"], facts["cpu"], facts["gpu"]):
        assert value in text
    for name, version in facts["packages"].items():
        assert re.search(rf"^{re.escape(name)} +{re.escape(version or '-')}$", text, re.MULTILINE)
    for one in facts["missing"]:
        assert one["fix"] in text


def test_values_and_fixes_are_below_one_another(
    facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where a name is long, as that of prometheus-client."""
    missing = [{"what": name, "fix": "install it"} for name in ("jax", "prometheus-client")]
    monkeypatch.setattr(info, "find_facts", lambda: {**facts, "missing": missing})
    assert main(["info"]) == OK
    values, _, fixes = capsys.readouterr().out.partition("\nmissing:\n")
    for lines in (values.splitlines(), fixes.splitlines()):
        assert len({len(line) - len(re.sub(r"^ *\S+ +", "", line)) for line in lines}) == 1


def test_no_heavy_library_is_imported() -> None:
    script = (
        "import sys; from napari_iris.cli.main import main; main(['info']);"
        "print(sorted({'napari', 'numpy', 'tensorflow', 'jax', 'qtpy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("astropy", "pip install astropy"),
        ("napari", "for the window: pip install 'napari-iris[napari]'"),
        ("matplotlib", "for figures: pip install 'napari-iris[report]'"),
        ("tensorflow", "napari-iris[cpu]"),
        ("flax", "napari-iris[flax]"),
    ],
)
def test_a_missing_package_has_its_fix(
    monkeypatch: pytest.MonkeyPatch, name: str, fix: str
) -> None:
    there = info._version
    monkeypatch.setattr(info, "_version", lambda one: None if one == name else there(one))
    found = [one for one in info.find_facts()["missing"] if one["what"] == name]
    assert len(found) == 1
    assert fix in found[0]["fix"]


def test_without_any_qt_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    there = info._version
    monkeypatch.setattr(info, "_version", lambda one: None if one in info.BINDINGS else there(one))
    fixes = {one["what"]: one["fix"] for one in info.find_facts()["missing"]}
    assert fixes["a Qt binding"] == "for the window: pip install 'napari-iris[pyqt6]'"


@pytest.mark.skipif(sys.platform != "linux", reason="Debian's packages")
def test_a_missing_library_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(info.ctypes.util, "find_library", lambda name: None if name == "EGL" else 1)
    assert info._missing_libraries() == [{"what": "libEGL", "fix": "sudo apt-get install libegl1"}]


def test_without_a_driver_there_is_no_gpu_and_nothing_to_fix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices.shutil, "which", lambda _: None)
    assert info._gpu(None) == ("none (no NVIDIA driver found)", "")


@pytest.mark.parametrize(
    ("answer", "cudnn", "gpu", "fix"),
    [
        (0, None, "NVIDIA A100, 40960 MiB, 550.54", "pip uninstall tensorflow-cpu"),
        (0, "9.1", "NVIDIA A100, 40960 MiB, 550.54", ""),
        (9, None, "none (NVIDIA A100, 40960 MiB, 550.54)", "repair the NVIDIA driver"),
    ],
    ids=["TensorFlow for CPUs", "all well", "broken driver"],
)
def test_a_gpu_is_named_with_its_missing_libraries(
    monkeypatch: pytest.MonkeyPatch, answer: int, cudnn: str | None, gpu: str, fix: str
) -> None:
    said = subprocess.CompletedProcess([], answer, "NVIDIA A100, 40960 MiB, 550.54\n", "")
    monkeypatch.setattr(info, "query_nvidia", lambda *_: said)
    monkeypatch.setattr(info, "_version", lambda _: cudnn)
    name, mending = info._gpu("2.21")
    assert name == gpu
    assert mending.startswith(fix)
    assert bool(mending) == bool(fix)


@pytest.mark.parametrize("plugin", [None, "jax-cuda12-plugin", "jax-cuda13-plugin"])
def test_a_gpu_that_flax_cannot_use_is_reported(
    monkeypatch: pytest.MonkeyPatch, plugin: str | None
) -> None:
    there = info._version
    monkeypatch.setattr(info, "_gpu", lambda _: ("NVIDIA A100, 40960 MiB, 550.54", ""))
    monkeypatch.setattr(info, "_version", lambda one: "1" if one in ("jax", plugin) else there(one))
    fixes = {one["what"]: one["fix"] for one in info.find_facts()["missing"]}
    assert fixes.get("GPU for training with Flax") == (
        None if plugin else "pip install 'jax[cuda12]'"
    )


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({"DISPLAY": ":7"}, ":7"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "wayland-0"),
        ({}, "none (xvfb-run provides a virtual one)"),
    ],
    ids=["X", "Wayland", "none"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have one")
def test_the_display_is_reported(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], shown: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert info._display() == shown
    assert info.has_display() == bool(variables)
