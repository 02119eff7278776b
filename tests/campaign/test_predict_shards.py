"""Predictions of a campaign: merged shards are as one run, also after a kill."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.campaign.frames import CampaignFrames
from napari_iris.campaign.prediction import PredictWork, _open
from napari_iris.campaign.run import run_shard
from napari_iris.campaign.shard import Shard
from napari_iris.errors import IrisError
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.learning]

KILLED = """
import os, signal, sys
from itertools import count
from napari_iris.cli.main import main
from napari_iris.io.table_cells import TableWriter

def writerow(self, row, written=count(1), write=TableWriter.writerow):
    write(self, row)
    if next(written) == 9:
        os.kill(os.getpid(), signal.SIGKILL)

TableWriter.writerow = writerow
main(sys.argv[1:])
"""
"""A command that is killed while it writes a row."""


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """Three nights whose frames have the same names."""
    for number in range(45):
        night, place = divmod(number, 15)
        data = np.random.default_rng(number).normal(650, 20 + number, (64, 80))
        path = tmp_path / "archive" / f"night{night}" / f"sky_{place}.fits"
        path.parent.mkdir(parents=True, exist_ok=True)
        time = str(np.datetime64("2024-01-15T18:00:00") + 86400 * night + 600 * place)
        fits.PrimaryHDU(data.astype(np.int16), fits.Header([("DATE-OBS", time)])).writeto(path)
    return str(tmp_path / "archive" / "**" / "*.fits")


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a campaign, without its parts."""
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return {name: content for name, content in found.items() if not name.startswith("shards/")}


def test_merged_shards_are_as_one_run(
    cli: Callable[..., tuple], save_model: Callable[..., Path], archive: str, tmp_path: Path
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    command = ("predict", save_model(), archive, "--batch-size", "4", "--out")
    assert cli(*command, one).code == 0
    for number in (2, 3, 1):
        assert cli(*command, many, "--shard", f"{number}/3").code == 0
    assert cli("merge", many).code == 0
    assert contents(many) == contents(one)
    again = cli(*command, many, "--shard", "2/3")
    assert (again.code, "predicted earlier" in again.err) == (0, True)
    assert cli("merge", many).code == 0
    assert contents(many) == contents(one), "merged again"


@pytest.mark.parametrize("command", ["predict", "mask"])
def test_a_shard_that_was_killed_goes_on(
    cli: Callable[..., tuple],
    save_model: Callable[..., Path],
    archive: str,
    tmp_path: Path,
    command: str,
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    words = ["predict", save_model()] if command == "predict" else ["mask", "--jobs", "1"]
    words += [archive.replace("**", "night0"), "--out"]
    shard = list(map(str, [*words, many, "--shard", "1/1"]))
    ran = subprocess.run([sys.executable, "-c", KILLED, *shard], capture_output=True, check=False)
    assert ran.returncode == -9
    assert 0 < len(list(many.glob("*.fits"))) < 15
    waiting = cli("merge", many)
    assert (waiting.code, "shard 1 of 1 is not finished" in waiting.err) == (1, True)
    assert cli(*words, one).code == 0
    assert cli(*shard).code == 0
    assert cli("merge", many).code == 0
    assert contents(many) == contents(one)


def test_another_process_opens_the_models_again_and_refuses_others(
    save_model: Callable[..., Path], archive: str, tmp_path: Path
) -> None:
    predictor = Predictor.open(save_model(), None, PredictConfig())
    work = PredictWork.of(predictor, tmp_path / "out", PredictConfig())
    sent = pickle.dumps(work)
    first, second = (CampaignFrames.find([archive]).of(Shard(number, 2)) for number in (1, 2))
    rows = list(run_shard(pickle.loads(sent), first))
    assert {row.model for row in rows} == {predictor.id}
    save_model(seed=2)
    _open.cache_clear()
    with pytest.raises(IrisError, match="where the campaign was started; use one copy"):
        list(run_shard(pickle.loads(sent), second))
