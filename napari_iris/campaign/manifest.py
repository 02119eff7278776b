"""The manifest of a shard: what it was given, what was done, what failed and why."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_iris import __version__
from napari_iris.campaign.shard import Shard
from napari_iris.errors import FileError, IrisError
from napari_iris.io.atomic import atomic_open
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FOLDER = "shards"
"""Folder of manifests and part tables, inside the output folder."""


@dataclass(frozen=True)
class Manifest:
    """What is known of a shard.

    Attributes
    ----------
    command : str
        Name of the command.
    shard, of : int
        Number of the shard, and how many there are.
    settings : mapping
        Everything that determines the results, as JSON values: options, hash of the model,
        clear-sky reference.
    total, digest : int, str
        Number of frames of the campaign, and a hash of their relative paths.
    given, done : int
        Frames of the shard, and those with a result.
    failed : list of dict
        ``frame``, ``file``, ``reason`` and ``fix`` of each frame that failed.
    complete : bool
        Whether each frame was done or failed.
    notes : list of str
        What the summary of a single run says beside the counts: the reference, the site mask.
    version : str
        Version of napari-iris.
    """

    command: str
    shard: int
    of: int
    settings: Mapping[str, Any]
    total: int
    digest: str
    given: int
    done: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)
    complete: bool = False
    notes: list[str] = field(default_factory=list)
    version: str = __version__

    @property
    def errors(self) -> dict[str, FileError]:
        """What is wrong with each frame that failed."""
        return {
            one["frame"]: FileError(one["file"], one["reason"], one["fix"]) for one in self.failed
        }

    def ended(self, done: int, errors: Mapping[str, FileError], *, complete: bool) -> Manifest:
        """Give the manifest at the end of a run."""
        failed = [
            {"frame": frame, "file": str(error.path), "reason": error.reason, "fix": error.fix}
            for frame, error in errors.items()
        ]
        return replace(self, done=done, failed=failed, complete=complete)

    def has_same_settings(self, other: Manifest | None) -> bool:
        """Whether another manifest is of the same settings, as JSON has them."""
        return other is not None and _as_json(self.settings) == _as_json(other.settings)

    def write(self, out: Path) -> None:
        """Write it into the folder of shards."""
        path = manifest_path(out, self.command, Shard(self.shard, self.of))
        with atomic_open(path) as file:
            file.write(json.dumps(asdict(self), indent=1).encode() + b"\n")


def manifest_path(out: Path, command: str, shard: Shard) -> Path:
    """Give the file of a manifest.

    Parameters
    ----------
    out : Path
        Output folder of the campaign.
    command : str
        Name of the command.
    shard : Shard
        The shard.
    """
    return out / FOLDER / f"{command}.{shard.label}.json"


def read_manifest(path: Path) -> Manifest | None:
    """Read a manifest; None where there is none, or a damaged one.

    Parameters
    ----------
    path : Path
        Its file.
    """
    try:
        refuse_special(path)
        found = json.loads(path.read_bytes())
        manifest = Manifest(**found)
        Shard.parse(f"{manifest.shard}/{manifest.of}")
        is_valid = _is_valid(manifest)
    except Exception:  # any JSON value may be in a damaged file
        return None
    return manifest if is_valid else None


def find_manifests(out: Path) -> Iterator[tuple[str, Shard]]:
    """List the commands and shards of all manifests of a campaign, in order.

    Parameters
    ----------
    out : Path
        Output folder of the campaign.
    """
    found = []
    for path in (out / FOLDER).glob("*.*-of-*.json"):
        command, label = path.name.removesuffix(".json").split(".", 1)
        with suppress(IrisError):  # another file
            found.append((command, Shard.parse(label.replace("-of-", "/"))))
    yield from sorted(found)


def _is_valid(manifest: Manifest) -> bool:
    """Whether all values are of the kinds that they should be."""
    kinds = [
        (manifest.settings, dict),
        (manifest.digest, str),
        (manifest.failed, list),
        (manifest.notes, list),
        (manifest.total, int),
        (manifest.given, int),
        (manifest.done, int),
    ]
    errors = manifest.errors.values()
    return all(isinstance(value, kind) for value, kind in kinds) and all(
        isinstance(error.reason, str) for error in errors
    )


def _as_json(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
