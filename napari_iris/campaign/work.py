"""What a campaign does to its frames: a command, with its settings, as any machine can run it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import astuple, dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeAlias, TypeVar

from napari_iris.campaign.part import open_journal, part_name
from napari_iris.errors import FileError
from napari_iris.frames.batch import each_frame
from napari_iris.frames.names import same_name
from napari_iris.frames.rebin import rebin_file
from napari_iris.inference.rows import PredictionRow
from napari_iris.masks.mask_table import TABLE as MASKS
from napari_iris.masks.mask_table import MaskRow
from napari_iris.masks.night import pack_mask_of, write_mask_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from napari_iris.campaign.frames import ShardFrames
    from napari_iris.frames.paths import FramePaths
    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.io.pack_writer import Pack, PackedFile
    from napari_iris.masks.config import MaskConfig
    from napari_iris.radiometry.reference_set import ReferenceSet

REBINNED = "rebinned.csv"
"""Name that the part tables of ``rebin`` have; it has no table of its own."""


@dataclass(frozen=True)
class RebinRow:
    """A rebinned frame: its file, and the one it was made from."""

    frame: str
    file: str


Row = TypeVar("Row", MaskRow, RebinRow, PredictionRow)
"""What is made of a frame."""

RowType: TypeAlias = type[MaskRow] | type[RebinRow] | type[PredictionRow]

Outcomes: TypeAlias = Generator[Row | FileError | None, None, None]
"""What was made of each frame, what is wrong with it, or None where it was made earlier."""


@dataclass(frozen=True, kw_only=True)
class Work(ABC, Generic[Row]):
    """A command that works on the frames of a shard; picklable.

    Attributes
    ----------
    command, table, row, file : str, str, type, str
        Its name, that of its table, what a row is, and the column that names its file.
    uses_all_cores : bool
        Whether one task at a time is enough for a machine, and all that its models allow.
    out : Path
        Output folder.
    hdu, plane : int, optional
        Header-data unit and cube plane to read, as for `read_frame`.
    overwrite : bool
        Whether files of other input are replaced.
    packs : bool
        Whether each shard writes one pack in place of single files.
    settings : mapping
        Everything that determines the results, as JSON values.
    """

    command: ClassVar[str]
    table: ClassVar[str]
    row: ClassVar[RowType]
    file: ClassVar[str]
    uses_all_cores: ClassVar[bool] = False
    out: Path
    hdu: int | None = None
    plane: int | None = None
    overwrite: bool = False
    packs: bool = False

    @classmethod
    def columns(cls) -> list[str]:
        """Names of the columns of its part tables."""
        return [one.name for one in fields(cls.row)]

    @property
    def where(self) -> dict[str, int | None]:
        """Which image of a file is read."""
        return {"hdu": self.hdu, "plane": self.plane}

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """Everything that determines the results, as JSON values."""

    def in_one_process(self) -> Self:
        """Give the same work without worker processes: a cluster has its own."""
        return self

    @abstractmethod
    def outcomes(
        self, paths: FramePaths, frames: ShardFrames, pack: Pack | None, *, keep: bool
    ) -> Outcomes[Row]:
        """Work on some frames of a shard, in order; rows go to its part table, files to its pack.

        `keep` says whether the earlier rows of that table are of the same settings.
        """


@dataclass(frozen=True, kw_only=True)
class _FrameByFrame(Work[Row]):
    """Work on each frame for itself, on all cores; the part table is a journal of it."""

    jobs: int = 0

    def in_one_process(self) -> Self:
        """Give the same work without worker processes."""
        return replace(self, jobs=1)

    @abstractmethod
    def each(self, pack: str) -> Callable[[Path], tuple[Row, PackedFile | None]]:
        """Give the function of one frame, which returns what goes to the pack; picklable."""

    def outcomes(
        self, paths: FramePaths, frames: ShardFrames, pack: Pack | None, *, keep: bool
    ) -> Outcomes[Row]:
        """Work on the frames that are not done yet."""
        part = self.out / part_name(self.table, frames.shard)
        with open_journal(part, self.columns(), keep=keep) as (done, append):
            ready = done | frames.later
            todo = (one for one in paths if str(one) not in ready)
            made = each_frame(todo, self.each(pack.path.name if pack else ""), self.jobs)
            for path in paths:
                if str(path) in frames.later:
                    yield same_name(path)
                elif str(path) in done:
                    yield None
                elif isinstance(outcome := next(made), FileError):
                    yield outcome
                else:
                    row, file = outcome
                    if pack is not None and file is not None:
                        pack.add(file)
                    append(astuple(row))
                    yield row


@dataclass(frozen=True, kw_only=True)
class MaskWork(_FrameByFrame[MaskRow]):
    """Make masks, as ``mask`` does.

    Attributes
    ----------
    config : MaskConfig
        How.
    references, site : ReferenceSet or None, SiteMask or None
        As for `write_masks`.
    choice : mapping of str to str
        What tells the references of two runs apart.
    """

    command: ClassVar[str] = "mask"
    table: ClassVar[str] = MASKS
    row: ClassVar[RowType] = MaskRow
    file: ClassVar[str] = "mask"
    config: MaskConfig
    references: ReferenceSet | None = None
    site: SiteMask | None = None
    choice: Mapping[str, str]

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that determines the masks."""
        site = {} if self.site is None else {"site_mask": self.site.digest}
        return {**self.config.model_dump(mode="json"), **self.where, **self.choice, **site}

    def each(self, pack: str) -> Callable[[Path], tuple[MaskRow, PackedFile | None]]:
        """Give the function that makes one mask."""
        how: dict[str, Any] = {"config": self.config, "references": self.references}
        how |= {"site": self.site, "out": self.out, **self.where}
        if pack:
            return partial(pack_mask_of, pack=pack, **how)
        return partial(_mask, overwrite=self.overwrite, **how)


@dataclass(frozen=True, kw_only=True)
class RebinWork(_FrameByFrame[RebinRow]):
    """Rebin frames, as ``rebin`` does.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns [pixels].
    """

    command: ClassVar[str] = "rebin"
    table: ClassVar[str] = REBINNED
    row: ClassVar[RowType] = RebinRow
    file: ClassVar[str] = "file"
    shape: tuple[int, int]

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that determines the rebinned frames."""
        return {"shape": [*self.shape], **self.where}

    def each(self, pack: str) -> Callable[[Path], tuple[RebinRow, None]]:  # noqa: ARG002
        """Give the function that rebins one frame."""
        how: dict[str, Any] = {"shape": self.shape, "overwrite": self.overwrite, **self.where}
        return partial(_rebin, out=self.out, **how)


def _mask(path: Path, **how: Any) -> tuple[MaskRow, None]:
    return write_mask_of(path, **how), None


def _rebin(path: Path, **how: Any) -> tuple[RebinRow, None]:
    return RebinRow(str(path), rebin_file(path, **how).name), None
