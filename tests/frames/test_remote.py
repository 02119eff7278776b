"""Frames at a URL are those of the files, read without a copy on disk."""

from __future__ import annotations

import bz2
import gzip
import pickle
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from napari_iris.errors import FrameError
from napari_iris.frames.paths import FramePaths, find_frames
from napari_iris.frames.read import read_frame
from napari_iris.io.remote import RemotePath
from tests.cli.conftest import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["cli"]

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("aiohttp")

pytestmark = [pytest.mark.slow, pytest.mark.learning]  # fsspec has a thread: no test forks beside


class Server(SimpleHTTPRequestHandler):
    """Files and folders by HTTP, and the folders as buckets of S3: listed by ``?list-type=2``."""

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" not in query:
            super().do_GET()
            return
        bucket = Path(self.directory) / urlsplit(self.path).path.strip("/")
        files = [
            f"<Contents><Key>{path.relative_to(bucket)}</Key><Size>{path.stat().st_size}</Size>"
            "<LastModified>2024-01-15T18:00:00.000Z</LastModified><ETag>e</ETag></Contents>"
            for path in sorted(bucket.rglob("*.fits*"))
            if str(path.relative_to(bucket)).startswith(query.get("prefix", [""])[0])
        ]
        text = "".join(["<ListBucketResult>", *files, "</ListBucketResult>"]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of a server of the test's folder, on loopback."""
    handler = partial(Server, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as one:
        thread = threading.Thread(target=one.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{one.server_port}"
        one.shutdown()
        thread.join()


@pytest.fixture
def night(write_frame: Callable[..., Path]) -> Path:
    for number in range(12):
        data = np.random.default_rng(number).normal(650, 20, (24, 32)).astype(np.float32)
        time = str(np.datetime64("2024-01-15T18:00:00") + 600 * number)
        path = write_frame(f"archive/night/sky_{number}.fits", data, DATE_OBS=time)
    return path.parent


def test_a_path_keeps_its_url() -> None:
    path = RemotePath("https://host/night/sky_1.fits")
    assert (str(path), path.name) == ("https://host/night/sky_1.fits", "sky_1.fits")
    assert str(path.with_name("b.fits")) == "https://host/night/b.fits"
    assert str(pickle.loads(pickle.dumps(path))) == str(path)


def test_only_what_a_person_names_is_asked_for(server: str, night: Path) -> None:
    """Tables and projects may come from anybody."""
    url = f"{server}/archive/night/sky_0.fits"
    for stated in (
        url,
        Path(url),
        FramePaths.of([url])[0],
        FramePaths(np.array([url.encode()]))[0],
    ):
        with pytest.raises(FrameError, match="does not exist"):
            read_frame(stated)
    assert read_frame(find_frames([url])[0][0]).data.shape == (24, 32)


def test_a_frame_is_that_of_the_file(night: Path, server: str) -> None:
    plain = night / "sky_0.fits"
    for pack, suffix in ((gzip, ".gz"), (bz2, ".bz2")):
        Path(f"{plain}{suffix}").write_bytes(pack.compress(plain.read_bytes()))
    expected = read_frame(plain)
    for suffix in ("", ".gz", ".bz2"):
        found = read_frame(RemotePath(f"{server}/archive/night/sky_0.fits{suffix}"))
        np.testing.assert_array_equal(found.data, expected.data)
        assert found.header["DATE-OBS"] == expected.header["DATE-OBS"]


@pytest.mark.parametrize("end", ["", "*.fits"])
def test_folders_and_globs_are_listed_in_natural_order(night: Path, server: str, end: str) -> None:
    (night / "sky_3_mask.fits").touch()
    paths, problems = find_frames([f"{server}/archive/night/{end}"])
    assert problems == []
    wanted = [f"{server}/archive/night/sky_{number}.fits" for number in range(12)]
    assert list(map(str, paths)) == wanted


def test_what_is_wrong_is_one_line(night: Path, server: str) -> None:
    (night / "bad.fits").write_bytes(b"nothing")
    for name, reason in (("gone", "does not exist"), ("bad", "is damaged or not FITS")):
        with pytest.raises(FrameError, match=rf"http://127.*{name}.fits: {reason}"):
            read_frame(RemotePath(f"{server}/archive/night/{name}.fits"))
    with pytest.raises(FrameError, match=r"127.0.0.1:9/a.fits: cannot be read .*; check the URL"):
        read_frame(RemotePath("http://127.0.0.1:9/a.fits"))


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_masks_of_urls_are_those_of_the_files(
    cli: Callable[..., tuple],
    night: Path,
    server: str,
    tmp_path: Path,
    scheme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = ("--shape", "12", "16", "--jobs", "1", "--out")
    url = f"{server}/archive/night/"
    if scheme == "s3":
        pytest.importorskip("s3fs")
        url = "s3://archive/night/"
        known = {"anon": True, "endpoint_url": server}
        monkeypatch.setitem(fsspec.config.conf, "s3", known)
    shutil.copytree(night, tmp_path / "copy")
    assert cli("mask", night, *command, tmp_path / "one").code == 0
    before = {path.name for path in tmp_path.rglob("*.fits")}
    assert cli("mask", url, *command, tmp_path / "remote", "--shard", "1/1").code == 0
    assert cli("merge", tmp_path / "remote").code == 0
    one, remote = (
        (tmp_path / name / "masks.csv").read_text().splitlines() for name in ("one", "remote")
    )
    assert [row.replace(f"{night}/", url) for row in one] == remote
    for number in range(12):
        masks = [tmp_path / name / f"sky_{number}_mask.fits" for name in ("one", "remote")]
        first, second = (read_frame(path).data for path in masks)
        np.testing.assert_array_equal(first, second)
    assert {path.name for path in tmp_path.rglob("*.fits")} == before, "no copies"
