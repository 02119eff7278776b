"""A viewer in memory, and a project of small frames curated in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.app.curation.curation import Curation
from napari_iris.app.curation.decisions import Decisions
from napari_iris.app.curation.other_masks import OtherMasks
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.paths import find_frames
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks.config import MaskConfig
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.app.session import Session

ROWS, COLUMNS = 64, 80
SKY_ADU, CLOUD_ADU = 600, 900


class FakeCanvas:
    """A `MaskCanvas` in memory, with a history to undo."""

    def __init__(self) -> None:
        self.labels = np.zeros((2, 2), np.uint8)
        self.visible, self.editable = True, False
        self.other: np.ndarray | None = None
        self.outlined: np.ndarray | None = None
        self.path: Path | None = None
        self.is_removed = False
        self._undone: list[np.ndarray] = []
        self._done: list[np.ndarray] = []

    def show(
        self,
        mask: np.ndarray,
        frame_shape: tuple[int, int],
        path: Path | None,
        *,
        editable: bool,
    ) -> None:
        self.labels, self.path, self.editable = mask.copy(), path, editable
        self._done, self._undone = [], []

    def override(self, *, visible: bool) -> None:
        self.visible = visible

    def restore(self) -> None:
        self.visible = True

    def reveal(self) -> None:
        self.visible = True

    def lock(self) -> None:
        self.editable = False

    def change(self, mask: np.ndarray) -> bool:
        if np.array_equal(mask, self.labels):
            return False
        self._done.append(self.labels)
        self._undone = []
        self.labels = mask.copy()
        return True

    def undo(self) -> bool:
        if not self._done:
            return False
        self._undone.append(self.labels)
        self.labels = self._done.pop()
        return True

    def redo(self) -> None:
        if self._undone:
            self._done.append(self.labels)
            self.labels = self._undone.pop()

    def begin_step(self) -> None:
        raise NotImplementedError("a slider's drag; tested in the window")

    def end_step(self) -> None:
        raise NotImplementedError("a slider's drag; tested in the window")

    def outline(self, region: np.ndarray | None) -> None:
        self.outlined = region

    @property
    def shows_other(self) -> bool:
        return self.other is not None

    def show_other(self, mask: np.ndarray) -> None:
        self.other, self.visible = mask, False

    def hide_other(self) -> bool:
        was_shown = self.other is not None
        self.other, self.visible = None, True
        return was_shown


class FakeView:
    """A `ProjectView` in memory: what it shows is in front."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: tuple[FrameSequence, FrameIndex] | None = None
        self._covered: tuple[FrameSequence | None, list[str]] = (None, [])
        self.canvas = FakeCanvas()

    def show(self, sequence: FrameSequence, index: FrameIndex, name: str) -> FakeCanvas:
        self.canvas = FakeCanvas()
        self._covered = (self._session.sequence, self._session.sources)
        self._shown = (sequence, index)
        self._session.show(sequence, (), index)
        return self.canvas

    def update(self, sequence: FrameSequence, index: FrameIndex) -> None:
        assert self._shown is not None
        before = self._shown[0]
        is_in_front = self._session.sequence is before
        self._shown = (sequence, index)
        before.close()
        if is_in_front:
            self._session.replace(sequence, index)

    def bring_to_front(self) -> None:
        """Do as a person who selects the project's layer."""
        assert self._shown is not None
        self._session.show(self._shown[0], (), self._shown[1])

    def remove(self) -> None:
        self.canvas.is_removed = True
        if self._shown is not None:
            self._shown[0].close()
        self._session.show(*self._covered)
        self.release()

    def release(self) -> None:
        self._shown = None


@pytest.fixture
def write_night(write_frame: Callable[..., Path]) -> Callable[..., Path]:
    """Write frames with 0, 8, 16, 24, 0, ... columns of cloud, ten minutes apart."""

    def write(count: int, name: str = "night", first: int = 0) -> Path:
        for number in range(first, first + count):
            noise = np.random.default_rng(number).integers(-2, 3, (ROWS, COLUMNS))
            frame = SKY_ADU + noise
            frame[:, : 8 * (number % 4)] += CLOUD_ADU - SKY_ADU
            time = np.datetime64("2024-01-15T21:00:00") + np.timedelta64(10 * number, "m")
            file = f"{name}/sky_{number + 1}.fits"
            path = write_frame(file, frame.astype(np.int16), DATE_OBS=str(time))
        return path.parent

    return write


def add_frames(folder: Path, frames: Path, *, masks: bool = True) -> Path:
    """Add a folder of frames to a project, with automatic masks, and close it."""
    config = MaskConfig(shape=(ROWS, COLUMNS)) if masks else None
    with Project(folder) as project:
        list(index(project, list(find_frames([frames])[0]), config, jobs=1))
        project.add_sources([str(frames)])
    return folder


@pytest.fixture
def folder(write_night: Callable[..., Path], snapshot: Callable[..., Path], tmp_path: Path) -> Path:
    """Folder of a closed project of six frames."""
    return snapshot("curation", lambda: add_frames(tmp_path / "project", write_night(6)), "night")


@pytest.fixture
def show_frames(session: Session) -> Callable[[Path], None]:
    """Bring the frames of a folder to the front."""

    def show(folder: Path) -> None:
        session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])

    return show


@pytest.fixture
def view(session: Session) -> FakeView:
    return FakeView(session)


@pytest.fixture
def curation(session: Session, view: FakeView) -> Iterator[Curation]:
    curation = Curation(session, view)
    yield curation
    if curation.project is not None:
        curation.release()


@pytest.fixture
def opened(curation: Curation, folder: Path) -> Curation:
    """The curation of the project of six frames."""
    curation.open(Project(folder, exclusive=True, by="ada"))
    return curation


@pytest.fixture
def editor(opened: Curation) -> MaskEditor:
    """The editor, on the frame with sixteen columns of cloud and nothing else marked."""
    opened.session.go_to(2)
    assert opened.editor is not None
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    mask[:, :16] = 1
    opened.editor.set_mask(mask)
    assert opened.save()
    return opened.editor


@pytest.fixture
def decisions(opened: Curation) -> Decisions:
    return Decisions(opened)


@pytest.fixture
def others(opened: Curation) -> OtherMasks:
    return OtherMasks(opened)


@pytest.fixture
def stored(folder: Path) -> Callable[..., np.ndarray | None]:
    """Read a mask from the disk, as a second program does: ``stored(row, tag)``."""

    def read(row: int, tag: str | None = None) -> np.ndarray | None:
        with Project(folder, read_only=True) as project:
            return project.mask(int(project.table.id[row]), tag)

    return read


@pytest.fixture
def decision(folder: Path) -> Callable[[int], object]:
    """Read the label of a frame from the disk, by its row."""

    def read(row: int) -> object:
        with Project(folder, read_only=True) as project:
            return project.decision(int(project.table.id[row]))

    return read
